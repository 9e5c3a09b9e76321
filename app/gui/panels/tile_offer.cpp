// What a diverged run's tile offers: back to weights from before it went wrong, and on from there.
#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

constexpr const char* help =
    "Takes the last weights from before the loss blew up, starts the optimizer's state afresh, and "
    "learns on at a tenth of the learning rate. The curve stays, and the change is recorded with "
    "the run.";

}  // namespace

void Stage::draw_offer(PanelContext& context, const Tile& tile) const {
  if (!tile.run || tile.run->snapshot->status != RunStatus::diverged) return;
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const Snapshot& now = *tile.run->snapshot;
  const std::string id = "tile." + std::to_string(tile.index);
  const auto rate = work.rate_to_go_on_with(*tile.run);

  ButtonLook look;
  look.primary = true;
  look.size = 28;
  const float most = tile.picture.width() - ui.px(16), inner = most - ui.px(16);
  const auto button_width = [&](const std::string& text) {
    return text_size(ui.fonts.small, text).x + ui.px(16);
  };
  std::vector<std::string> texts = {"Start again", "Again"};  // the first that fits
  std::vector<std::string> remarks;
  if (rate) {
    const std::string step = format_integer(*now.kept_step);
    const std::string loss = format_significant(now.kept_loss);
    texts = {"Go on from step " + step + " with lr " + *rate, "Go on with lr " + *rate, "Go on"};
    remarks = {"its loss there was " + loss, "from step " + step + ", loss " + loss,
               "loss there " + loss};
    if (button_width(texts[0]) > inner) remarks.erase(remarks.begin());
  }
  const auto fitting = std::find_if(texts.begin(), texts.end(), [&](const std::string& one) {
    return button_width(one) <= inner;
  });
  if (fitting == texts.end()) return;
  const std::string& text = *fitting;
  const auto told = std::find_if(remarks.begin(), remarks.end(), [&](const std::string& one) {
    return text_size(ui.fonts.small, one).x <= inner;
  });
  const std::string remark = told == remarks.end() ? "" : *told;
  const float width = std::max(button_width(text), text_size(ui.fonts.small, remark).x);
  const float height = ui.px(28) + (remark.empty() ? 0 : ui.px(22));
  const ImVec2 size = {width + ui.px(16), height + ui.px(16)};
  if (size.x > most || size.y > tile.picture.height() - ui.px(8)) return;
  const ImVec2 min = {std::floor((tile.picture.min.x + tile.picture.max.x - size.x) / 2),
                      std::floor((tile.picture.min.y + tile.picture.max.y - size.y) / 2)};

  // In a child of its own: the picture would take the pointer otherwise.
  ImGui::SetCursorScreenPos(min);
  ImGui::BeginChild((id + ".offer").c_str(), size, false,
                    ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollbar |
                        ImGuiWindowFlags_NoScrollWithMouse);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(min, {min.x + size.x, min.y + size.y}, ui.colours.popup, ui.px(6));
  ImGui::SetCursorScreenPos(
      {std::floor(min.x + (size.x - button_width(text)) / 2), min.y + ui.px(8)});
  if (text_button(ui, id + ".go_back", text, look, nullptr, ""))
    rate ? work.go_back(tile.run->id) : work.reset(tile.run->id);
  if (rate && rests_on_item())
    tooltip(ui, "Go on from step " + format_integer(*now.kept_step) + " with lr " + *rate, help);
  if (!remark.empty())
    draw_text(list, ui.fonts.small,
              {std::floor(min.x + (size.x - text_size(ui.fonts.small, remark).x) / 2),
               min.y + ui.px(8 + 28 + 7)},
              ui.colours.quiet_on(ui.colours.popup), remark);
  ImGui::EndChild();
}

}  // namespace fieldscope::gui
