// The part of the Workspace that knows meshes: what runs are asked to draw, and what tiles show.
#include <algorithm>
#include <cmath>

#include "app/gui/workspace.h"

namespace fieldscope::gui {
namespace {

Rgb rgb_of(unsigned hex) {
  return {static_cast<float>(hex >> 16 & 255) / 255, static_cast<float>(hex >> 8 & 255) / 255,
          static_cast<float>(hex & 255) / 255};
}

// The next one up of 1, 2, 5, 10, ...
double round_up(double value) {
  const double decade = std::pow(10.0, std::floor(std::log10(value)));
  for (const double multiple : {1.0, 2.0, 5.0})
    if (multiple * decade >= value * (1 - 1e-9)) return multiple * decade;
  return 10 * decade;
}

Vec3 size_of(const Mesh& mesh) {
  Vec3 low = mesh.vertices.front(), high = low;
  for (const Vec3& p : mesh.vertices) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
  }
  return high - low;
}

}  // namespace

void Workspace::begin_meshes() {
  for (auto& run : runs_) run->surface.forget();
  true_mesh.show(nullptr, {}, wake_);
  const MeshDataset* data = mesh();
  if (!data) return;
  meshes.wire = settings.mesh_wire;
  meshes.offsets = {};
  first_view = Camera();
  first_view.fit(data->mesh().vertices);
  meshes.camera = first_view;
  true_size = size_of(data->mesh());
  automatic_mesh_limit_ = 0.02f;
  true_mesh.show({dataset_, &data->mesh()}, {}, wake_);
}

// A section is asked for once it stands still for a moment: each one gives up what a run draws.
std::optional<SectionPlane> Workspace::wanted_section() {
  constexpr double moment = 0.12;
  std::optional<SectionPlane> now;
  if (meshes.section) now = meshes.plane();
  if (now != section_) {
    section_ = now;
    section_since_ = steady_seconds();
  }
  if (steady_seconds() - section_since_ >= moment) return section_;
  wake_();
  return runs_.empty() ? section_ : runs_.front()->surface.asked.section;
}

void Workspace::tend_meshes() {
  if (!mesh()) return;
  true_mesh.collect(wake_);
  const ShowSurface wanted = {settings.surface_training, settings.surface_resting,
                              wanted_section()};
  std::vector<double> errors;
  for (auto& run : runs_) {
    if (run->surface.asked != wanted) experiment_->post(run->id, wanted);
    run->surface.asked = wanted;
    run->surface.take(*run->snapshot, wake_);
    const auto& surface = run->surface.newest;
    if (surface && !surface->mesh.triangles.empty()) errors.push_back(surface->mean_error);
  }
  if (errors.empty()) return;
  // As for pictures: the typical run's, on a ladder so that it changes seldom.
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>((errors.size() - 1) / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  const double percent = std::clamp(percent_of_box(3 * *middle), 0.1, 50.0);
  automatic_mesh_limit_ = static_cast<float>(round_up(percent) / percent_of_box(1));
}

float Workspace::mesh_error_limit() const {
  return meshes.error_limit > 0 ? meshes.error_limit : automatic_mesh_limit_;
}

Camera& Workspace::camera_of(RunView* run) {
  return run && run->surface.own_camera ? *run->surface.own_camera : meshes.camera;
}

gl::MeshScene Workspace::mesh_scene(const RunView* run, const MeshStyle& themed) const {
  gl::MeshScene scene;
  scene.camera = run && run->surface.own_camera ? *run->surface.own_camera : meshes.camera;
  scene.style = themed;
  scene.style.mode = run ? mode_of(*run) : meshes.mode;
  scene.style.wire = meshes.wire;
  scene.style.error_limit = mesh_error_limit();
  scene.style.error_map = meshes.error_map;
  if (meshes.section) scene.style.cut = meshes.cut_for(scene.camera);
  if (!run) {
    // It is where it should be: nothing to say in colour.
    if (scene.style.mode == MeshMode::error) scene.style.mode = MeshMode::shaded;
    scene.mesh = &true_mesh.buffer();
    return scene;
  }
  scene.style.tint = rgb_of(run_colour_rgb(run->colour));
  scene.mesh = &run->surface.mesh.buffer();
  if (meshes.section && run->surface.section_plane == meshes.plane())
    scene.section = &run->surface.section;
  return scene;
}

void Workspace::fit_meshes() {
  const MeshDataset* data = mesh();
  if (!data) return;
  const Camera before = meshes.camera;
  meshes.camera.fit(data->mesh().vertices);
  if (meshes.camera == before) meshes.camera = first_view;
  for (auto& run : runs_)
    if (run->surface.own_camera) run->surface.own_camera = meshes.camera;
}

void Workspace::set_surface_resolution(int training, int resting) {
  settings.surface_training = training;
  settings.surface_resting = std::max(training, resting);
}

}  // namespace fieldscope::gui
