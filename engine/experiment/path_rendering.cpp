#include "engine/experiment/path_rendering.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <system_error>

#include "engine/export/atomic_file.h"
#include "engine/export/png.h"
#include "engine/export/video.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::unique_ptr<VideoWriter> open_video(const PathRenderingSettings& settings) {
  const Lens& lens = settings.cameras.front().lens;
  VideoSettings video;
  video.width = lens.width;
  video.height = lens.height;
  video.frames_per_second = settings.frames_per_second;
  return std::make_unique<VideoWriter>(settings.folder / "video.mp4", video);
}

}  // namespace

PathRendering::PathRendering(PathRenderingSettings settings, Draw draw)
    : settings_(std::move(settings)), draw_(std::move(draw)) {
  if (settings_.cameras.empty()) throw UsageError("there is no camera to render anything from");
}

std::string PathRendering::picture_name(int index) {
  char name[32];
  std::snprintf(name, sizeof name, "%04d.png", index + 1);
  return name;
}

PathRendering::Result PathRendering::run(const std::function<void(const Progress&)>& told) {
  Result result;
  const fs::path pictures = settings_.folder / "frames";
  make_folder(settings_.pictures ? pictures : settings_.folder);
  std::unique_ptr<VideoWriter> video;
  if (settings_.video) {
    result.video_problem = video_problem();
    if (result.video_problem.empty()) video = open_video(settings_);
  }
  const auto begun = Clock::now();
  const auto tell = [&](double share_of_frame) {
    if (!told) return;
    Progress progress{result.frames, frames()};
    progress.share = (result.frames + share_of_frame) / frames();
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    if (progress.share > 0) progress.seconds_left = seconds / progress.share - seconds;
    told(progress);
  };
  try {
    for (const PosedCamera& camera : settings_.cameras) {
      if (cancelled_) throw Cancelled();
      const Image picture = draw_(camera, [&](double share) {
        tell(share);
        if (cancelled_) throw Cancelled();
      });
      if (settings_.pictures) write_png(pictures / picture_name(result.frames), picture);
      if (video) video->add(picture);
      ++result.frames;
      tell(0);
    }
  } catch (const Cancelled&) {
    result.cancelled = true;
  }
  if (video && result.frames > 0) {
    video->finish();
    result.video = settings_.folder / "video.mp4";
  }
  if (settings_.pictures && result.frames > 0) {
    result.pictures = pictures;
    result.older_pictures = older_pictures(pictures, result.frames);
  }
  std::error_code not_empty;
  if (result.frames == 0) fs::remove(pictures, not_empty);
  return result;
}

int PathRendering::older_pictures(const fs::path& folder, int written) const {
  int count = 0;
  std::error_code error;
  while (fs::exists(folder / picture_name(written + count), error)) ++count;
  return count;
}

}  // namespace fieldscope
