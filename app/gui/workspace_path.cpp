// The part of the Workspace that knows the camera's path: recording, playing, files of it.
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/future.h"
#include "app/gui/workspace.h"

namespace fieldscope::gui {
namespace {

std::string count_text(std::size_t count) {
  return format_integer(count) + (count == 1 ? " key frame" : " key frames");
}

}  // namespace

// Another scene: with what was saved of it, if anything was.
void Workspace::begin_path() {
  camera_path.begin(std::dynamic_pointer_cast<const PosedViews>(dataset_));
  const auto& kept = experiment_->camera_path();
  if (kept && scene()) {
    camera_path.set_frames_per_second(kept->frames_per_second);
    camera_path.record({kept->path.keys(), kept->path.seconds(), kept->path.closed()});
  }
  path_kept_ = camera_path.serial();
}

void Workspace::tend_path() {
  if (camera_path.playing()) {
    camera_path.advance(steady_seconds());
    follow_path();
    wake_();
  }
  if (camera_path.serial() == path_kept_) return;
  path_kept_ = camera_path.serial();
  experiment_->set_camera_path(camera_path.file());
}

CameraKey Workspace::key_frame() const {
  const PosedCamera seen = scene_camera();
  return {seen.pose, 2 * std::atan(seen.lens.height / (2 * seen.lens.fy)), 0};
}

SceneCamera Workspace::camera_at(const CameraKey& key) const {
  const bool sized = scenes.tile_width > 0 && scenes.tile_height > 0;
  SceneCamera camera = scenes.camera;
  camera.stand(key.pose, key.vertical_angle, sized ? scenes.tile_width / scenes.tile_height : 1);
  return camera;
}

void Workspace::stand_at(const SceneCamera& camera) {
  scenes.flight.reset();
  scenes.through.reset();
  scenes.camera = camera;
}

void Workspace::follow_path() {
  if (camera_path.path()) stand_at(camera_at(camera_path.here()));
}

void Workspace::add_key_frame() {
  if (!scene()) return;
  camera_path.add(key_frame());
  settings.path_open = true;
}

void Workspace::go_to_key_frame(std::size_t index) {
  camera_path.stop();
  camera_path.choose(ScenePath::Kind::key_frames);
  const CameraKey key = camera_path.keys()[index];
  camera_path.go_to(key.time);
  scenes.flight = SceneChoices::Flight{scenes.camera, camera_at(key), {}, steady_seconds()};
  scenes.through.reset();
}

void Workspace::replace_key_frame(std::size_t index) {
  camera_path.replace(index, key_frame());
}

std::function<void()> Workspace::way_back() {
  return [this, before = camera_path.recorded(), kind = camera_path.kind()] {
    camera_path.record(before);
    camera_path.choose(kind);
  };
}

void Workspace::remove_key_frame(std::size_t index) {
  const auto back = way_back();
  camera_path.remove(index);
  offer_undo("Key frame " + std::to_string(index + 1) + " removed", "", back);
}

void Workspace::clear_key_frames() {
  const std::size_t count = camera_path.keys().size();
  if (count == 0) return;
  const auto back = way_back();
  camera_path.record({});
  offer_undo("The path is empty", count_text(count) + " removed.", back);
}

void Workspace::scrub_path(double seconds) {
  camera_path.stop();
  camera_path.go_to(seconds);
  follow_path();
}

void Workspace::toggle_playing() {
  if (camera_path.playing())
    camera_path.stop();
  else
    camera_path.play(steady_seconds());
}

bool Workspace::path_letter(char letter) {
  if (!scene()) return false;
  if (letter == 'i') {
    add_key_frame();
  } else if (letter == 'l') {
    settings.path_open = true;
    toggle_playing();
  } else {
    return false;
  }
  return true;
}

void Workspace::load_path(const std::filesystem::path& file) {
  const PosedViews* data = scene();
  if (!data) {
    trouble("Cannot open " + file.filename().string(),
            "It is a camera path: open the photographs of its scene first.");
    return;
  }
  if (path_load_.valid()) return;  // still reading the last one: a moment
  path_file_ = file;
  path_scene_ = dataset_serial_;
  path_load_ = in_background_thread(std::function<CameraPathFile()>([file, frame = data->frame] {
                                      return read_camera_path(file, frame);
                                    }),
                                    wake_);
}

void Workspace::finish_loading_path() {
  if (!ready(path_load_)) return;
  const std::string name = path_file_.filename().string();
  try {
    const CameraPathFile loaded = path_load_.get();
    if (path_scene_ != dataset_serial_) return;  // of a scene that is gone
    const auto back = way_back();
    camera_path.set_frames_per_second(loaded.frames_per_second);
    camera_path.record({loaded.path.keys(), loaded.path.seconds(), loaded.path.closed()});
    scrub_path(0);
    settings.path_open = true;
    offer_undo("Camera path opened: " + name,
               count_text(loaded.path.keys().size()) + ", " +
                   format_significant(loaded.path.seconds(), 3) + " s" +
                   (loaded.path.closed() ? ", looping." : "."),
               back);
  } catch (const std::exception& problem) {
    trouble("Cannot open " + name, problem.what());
  }
}

}  // namespace fieldscope::gui
