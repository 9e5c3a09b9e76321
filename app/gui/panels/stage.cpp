// The centre: arranging the tiles, the row below them, shared colour scale.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"
#include "app/gui/panels/stage_layout.h"

namespace fieldscope::gui {

void Stage::fit(Workspace& work) {
  work.zoom = {};
  for (auto& run : work.runs())
    if (run->own_zoom) run->own_zoom = ImageTransform{};
  for (auto& plot : work.plots) plot.fit();
}

std::vector<Stage::Tile> Stage::arrange(PanelContext& context, const Rect& where) const {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  std::vector<Tile> tiles;
  for (int i = 0; i <= static_cast<int>(work.runs().size()); ++i) {
    if (work.full_tile >= 0 && i != work.full_tile) continue;
    Tile tile;
    tile.index = i;
    tile.run = i == 0 ? nullptr : work.runs()[static_cast<std::size_t>(i - 1)].get();
    tiles.push_back(tile);
  }
  const float gap = ui.px(12), header = ui.px(56);
  const Image& image = work.dataset().image;
  const auto cells =
      arrange_tiles(static_cast<int>(tiles.size()), where, gap, header,
                    static_cast<float>(image.width) / static_cast<float>(image.height));
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    Tile& tile = tiles[i];
    tile.card = cells[i];
    tile.header = {cells[i].min, {cells[i].max.x, cells[i].min.y + header}};
    tile.picture = {{cells[i].min.x, tile.header.max.y}, cells[i].max};
  }
  return tiles;
}

void Stage::draw(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const PanelScope panel(context, "stage", where, ui.colours.ground);
  const float bar = ui.px(44), margin = ui.px(16);
  const Rect inside = {{where.min.x + margin, where.min.y + margin},
                       {where.max.x - margin, where.max.y - bar - ui.px(4)}};
  last_pointer_ = pointer_;
  pointer_.reset();
  if (inside.height() > ui.px(80))
    for (const Tile& tile : arrange(context, inside)) draw_tile(context, tile);
  draw_view_bar(context, {{where.min.x, where.max.y - bar}, where.max});
  // Values follow the pointer: one more frame when it enters or leaves a picture.
  if (pointer_.has_value() != last_pointer_.has_value()) ui.wants_frame = true;
}

void Stage::draw_colour_bar(PanelContext& context, float left, float right, float middle) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const ViewMode view = work.view;
  const float limit = work.error_limit_in_force();
  const bool two_sided = view != ViewMode::absolute_error;
  const std::string low = two_sided ? "−" + format_significant(limit, 1) : "0";
  const std::string high = (two_sided ? "+" : "") + format_significant(limit, 1);
  const ImFont* font = ui.fonts.small;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float y = middle - font_pixels(font) / 2;
  const float low_width = text_size(font, two_sided ? "−0.05" : "0").x,
              high_width = text_size(font, "+0.05").x;
  draw_text(list, font, {left + low_width - text_size(font, low).x, y}, ui.colours.secondary, low);
  const Rect bar = {{left + low_width + ui.px(8), middle - ui.px(6)},
                    {right - high_width - ui.px(8), middle + ui.px(6)}};
  context.images.draw_scale(
      list, bar, two_sided ? ImageMode::signed_difference : ImageMode::magnitude, work.colour_map);
  list->AddRect(bar.min, bar.max, with_alpha(ui.colours.secondary, 0.4f), 0);
  draw_text(list, font, {bar.max.x + ui.px(8), y}, ui.colours.secondary, high);
  ImGui::SetCursorScreenPos({left, middle - ui.px(14)});
  if (ImGui::InvisibleButton("view.scale", {right - left, ui.px(28)}))
    ImGui::OpenPopup("view.scale.menu");
  ui.map->add_last_item("view.scale");
  if (rests_on_item())
    tooltip(ui, "Colour scale, the same for all tiles", "Click to choose its end and its colours.");
  if (!begin_popup(ui, "view.scale.menu")) return;
  menu_heading(ui, "END OF THE SCALE");
  if (menu_item(ui, "view.limit.auto", "Follows the errors", "", work.error_limit == 0))
    work.error_limit = 0;
  for (const float value : {0.01f, 0.02f, 0.05f, 0.1f, 0.2f, 0.5f, 1.0f})
    if (menu_item(ui, "view.limit." + format_significant(value, 1), format_significant(value, 1),
                  "", work.error_limit == value))
      work.error_limit = value;
  menu_heading(ui, "COLOURS OF THE ABSOLUTE ERROR");
  if (menu_item(ui, "view.map.magma", "Magma", "", work.colour_map == 1)) work.colour_map = 1;
  if (menu_item(ui, "view.map.viridis", "Viridis", "", work.colour_map == 0)) work.colour_map = 0;
  end_popup();
}

void Stage::draw_view_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  static constexpr std::array<std::string_view, view_mode_count> names = {
      "Reconstruction", "|Error|", "Signed", "Against run"};
  static constexpr std::array<std::string_view, view_mode_count> tips = {
      "What the network has learned", "How far each pixel is off, mean over channels   E",
      "Too bright is red, too dark is blue", "The run's picture minus another run's"};
  const float middle = (where.min.y + where.max.y) / 2;
  ImGui::SetCursorScreenPos({where.min.x + ui.px(16), middle - ui.px(14)});
  if (const int chosen = segmented(ui, "view.mode", names, static_cast<int>(work.view), tips);
      chosen >= 0) {
    work.view = static_cast<ViewMode>(chosen);
    for (auto& run : work.runs()) run->own_view.reset();
  }
  float left = ImGui::GetItemRectMax().x + ui.px(16);
  if (work.view == ViewMode::versus_run && !work.runs().empty()) {
    const RunView* other = work.find(work.reference_run);
    if (!other) other = work.runs().front().get();
    ImGui::SetCursorScreenPos({left, middle - ui.px(14)});
    menu_button(ui, "view.reference", "minus", other->label, ui.px(168), [&] {
      for (auto& run : work.runs())
        if (menu_item(ui, "view.reference." + std::to_string(run->id), run->label, "",
                      run.get() == other))
          work.reference_run = run->id;
    });
    left = ImGui::GetItemRectMax().x + ui.px(16);
  }

  // From the right: fit, zoom, truth.
  ButtonLook look;
  look.size = 28;
  float right = where.max.x - ui.px(16) - ui.px(28);
  ImGui::SetCursorScreenPos({right, middle - ui.px(14)});
  if (icon_button(ui, "view.fit", Icon::fit, "Fit pictures and curves", "0", look)) fit(work);
  char zoom[24];
  std::snprintf(zoom, sizeof zoom, "%.*f×", work.zoom.zoom < 9.95 ? 1 : 0, work.zoom.zoom);
  right -= ui.px(8) + text_size(ui.fonts.small, "99.9×").x;
  draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
            {right + text_size(ui.fonts.small, "99.9×").x - text_size(ui.fonts.small, zoom).x,
             middle - font_pixels(ui.fonts.small) / 2},
            ui.colours.secondary, zoom);
  look.selected = work.show_truth;
  right -= ui.px(12 + 28);
  ImGui::SetCursorScreenPos({right, middle - ui.px(14)});
  if (icon_button(ui, "view.truth", Icon::eye,
                  "Ground truth in place of every picture; or hold Shift", "G", look))
    work.show_truth = !work.show_truth;
  if (work.view != ViewMode::reconstruction && right - left > ui.px(120))
    draw_colour_bar(context, left, std::min(right - ui.px(16), left + ui.px(260)), middle);
}

}  // namespace fieldscope::gui
