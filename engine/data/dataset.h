// What runs learn from: plain host data, read once, never changed, shared between all runs. Each
// task has its own kind (ImageDataset, MeshDataset, PosedViews).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace fieldscope {

enum class TaskKind { image, occupancy, nerf };

/// How people and files call a task, and the number that says how good a field is at it: more is
/// better.
struct TaskInfo {
  TaskKind kind;
  std::string_view id;         ///< `occupancy`, as in --task
  std::string_view name;       ///< "3D occupancy"
  std::string_view metric;     ///< "IoU"
  std::string_view metric_id;  ///< `iou`: its column in metrics.csv
  std::string_view unit;       ///< "dB"; empty for a pure number
  int digits;                  ///< behind the point
};

std::span<const TaskInfo> tasks();
const TaskInfo& task_info(TaskKind kind);
/// Throws UsageError that lists the valid ids.
const TaskInfo& find_task(std::string_view id);

/// How far reading is: its share in [0, 1] and what is done, such as "telling inside from outside".
/// May throw to end it.
using LoadProgress = std::function<void(double share, const char* stage)>;

struct Dataset {
  std::string name;            ///< file name without folder, or "lighthouse (demo)"
  std::filesystem::path path;  ///< empty for a dataset that was not read from a file

  virtual ~Dataset() = default;
  virtual TaskKind task() const = 0;
  /// Its size as people say it: "256 × 256 pixels", "20,000 triangles".
  virtual std::string extent() const = 0;
};

}  // namespace fieldscope
