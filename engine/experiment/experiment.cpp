#include "engine/experiment/experiment.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/experiment/pacer.h"
#include "engine/experiment/presets.h"
#include "engine/experiment/run.h"
#include "engine/experiment/saved.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope {

namespace {

/// Whether a run trains now, or will as soon as it has started.
bool trains(Run& run) {
  const RunStatus status = run.latest().status;
  if (status == RunStatus::starting) return !run.starts_paused();
  return status == RunStatus::running || status == RunStatus::waiting;
}

}  // namespace

struct Experiment::Entry {
  RunId id = 0;
  std::unique_ptr<Run> run;

  Entry(RunId run_id, Run::Origin origin, Experiment& experiment, bool paused)
      : id(run_id),
        run(std::make_unique<Run>(
            std::move(origin),
            Run::Setting{experiment.next_worker_++, experiment.dataset_, experiment.pool_,
                         experiment.pacer_, experiment.surfaces_, experiment.settings_.on_snapshot,
                         paused})) {}
};

struct Experiment::Removed {
  std::unique_ptr<Entry> entry;
  bool was_running = false;
};

Experiment::Experiment(std::shared_ptr<const Dataset> dataset, Settings settings)
    : dataset_(std::move(dataset)),
      settings_(std::move(settings)),
      pool_(std::make_shared<ThreadPool>(settings_.threads, Run::niceness)),
      pacer_(std::make_shared<Pacer>(settings_.pacing)) {}

Experiment::~Experiment() {
  post_all(Stop{});  // all at once, so that their last steps end together
}

RunId Experiment::insert(std::unique_ptr<Entry> entry) {
  entries_.push_back(std::move(entry));
  return entries_.back()->id;
}

RunId Experiment::add(const RunConfig& config) {
  const RunConfig resolved = config_for_task(resolve_config(config), dataset_->task());
  return insert(std::make_unique<Entry>(next_id_++, resolved, *this, settings_.start_paused));
}

RunId Experiment::fork(RunId parent, const OptimizerSpec& optimizer) {
  Entry& from = entry(parent);
  const Snapshot& now = from.run->latest();
  Run::Forked forked;
  forked.expected = now.config;
  forked.expected.optimizer =
      resolve_optimizer(optimizer, now.config.field.activation, loss_of(now.config.task));
  forked.optimizer = forked.expected.optimizer;
  forked.parent = from.run->checkpoint();
  const bool paused = now.status == RunStatus::paused ||
                      (now.status == RunStatus::starting && from.run->starts_paused());
  return insert(std::make_unique<Entry>(next_id_++, std::move(forked), *this, paused));
}

RunId Experiment::duplicate(RunId parent) {
  return add(entry(parent).run->latest().config);
}

void Experiment::retire(std::unique_ptr<Run> run) {
  run->post(Stop{});
  retired_.push_back(std::move(run));
  std::erase_if(retired_, [](const auto& old) { return old->ended(); });
}

void Experiment::retire_removed() {
  for (Removed& removed : removed_) retire(std::move(removed.entry->run));
  removed_.clear();
}

void Experiment::remove(RunId run) {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e->id == run; });
  if (at == entries_.end()) return;
  const bool was_running = trains(*(*at)->run);
  (*at)->run->post(Pause{});
  removed_.push_back({std::move(*at), was_running});
  entries_.erase(at);
  if (removed_.size() <= most_removed) return;
  retire(std::move(removed_.front().entry->run));
  removed_.erase(removed_.begin());
}

bool Experiment::undo_remove(RunId run) {
  const auto at = std::find_if(removed_.begin(), removed_.end(),
                               [&](const Removed& removed) { return removed.entry->id == run; });
  if (at == removed_.end()) return false;
  if (at->was_running) at->entry->run->post(Resume{});
  // Runs stand in the order in which they were added.
  const auto place =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e->id > run; });
  entries_.insert(place, std::move(at->entry));
  removed_.erase(at);
  return true;
}

RunId Experiment::undo_remove() {
  if (removed_.empty()) return 0;
  const RunId id = removed_.back().entry->id;
  undo_remove(id);
  return id;
}

void Experiment::post(RunId run, const Command& command) {
  entry(run).run->post(command);
}

void Experiment::post_all(const Command& command) {
  for (const auto& e : entries_) e->run->post(command);
}

void Experiment::draw_landscape(RunId run, const LandscapeSettings& settings, RunId other,
                                double duty) {
  DrawLandscape command;
  command.duty = duty;
  command.settings = settings;
  if (settings.kind == LandscapeKind::path) command.other = entry(other).run->checkpoint();
  post(run, command);
}

std::shared_future<FrozenField> Experiment::frozen_field(RunId run) {
  return entry(run).run->frozen_field();
}

std::vector<RunId> Experiment::runs() const {
  std::vector<RunId> ids;
  for (const auto& e : entries_) ids.push_back(e->id);
  return ids;
}

bool Experiment::contains(RunId run) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& e) { return e->id == run; });
}

const Snapshot& Experiment::latest(RunId run) {
  return entry(run).run->latest();
}

void Experiment::set_dataset(std::shared_ptr<const Dataset> dataset) {
  dataset_ = std::move(dataset);
  camera_path_.reset();
  // Removed runs belong to the old dataset.
  retire_removed();
  std::vector<RunConfig> configs;
  for (const auto& e : entries_) configs.push_back(e->run->latest().config);
  configs = runs_for_task(configs, dataset_->task());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto& e = entries_[i];
    retire(std::move(e->run));
    e = std::make_unique<Entry>(e->id, configs[i], *this, settings_.start_paused);
  }
}

void Experiment::set_pacing(Pacing pacing) {
  pacer_->set_pacing(pacing);
}
Pacing Experiment::pacing() const {
  return pacer_->pacing();
}

std::future<std::filesystem::path> Experiment::save(const std::filesystem::path& folder) {
  std::vector<std::shared_future<Checkpoint>> checkpoints;
  for (const auto& e : entries_) checkpoints.push_back(e->run->checkpoint());
  return std::async(std::launch::async,
                    [folder, checkpoints = std::move(checkpoints), dataset = dataset_,
                     pacing = pacing(), path = camera_path_] {
                      SavedExperiment saved;
                      saved.dataset = dataset;
                      saved.pacing = pacing;
                      saved.camera_path = path;
                      std::string problem;
                      for (const auto& checkpoint : checkpoints) {
                        try {
                          saved.runs.push_back(checkpoint.get());
                        } catch (const std::exception& failed) {
                          problem = failed.what();
                        }
                      }
                      if (saved.runs.empty() && !checkpoints.empty())
                        throw DataError("cannot save '" + folder.string() +
                                        "': no run has a state to save; " + problem);
                      write_experiment(folder, saved);
                      return folder;
                    });
}

std::vector<RunId> Experiment::load(const SavedExperiment& saved) {
  dataset_ = saved.dataset;
  camera_path_ = saved.camera_path;
  set_pacing(saved.pacing);
  retire_removed();
  for (auto& e : entries_) {
    retire(std::move(e->run));
  }
  entries_.clear();
  std::vector<RunId> ids;
  for (const Checkpoint& run : saved.runs)
    ids.push_back(insert(std::make_unique<Entry>(next_id_++, run, *this, true)));
  return ids;
}

Experiment::Entry& Experiment::entry(RunId run) {
  for (const auto& e : entries_)
    if (e->id == run) return *e;
  throw std::logic_error("Experiment: there is no run " + std::to_string(run));
}

}  // namespace fieldscope
