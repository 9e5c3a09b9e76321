// The side panel: the dataset (dataset.cpp), then the runs; the selected one shows its knobs.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/panel.h"
#include "app/gui/panels/run_card.h"

namespace fieldscope::gui {
void draw_side_panel(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const PanelScope panel(context, "side", where, ui.colours.panel);
  const float pad = ui.px(16);
  ImGui::SetCursorScreenPos({where.min.x, where.min.y});
  // The scroll bar lies in the right margin: half of it is left free for it, so that cards keep
  // their place when it appears.
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {pad / 2, ui.px(8)});
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, pad / 2);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.px(8), ui.px(4)});
  ImGui::PushStyleColor(ImGuiCol_ScrollbarGrab, work.side_scrolls ? ui.colours.hovered : 0);
  ImGui::BeginChild("side.scroll", {where.width(), where.height()}, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_AlwaysUseWindowPadding |
                        ImGuiWindowFlags_AlwaysVerticalScrollbar);
  ImGui::PopStyleColor();
  ImGui::Indent(pad / 2);
  static constexpr std::string_view dataset_title = "DATASET", runs_title = "RUNS";
  if (section(ui, "side.dataset", dataset_title, &work.dataset_open)) draw_dataset(context);
  ImGui::Dummy({0, ui.px(4)});
  const ImVec2 head = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const bool open = section(ui, "side.runs", runs_title, &work.runs_open, ui.px(36));
  const ImVec2 next = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({head.x + width - ui.px(28), head.y + ui.px(2)});
  ButtonLook look;
  look.size = 28;
  if (icon_button(ui, "runs.add", Icon::plus, "New run", "N", look))
    ImGui::OpenPopup("runs.add.menu");
  if (work.ask_new_run) {
    work.ask_new_run = false;
    ImGui::OpenPopup("runs.add.menu");
  }
  ImGui::SetNextWindowPos({head.x + width - ui.px(28), head.y + ui.px(34)}, ImGuiCond_Appearing);
  if (begin_popup(ui, "runs.add.menu")) {
    new_run_menu(context, "runs.new");
    end_popup();
  }
  ImGui::SetCursorScreenPos(next);
  if (open) {
    for (std::size_t i = 0; i < work.runs().size(); ++i)
      draw_run_card(context, *work.runs()[i], static_cast<int>(i) + 1);
    if (work.runs().empty()) {
      ImGui::Dummy({0, ui.px(8)});
      quiet_text(ui, "No runs. Press N to start one.");
    }
  }
  ImGui::Dummy({0, ui.px(16)});
  work.side_scrolls = ImGui::GetScrollMaxY() > 0;
  ImGui::EndChild();
  ImGui::PopStyleVar(3);
}

}  // namespace fieldscope::gui
