// What is learned, at the top of the side panel: a small picture, its size, what to know about it;
// while another dataset is read, how far that is.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

void draw_thumbnail(PanelContext& context, const Rect& box) {
  Workspace& work = context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(box.min, box.max, context.ui.colours.ground, context.ui.px(4));
  if (const ImageDataset* picture = work.picture()) {
    ImageRenderer::Job job;
    job.picture = &work.truth;
    job.region = box;
    job.placement = place_picture(box, {}, picture->image.width, picture->image.height);
    context.images.draw(list, job);
    return;
  }
  if (work.scene()) {
    ImageRenderer::Job job;
    job.picture = &work.scene_pictures.thumbnail;
    job.region = job.placement = box;
    context.images.draw(list, job);
    return;
  }
  if (!work.true_mesh.mesh()) return;
  gl::MeshScene scene;
  scene.mesh = &work.true_mesh.buffer();
  scene.camera = work.first_view;
  scene.style = themed_mesh_style(context.ui.colours);
  context.mesh_views.draw(context.ui, list, work.thumbnail, scene, box);
}

std::string size_text(const Workspace& work) {
  std::string size = format_extent(work.dataset());
  // What is held out stands below.
  if (work.scene()) return size.substr(0, size.find(','));
  const ImageDataset* picture = work.picture();
  if (picture && picture->original_width > 0 && picture->original_width != picture->image.width)
    size += " of " + std::to_string(picture->original_width) + " × " +
            std::to_string(picture->original_height);
  return size;
}

// "127 × 151 × 115 units": of the file.
std::string source_extent(const Workspace& work) {
  const double scale = work.mesh()->frame().scale;
  const Vec3 size = work.true_size;
  return format_significant(scale * size.x) + " × " + format_significant(scale * size.y) + " × " +
         format_significant(scale * size.z) + " units";
}

std::string frame_text(const MeshDataset& mesh) {
  const MeshFrame& frame = mesh.frame();
  return "It is learned in a box from −1 to 1, centred and scaled so that a margin of " +
         format_significant(mesh_margin) + " stays around it: 1 in the box is " +
         format_significant(frame.scale) + " in the file, 0 is (" +
         format_significant(frame.centre[0]) + ", " + format_significant(frame.centre[1]) + ", " +
         format_significant(frame.centre[2]) + ").";
}

// That it is open is what labels depend on most.
const std::string& most_important(const std::vector<std::string>& notes) {
  const auto open = std::find_if(notes.begin(), notes.end(), [](const std::string& note) {
    return note.rfind("open", 0) == 0;
  });
  return open == notes.end() ? notes.front() : *open;
}

// What reading found, one note visible and all of it in the tooltip.
void draw_notes(PanelContext& context, const std::string& title,
                const std::vector<std::string>& notes, ImVec2 at, float width) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImU32 ink =
      readable(ui.colours.dark ? from_hex(0xE6B84D) : from_hex(0x8A5A00), ui.colours.panel, 4.5f);
  draw_icon(list, Icon::warning, {at.x + ui.px(8), at.y + ui.px(10)}, ui.px(14), ink);
  const std::string more =
      notes.size() > 1 ? "  +" + std::to_string(notes.size() - 1) : std::string();
  const float tail = text_size(ui.fonts.small, more).x, left = at.x + ui.px(22);
  const float room = width - ui.px(22) - tail;
  draw_text_fitted(list, ui.fonts.small, {left, at.y + ui.px(3)}, room, ink,
                   sentence(most_important(notes)));
  if (!more.empty())
    draw_text(list, ui.fonts.small, {at.x + width - tail, at.y + ui.px(3)}, ink, more);
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("side.notes", {width, ui.px(20)});
  ui.map->add_last_item("side.notes");
  if (!rests_on_item()) return;
  std::string all;
  for (const std::string& note : notes) all += (all.empty() ? "" : "\n") + sentence(note);
  tooltip(ui, notes.size() == 1 ? title : title + ", " + std::to_string(notes.size()) + " notes",
          all);
}

// The lines below the small picture. Returns how high they are.
float draw_mesh_lines(PanelContext& context, const MeshDataset& mesh, ImVec2 at, float width) {
  Ui& ui = context.ui;
  const std::string extent = source_extent(context.work);
  draw_text_fitted(ImGui::GetWindowDrawList(), ui.fonts.small, {at.x, at.y + ui.px(3)}, width,
                   ui.colours.secondary, extent);
  ImGui::SetCursorScreenPos(at);
  ImGui::InvisibleButton("side.extent", {width, ui.px(20)});
  ui.map->add_last_item("side.extent");
  if (rests_on_item()) tooltip(ui, extent + " in the file", frame_text(mesh));
  if (mesh.notes().empty()) return ui.px(20);
  draw_notes(context, "About this mesh", mesh.notes(), {at.x, at.y + ui.px(22)}, width);
  return ui.px(42);
}

// A strip of photographs, what kind of scene it is, what was left out. Returns how high they are.
float draw_scene_lines(PanelContext& context, const PosedViews& scene, ImVec2 at, float width) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const PictureTextures& strip = context.work.scene_pictures.strip;
  float y = at.y + ui.px(2);
  if (!strip.display.empty()) {
    const float high = std::floor(width * static_cast<float>(strip.display.height()) /
                                  static_cast<float>(strip.display.width()));
    ImageRenderer::Job job;
    job.picture = &strip;
    job.region = job.placement = {{at.x, y}, {at.x + width, y + high}};
    context.images.draw(list, job);
    y += high + ui.px(6);
  }
  const bool forward = scene.forward_facing.has_value();
  const std::string text = std::to_string(scene.held_out.size()) + " held out  ·  " +
                           (forward ? "forward-facing" : "from all around") +
                           (scene.has_alpha ? "  ·  cut out" : "");
  draw_text_fitted(list, ui.fonts.small, {at.x, y + ui.px(3)}, width, ui.colours.secondary, text);
  ImGui::SetCursorScreenPos({at.x, y});
  ImGui::InvisibleButton("side.extent", {width, ui.px(20)});
  ui.map->add_last_item("side.extent");
  if (rests_on_item())
    tooltip(ui, text,
            forward ? "All views look one way: the scene may reach to infinity, and normalised "
                      "device coordinates are offered among the training knobs."
                    : "It is learned in a box from −1 to 1. One scene unit is " +
                          format_significant(1 / static_cast<double>(scene.frame.scale)) +
                          " in the file.");
  y += ui.px(22);
  if (!scene.warnings.empty()) {
    draw_notes(context, "About these views", scene.warnings, {at.x, y}, width);
    y += ui.px(22);
  }
  return y - at.y;
}

}  // namespace

std::string loading_text(const PanelContext& context) {
  const LoadWatch* watch = context.work.load_watch();
  if (!watch) return "";
  const auto left = watch->seconds_left(Workspace::steady_seconds());
  // What matters comes first: the end may have no room.
  return (left ? format_duration(std::ceil(*left)) + " left, " : "") + watch->stage();
}

void draw_loading_bar(PanelContext& context, const Rect& where) {
  Ui& ui = context.ui;
  const LoadWatch* watch = context.work.load_watch();
  if (!watch) return;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float rounding = where.height() / 2;
  list->AddRectFilled(where.min, where.max, ui.colours.pressed, rounding);
  if (const auto share = watch->share()) {
    const auto part = static_cast<float>(std::clamp(*share, 0.02, 1.0));
    list->AddRectFilled(where.min, {where.min.x + where.width() * part, where.max.y},
                        ui.colours.accent, rounding);
    return;
  }
  // Nobody knows how far: a part that wanders.
  const auto turn = static_cast<float>(std::fmod(ui.now, 1.6) / 1.6);
  const float from = where.width() * std::max(0.0f, turn * 1.3f - 0.3f),
              to = where.width() * std::min(1.0f, turn * 1.3f);
  list->AddRectFilled({where.min.x + from, where.min.y}, {where.min.x + to, where.max.y},
                      ui.colours.accent, rounding);
  ui.wants_frame = true;
}

void draw_dataset(PanelContext& context) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float side = ui.px(72), width = ImGui::GetContentRegionAvail().x;
  draw_thumbnail(context, {at, {at.x + side, at.y + side}});
  ImDrawList* list = ImGui::GetWindowDrawList();
  const float left = at.x + side + ui.px(12), room = width - side - ui.px(12);
  const bool loading = work.loading();
  draw_text_fitted(list, ui.fonts.body, {left, at.y}, room, ui.colours.text,
                   loading ? "Reading " + work.loading_name() : work.dataset().name);
  draw_text_fitted(list, ui.fonts.small, {left, at.y + ui.px(21)}, room, ui.colours.secondary,
                   loading ? loading_text(context) : size_text(work));
  ImGui::SetCursorScreenPos({left, at.y + side - ui.px(26)});
  ButtonLook look;
  look.size = 26;
  look.filled = true;
  if (loading) {
    const float bar = at.y + ui.px(41);
    draw_loading_bar(context, {{left, bar}, {left + room, bar + std::max(2.0f, ui.px(3))}});
    if (text_button(ui, "side.cancel", "Cancel", look, nullptr, "Everything stays as it is"))
      work.cancel_loading();
  } else if (text_button(ui, "side.open", "Open …", look, nullptr,
                         "Open a picture, a mesh or a folder of posed views; or drop one onto the "
                         "window")) {
    work.open_dialog.open(work.settings.last_folder);
  }
  float below = ui.px(4);
  if (const MeshDataset* mesh = work.mesh())
    below = ui.px(6) + draw_mesh_lines(context, *mesh, {at.x, at.y + side + ui.px(6)}, width);
  if (const PosedViews* scene = work.scene())
    below = ui.px(6) + draw_scene_lines(context, *scene, {at.x, at.y + side + ui.px(6)}, width);
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, side + below});
}

}  // namespace fieldscope::gui
