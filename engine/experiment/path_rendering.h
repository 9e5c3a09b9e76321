// A camera's way as pictures and as a video: frames/0001.png, ... and video.mp4, drawn one after
// the other by whoever draws them. run() keeps one thread busy to its end; cancel() comes from any.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "engine/data/image.h"
#include "engine/geometry/posed_camera.h"
#include "engine/task/frame_drawer.h"

namespace fieldscope {

struct PathRenderingSettings {
  std::vector<PosedCamera> cameras;  ///< one a frame, all before pictures of the same size
  std::filesystem::path folder;      ///< made if it is not there
  double frames_per_second = 30;
  bool pictures = true;  ///< frames/NNNN.png
  bool video = true;     ///< video.mp4, where this build can write one
};

class PathRendering {
 public:
  /// What FrameDrawer::draw() does.
  using Draw = std::function<Image(const PosedCamera& camera, const SliceDone& slice_done)>;

  struct Progress {
    int done = 0, frames = 0;  ///< frames that are written, and all of them
    double share = 0;          ///< in [0, 1], the frame under way included
    double seconds_left = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not known yet
  };

  /// What is there in the end.
  struct Result {
    int frames = 0;
    bool cancelled = false;
    std::filesystem::path pictures;  ///< the folder; empty: none written
    std::filesystem::path video;     ///< empty: none written
    std::string video_problem;       ///< why a video that was wanted could not be; else empty
    int older_pictures = 0;          ///< of an earlier, longer way, still in the folder
  };

  PathRendering(PathRenderingSettings settings, Draw draw);

  /// Draws all frames, or those until it is cancelled; a video holds what there is by then. `told`
  /// is called between slices. To be called once. Throws DataError when writing fails and what
  /// `draw` throws; then there is no video, but the pictures so far.
  Result run(const std::function<void(const Progress&)>& told = {});
  /// Ends run() after the present slice.
  void cancel() { cancelled_ = true; }

  /// "0001.png": of frame `index`, counted from 0.
  static std::string picture_name(int index);

 private:
  int frames() const { return static_cast<int>(settings_.cameras.size()); }
  int older_pictures(const std::filesystem::path& folder, int written) const;

  PathRenderingSettings settings_;
  Draw draw_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace fieldscope
