// fieldscope info: what this program and this machine can do.

#include <algorithm>
#include <cstdio>
#include <thread>

#include <nlohmann/json.hpp>

#include "app/headless/machine.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/devices.h"
#include "engine/curvature/study.h"
#include "engine/data/image.h"
#include "engine/data/mesh_file.h"
#include "engine/export/plot.h"
#include "engine/export/video.h"
#include "engine/field/spec.h"
#include "engine/math/bytes.h"
#include "engine/optim/registry.h"
#include "engine/train/config.h"

namespace fieldscope {
namespace {

using Json = nlohmann::ordered_json;

Json knob_json(const Knob& knob) {
  Json json = {{"id", knob.id},    {"name", knob.name}, {"unit", knob.unit},
               {"min", knob.min},  {"max", knob.max},   {"default", knob.default_value},
               {"help", knob.help}};
  for (const std::string_view choice : knob.choices) json["choices"].push_back(choice);
  return json;
}

template <class Entry>
Json entries_json(std::span<const Entry> entries) {
  Json list = Json::array();
  for (const Entry& entry : entries) {
    Json knobs = Json::array();
    for (const Knob& knob : entry.knobs) knobs.push_back(knob_json(knob));
    list.push_back({{"id", entry.id},
                    {"name", entry.name},
                    {"formula", entry.formula},
                    {"source", entry.source},
                    {"knobs", knobs}});
  }
  return list;
}

/// Activations with which a knob's default is another one, and which.
std::vector<std::pair<std::string, double>> presets(std::string_view optimizer, const Knob& knob,
                                                    TaskKind task) {
  std::vector<std::pair<std::string, double>> list;
  for (const auto& activation : activations()) {
    const OptimizerSpec preset = preset_optimizer(optimizer, activation.id, loss_of(task));
    const double value = preset.knobs.find(knob.id)->second;
    if (value != knob.default_value) list.emplace_back(std::string(activation.id), value);
  }
  return list;
}

std::string presets_text(std::string_view optimizer, const Knob& knob) {
  std::string text;
  const auto images = presets(optimizer, knob, TaskKind::image);
  for (const auto& [activation, value] : images)
    text += "; " + format_knob(knob, value) + " with " + activation;
  for (const TaskInfo& task : tasks())
    for (const auto& preset : presets(optimizer, knob, task.kind))
      if (std::find(images.begin(), images.end(), preset) == images.end())
        text += "; " + format_knob(knob, preset.second) + " for " + std::string(task.id) +
                " with " + preset.first;
  return text;
}

Json information(const Surroundings& surroundings) {
  Json json = {{"program", "fieldscope"}, {"version", FIELDSCOPE_VERSION}};
  json["devices"] = {{{"id", "cpu"},
                      {"name", cpu_name()},
                      {"threads", std::max(1u, std::thread::hardware_concurrency())},
                      {"memory_bytes", memory_bytes()},
                      {"simd", cpu_instruction_set()}}};
  const CudaDevices& cuda = cuda_devices();
  for (std::size_t i = 0; i < cuda.devices.size(); ++i)
    json["devices"].push_back({{"id", "cuda:" + std::to_string(i)},
                               {"name", cuda.devices[i].name},
                               {"memory_bytes", cuda.devices[i].memory_bytes},
                               {"free_bytes", cuda_free_bytes(static_cast<int>(i))},
                               {"details", cuda.devices[i].details},
                               {"problem", cuda.devices[i].problem}});
  json["cuda"] = {{"available", cuda.problem.empty()}, {"reason", cuda.problem}};
  json["window"] = surroundings.window;
  json["gl_renderer"] = surroundings.gl_renderer ? Json(surroundings.gl_renderer()) : Json();
  json["figures"] = figures_available();
  json["videos"] = {{"available", video_problem().empty()},
                    {"encoder", video_encoder()},
                    {"reason", video_problem()}};
  json["tasks"] = Json::array();
  for (const TaskInfo& task : tasks()) json["tasks"].push_back(task.id);
  json["formats"] = {{"image", image_extensions()},
                     {"mesh", mesh_extensions()},
                     {"weights", {".safetensors"}},
                     {"experiment", {".fieldscope"}}};
  json["activations"] = entries_json(activations());
  json["optimizers"] = entries_json(optimizers());
  for (Json& entry : json["optimizers"]) {
    const auto id = entry["id"].get<std::string>();
    for (const TaskInfo& task : tasks()) {
      // Those of an image under the name that they have had from the start.
      const std::string key =
          task.kind == TaskKind::image ? "presets" : "presets_" + std::string(task.id);
      entry[key] = Json::object();
      for (const Knob& knob : find_optimizer(id).knobs)
        for (const auto& [activation, value] : presets(id, knob, task.kind))
          entry[key][activation][std::string(knob.id)] = value;
    }
  }
  for (const TaskInfo& task : tasks()) {
    const std::string key =
        task.kind == TaskKind::image ? "training" : "training_" + std::string(task.id);
    json[key] = Json::array();
    for (const Knob& knob : training_knobs(task.kind)) json[key].push_back(knob_json(knob));
  }
  json["curvature"] = Json::array();
  for (const Knob& knob : curvature_knobs()) json["curvature"].push_back(knob_json(knob));
  return json;
}

std::string knob_range(const Knob& knob) {
  if (!knob.choices.empty()) {
    std::string text;
    for (const std::string_view choice : knob.choices) {
      text += (text.empty() ? "" : " or ") + std::string(choice);
    }
    return text;
  }
  return format_knob(knob, knob.min) + " to " + format_knob(knob, knob.max);
}

void print_knob(const Knob& knob, const std::string& more) {
  std::printf("                :%s=%s  (%s%s)\n", std::string(knob.id).c_str(),
              format_knob(knob, knob.default_value).c_str(), knob_range(knob).c_str(),
              more.c_str());
}

template <class Entry>
void print_entries(const char* title, std::span<const Entry> entries) {
  std::printf("\n%s\n", title);
  for (const Entry& entry : entries) {
    std::printf("  %-13s %s\n", std::string(entry.id).c_str(), std::string(entry.formula).c_str());
    if constexpr (std::is_same_v<Entry, OptimizerEntry>) {
      for (const Knob& knob : entry.own_knobs()) print_knob(knob, presets_text(entry.id, knob));
    } else {
      for (const Knob& knob : entry.own_knobs()) print_knob(knob, "");
    }
  }
}

}  // namespace

int run_info(const Options& options, const Surroundings& surroundings) {
  const Json json = information(surroundings);
  if (options.json) {
    std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return ExitCode::done;
  }
  std::printf("fieldscope %s\n\n", FIELDSCOPE_VERSION);
  std::printf("Devices      cpu: %s, %u threads, %s memory, %s\n", cpu_name().c_str(),
              std::max(1u, std::thread::hardware_concurrency()),
              format_bytes(memory_bytes()).c_str(), cpu_instruction_set().c_str());
  const CudaDevices& cuda = cuda_devices();
  for (std::size_t i = 0; i < cuda.devices.size(); ++i)
    std::printf("             cuda:%zu: %s, %s memory (%s free), %s\n", i,
                cuda.devices[i].name.c_str(), format_bytes(cuda.devices[i].memory_bytes).c_str(),
                format_bytes(cuda_free_bytes(static_cast<int>(i))).c_str(),
                cuda.devices[i].details.c_str());
  if (!cuda.problem.empty()) std::printf("CUDA         not offered: %s\n", cuda.problem.c_str());
  std::printf("Window       %s\n", surroundings.window ? "yes" : "this build has none");
  if (surroundings.gl_renderer) {
    std::printf("OpenGL       %s\n", surroundings.gl_renderer().c_str());
  }
  std::printf("Figures      %s\n", figures_available() ? "yes" : "no (built without Cairo)");
  std::printf("Videos       %s\n", video_problem().empty() ? ("MP4 with " + video_encoder()).c_str()
                                                           : ("no: " + video_problem()).c_str());
  std::printf("Tasks       ");
  for (const TaskInfo& task : tasks()) std::printf(" %s", std::string(task.id).c_str());
  std::printf("\n");
  std::printf("Pictures    ");
  for (const std::string& ending : image_extensions()) std::printf(" %s", ending.c_str());
  std::printf("\nMeshes      ");
  for (const std::string& ending : mesh_extensions()) std::printf(" %s", ending.c_str());
  std::printf("\nWeights      .safetensors\n");
  std::printf("Experiments  .fieldscope\n");
  print_entries("Activations (--activation, with knobs as sine:omega=20)", activations());
  std::printf("\nEncodings (knobs of any activation, as relu:encoding=fourier:features=256)\n");
  for (const Knob& knob : encoding_knobs()) print_knob(knob, "");
  print_entries("Optimizers (--optimizer, with knobs as esgd:lr=0.1:refresh_every=50)",
                optimizers());
  std::printf(
      "\nSchedules, clipping, weight decay (knobs of any optimizer, as adam:schedule=cosine)\n");
  for (const Knob& knob : common_optimizer_knobs()) print_knob(knob, "");
  std::printf("\nDiagnoses of curvature (--curvature, as batch=4096:steps=80)\n");
  for (const Knob& knob : curvature_knobs()) print_knob(knob, "");
  return ExitCode::done;
}

}  // namespace fieldscope
