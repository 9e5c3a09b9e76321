// The tool bar: what is learned, the transport, pacing, device, exports.
#include <array>
#include <cmath>

#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

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

std::string size_text(int width, int height) {
  return std::to_string(width) + " × " + std::to_string(height);
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
    menu_heading(ui, "PICTURES OPENED BEFORE");
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

void draw_dataset_chip(PanelContext& context) {
  Workspace& work = context.work;
  const ImageDataset& data = work.dataset();
  const std::string value =
      work.loading() ? "reading " + work.loading_name() + " …"
                     : data.name + "   " + size_text(data.image.width, data.image.height);
  menu_button(
      context.ui, "toolbar.dataset", "",
      elide_middle(context.ui.fonts.small, value, context.ui.px(260)), 0, [&] {
        if (menu_item(context.ui, "dataset.open", "Open a picture …", "Ctrl O"))
          work.open_dialog.open(work.settings.last_folder);
        if (menu_item(context.ui, "dataset.demo", "Built-in picture", "", data.path.empty()))
          work.open_demo();
        draw_earlier(context);
        menu_separator(context.ui);
        menu_heading(context.ui, "LEARN IT AT");
        for (const int side : {64, 128, 256, 384, 512})
          if (menu_item(context.ui, "dataset.side." + std::to_string(side),
                        std::to_string(side) + " pixels on the longer side", "",
                        side == work.longest_side()))
            work.set_longest_side(side);
      });
}

void draw_transport(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const bool running = work.any_running();
  const Icon icon = running ? Icon::pause : Icon::play;
  ButtonLook look;
  look.size = 30;
  look.min_width = 96;
  look.filled = running;
  look.primary = !running;
  if (text_button(ui, "toolbar.pause", running ? "Pause" : "Train", look, &icon,
                  running ? "Pause every run   Space" : "Go on   Space"))
    work.toggle_pause_all();
  ButtonLook plain;
  plain.size = 30;
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, "toolbar.step", Icon::step, "One step", ".", plain)) work.step_once();
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, "toolbar.reset", Icon::reset, "Start again from the initial weights", "R",
                  plain))
    work.reset_all();
}

void draw_right(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  menu_button(
      ui, "toolbar.pacing", "advance", pacing_label(work.pacing()), ui.px(146),
      [&] {
        for (const Pacing pacing : pacings)
          if (menu_item(ui, std::string("pacing.") + pacing_name(pacing), pacing_label(pacing), "",
                        pacing == work.pacing(), true, pacing_help(pacing)))
            work.set_pacing(pacing);
      },
      "How runs advance relative to each other");
  ImGui::SameLine(0, ui.px(8));
  menu_button(
      ui, "toolbar.device", "on", "CPU", ui.px(80),
      [&] {
        menu_item(ui, "device.cpu", "CPU", "", true, true,
                  std::to_string(work.threads()) + " threads");
        menu_item(ui, "device.cuda", "CUDA", "", false, false, "not part of this version yet");
      },
      "Where the networks train");
  ImGui::SameLine(0, ui.px(8));
  menu_button(ui, "toolbar.export", "", "Export", ui.px(80), [&] { export_menu(context); });
  ImGui::SameLine(0, ui.px(8));
  ButtonLook plain;
  plain.size = 28;
  if (icon_button(ui, "toolbar.theme", ui.colours.dark ? Icon::sun : Icon::moon,
                  ui.colours.dark ? "Light theme" : "Dark theme", "D", plain)) {
    work.settings.dark = !ui.colours.dark;
  }
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, "toolbar.help", Icon::help, "Keys and mouse", "?", plain))
    work.help_open = true;
}

}  // namespace

void draw_toolbar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const PanelScope panel(context, "toolbar", where, ui.colours.panel);
  const bool words = where.width() > ui.px(1040);
  draw_brand(context, where, words);
  const float top = where.min.y + (where.height() - ui.px(28)) / 2;
  ImGui::SetCursorScreenPos({where.min.x + ui.px(words ? 136 : 48), top});
  draw_dataset_chip(context);
  const float left_end = ImGui::GetItemRectMax().x;

  const float right_width = ui.px(146 + 8 + 80 + 8 + 80 + 8 + 28 + 4 + 28 + 12);
  const float right = where.max.x - right_width;
  const float transport = ui.px(96 + 4 + 30 + 4 + 30);
  float middle = std::floor((where.min.x + where.max.x - transport) / 2);
  if (middle < left_end + ui.px(16) || middle + transport > right - ui.px(16))
    middle = std::floor((left_end + right - transport) / 2);
  ImGui::SetCursorScreenPos({middle, where.min.y + (where.height() - ui.px(30)) / 2});
  draw_transport(context);
  ImGui::SetCursorScreenPos({right, top});
  draw_right(context);
  ImGui::GetWindowDrawList()->AddRectFilled({where.min.x, where.max.y - 1}, where.max,
                                            ui.colours.line);
}

}  // namespace fieldscope::gui
