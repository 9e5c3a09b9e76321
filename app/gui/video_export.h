// Videos along a camera path, of one run after the other, on a thread of its own: beside the
// training, which goes on, and beside the window, which shows how far it is. Each is of the weights
// of the moment when it was asked for. Owned and called by the UI thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/experiment/frozen_field.h"
#include "engine/experiment/path_rendering.h"
#include "engine/export/camera_path_file.h"
#include "engine/task/view_picture.h"

namespace fieldscope {
class ThreadPool;
}

namespace fieldscope::gui {

struct VideoOrder {
  struct Take {
    std::string label;  // of the run
    std::shared_future<FrozenField> field;
    std::filesystem::path folder;
  };
  std::vector<Take> takes;           // at least one
  std::vector<PosedCamera> cameras;  // one a frame
  fieldscope::ViewMode mode = fieldscope::ViewMode::colour;
  CameraPathFile path;  // written beside the frames; its frames per second count
};

class VideoExport {
 public:
  struct Progress {
    std::string label;          // of the run that is being rendered
    int frame = 0, frames = 0;  // that is under way, counted from 1; of one run
    double share = 0;           // of all runs
    double seconds_left = 0;    // NaN: not known yet
  };
  struct Outcome {
    std::vector<PathRendering::Result> results;  // of the takes that have frames
    bool cancelled = false;
    std::string problem;  // why it ended early; else empty
  };

  // `wake` asks for a frame of the window, now and then.
  VideoExport(VideoOrder order, std::shared_ptr<ThreadPool> pool, std::function<void()> wake);
  ~VideoExport();  // cancels, and waits for the slice under way
  VideoExport(const VideoExport&) = delete;
  VideoExport& operator=(const VideoExport&) = delete;

  Progress progress() const;
  void cancel();
  bool cancelled() const { return cancelled_; }
  bool ended() const;
  // Once it has ended.
  Outcome outcome() { return outcome_.get(); }

 private:
  Outcome work();
  PathRendering::Result render(std::size_t take);
  void tell(std::size_t take, const PathRendering::Progress& now);

  const VideoOrder order_;
  std::shared_ptr<ThreadPool> pool_;
  std::function<void()> wake_;
  std::atomic<bool> cancelled_{false};
  mutable std::mutex mutex_;  // guards progress_
  Progress progress_;
  double begun_;
  std::future<Outcome> outcome_;  // last: its thread uses the others
};

}  // namespace fieldscope::gui
