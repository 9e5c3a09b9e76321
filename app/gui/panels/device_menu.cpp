// Where runs compute: the menu of devices, and their names in a few letters.
#include "app/gui/panels/panel.h"
#include "engine/math/bytes.h"

namespace fieldscope::gui {

void device_menu(PanelContext& context, const std::string& id,
                 const std::function<bool(const std::string&)>& in_use,
                 const std::function<void(const std::string&)>& choose) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (menu_item(ui, id + ".cpu", "CPU", "", in_use("cpu"), true,
                std::to_string(work.threads()) + (work.threads() == 1 ? " thread" : " threads")))
    choose("cpu");
  const CudaDevices* gpus = work.gpus();
  if (gpus == nullptr) {
    menu_item(ui, id + ".cuda", "CUDA", "", false, false, "looking for GPUs …");
    return;
  }
  if (!gpus->problem.empty())
    menu_item(ui, id + ".cuda", "CUDA", "", false, false, "not offered: " + gpus->problem);
  for (std::size_t i = 0; i < gpus->devices.size(); ++i) {
    const std::string device = "cuda:" + std::to_string(i);
    const CudaDevice& gpu = gpus->devices[i];
    const std::string detail =
        device + "  ·  " +
        (gpu.problem.empty() ? format_bytes(gpu.memory_bytes) : "not offered: " + gpu.problem);
    if (menu_item(ui, id + "." + device, gpu.name, "", in_use(device), gpu.problem.empty(), detail))
      choose(device);
  }
}

std::string device_short_name(const std::string& device) {
  if (device == "auto") return "…";
  return device == "cpu" ? "CPU" : "GPU " + std::to_string(cuda_index(device));
}

}  // namespace fieldscope::gui
