// What came of some runs, for scripts: summary.json. Plain data in, text out; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/train/config.h"
#include "engine/train/edit.h"
#include "engine/train/snapshot.h"

namespace fieldscope {

/// What holds for all runs.
struct SummaryHeader {
  std::string command;  ///< the verb, or "window"
  std::string version;
  std::string task = "image";
  std::string data;                             ///< path, or name of the built-in data
  int width = 0, height = 0;                    ///< as learned; 0: not a picture
  int original_width = 0, original_height = 0;  ///< as read
  std::size_t triangles = 0;                    ///< of a mesh
  std::string extent;                           ///< of posed views, as people say it
  std::vector<std::string> notes;               ///< what is unusual about it
  std::string device;
  int threads = 0;
  std::size_t peak_memory_bytes = 0;  ///< of the whole program; 0 if unknown
  /// The options as a JSON object that `--config` takes; empty: left out.
  std::string options_json;
};

/// An occupancy run's surface; lengths in the units of the mesh's file.
struct SummarySurface {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  int resolution = 0;
  std::size_t vertices = 0, triangles = 0;
  bool solid = false;                          ///< closed, manifold and oriented
  double mean_error = none, max_error = none;  ///< of the vertices
  double chamfer = none, hausdorff = none;     ///< see SurfaceDistances
};

/// A NeRF run's held-out views, all of them, by its last weights.
struct SummaryViews {
  double psnr = 0, ssim = 0;  ///< means
  struct View {
    std::string name;
    double psnr = 0, ssim = 0;
  };
  std::vector<View> views;
};

/// One run. `history` is borrowed.
struct SummaryRun {
  std::string run;     ///< as in metrics.csv
  std::string label;   ///< as people read it
  std::string folder;  ///< relative to the summary, empty if its files lie beside it
  std::string status;  ///< "finished", "interrupted", "diverged", "failed", ...
  std::string message;
  RunConfig initial;
  std::vector<RecordedEdit> edits;
  Progress progress;
  double samples_per_second = 0;  ///< of the minibatches; of NeRF these are rays
  std::size_t parameters = 0;
  std::size_t state_bytes = 0;        ///< the optimizer's state
  std::size_t peak_memory_bytes = 0;  ///< buffers of the run
  const History* history = nullptr;
  std::optional<SummarySurface> surface;
  std::optional<SummaryViews> views;
};

/// The text of summary.json. Numbers that are not finite become null.
std::string summary_json(const SummaryHeader& header, std::span<const SummaryRun> runs);

}  // namespace fieldscope
