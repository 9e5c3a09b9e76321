#include "engine/data/dataset.h"

#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr TaskInfo infos[] = {
    {TaskKind::image, "image", "image reconstruction", "PSNR", "psnr", "dB", 2},
    {TaskKind::occupancy, "occupancy", "3D occupancy", "IoU", "iou", "", 4},
    {TaskKind::nerf, "nerf", "NeRF", "PSNR", "psnr", "dB", 2},
};

}  // namespace

std::span<const TaskInfo> tasks() {
  return infos;
}

const TaskInfo& task_info(TaskKind kind) {
  return infos[static_cast<std::size_t>(kind)];
}

const TaskInfo& find_task(std::string_view id) {
  std::string names;
  for (const TaskInfo& info : infos) {
    if (info.id == id) return info;
    names.append(names.empty() ? "" : ", ").append(info.id);
  }
  throw UsageError("unknown task '" + std::string(id) + "'; choose one of " + names);
}

}  // namespace fieldscope
