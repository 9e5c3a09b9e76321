// The part of the Workspace that knows scenes of posed views: where they are looked at from, what
// runs are asked to render, what tiles show of it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/workspace.h"

namespace fieldscope::gui {
namespace {

constexpr double flight_seconds = 0.4;
// Of a free camera's picture, on its longer side: finer than that no field is worth looking at
// that learned so small photographs, and none comes in time.
constexpr int least_longest = 192, most_longest = 512;

// 1.37 -> 1.4: so that the scale changes seldom.
float rounded(float value, bool up) {
  if (value <= 0) return 0;
  const float step = std::pow(10.0f, std::floor(std::log10(value))) / 2;
  return (up ? std::ceil(value / step) : std::floor(value / step)) * step;
}

}  // namespace

void Workspace::begin_scene() {
  for (auto& run : runs_) run->scene.forget();
  scene_pictures = {};
  scenes.flight.reset();
  scenes.through.reset();
  scenes.detour.reset();
  begin_path();
  const PosedViews* data = scene();
  // An epoch of a scene's rays takes hours.
  if (settings.x_axis.empty()) x_axis = data ? XAxis::step : XAxis::epoch;
  if (!data) return;
  scenes.mode = SceneMode::colour;
  scene_pictures.frustum = frustum_length(*data);
  constexpr int count = 6, side = 64;
  const Image strip = thumbnail_strip(*data, count, side);
  scene_pictures.strip.display.upload_display(strip.pixels, strip.width, strip.height, 3);
  const Image first = thumbnail_strip(*data, 1, 2 * side);
  scene_pictures.thumbnail.display.upload_display(first.pixels, first.width, first.height, 3);
  see_through({true, 0}, false);
}

void Workspace::see_through(const Photograph& photograph, bool fly) {
  const PosedViews* data = scene();
  if (!data) return;
  const SceneCamera there(*data, photograph.of(*data));
  camera_path.stop();
  if (fly) {
    scenes.flight = SceneChoices::Flight{scenes.camera, there, photograph, steady_seconds()};
    scenes.through.reset();
    return;
  }
  scenes.flight.reset();
  scenes.camera = there;
  scenes.through = photograph;
}

void Workspace::step_held_out(int direction) {
  const PosedViews* data = scene();
  if (!data) return;
  const int count = static_cast<int>(data->held_out.size());
  const std::optional<Photograph> now = view_ahead();
  int next = direction > 0 ? 0 : count - 1;
  if (now && now->held_out) next = (static_cast<int>(now->index) + direction + count) % count;
  see_through({true, static_cast<std::size_t>(next)}, true);
}

void Workspace::choose_scene_mode(SceneMode mode) {
  scenes.mode = mode;
  for (auto& run : runs_) run->scene.own_mode.reset();
  const PosedViews* data = scene();
  if (!data) return;
  if (mode != SceneMode::error) {
    end_detour();
  } else if (!scenes.through && !scenes.flight) {
    // Errors are told against a photograph.
    const SceneChoices::Detour detour = {scenes.camera,
                                         nearest_photograph(*data, scenes.camera.pose())};
    see_through(detour.to, true);
    scenes.detour = detour;
  }
}

// Back from the photograph that errors led to, unless the camera has left it meanwhile.
void Workspace::end_detour() {
  const auto detour = std::exchange(scenes.detour, std::nullopt);
  if (!detour || view_ahead() != detour->to) return;
  scenes.flight = SceneChoices::Flight{scenes.camera, detour->from, {}, steady_seconds()};
  scenes.through.reset();
}

std::optional<Photograph> Workspace::view_ahead() const {
  return scenes.flight ? scenes.flight->view : scenes.through;
}

void Workspace::scene_moved() {
  camera_path.stop();
  scenes.through.reset();
  scenes.flight.reset();
  scenes.detour.reset();
}

PosedCamera Workspace::scene_camera() const {
  const PosedViews& data = *scene();
  if (scenes.through) return scenes.through->of(data).camera;
  const Lens& native = data.training.front().camera.lens;
  const int longest =
      std::clamp(2 * std::max(native.width, native.height), least_longest, most_longest);
  const float width = std::max(scenes.tile_width, 16.0f),
              height = std::max(scenes.tile_height, 16.0f);
  const float scale = std::min(1.0f, static_cast<float>(longest) / std::max(width, height));
  return scenes.camera.posed(std::max(16, static_cast<int>(std::lround(width * scale))),
                             std::max(16, static_cast<int>(std::lround(height * scale))));
}

const Image* Workspace::photograph_here() const {
  return scenes.through && scene_pictures.nearest == scenes.through ? &scene_pictures.photo
                                                                    : nullptr;
}

void Workspace::tend_scene() {
  const PosedViews* data = scene();
  if (!data) return;
  tend_path();
  if (scenes.flight) {
    const SceneChoices::Flight flight = *scenes.flight;
    const double t = (steady_seconds() - flight.began) / flight_seconds;
    // Slow at both ends.
    const auto eased = static_cast<float>(t * t * (3 - 2 * t));
    if (t < 1)
      scenes.camera = SceneCamera::between(flight.from, flight.to, eased);
    else if (flight.view)
      see_through(*flight.view, false);
    else
      stand_at(flight.to);
    wake_();
  }
  float background = 1;
  if (!runs_.empty()) {
    const KnobValues& training = runs_.front()->snapshot->config.training;
    if (training.contains("background")) background = radiance_settings(*data, training).background;
  }
  const Photograph nearest =
      scenes.through ? *scenes.through : nearest_photograph(*data, scenes.camera.pose());
  if (scene_pictures.nearest != nearest || scene_pictures.background != background) {
    scene_pictures.nearest = nearest;
    scene_pictures.background = background;
    scene_pictures.photo = nearest.of(*data).picture(background);
    const Image& photo = scene_pictures.photo;
    scene_pictures.photo_texture.display.upload_display(photo.pixels, photo.width, photo.height,
                                                        photo.channels);
  }
  const ShowView wanted = {scene_camera()};
  for (auto& run : runs_) {
    // Not before there is a tile that says how large the picture should be.
    if ((scenes.through || scenes.tile_width > 0) && !(run->scene.asked == wanted)) {
      experiment_->post(run->id, wanted);
      run->scene.asked = wanted;
    }
    run->scene.take(*run->snapshot, *wanted.camera, scenes.through, photograph_here());
  }
  scale_depths();
  scene_pictures.scale.error = error_limit_in_force();
  scene_pictures.scale.error_map = colour_map;
  for (auto& run : runs_)
    run->scene.paint_as(scene_mode_of(*run), scene_pictures.scale,
                        run->scene.camera == *wanted.camera ? photograph_here() : nullptr);
}

// From what is seen by all of them, so that tiles compare; round in the units that are told.
void Workspace::scale_depths() {
  const float unit = scene()->frame.scale;  // one of the dataset's, in scene units
  std::vector<float> depths;
  for (const auto& run : runs_) {
    if (scene_mode_of(*run) != SceneMode::depth || !run->scene.view) continue;
    const RenderedView& seen = *run->scene.view;
    for (std::size_t i = 0; i < seen.depth.size(); i += 7)
      if (seen.opacity[i] > 0.5f && seen.depth[i] > 0) depths.push_back(seen.depth[i] / unit);
  }
  SceneScale& scale = scene_pictures.scale;
  if (depths.size() < 16) {
    if (scale.far <= scale.near) scale.near = 0, scale.far = scene()->far;
    return;
  }
  const auto at = [&](double share) {
    const auto place = depths.begin() +
                       static_cast<std::ptrdiff_t>(share * static_cast<double>(depths.size() - 1));
    std::nth_element(depths.begin(), place, depths.end());
    return *place;
  };
  const float near = rounded(at(0.02), false), far = rounded(at(0.95), true);
  scale.near = near * unit;
  scale.far = std::max(far, near * 1.1f) * unit;
}

}  // namespace fieldscope::gui
