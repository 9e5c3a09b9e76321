#include "engine/experiment/saved.h"

#include <stdexcept>
#include <system_error>

#include <nlohmann/json.hpp>

#include "engine/data/mesh_dataset.h"
#include "engine/data/whole_file.h"
#include "engine/experiment/json.h"
#include "engine/experiment/presets.h"
#include "engine/export/atomic_file.h"
#include "engine/export/safetensors.h"
#include "engine/field/field.h"
#include "engine/math/error.h"
#include "engine/task/task.h"

namespace fieldscope {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int format_version = 1;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
constexpr const char* state_prefix = "optimizer.";
constexpr const char* path_file = "camera_path.json";
constexpr Pacing pacings[] = {Pacing::by_step, Pacing::by_seconds, Pacing::freely};

std::string weights_file(std::size_t run) {
  return "run-" + std::to_string(run) + ".safetensors";
}

json dataset_to_json(const Dataset& dataset) {
  json j = {{"task", task_info(dataset.task()).id},
            {"name", dataset.name},
            {"path", dataset.path.empty() ? "" : fs::absolute(dataset.path).string()}};
  if (const auto* image = dynamic_cast<const ImageDataset*>(&dataset)) {
    j["width"] = image->image.width;
    j["height"] = image->image.height;
  }
  if (const auto* views = dynamic_cast<const PosedViews*>(&dataset)) {
    j["longest"] = views->settings.longest;
    j["hold_out_every"] = views->settings.hold_out_every;
  }
  return j;
}

std::shared_ptr<const Dataset> dataset_from_json(const json& j) {
  const auto path = j.at("path").get<std::string>();
  const TaskKind task = find_task(j.at("task").get<std::string>()).kind;
  if (task == TaskKind::occupancy)
    return path.empty() ? demo_mesh_dataset() : load_mesh_dataset(path);
  if (task == TaskKind::nerf) {
    if (path.empty()) return demo_scene_dataset();
    PosedViewsSettings settings;
    settings.longest = j.at("longest").get<int>();
    settings.hold_out_every = j.at("hold_out_every").get<int>();
    return load_posed_views(path, settings, on_threads());
  }
  const int width = j.at("width").get<int>(), height = j.at("height").get<int>();
  if (path.empty()) return demo_image_dataset(std::max(width, height));
  return load_image_dataset(path, width, height);
}

Field field_of(const RunConfig& config, const Dataset& dataset) {
  return Field(config.field, task_shape(dataset, config.training).field);
}

void write_weights(const fs::path& path, const Checkpoint& run, const Dataset& dataset) {
  std::vector<TensorShape> shapes;
  std::vector<double> values = run.weights;
  const Field own_field = field_of(run.config, dataset);
  for (const ParameterTensor& tensor : own_field.tensors())
    shapes.push_back({tensor.name, tensor.shape});
  for (const auto& [name, state] : run.state) {
    shapes.push_back({state_prefix + name, {state.size()}});
    values.insert(values.end(), state.begin(), state.end());
  }
  write_safetensors(path, shapes, values);
}

void read_weights(const fs::path& path, Checkpoint& run, const Dataset& dataset) {
  Safetensors file = read_safetensors(path);
  for (auto it = file.tensors.begin(); it != file.tensors.end();) {
    if (it->first.starts_with(state_prefix)) {
      run.state.emplace_back(it->first.substr(std::string_view(state_prefix).size()),
                             std::move(it->second.values));
      it = file.tensors.erase(it);
    } else {
      ++it;
    }
  }
  std::vector<TensorShape> shapes;
  const Field own_field = field_of(run.config, dataset);
  for (const ParameterTensor& tensor : own_field.tensors())
    shapes.push_back({tensor.name, tensor.shape});
  run.weights = file.flat(shapes);
}

}  // namespace

void write_experiment(const fs::path& folder, const SavedExperiment& experiment) {
  json runs = json::array();
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const Checkpoint& run = experiment.runs[i];
    json edits = json::array();
    for (const RecordedEdit& edit : run.edits) edits.push_back(to_json(edit));
    runs.push_back({{"initial", to_json(run.initial)},
                    {"edits", edits},
                    {"config", to_json(run.config)},
                    {"progress", to_json(run.progress)},
                    {"optimizer_step", run.optimizer_step},
                    {"weights", weights_file(i)},
                    {"history", to_json(run.history)}});
  }
  const json document = {{"fieldscope", format_version},
                         {"dataset", dataset_to_json(*experiment.dataset)},
                         {"pacing", pacing_name(experiment.pacing)},
                         {"runs", runs}};
  // Written beside and renamed, so that a failure half-way leaves what was there.
  fs::path part = folder, old = folder;
  part += ".part";
  old += ".old";
  std::error_code ignored;
  try {
    fs::remove_all(part);
    fs::create_directories(part);
    for (std::size_t i = 0; i < experiment.runs.size(); ++i)
      write_weights(part / weights_file(i), experiment.runs[i], *experiment.dataset);
    const auto* views = dynamic_cast<const PosedViews*>(experiment.dataset.get());
    if (experiment.camera_path && views)
      write_camera_path(part / path_file, *experiment.camera_path, views->frame);
    write_file(part / "experiment.json", document.dump(1));
    fs::remove_all(old);
    if (fs::exists(folder)) fs::rename(folder, old);
    fs::rename(part, folder);
    fs::remove_all(old);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(part, ignored);
    throw DataError("cannot save '" + folder.string() + "': " + error.code().message() +
                    "; choose another place or free some space");
  }
}

SavedExperiment read_experiment(const fs::path& folder) {
  const fs::path file = folder / "experiment.json";
  if (std::error_code ignored; !fs::exists(file, ignored))
    throw DataError("cannot read '" + folder.string() +
                    "': it has no experiment.json; give a folder that Fieldscope saved");
  const std::string text = read_whole_file(file, "the saved experiment", most_bytes);
  if (nests_too_deeply(text))
    throw DataError("cannot read '" + file.string() + "': it is damaged or not Fieldscope's");
  SavedExperiment experiment;
  try {
    const json document = json::parse(text);
    if (document.at("fieldscope").get<int>() != format_version)
      throw DataError("cannot read '" + folder.string() +
                      "': it was saved by another version (format " +
                      document.at("fieldscope").dump() + ", this program reads " +
                      std::to_string(format_version) + ")");
    experiment.dataset = dataset_from_json(document.at("dataset"));
    for (Pacing pacing : pacings)
      if (document.at("pacing") == pacing_name(pacing)) experiment.pacing = pacing;
    for (const json& j : document.at("runs")) {
      Checkpoint run;
      run.initial = config_from_json(j.at("initial"));
      for (const json& edit : j.at("edits")) run.edits.push_back(edit_from_json(edit));
      run.config = config_from_json(j.at("config"));
      for (const RunConfig* config : {&run.initial, &run.config})
        if (config->task != experiment.dataset->task())
          throw UsageError("its runs do not learn the task of its dataset");
      run.progress = progress_from_json(j.at("progress"));
      run.optimizer_step = j.at("optimizer_step").get<std::uint64_t>();
      run.history = history_from_json(j.at("history"));
      // Only the name: a saved experiment must not make us read files elsewhere.
      const fs::path weights = fs::path(j.at("weights").get<std::string>()).filename();
      read_weights(folder / weights, run, *experiment.dataset);
      experiment.runs.push_back(std::move(run));
    }
  } catch (const json::exception& error) {
    throw DataError("cannot read '" + file.string() + "': " + error.what() +
                    "; the file is damaged or not Fieldscope's");
  } catch (const UsageError& error) {
    throw DataError("cannot read '" + file.string() + "': " + error.what());
  }
  const auto* views = dynamic_cast<const PosedViews*>(experiment.dataset.get());
  if (std::error_code ignored; views && fs::exists(folder / path_file, ignored))
    experiment.camera_path = read_camera_path(folder / path_file, views->frame);
  return experiment;
}

Session replay(const Checkpoint& saved, std::shared_ptr<const Dataset> dataset,
               std::shared_ptr<ThreadPool> pool,
               const std::function<void(const Session&)>& after_step, const std::string& device) {
  RunConfig initial = saved.initial;
  if (!device.empty()) initial.device = device;
  Session session(initial, std::move(dataset), std::move(pool));
  for (const RecordedEdit& recorded : saved.edits)
    if (const auto* back = std::get_if<GoBack>(&recorded.edit)) session.keep_before(back->step);
  std::size_t next = 0;
  for (;;) {
    for (; next < saved.edits.size() && saved.edits[next].step == session.progress().step; ++next)
      if (device.empty() || !std::holds_alternative<MoveTo>(saved.edits[next].edit))
        session.apply(saved.edits[next].edit);
    const bool done = session.progress().step >= saved.progress.step;
    if (done)
      session.settle();
    else
      session.step();
    if (session.diverged())
      throw std::runtime_error("the replay diverged at step " +
                               std::to_string(session.progress().step));
    if (done) return session;
    if (after_step) after_step(session);
  }
}

}  // namespace fieldscope
