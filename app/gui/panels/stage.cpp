// The centre: arranging the tiles, the row below them, shared colour scale.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/colour_scale.h"
#include "app/gui/panels/panel.h"
#include "app/gui/panels/path_bar.h"
#include "app/gui/panels/stage_layout.h"

namespace fieldscope::gui {

void Stage::fit(Workspace& work) {
  work.fit_meshes();
  work.see_through({true, 0}, true);
  work.zoom = {};
  for (auto& run : work.runs())
    if (run->own_zoom) run->own_zoom = ImageTransform{};
  for (auto& plot : work.plots) plot.fit();
  work.curvature.fit();
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
  const float gap = ui.px(12);
  const ImageDataset* picture = work.picture();
  const int count = static_cast<int>(tiles.size()) + (work.runs().empty() ? 1 : 0);
  const auto cells_below = [&](float header) {
    // Photographs and what is seen in their place fill their tiles.
    if (const PosedViews* scene = work.scene()) {
      const Lens& lens = scene->training.front().camera.lens;
      const float shape = static_cast<float>(lens.width) / static_cast<float>(lens.height);
      return arrange_tiles(count, where, gap, header, std::clamp(shape, 0.6f, 2.0f));
    }
    if (!picture) return arrange_views(count, where, gap, header);
    const float aspect =
        static_cast<float>(picture->image.width) / static_cast<float>(picture->image.height);
    return arrange_tiles(count, where, gap, header, aspect);
  };
  // Where the pictures would be tiny, their headers are one line.
  float header = ui.px(56);
  auto cells = cells_below(header);
  if (cells.front().height() - header < ui.px(80)) cells = cells_below(header = ui.px(32));
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    Tile& tile = tiles[i];
    tile.card = cells[i];
    tile.header = {cells[i].min, {cells[i].max.x, cells[i].min.y + header}};
    tile.picture = {{cells[i].min.x, tile.header.max.y}, cells[i].max};
  }
  if (work.runs().empty() && work.full_tile < 0) {
    Tile none;
    none.index = -1;
    none.card = cells.back();
    tiles.push_back(none);
  }
  return tiles;
}

// In the place of the first run.
void Stage::draw_empty(PanelContext& context, const Rect& where) const {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(where.min, where.max, ui.colours.panel, ui.px(4));
  const float x = (where.min.x + where.max.x) / 2, y = std::floor((where.min.y + where.max.y) / 2);
  const std::string_view title = "No runs",
                         text = context.work.scene() ? "A run is a network that learns this scene."
                                : context.work.mesh()
                                    ? "A run is a network that learns this mesh."
                                    : "A run is a network that learns this picture.";
  list->PushClipRect(where.min, where.max, true);
  draw_text(list, ui.fonts.strong, {x - text_size(ui.fonts.strong, title).x / 2, y - ui.px(56)},
            ui.colours.text, title);
  draw_text(list, ui.fonts.small, {x - text_size(ui.fonts.small, text).x / 2, y - ui.px(30)},
            ui.colours.secondary, text);
  list->PopClipRect();
  ButtonLook look;
  look.primary = true;
  look.min_width = 112;
  const Icon icon = Icon::plus;
  ImGui::SetCursorScreenPos({std::floor(x - ui.px(56)), y});
  if (text_button(ui, "empty.new", "New run", look, &icon, "N")) ImGui::OpenPopup("empty.menu");
  ImGui::SetNextWindowPos({std::floor(x - ui.px(56)), y + ui.px(36)}, ImGuiCond_Appearing);
  if (!begin_popup(ui, "empty.menu")) return;
  new_run_menu(context, "empty.new");
  end_popup();
}

void Stage::draw(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const PanelScope panel(context, "stage", where, ui.colours.ground);
  const bool path = context.work.scene() && context.work.settings.path_open;
  const float bar = ui.px(44), margin = ui.px(16), above = path ? path_bar_height(ui) : 0;
  const Rect inside = {{where.min.x + margin, where.min.y + margin},
                       {where.max.x - margin, where.max.y - bar - above - ui.px(4)}};
  last_pointer_ = pointer_;
  pointer_.reset();
  fly(context);
  pointer_was_on_scene_ = pointer_on_scene_;
  pointer_on_scene_ = false;
  pointer_was_on_mesh_ = pointer_on_mesh_;
  pointer_on_mesh_ = false;
  for (const Tile& tile : arrange(context, inside)) {
    if (tile.index < 0)
      draw_empty(context, tile.card);
    else
      draw_tile(context, tile);
  }
  if (path)
    draw_path_bar(context,
                  {{where.min.x, where.max.y - bar - above}, {where.max.x, where.max.y - bar}},
                  path_timeline_);
  const Rect below = {{where.min.x, where.max.y - bar}, where.max};
  if (context.work.scene())
    draw_scene_bar(context, below);
  else if (context.work.mesh())
    draw_mesh_bar(context, below);
  else
    draw_view_bar(context, below);
  // Values follow the pointer: one more frame when it enters or leaves a picture.
  if (pointer_.has_value() != last_pointer_.has_value()) ui.wants_frame = true;
  if (pointer_on_mesh_ != pointer_was_on_mesh_) ui.wants_frame = true;
}

namespace {

constexpr std::array<std::string_view, view_mode_count> view_names = {"Reconstruction", "|Error|",
                                                                      "Signed", "Against run"};

// Ends of the colour scale are round: 0.02, 0.5, 1.
// The view whose colours want explaining: the window's, else that of a tile which differs.
ViewMode coloured_view(const Workspace& work, const std::vector<std::unique_ptr<RunView>>& runs) {
  if (work.view != ViewMode::reconstruction) return work.view;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (work.full_tile >= 0 && work.full_tile != static_cast<int>(i) + 1) continue;
    if (work.view_of(*runs[i]) != ViewMode::reconstruction) return work.view_of(*runs[i]);
  }
  return ViewMode::reconstruction;
}

}  // namespace

void Stage::draw_colour_bar(PanelContext& context, ViewMode view, float left, float right,
                            float middle) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float limit = work.error_limit_in_force();
  const bool two_sided = view != ViewMode::absolute_error;
  const std::array<std::string, 3> numbers = {two_sided ? "−" + scale_number(limit) : "0",
                                              two_sided ? "0" : scale_number(limit / 2),
                                              (two_sided ? "+" : "") + scale_number(limit)};
  if (draw_colour_scale(context, two_sided ? ImageMode::signed_difference : ImageMode::magnitude,
                        work.colour_map, numbers, left, right, middle))
    ImGui::OpenPopup("view.scale.menu");
  if (rests_on_item())
    tooltip(ui, "Colour scale, the same for all tiles", "Click to choose its end and its colours.");
  if (!begin_popup(ui, "view.scale.menu")) return;
  error_scale_items(context, std::array{0.01f, 0.02f, 0.05f, 0.1f, 0.2f, 0.5f, 1.0f},
                    "COLOURS OF THE ABSOLUTE ERROR");
  end_popup();
}

void Stage::draw_reference_choice(PanelContext& context) {
  Workspace& work = context.work;
  const RunView* other = work.find(work.reference_run);
  if (!other && !work.runs().empty()) other = work.runs().front().get();
  for (auto& run : work.runs())
    if (menu_item(context.ui, "view.reference." + std::to_string(run->id), run->label, "",
                  run.get() == other))
      work.reference_run = run->id;
}

// All views side by side, or a menu of them where there is too little room.
void Stage::draw_view_choice(PanelContext& context, float middle, bool narrow) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  static constexpr std::array<std::string_view, view_mode_count> tips = {
      "What the network has learned", "How far each pixel is off, mean over channels   E",
      "Too bright is red, too dark is blue", "The run's picture minus another run's"};
  const auto choose = [&](int chosen) {
    work.view = static_cast<ViewMode>(chosen);
    for (auto& run : work.runs()) run->own_view.reset();
  };
  const int current = static_cast<int>(work.view);
  if (!narrow) {
    if (const int chosen = segmented(ui, "view.mode", view_names, current, tips); chosen >= 0)
      choose(chosen);
    if (work.view != ViewMode::versus_run || work.runs().empty()) return;
    const float left = ImGui::GetItemRectMax().x + ui.px(16);
    const RunView* other = work.find(work.reference_run);
    if (!other) other = work.runs().front().get();
    ImGui::SetCursorScreenPos({left, middle - ui.px(14)});
    menu_button(
        ui, "view.reference", "minus", other->label, ui.px(168),
        [&] { draw_reference_choice(context); },
        "The run that is subtracted from the others; it is itself compared with the first of them");
    return;
  }
  const float width = menu_button_width(ui, "", view_names[0]);
  menu_button(ui, "view.menu", "", view_names[static_cast<std::size_t>(current)], width, [&] {
    for (int i = 0; i < view_mode_count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (menu_item(ui, "view.mode." + std::to_string(i), view_names[at], "", i == current))
        choose(i);
    }
    if (work.runs().empty()) return;
    menu_heading(ui, "AGAINST WHICH RUN");
    draw_reference_choice(context);
  });
}

void Stage::draw_view_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const float middle = std::floor((where.min.y + where.max.y) / 2), top = middle - ui.px(14);
  const float edge = ui.px(16), button = ui.px(28);
  const float number = text_size(ui.fonts.small, "99.9×").x;
  const float controls = button + ui.px(8) + number + ui.px(12) + button;
  float choice = segmented_width(ui, view_names);
  if (work.view == ViewMode::versus_run) choice += ui.px(16 + 168);
  const bool narrow = choice + controls + 3 * edge > where.width();
  ImGui::SetCursorScreenPos({where.min.x + edge, top});
  draw_view_choice(context, middle, narrow);
  const float left =
      where.min.x + edge + (narrow ? menu_button_width(ui, "", view_names[0]) : choice) + edge;

  // From the right: fit, zoom, truth.
  ButtonLook look;
  look.size = 28;
  float right = where.max.x - edge - button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.fit", Icon::fit, "Fit pictures and curves", "0", look)) fit(work);
  if (right - left > number + ui.px(8 + 12) + button) {
    // Of the tile that the pointer is or was on.
    double shown = work.zoom.zoom;
    if (pointed_ > 0 && pointed_ <= static_cast<int>(work.runs().size()))
      if (const auto& own = work.runs()[static_cast<std::size_t>(pointed_ - 1)]->own_zoom)
        shown = own->zoom;
    char zoom[24];
    std::snprintf(zoom, sizeof zoom, "%.*f×", shown < 9.95 ? 1 : 0, shown);
    right -= ui.px(8) + number;
    draw_text(ImGui::GetWindowDrawList(), ui.fonts.small,
              {right + number - text_size(ui.fonts.small, zoom).x,
               middle - font_pixels(ui.fonts.small) / 2},
              ui.colours.secondary, zoom);
  }
  look.selected = work.show_truth;
  right -= ui.px(12) + button;
  ImGui::SetCursorScreenPos({right, top});
  if (icon_button(ui, "view.truth", Icon::eye,
                  "Ground truth in place of every picture; or hold Shift", "G", look))
    work.show_truth = !work.show_truth;
  const ViewMode coloured = coloured_view(work, work.runs());
  if (coloured != ViewMode::reconstruction && right - left > ui.px(136))
    draw_colour_bar(context, coloured, left, std::min(right - ui.px(16), left + ui.px(280)),
                    middle);
}

}  // namespace fieldscope::gui
