#include "app/gui/panels/run_card.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "app/gui/format.h"
#include "app/gui/panels/method_menu.h"
#include "engine/field/spec.h"
#include "engine/math/bytes.h"
#include "engine/optim/registry.h"
#include "engine/train/config.h"

namespace fieldscope::gui {
namespace {

struct Card {
  PanelContext& context;
  RunView& run;
  std::string id;
  Rect box;
  bool selected;
};

double value_of(const KnobValues& values, const Knob& knob) {
  const auto found = values.find(knob.id);
  return found == values.end() ? knob.default_value : found->second;
}

std::string layers_text(const std::vector<int>& hidden) {
  if (hidden.empty()) return "none";
  const bool even =
      std::all_of(hidden.begin(), hidden.end(), [&](int w) { return w == hidden[0]; });
  if (even) return std::to_string(hidden.size()) + " × " + std::to_string(hidden[0]);
  std::string text;
  for (const int width : hidden) text += (text.empty() ? "" : ", ") + std::to_string(width);
  return text;
}

std::optional<IdleKnob> idle(const Card& card, const Knob& knob) {
  if (knob.id != "precision" || card.run.snapshot->config.device != "cpu") return std::nullopt;
  return IdleKnob{"float32", "No choice while this run is on the CPU."};
}

void knob_rows(const Card& card, std::span<const Knob> knobs, const KnobValues& values,
               SetKnob::Target target, const std::string& group,
               const std::function<double(const Knob&)>& preset,
               const std::function<bool(const Knob&)>& wanted) {
  Workspace& work = card.context.work;
  for (const Knob& knob : knobs) {
    if (!wanted(knob)) continue;
    const std::string id = card.id + "." + group + "." + std::string(knob.id);
    if (const auto value = knob_row(card.context.ui, id, knob, value_of(values, knob), preset(knob),
                                    work.editing, idle(card, knob)))
      work.set_knob(card.run.id, target, std::string(knob.id), *value);
  }
}

// What is in front of the network, as opposed to its units.
bool is_encoding(const Knob& knob) {
  return find_knob(encoding_knobs(), knob.id) != nullptr;
}

void draw_knobs(const Card& card, bool primary) {
  const RunConfig& config = card.run.snapshot->config;
  const OptimizerEntry& optimizer = find_optimizer(config.optimizer.id);
  const ActivationEntry& activation = find_activation(config.field.activation);
  const OptimizerSpec presets = preset_optimizer_for(config, config.optimizer.id);
  const auto heading = [&](const char* text) {
    if (primary) return;
    Ui& ui = card.context.ui;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({0, ui.px(28)});
    draw_text(ImGui::GetWindowDrawList(), ui.fonts.label, {at.x, at.y + ui.px(10)},
              ui.colours.secondary, text);
  };
  const auto is_primary = [](const Knob& knob) {
    return knob.id == "lr" || knob.id == "batch" || knob.id == "omega";
  };
  const auto wanted = [&](const Knob& knob) { return is_primary(knob) == primary; };
  const auto own_default = [](const Knob& knob) { return knob.default_value; };
  // A heading only where rows follow it.
  const auto section = [&](const char* title, std::span<const Knob> knobs, const KnobValues& values,
                           SetKnob::Target target, const std::string& group, const auto& preset,
                           const std::function<bool(const Knob&)>& shown) {
    if (std::any_of(knobs.begin(), knobs.end(), shown)) heading(title);
    knob_rows(card, knobs, values, target, group, preset, shown);
  };
  const auto own_preset = [&](const Knob& knob) { return value_of(presets.knobs, knob); };
  const KnobValues& set = config.optimizer.knobs;
  section("OPTIMIZER", optimizer.own_knobs(), set, SetKnob::Target::optimizer, "optimizer",
          own_preset, wanted);
  section("SCHEDULE AND DECAY", common_optimizer_knobs(), set, SetKnob::Target::optimizer,
          "optimizer", own_preset,
          [&](const Knob& knob) { return wanted(knob) && schedule_uses(set, knob.id); });
  section("ACTIVATION", activation.knobs, config.field.knobs, SetKnob::Target::activation,
          "activation", own_default,
          [&](const Knob& knob) { return wanted(knob) && !is_encoding(knob); });
  section("ENCODING", activation.knobs, config.field.knobs, SetKnob::Target::activation,
          "activation", own_default, [&](const Knob& knob) {
            return wanted(knob) && is_encoding(knob) && encoding_uses(config.field.knobs, knob.id);
          });
  section("TRAINING", training_knobs(config.task), config.training, SetKnob::Target::training,
          "training", own_default, wanted);
}

void labelled_menu(const Card& card, const std::string& id, const char* label,
                   std::string_view value, const std::function<void()>& fill,
                   const std::string& help) {
  Ui& ui = card.context.ui;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x - ui.inset, height = ui.px(30);
  const float field = std::floor(width * 0.42f);
  draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
            {at.x, at.y + (height - font_pixels(ui.fonts.small)) / 2}, ui.colours.secondary, label);
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton((id + ".name").c_str(), {width - field - ui.px(24), height});
  if (rests_on_item()) tooltip(ui, label, help);
  ImGui::SetCursorScreenPos({at.x + width - field - ui.px(20), at.y + ui.px(1)});
  menu_button(ui, id, "", value, field, fill);
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height});
}

// What the optimizer costs beyond plain gradient descent.
void draw_cost(const Card& card) {
  Ui& ui = card.context.ui;
  const Snapshot& now = *card.run.snapshot;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x - ui.inset, height = ui.px(22);
  char gradients[32] = "–";
  if (now.progress.step > 0)
    std::snprintf(gradients, sizeof gradients, "%.2f", card.run.gradients_per_step());
  const std::string bytes = now.state_bytes > 0 ? format_bytes(now.state_bytes) : "no";
  draw_text_fitted(ImGui::GetWindowDrawList(), ui.fonts.small, {at.x, at.y + ui.px(1)}, width,
                   ui.colours.secondary,
                   std::string(gradients) + " gradients a step  ·  " + bytes + " state");
  ImGui::InvisibleButton((card.id + ".cost").c_str(), {width, height});
  ui.map->add_last_item(card.id + ".cost");
  if (rests_on_item())
    tooltip(ui, "What this optimizer costs",
            "A gradient counts 1, one with a Hessian product 3: measured over the last thousand "
            "steps, or since the last change. The state is what it remembers beside the weights, "
            "which take " +
                format_bytes(4 * now.parameters) + ".");
}

void draw_menus(const Card& card) {
  Ui& ui = card.context.ui;
  Workspace& work = card.context.work;
  const RunConfig& config = card.run.snapshot->config;
  const OptimizerEntry& optimizer = find_optimizer(config.optimizer.id);
  const ActivationEntry& activation = find_activation(config.field.activation);
  labelled_menu(
      card, card.id + ".optimizer", "Optimizer", optimizer.name,
      [&] {
        optimizer_items(ui, card.id + ".optimizer.menu", optimizer.id,
                        [&](const std::string& id) { work.switch_optimizer(card.run.id, id); });
      },
      std::string(optimizer.formula) + "\n" + std::string(optimizer.source) +
          "\nA change keeps the weights and starts the optimizer's state afresh.");
  draw_cost(card);
  labelled_menu(
      card, card.id + ".activation", "Activation", activation.name,
      [&] {
        activation_items(ui, card.id + ".activation.menu", activation.id,
                         [&](const std::string& id) { work.switch_activation(card.run.id, id); });
      },
      std::string(activation.formula) + "\n" + std::string(activation.source));
}

void draw_layers(const Card& card) {
  Ui& ui = card.context.ui;
  static const std::array<std::vector<int>, 6> choices = {{{64, 64},
                                                           {128, 128, 128},
                                                           {256, 256},
                                                           {256, 256, 256, 256},
                                                           {512, 512, 512},
                                                           {512, 512, 512, 512}}};
  const auto& hidden = card.run.snapshot->config.field.hidden;
  labelled_menu(
      card, card.id + ".layers", "Hidden layers", layers_text(hidden),
      [&] {
        for (const auto& choice : choices)
          if (menu_item(ui, card.id + ".layers." + layers_text(choice), layers_text(choice), "",
                        choice == hidden))
            card.context.work.set_layers(card.run.id, choice);
      },
      "Layers and units in each. Parameters that both networks share are kept, the others are "
      "drawn afresh.");
}

void draw_actions(const Card& card) {
  Ui& ui = card.context.ui;
  Workspace& work = card.context.work;
  const RunStatus status = card.run.snapshot->status;
  const bool running =
      status == RunStatus::running || status == RunStatus::waiting || status == RunStatus::starting;
  ButtonLook look;
  look.size = 28;
  const std::string popup = card.id + ".fork.menu";
  if (icon_button(ui, card.id + ".pause", running ? Icon::pause : Icon::play,
                  running ? "Pause this run" : "Go on", "", look))
    work.toggle_pause(card.run.id);
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, card.id + ".reset", Icon::reset, "Start this run again", "", look))
    work.reset(card.run.id);
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, card.id + ".fork", Icon::fork, "Fork: a new run from the same weights", "K",
                  look))
    ImGui::OpenPopup(popup.c_str());
  const ImVec2 below = {ImGui::GetItemRectMin().x, ImGui::GetItemRectMax().y + ui.px(4)};
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, card.id + ".duplicate", Icon::duplicate,
                  "Duplicate: the same from the initial weights", "", look))
    work.duplicate(card.run.id);
  ImGui::SameLine(0, ui.px(4));
  if (icon_button(ui, card.id + ".remove", Icon::trash, "Remove this run", "", look))
    work.remove(card.run.id);
  if (work.ask_fork) {
    work.ask_fork = false;
    ImGui::OpenPopup(popup.c_str());
  }
  ImGui::SetNextWindowPos(below, ImGuiCond_Appearing);
  if (begin_popup(ui, popup.c_str())) {
    fork_menu(card.context, card.id + ".fork", card.run.id);
    end_popup();
  }
}

void draw_swatch(const Card& card, ImVec2 centre) {
  Ui& ui = card.context.ui;
  const float half = ui.px(6);
  const std::string popup = card.id + ".colours";
  ImGui::SetCursorScreenPos({centre.x - ui.px(10), centre.y - ui.px(10)});
  if (ImGui::InvisibleButton((card.id + ".colour").c_str(), {ui.px(20), ui.px(20)}))
    ImGui::OpenPopup(popup.c_str());
  ui.map->add_last_item(card.id + ".colour");
  if (rests_on_item()) tooltip(ui, "Colour", "");
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled({centre.x - half, centre.y - half}, {centre.x + half, centre.y + half},
                      run_line_colour(ui, card.run, ui.colours.panel), ui.px(3));
  if (!begin_popup(ui, popup.c_str())) return;
  for (int i = 0; i < run_colour_count; ++i) {
    if (i % 4) ImGui::SameLine(0, ui.px(4));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string id = card.id + ".colour." + std::to_string(i);
    if (ImGui::InvisibleButton(id.c_str(), {ui.px(32), ui.px(32)})) {
      card.run.colour = i;
      ImGui::CloseCurrentPopup();
    }
    ui.map->add_last_item(id);
    ImDrawList* over = ImGui::GetWindowDrawList();
    if (ImGui::IsItemHovered() || i == card.run.colour)
      over->AddRect(at, {at.x + ui.px(32), at.y + ui.px(32)}, ui.colours.text, ui.px(4));
    over->AddRectFilled({at.x + ui.px(4), at.y + ui.px(6)}, {at.x + ui.px(26), at.y + ui.px(26)},
                        readable(from_hex(run_colour_rgb(i)), ui.colours.popup, 3.2f), ui.px(4));
  }
  end_popup();
}

std::string summary_text(const RunView& run) {
  const RunConfig& config = run.snapshot->config;
  std::string text(find_activation(config.field.activation).name);
  const auto lr = config.optimizer.knobs.find("lr");
  if (lr != config.optimizer.knobs.end())
    text += "   lr " +
            format_knob(*find_knob(find_optimizer(config.optimizer.id).knobs, "lr"), lr->second);
  // What tells runs apart that have all else in common.
  const Knob& precision = *find_knob(training_knobs(config.task), "precision");
  const double chosen = value_of(config.training, precision);
  if (config.device != "cpu" && chosen != precision.default_value)
    text += "   " + format_knob(precision, chosen);
  const RunStatus status = run.snapshot->status;
  if (status != RunStatus::running && status != RunStatus::waiting)
    text += "   " + std::string(status_name(status));
  return text;
}

void draw_card_head(const Card& card) {
  Ui& ui = card.context.ui;
  Workspace& work = card.context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = card.box.min;
  const float width = card.box.width(), height = ui.px(52), left = at.x + ui.px(36);
  ImGui::SetCursorScreenPos({left - ui.px(4), at.y});
  if (ImGui::InvisibleButton(card.id.c_str(), {at.x + width - left + ui.px(4), height}))
    work.select(card.run.id);
  ui.map->add_last_item(card.id);
  ImU32 ground = ui.colours.panel;
  if (ImGui::IsItemHovered() && !card.selected) {
    ground = mix(ui.colours.panel, ui.colours.hovered, 0.5f);
    list->AddRectFilled(at, {at.x + width, at.y + height}, ground, ui.px(4));
  }
  float right = at.x + width - ui.px(12);
  if (const auto score = work.quality(card.run)) {
    const std::string text = format_score(work.task(), *score);
    const ImVec2 size = text_size(ui.fonts.strong, text);
    draw_text(list, ui.fonts.strong, {right - size.x, at.y + ui.px(8)}, ui.colours.text, text);
    right -= size.x + ui.px(8);
  }
  const bool trouble = card.run.snapshot->status == RunStatus::failed ||
                       card.run.snapshot->status == RunStatus::diverged;
  draw_text_fitted(list, ui.fonts.strong, {left, at.y + ui.px(8)}, right - left, ui.colours.text,
                   name_within(ui.fonts.strong, card.run, right - left));
  draw_text_fitted(list, ui.fonts.small, {left, at.y + ui.px(29)}, at.x + width - ui.px(12) - left,
                   trouble ? ui.colours.trouble : ui.colours.quiet_on(ground),
                   summary_text(card.run));
  draw_swatch(card, {at.x + ui.px(18), at.y + ui.px(17)});
}

void draw_details(const Card& card) {
  Ui& ui = card.context.ui;
  Workspace& work = card.context.work;
  draw_menus(card);
  draw_knobs(card, true);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x - ui.inset, height = ui.px(28);
  if (ImGui::InvisibleButton((card.id + ".more").c_str(), {width, height}))
    work.more_knobs = !work.more_knobs;
  ui.map->add_last_item(card.id + ".more");
  const ImU32 ink = ImGui::IsItemHovered() ? ui.colours.text : ui.colours.secondary;
  ImDrawList* list = ImGui::GetWindowDrawList();
  draw_icon(list, work.more_knobs ? Icon::chevron_down : Icon::chevron_right,
            {at.x + ui.px(5), at.y + height / 2}, ui.px(11), ink);
  draw_text(list, ui.fonts.small,
            {at.x + ui.px(16), at.y + (height - font_pixels(ui.fonts.small)) / 2}, ink,
            work.more_knobs ? "Fewer knobs" : "More knobs");
  if (work.more_knobs) {
    draw_knobs(card, false);
    draw_layers(card);
  }
  draw_actions(card);
}

}  // namespace

void draw_run_card(PanelContext& context, RunView& run, int number) {
  Ui& ui = context.ui;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  Card card{context,
            run,
            "run." + std::to_string(number),
            {at, {at.x + width, at.y + ui.px(52)}},
            &run == context.work.selected()};
  ImDrawList* list = ImGui::GetWindowDrawList();
  if (!card.selected) {
    draw_card_head(card);
    ImGui::SetCursorScreenPos({at.x, at.y + ui.px(52)});
    ImGui::Dummy({width, ui.px(4)});
    return;
  }
  // The ground goes below what is drawn on it, but its height is known only afterwards.
  list->ChannelsSplit(2);
  list->ChannelsSetCurrent(1);
  draw_card_head(card);
  ImGui::SetCursorScreenPos({at.x + ui.px(12), at.y + ui.px(56)});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.px(8), 0});
  ImGui::BeginGroup();
  ui.inset = ui.px(4);
  draw_details(card);
  ui.inset = 0;
  ImGui::EndGroup();
  ImGui::PopStyleVar();
  const float bottom = ImGui::GetItemRectMax().y + ui.px(8);
  list->ChannelsSetCurrent(0);
  list->AddRectFilled(at, {at.x + width, bottom}, mix(ui.colours.panel, ui.colours.raised, 0.45f),
                      ui.px(4));
  list->AddRectFilled({at.x, at.y + ui.px(8)}, {at.x + ui.px(3), bottom - ui.px(8)},
                      run_line_colour(ui, run, ui.colours.panel), ui.px(2));
  list->ChannelsMerge();
  ImGui::SetCursorScreenPos({at.x, bottom});
  ImGui::Dummy({width, ui.px(4)});
}

}  // namespace fieldscope::gui
