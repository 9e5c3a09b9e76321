// One run without a window: a session trained for its budget, and all that is kept of it. Used by
// the main thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/headless/interrupt.h"
#include "app/headless/options.h"
#include "app/headless/progress_line.h"
#include "engine/geometry/surface_samples.h"
#include "engine/task/surface.h"
#include "engine/train/session.h"

namespace fieldscope {

/// A run that is to be made.
struct RunPlan {
  std::string name;   ///< of its folder and in metrics.csv: "esgd-sine"
  std::string label;  ///< as people read it: "ESGD · sine"
  RunConfig config;   ///< resolved
};

/// What came of it.
struct RunResult {
  RunPlan plan;
  std::string status;   ///< "finished", "interrupted" or "diverged"
  std::string message;  ///< one line; empty when finished
  std::vector<RecordedEdit> edits;
  Progress progress;
  History history;
  std::shared_ptr<const Dataset> dataset;
  std::shared_ptr<const Image> picture;       ///< image: the last evaluation's
  std::shared_ptr<const Surface> surface;     ///< occupancy: of the last weights
  bool solid = false;                         ///< the surface: closed, manifold and oriented
  std::optional<SurfaceDistances> distances;  ///< from it to the true one, in units of the box
  std::optional<RadianceField> radiance;      ///< NeRF: what renders views, with `weights`
  std::vector<ViewQuality> views;             ///< NeRF: held-out ones, by the last weights
  std::vector<double> weights;
  Network network;  ///< whose they are
  std::vector<Session::NamedShape> shapes;
  std::size_t parameters = 0;
  std::size_t state_bytes = 0;  ///< the optimizer's state
  std::size_t peak_memory_bytes = 0;
  double samples_per_second = 0;                     ///< over the whole run; NeRF: rays
  std::shared_ptr<const CurvatureReport> curvature;  ///< the last diagnosis; null: none

  double steps_per_second() const;
  double final_score() const;  ///< PSNR or IoU; NaN if nothing was measured
  double best_score() const;
};

/// Diagnoses of the curvature while training.
struct CurvaturePlan {
  std::uint64_t every = 0;  ///< steps; 0: none
  CurvatureSettings settings;
};

/// Trains until the budget is used up, the run diverges or the person interrupts; measures the
/// whole picture at the end (after an interruption only if that is quick). Throws as Session does.
RunResult train_run(const RunPlan& plan, std::shared_ptr<const Dataset> dataset,
                    std::shared_ptr<ThreadPool> pool, const Budget& budget, ProgressLine& progress,
                    const InterruptGuard& interrupt, const CurvaturePlan& curvature = {});

/// Adds the surface of an occupancy run's last weights, and how far it is from the true one.
void add_surface(RunResult& result, std::shared_ptr<ThreadPool> pool, int resolution, bool quiet);

/// "surface at 128³: 80,000 triangles, chamfer 0.12, Hausdorff 1.3 (file units)\n"; empty without.
std::string surface_text(const RunResult& result);
/// What --resolution says, or the default of verbs that train.
int surface_resolution(const Options& options);

/// Draws a surface to its end. Without `truth` it has no errors. Throws as SurfaceDrawing does.
std::shared_ptr<const Surface> draw_surface(Backend& backend, const Network& network,
                                            std::span<const double> weights,
                                            std::shared_ptr<const MeshDataset> truth,
                                            int resolution, ProgressLine& progress);

/// From points of the surface to the true one and back.
SurfaceDistances distances_to(const MeshDataset& truth, const Surface& surface, int threads);

}  // namespace fieldscope
