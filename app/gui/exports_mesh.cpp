// Pictures and files of meshes. Pictures are drawn in the window's own OpenGL context, large and
// smooth; files are written in the background.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/exports.h"
#include "app/gui/format.h"
#include "engine/export/mesh_file.h"
#include "engine/export/png.h"

namespace fieldscope::gui {
namespace {

constexpr int tile_side = 1024, figure_side = 560;  // pixels

// For paper: on white.
MeshStyle figure_style() {
  MeshStyle style = mesh_style_on_light();
  style.background_top = style.background_bottom = {1, 1, 1};
  return style;
}

}  // namespace

void Exports::mesh(RunId id, MeshFormat format) {
  const RunView* run = work_.find(id);
  if (!run || !work_.mesh() || !run->surface.newest) return;
  const bool ply = format == MeshFormat::ply;
  const auto path = name(file_stem(run->label), ply ? ".ply" : ".obj");
  const auto surface = run->surface.newest;
  const std::string title = "Mesh saved: " + format_integer(surface->mesh.triangles.size()) +
                            " triangles, " + std::to_string(surface->resolution) + "³";
  work_.in_background(title, [path, ply, surface, frame = work_.mesh()->frame(),
                              map = work_.meshes.error_map, limit = work_.mesh_error_limit()] {
    std::filesystem::create_directories(path.parent_path());
    if (ply)
      write_ply(path, surface->mesh, frame, error_colours(surface->mesh, map, limit));
    else
      write_obj(path, surface->mesh, frame);
    return path;
  });
}

void Exports::save_mesh_tile(const RunView* run) {
  try {
    const gl::MeshScene scene = work_.mesh_scene(run, themed_mesh_style(window_.ui().colours));
    Image picture = mesh_views_.renderer().picture(scene, tile_side, tile_side);
    const auto path = name(run ? file_stem(run->label) : "ground-truth", ".png");
    work_.in_background("Picture of the tile saved", [path, picture = std::move(picture)] {
      std::filesystem::create_directories(path.parent_path());
      write_png(path, picture);
      return path;
    });
  } catch (const std::exception& problem) {
    work_.trouble("Tile not saved", problem.what());
  }
}

// One of its pictures, or the file if there is none left to draw.
void Exports::draw_for_figure() {
  MeshFigure& figure = *figure_;
  if (figure.to_draw.empty() || !work_.mesh()) {
    if (work_.mesh()) write_figure(figure_);
    figure_.reset();
    return;
  }
  window_.request_frame();
  const RunId id = figure.to_draw.front();
  figure.to_draw.erase(figure.to_draw.begin());
  const RunView* run = id == 0 ? nullptr : work_.find(id);
  if (id != 0 && (!run || !run->surface.mesh.mesh())) return;
  try {
    gl::MeshScene scene = work_.mesh_scene(run, figure_style());
    scene.style.mode = MeshMode::shaded;
    scene.style.tint.reset();
    gl::MeshRenderer& renderer = mesh_views_.renderer();
    Image shaded = renderer.picture(scene, figure_side, figure_side);
    if (!run) {
      figure.truth = std::move(shaded);
      return;
    }
    scene.style.mode = MeshMode::error;
    scene.style.error_map = Colormap::magma;  // that of the figure's scale
    figure.runs[id] = {std::move(shaded), renderer.picture(scene, figure_side, figure_side)};
  } catch (const std::exception& problem) {
    figure_.reset();
    work_.trouble("Figure not saved", problem.what());
  }
}

}  // namespace fieldscope::gui
