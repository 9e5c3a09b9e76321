// The part of the Workspace that knows videos along the camera's path.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/workspace.h"

namespace fieldscope::gui {

PictureSize Workspace::video_size() const {
  const int native = scene()->training.front().camera.lens.width;
  const auto size = video_choices.size;
  return gui::video_size(*scene(), size == VideoChoices::Size::own     ? video_choices.own_width
                                   : size == VideoChoices::Size::twice ? 2 * native
                                                                       : native);
}

int Workspace::video_frames() const {
  const double frames = camera_path.seconds() * camera_path.frames_per_second();
  return static_cast<int>(std::clamp(std::round(frames), 1.0, 100'000.0));
}

// Errors are told against a photograph, and there is none along the path.
fieldscope::ViewMode Workspace::video_mode() const {
  switch (scenes.mode) {
    case SceneMode::depth:
      return fieldscope::ViewMode::depth;
    case SceneMode::opacity:
      return fieldscope::ViewMode::opacity;
    default:
      return fieldscope::ViewMode::colour;
  }
}

void Workspace::begin_video(VideoOrder order) {
  if (video_) return;
  video_ = std::make_unique<VideoExport>(std::move(order), experiment_->pool(), wake_);
}

void Workspace::finish_video() {
  if (!video_ || !video_->ended()) return;
  const VideoExport::Progress last = video_->progress();
  const VideoExport::Outcome outcome = video_->outcome();
  video_.reset();
  if (!outcome.problem.empty()) {
    trouble("Video not finished", outcome.problem);
    return;
  }
  if (outcome.results.empty()) {
    toasts.add(
        {Toasts::Kind::info, "No video", "Cancelled before its first frame.", "", {}, 4, 0, 0});
    return;
  }
  const PathRendering::Result& result = outcome.results.back();
  const auto& file = result.video.empty() ? result.pictures : result.video;
  const std::size_t count = outcome.results.size();
  if (outcome.cancelled) {
    tell_saved("Ended early", file,
               format_integer(static_cast<std::uint64_t>(result.frames)) + " of " +
                   format_integer(static_cast<std::uint64_t>(last.frames)) + " frames");
    return;
  }
  std::string title = result.video.empty() ? "Frames saved"
                      : count > 1          ? "Videos saved"
                                           : "Video saved";
  if (count > 1) title += ", of " + format_integer(count) + " runs";
  tell_saved(title, file);
  if (!result.video_problem.empty())
    toasts.add({Toasts::Kind::info,
                "Only frames, no MP4",
                sentence(result.video_problem),
                "",
                {},
                0,
                0,
                0});
}

}  // namespace fieldscope::gui
