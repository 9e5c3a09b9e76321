// The tool bar: what is learned, the transport, pacing, device, exports.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

constexpr float button = 28, gap = 4, group = 8, edge = 12;  // design pixels

constexpr std::array<Pacing, 3> pacings = {Pacing::by_step, Pacing::by_seconds, Pacing::freely};

const char* pacing_label(Pacing pacing) {
  switch (pacing) {
    case Pacing::by_step:
      return "by step";
    case Pacing::by_seconds:
      return "by seconds";
    case Pacing::freely:
      return "freely";
  }
  return "";
}

const char* pacing_help(Pacing pacing) {
  switch (pacing) {
    case Pacing::by_step:
      return "All runs take the same step together";
    case Pacing::by_seconds:
      return "All runs get the same training time";
    case Pacing::freely:
      return "Each run goes as fast as it can";
  }
  return "";
}

void draw_brand(PanelContext& context, const Rect& where, bool words) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float middle = (where.min.y + where.max.y) / 2;
  draw_icon(list, Icon::logo, {where.min.x + ui.px(24), middle}, ui.px(20), ui.colours.accent);
  if (words)
    draw_text(list, ui.fonts.strong,
              {where.min.x + ui.px(42), middle - font_pixels(ui.fonts.strong) / 2}, ui.colours.text,
              "fieldscope");
}

// What was open before: pictures, and sessions that were kept.
void draw_earlier(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!work.settings.recent.empty()) {
    menu_separator(ui);
    menu_heading(ui, "OPENED BEFORE");
    for (std::size_t i = 0; i < work.settings.recent.size(); ++i) {
      const std::filesystem::path path = work.settings.recent[i];
      if (menu_item(ui, "dataset.recent." + std::to_string(i),
                    elide_middle(ui.fonts.body, path.filename().string(), ui.px(240)), "",
                    path == work.dataset().path)) {
        work.open_path(path);
        break;  // the list may have changed
      }
    }
  }
  if (!work.earlier_sessions().empty()) {
    menu_separator(ui);
    menu_heading(ui, "GO ON WITH AN EARLIER SESSION");
    for (std::size_t i = 0; i < work.earlier_sessions().size(); ++i) {
      const Autosave::Session& session = work.earlier_sessions()[i];
      if (menu_item(ui, "dataset.session." + std::to_string(i),
                    elide_middle(ui.fonts.body, session.dataset, ui.px(140)), session.when))
        work.open_path(session.folder);
    }
  }
}

std::string dataset_name(const Workspace& work) {
  return work.loading() ? "reading " + work.loading_name() + " …" : work.dataset().name;
}

std::string dataset_text(const Workspace& work) {
  return dataset_name(work) + (work.loading() ? "" : "   " + format_extent(work.dataset()));
}

void draw_dataset_chip(PanelContext& context, float width) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const std::string text = dataset_text(work);
  const bool whole = menu_button_width(ui, "", text) <= width;
  const std::string value =
      whole ? text : elide_middle(ui.fonts.small, dataset_name(work), width - ui.px(34));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  menu_button(ui, "toolbar.dataset", "", value, width, [&] {
    if (work.loading() && menu_item(ui, "dataset.cancel", "Cancel reading")) work.cancel_loading();
    if (menu_item(ui, "dataset.open", "Open a picture, mesh or scene …", "Ctrl O"))
      work.open_dialog.open(work.settings.last_folder);
    const bool built_in = work.dataset().path.empty();
    if (menu_item(ui, "dataset.demo", "Built-in picture", "", built_in && work.picture()))
      work.open_demo();
    if (menu_item(ui, "dataset.demo_mesh", "Built-in mesh", "", built_in && work.mesh()))
      work.open_demo_mesh();
    if (menu_item(ui, "dataset.demo_scene", "Built-in scene", "", built_in && work.scene()))
      work.open_demo_scene();
    draw_earlier(context);
    if (!work.picture()) return;
    menu_separator(ui);
    menu_heading(ui, "LEARN IT AT");
    for (const int side : {64, 128, 256, 384, 512})
      if (menu_item(ui, "dataset.side." + std::to_string(side),
                    std::to_string(side) + " pixels on the longer side", "",
                    side == work.longest_side()))
        work.set_longest_side(side);
  });
  if (work.loading()) {
    const float bottom = at.y + ui.px(button);
    draw_loading_bar(context, {{at.x + ui.px(8), bottom - std::max(2.0f, ui.px(2))},
                               {at.x + width - ui.px(8), bottom}});
  }
}

float transport_width(const Ui& ui, bool words) {
  return ui.px(words ? 96 : button) + 2 * ui.px(gap + button);
}

void draw_transport(PanelContext& context, bool words) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const bool running = work.any_running();
  const Icon icon = running ? Icon::pause : Icon::play;
  ButtonLook look;
  look.size = button;
  look.min_width = 96;
  look.filled = running;
  look.primary = !running;
  look.enabled = !work.runs().empty();
  const char* tip = running ? "Pause every run   Space" : "Go on   Space";
  if (words ? text_button(ui, "toolbar.pause", running ? "Pause" : "Train", look, &icon, tip)
            : icon_button(ui, "toolbar.pause", icon, tip, "", look))
    work.toggle_pause_all();
  ButtonLook plain;
  plain.size = button;
  plain.enabled = look.enabled;
  ImGui::SameLine(0, ui.px(gap));
  if (icon_button(ui, "toolbar.step", Icon::step, "One step", ".", plain)) work.step_once();
  ImGui::SameLine(0, ui.px(gap));
  if (icon_button(ui, "toolbar.reset", Icon::reset, "Start again from the initial weights", "R",
                  plain))
    work.reset_all();
}

void fill_pacing(PanelContext& context) {
  Workspace& work = context.work;
  for (const Pacing pacing : pacings)
    if (menu_item(context.ui, std::string("pacing.") + pacing_name(pacing), pacing_label(pacing),
                  "", pacing == work.pacing(), true, pacing_help(pacing)))
      work.set_pacing(pacing);
}

void fill_device(PanelContext& context) {
  Workspace& work = context.work;
  const std::vector<std::string> used = work.devices_in_use();
  device_menu(
      context, "device",
      [&](const std::string& device) {
        return std::find(used.begin(), used.end(), device) != used.end();
      },
      [&](const std::string& device) { work.move_all(device); });
}

std::string devices_text(const Workspace& work) {
  const std::vector<std::string> used = work.devices_in_use();
  if (used.size() > 1) return "several";
  return device_short_name(used.empty() ? work.device() : used.front());
}

// Something at the right end of the bar: drawn there, or an entry of the menu "more" where the bar
// is too short. Those with the lowest rank leave first.
struct Item {
  int rank;
  float width;
  std::function<void()> draw, fill;
};

// A button whose menu entry does the same.
Item action_item(PanelContext& context, int rank, const std::string& id, Icon icon,
                 const char* text, const char* key, std::function<void()> act,
                 bool selected = false) {
  Ui& ui = context.ui;
  const auto draw = [&ui, id, icon, text, key, act, selected] {
    ButtonLook look;
    look.size = button;
    look.selected = selected;
    if (icon_button(ui, id, icon, text, key, look)) act();
  };
  const auto fill = [&ui, id, text, key, act, selected] {
    if (menu_item(ui, id + ".item", text, key, selected)) act();
  };
  return {rank, ui.px(button), draw, fill};
}

std::vector<Item> right_items(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  std::vector<Item> items;
  const float pacing = menu_button_width(ui, "advance", pacing_label(Pacing::by_seconds));
  items.push_back({2, pacing,
                   [&context, pacing] {
                     menu_button(
                         context.ui, "toolbar.pacing", "advance",
                         pacing_label(context.work.pacing()), pacing, [&] { fill_pacing(context); },
                         "How runs advance relative to each other");
                   },
                   [&context] {
                     menu_heading(context.ui, "RUNS ADVANCE");
                     fill_pacing(context);
                   }});
  // As wide as it ever becomes, so that a choice moves nothing.
  const bool choice = work.gpus() != nullptr && work.gpus()->problem.empty();
  const float device = menu_button_width(ui, "on", choice ? "several" : "CPU");
  items.push_back({1, device,
                   [&context, device] {
                     menu_button(
                         context.ui, "toolbar.device", "on", devices_text(context.work), device,
                         [&] { fill_device(context); }, "Where all runs train");
                   },
                   [&context] {
                     menu_heading(context.ui, "DEVICE");
                     fill_device(context);
                   }});
  const float exporting = menu_button_width(ui, "", "Export");
  items.push_back({5, exporting,
                   [&context, exporting] {
                     menu_button(context.ui, "toolbar.export", "", "Export", exporting,
                                 [&] { export_menu(context); });
                   },
                   [&context] { export_menu(context); }});
  items.push_back(action_item(
      context, 7, "toolbar.side", Icon::panel_left, "Side panel", "P",
      [&context] { context.toggle_side = true; }, context.layout.side_shown));
  items.push_back(action_item(
      context, 6, "toolbar.curves", Icon::panel_bottom, "Curves", "C",
      [&context] { context.toggle_curves = true; }, context.layout.curves_shown));
  items.push_back(action_item(context, 3, "toolbar.theme", ui.colours.dark ? Icon::sun : Icon::moon,
                              ui.colours.dark ? "Light theme" : "Dark theme", "D",
                              [&] { work.settings.dark = !ui.colours.dark; }));
  items.push_back(action_item(context, 4, "toolbar.help", Icon::help, "Keys and mouse", "?",
                              [&work] { work.help_open = true; }));
  return items;
}

// How much of everything is shown: squeezed step by step until it fits.
struct Plan {
  bool brand_words = true, transport_words = true;
  float chip = 0;
  int least_rank = 0;  // items below it are in the menu
};

float brand_width(const Ui& ui, bool words) {
  return ui.px(40) + (words ? text_size(ui.fonts.strong, "fieldscope").x + ui.px(12) : 0);
}

float right_width(const Ui& ui, const std::vector<Item>& items, const Plan& plan) {
  float width = plan.least_rank > 0 ? ui.px(button) : -ui.px(gap);
  for (const Item& item : items)
    if (item.rank >= plan.least_rank) width += item.width + ui.px(gap);
  return width;
}

Plan plan_bar(const Ui& ui, const std::vector<Item>& items, float chip, float room) {
  Plan plan;
  plan.chip = std::min(chip, ui.px(294));
  const auto fits = [&] {
    return brand_width(ui, plan.brand_words) + plan.chip +
               transport_width(ui, plan.transport_words) + right_width(ui, items, plan) +
               2 * ui.px(group) + ui.px(edge) <=
           room;
  };
  if (!fits()) plan.brand_words = false;
  if (!fits()) plan.chip = std::min(chip, ui.px(200));
  while (!fits() && plan.least_rank < 5) ++plan.least_rank;
  if (!fits()) plan.transport_words = false;
  if (!fits()) plan.chip = std::min(chip, ui.px(96));
  while (!fits() && plan.least_rank < 8) ++plan.least_rank;
  return plan;
}

void draw_more(PanelContext& context, const std::vector<Item>& items, const Plan& plan) {
  Ui& ui = context.ui;
  ButtonLook look;
  look.size = button;
  if (icon_button(ui, "toolbar.more", Icon::more, "More", "", look))
    ImGui::OpenPopup("toolbar.more.menu");
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImGui::SetNextWindowPos({min.x, max.y + ui.px(4)}, ImGuiCond_Appearing);
  if (!begin_popup(ui, "toolbar.more.menu")) return;
  // The short entries first.
  for (auto item = items.rbegin(); item != items.rend(); ++item)
    if (item->rank < plan.least_rank) item->fill();
  end_popup();
}

}  // namespace

void draw_toolbar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const PanelScope panel(context, "toolbar", where, ui.colours.panel);
  const std::vector<Item> items = right_items(context);
  const float chip = menu_button_width(ui, "", dataset_text(context.work));
  const Plan plan = plan_bar(ui, items, chip, where.width());
  draw_brand(context, where, plan.brand_words);
  const float top = std::floor(where.min.y + (where.height() - ui.px(button)) / 2);
  const float left = where.min.x + brand_width(ui, plan.brand_words);
  ImGui::SetCursorScreenPos({left, top});
  draw_dataset_chip(context, plan.chip);

  const float right = where.max.x - ui.px(edge) - right_width(ui, items, plan);
  const float transport = transport_width(ui, plan.transport_words);
  // In the middle of the window, or of the room between its neighbours.
  const float low = left + plan.chip + ui.px(group), high = right - ui.px(group) - transport;
  float at = (where.min.x + where.max.x - transport) / 2;
  if (at < low || at > high) at = (low + high) / 2;
  ImGui::SetCursorScreenPos({std::floor(at), top});
  draw_transport(context, plan.transport_words);
  float x = right;
  for (const Item& item : items) {
    if (item.rank < plan.least_rank) continue;
    ImGui::SetCursorScreenPos({x, top});
    item.draw();
    x += item.width + ui.px(gap);
  }
  ImGui::SetCursorScreenPos({x, top});
  if (plan.least_rank > 0) draw_more(context, items, plan);
  ImGui::GetWindowDrawList()->AddRectFilled({where.min.x, where.max.y - 1}, where.max,
                                            ui.colours.line);
}

}  // namespace fieldscope::gui
