// The camera's path, and videos along it.
#include <algorithm>
#include <cmath>

#include "app/gui/exports.h"
#include "app/gui/format.h"
#include "engine/export/camera_path_file.h"

namespace fieldscope::gui {

void Exports::camera_path() {
  const PosedViews* scene = work_.scene();
  const CameraPath* path = work_.camera_path.path();
  if (!scene || !path) return;
  const auto file = name("path", ".json");
  work_.in_background("Camera path saved",
                      [file, written = CameraPathFile{*path, work_.camera_path.frames_per_second()},
                       frame = scene->frame] {
                        std::filesystem::create_directories(file.parent_path());
                        write_camera_path(file, written, frame);
                        return file;
                      });
}

void Exports::video() {
  const PosedViews* scene = work_.scene();
  const CameraPath* path = work_.camera_path.path();
  if (!scene || !path || work_.video()) return;
  const VideoChoices& choices = work_.video_choices;
  VideoOrder order{
      {}, {}, fieldscope::ViewMode::colour, {*path, work_.camera_path.frames_per_second()}};
  const PictureSize size = work_.video_size();
  for (const CameraKey& moment : path->frames(work_.video_frames()))
    order.cameras.push_back(camera_of(moment, size.width, size.height));
  order.mode = work_.video_mode();
  for (const auto& run : work_.runs()) {
    if (!choices.all_runs && run.get() != work_.selected()) continue;
    order.takes.push_back(
        {run->label, work_.frozen_field(run->id), name(file_stem(run->label) + "-video", "")});
  }
  if (!order.takes.empty()) work_.begin_video(std::move(order));
}

}  // namespace fieldscope::gui
