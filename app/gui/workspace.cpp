#include "app/gui/workspace.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <thread>

#include "app/gui/format.h"
#include "app/gui/open_folder.h"
#include "engine/experiment/presets.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

template <typename T>
bool ready(const std::future<T>& future) {
  return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

// Runs `work` beside the window and wakes it at the end, whether that went well or not.
template <typename T>
std::future<T> in_background_thread(std::function<T()> work, std::function<void()> wake) {
  return std::async(std::launch::async, [work = std::move(work), wake = std::move(wake)] {
    struct Wake {
      const std::function<void()>& call;
      ~Wake() { call(); }
    } at_end{wake};
    return work();
  });
}

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &local);
  return text;
}

std::string optimizer_name(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name);
}

std::string activation_name(const RunConfig& config) {
  return std::string(find_activation(config.field.activation).name);
}

// A run that was switched keeps its beginning in its name: two runs that are both Adam now, one
// after ESGD, are not the same.
std::string changed_name(const std::string& first, const std::string& now) {
  return first == now || first.empty() ? now : first + "→" + now;
}

}  // namespace

int Workspace::threads_of(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Workspace::Workspace(std::shared_ptr<const ImageDataset> dataset,
                     const std::vector<RunConfig>& configs, int threads, Settings remembered,
                     std::function<void()> wake)
    : settings(std::move(remembered)),
      open_dialog(image_extensions()),
      wake_(std::move(wake)),
      threads_(threads_of(threads)),
      dataset_(std::move(dataset)) {
  for (int i = 0; i < x_axis_count; ++i)
    if (settings.x_axis == x_axis_id(static_cast<XAxis>(i))) x_axis = static_cast<XAxis>(i);
  longest_side_ = std::max(dataset_->image.width, dataset_->image.height);
  Experiment::Settings how;
  how.threads = threads;
  how.on_snapshot = wake_;
  experiment_ = std::make_unique<Experiment>(dataset_, how);
  for (const auto& config : configs) experiment_->add(config);
  sync_runs();
  if (!runs_.empty()) selected_ = runs_.front()->id;
}

Workspace::~Workspace() {
  jobs_.clear();  // waits for files being written, which may still ask the experiment
}

void Workspace::collect() {
  finish_loading();
  finish_loading_saved();
  finish_jobs();
  sync_runs();
  upload_pictures();
  name_runs();
  choose_limit();
  tell_failures();
}

void Workspace::sync_runs() {
  const std::vector<RunId> ids = experiment_->runs();
  std::vector<std::unique_ptr<RunView>> next;
  for (const RunId id : ids) {
    const auto same = [id](const std::unique_ptr<RunView>& run) { return run && run->id == id; };
    auto found = std::find_if(runs_.begin(), runs_.end(), same);
    auto gone = std::find_if(removed_.begin(), removed_.end(), same);
    if (found != runs_.end()) {
      next.push_back(std::move(*found));
    } else if (gone != removed_.end()) {
      next.push_back(std::move(*gone));  // a removal undone keeps its colour
    } else {
      auto run = std::make_unique<RunView>();
      run->id = id;
      std::vector<bool> used(run_colour_count, false);
      for (const auto& other : runs_)
        if (other) used[static_cast<std::size_t>(other->colour)] = true;
      for (const auto& other : next) used[static_cast<std::size_t>(other->colour)] = true;
      const auto free = std::find(used.begin(), used.end(), false);
      run->colour = free == used.end() ? static_cast<int>(id) % run_colour_count
                                       : static_cast<int>(free - used.begin());
      next.push_back(std::move(run));
    }
  }
  std::erase(removed_, nullptr);
  for (auto& run : runs_)
    if (run) removed_.push_back(std::move(run));
  runs_ = std::move(next);
  for (auto& run : runs_) run->snapshot = &experiment_->latest(run->id);
  if (!find(selected_) && !runs_.empty()) selected_ = runs_.front()->id;
  if (full_tile > static_cast<int>(runs_.size())) full_tile = -1;
}

bool Workspace::shows_errors() const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [this](const auto& run) { return view_of(*run) != ViewMode::reconstruction; });
}

void Workspace::upload_pictures() {
  const bool values = shows_errors();
  const Image& image = dataset_->image;
  if (truth_serial_ != dataset_serial_)
    truth.display.upload_display(image.pixels, image.width, image.height, image.channels);
  truth_serial_ = dataset_serial_;
  if (values && truth_values_serial_ != dataset_serial_) {
    truth.values.upload(std::span<const float>(image.pixels), image.width, image.height,
                        image.channels);
    truth_values_serial_ = dataset_serial_;
  }
  for (auto& run : runs_) {
    const auto& picture = run->snapshot->picture;
    if (!picture || picture->pixels.empty()) {
      run->picture.reset();
      run->texture = {};
      run->values_of.reset();
      continue;
    }
    if (run->picture != picture)
      run->texture.display.upload_display(picture->pixels, picture->width, picture->height,
                                          picture->channels);
    run->picture = picture;
    if (!values || run->values_of == picture) continue;
    run->texture.values.upload(std::span<const float>(picture->pixels), picture->width,
                               picture->height, picture->channels);
    run->values_of = picture;
  }
}

void Workspace::name_runs() {
  std::map<std::string, int> seen, seen_short;
  for (auto& run : runs_) {
    const RunConfig &now = run->snapshot->config, &first = run->snapshot->initial;
    const std::string name = changed_name(optimizer_name(first), optimizer_name(now));
    const std::string label =
        name + " · " + changed_name(activation_name(first), activation_name(now));
    const int count = ++seen[label];
    run->label = count == 1 ? label : label + " (" + std::to_string(count) + ")";
    const int same = ++seen_short[name];
    run->short_name = same == 1 ? name : name + " (" + std::to_string(same) + ")";
  }
}

void Workspace::choose_limit() {
  // A few times the root-mean-square error of the typical run (a diverged one must not turn the
  // others invisible), on a 1-2-5 ladder so that it changes seldom.
  std::vector<double> errors;
  for (const auto& run : runs_)
    if (run->snapshot->quality && std::isfinite(run->snapshot->quality->mse))
      errors.push_back(std::sqrt(run->snapshot->quality->mse));
  if (errors.empty()) return;
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>((errors.size() - 1) / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  const double wanted = std::clamp(3 * *middle, 0.005, 1.0);
  const double decade = std::pow(10.0, std::floor(std::log10(wanted)));
  double limit = 10 * decade;
  for (const double multiple : {1.0, 2.0, 5.0})
    if (multiple * decade >= wanted) {
      limit = multiple * decade;
      break;
    }
  automatic_limit_ = static_cast<float>(std::min(limit, 1.0));
}

void Workspace::tell_failures() {
  for (auto& run : runs_) {
    const Snapshot& snapshot = *run->snapshot;
    if (snapshot.status != RunStatus::failed || snapshot.message == run->trouble_told) continue;
    run->trouble_told = snapshot.message;
    const RunId id = run->id;
    trouble(run->label + " stopped", snapshot.message, "Reset it", [this, id] { reset(id); });
  }
}

RunView* Workspace::find(RunId id) {
  for (auto& run : runs_)
    if (run->id == id) return run.get();
  return nullptr;
}

RunView* Workspace::selected() {
  return find(selected_);
}

bool Workspace::any_running() const {
  return std::any_of(runs_.begin(), runs_.end(), [](const auto& run) {
    const RunStatus status = run->snapshot->status;
    return status == RunStatus::running || status == RunStatus::waiting ||
           status == RunStatus::starting;
  });
}

std::optional<double> Workspace::quality(const RunView& run) const {
  if (!run.snapshot->quality) return std::nullopt;
  return run.snapshot->quality->psnr;
}

const RunView* Workspace::reference_of(const RunView& run) const {
  const RunView* first = nullptr;
  for (const auto& other : runs_) {
    if (other->id == run.id) continue;
    if (other->id == reference_run) return other.get();
    if (!first) first = other.get();
  }
  return first;
}

void Workspace::guarded(const std::string& what, const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& problem) {
    trouble(what, problem.what());
  }
}

void Workspace::trouble(const std::string& title, const std::string& text,
                        const std::string& action, std::function<void()> act) {
  toasts.add({Toasts::Kind::trouble, title, text, action, std::move(act), 0, 0, 0});
}

void Workspace::toggle_pause_all() {
  if (any_running())
    experiment_->post_all(Pause{});
  else
    experiment_->post_all(Resume{});
}

void Workspace::toggle_pause(RunId id) {
  const RunView* run = find(id);
  if (!run) return;
  const RunStatus status = run->snapshot->status;
  if (status == RunStatus::running || status == RunStatus::waiting)
    experiment_->post(id, Pause{});
  else
    experiment_->post(id, Resume{});
}

void Workspace::step_once() {
  experiment_->post_all(StepOnce{1});
}

void Workspace::reset_all() {
  Undo item;
  for (const auto& run : runs_) item.runs.push_back(run->id);
  experiment_->post_all(Reset{});
  for (auto& plot : plots) plot.fit();
  undo_.push_back(item);
  toasts.add({Toasts::Kind::info, "Every run starts again", "From its initial weights.", "Undo",
              [this] { undo(); }, 0, 0, 0});
}

void Workspace::reset(RunId id) {
  if (!find(id)) return;
  experiment_->post(id, Reset{});
  undo_.push_back({false, {id}});
  toasts.add({Toasts::Kind::info, find(id)->label + " starts again", "From its initial weights.",
              "Undo", [this] { undo(); }, 0, 0, 0});
}

bool Workspace::room_for_run() {
  if (runs_.size() < most_runs) return true;
  toasts.add({Toasts::Kind::info,
              "Eight runs at most",
              "Remove one to make room for another.",
              "",
              {},
              0,
              0,
              0});
  return false;
}

RunId Workspace::added(RunId id) {
  selected_ = id;  // joins the list with the next collect()
  return id;
}

RunId Workspace::add_run(const std::string& optimizer) {
  RunId id = 0;
  if (!room_for_run()) return id;
  guarded("No new run", [&] {
    RunConfig config;
    if (const RunView* like = selected()) {
      config = like->snapshot->config;
      config.optimizer = {};
    }
    config.optimizer.id = optimizer;
    config.optimizer.knobs.clear();
    id = added(experiment_->add(resolve_config(config)));
  });
  return id;
}

RunId Workspace::fork(RunId parent, const std::string& optimizer) {
  RunId id = 0;
  const RunView* run = find(parent);
  if (!run || !room_for_run()) return id;
  guarded("Not forked", [&] {
    const RunConfig& config = run->snapshot->config;
    const OptimizerSpec spec = optimizer == config.optimizer.id
                                   ? config.optimizer
                                   : preset_optimizer(optimizer, config.field.activation);
    id = added(experiment_->fork(parent, spec));
  });
  return id;
}

RunId Workspace::duplicate(RunId parent) {
  RunId id = 0;
  if (!find(parent) || !room_for_run()) return id;
  guarded("Not duplicated", [&] { id = added(experiment_->duplicate(parent)); });
  return id;
}

void Workspace::remove(RunId id) {
  const RunView* run = find(id);
  if (!run) return;
  const std::string label = run->label;
  experiment_->remove(id);
  // Only the newest removal can be undone: the engine keeps one.
  std::erase_if(undo_, [](const Undo& item) { return item.removal; });
  undo_.push_back({true, {id}});
  toasts.add({Toasts::Kind::info, label + " removed", "", "Undo", [this] { undo(); }, 0, 0, 0});
}

void Workspace::undo() {
  if (undo_.empty()) return;
  const Undo item = undo_.back();
  undo_.pop_back();
  if (item.removal) {
    if (const RunId id = experiment_->undo_remove()) selected_ = id;
    return;
  }
  for (const RunId id : item.runs)
    if (experiment_->contains(id)) experiment_->post(id, UndoReset{});
}

void Workspace::switch_optimizer(RunId id, const std::string& optimizer) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.optimizer.id == optimizer) return;
  guarded("Optimizer not changed", [&] {
    const auto spec = preset_optimizer(optimizer, run->snapshot->config.field.activation);
    experiment_->post(id, Edit(SwitchOptimizer{spec}));
  });
}

void Workspace::switch_activation(RunId id, const std::string& activation) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.field.activation == activation) return;
  guarded("Activation not changed", [&] {
    FieldSpec spec;
    spec.activation = activation;
    spec.hidden = run->snapshot->config.field.hidden;
    experiment_->post(id, Edit(SwitchActivation{resolve_field(spec)}));
  });
}

void Workspace::set_layers(RunId id, const std::vector<int>& hidden) {
  const RunView* run = find(id);
  if (!run || run->snapshot->config.field.hidden == hidden) return;
  guarded("Layers not changed", [&] {
    FieldSpec spec = run->snapshot->config.field;
    spec.hidden = hidden;
    experiment_->post(id, Edit(SwitchActivation{resolve_field(spec)}));
  });
}

void Workspace::set_knob(RunId id, SetKnob::Target target, const std::string& knob, double value) {
  if (find(id)) experiment_->post(id, Edit(SetKnob{target, knob, value}));
}

void Workspace::set_pacing(Pacing pacing) {
  experiment_->set_pacing(pacing);
}

void Workspace::start_loading(std::string name, std::function<Loaded()> work,
                              std::filesystem::path path) {
  if (loading()) {
    toasts.add({Toasts::Kind::info,
                "Still reading " + load_name_,
                "Try again in a moment.",
                "",
                {},
                0,
                0,
                0});
    return;
  }
  load_name_ = std::move(name);
  load_path_ = std::move(path);
  load_ = in_background_thread(std::move(work), wake_);
}

bool Workspace::is_saved_experiment(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path / "experiment.json", error);
}

void Workspace::open_path(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (is_saved_experiment(path)) {
    if (loading()) return;
    load_name_ = name;
    load_path_ = path;
    saved_load_ = in_background_thread(
        std::function<SavedExperiment()>([path] { return read_experiment(path); }), wake_);
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    trouble("Cannot open " + name,
            "It is a folder, and no saved experiment; drop a picture file instead.");
    return;
  }
  const int longest = longest_side_;
  start_loading(
      name, [path, longest] { return load_image_dataset(path, 0, 0, longest); }, path);
}

void Workspace::adopt(const SavedExperiment& saved) {
  experiment_->load(saved);
  longest_side_ = std::max(saved.dataset->image.width, saved.dataset->image.height);
  show_dataset(saved.dataset);
}

void Workspace::show_dataset(Loaded dataset) {
  dataset_ = std::move(dataset);
  ++dataset_serial_;
  undo_.clear();
  zoom = {};
  for (auto& plot : plots) plot.fit();
  for (auto& run : runs_) run->own_zoom.reset();
}

void Workspace::finish_loading_saved() {
  if (!ready(saved_load_)) return;
  try {
    adopt(saved_load_.get());
    toasts.add({Toasts::Kind::info,
                "Opened " + load_name_,
                "Paused as it was saved; Space goes on.",
                "",
                {},
                0,
                0,
                0});
  } catch (const std::exception& problem) {
    trouble("Cannot open " + load_name_, problem.what());
  }
}

void Workspace::open_demo() {
  const int longest = longest_side_;
  start_loading("the demo picture", [longest] { return demo_image_dataset(longest); }, {});
}

void Workspace::set_longest_side(int pixels) {
  if (pixels == longest_side_ || loading()) return;
  longest_side_ = pixels;
  if (dataset_->path.empty())
    open_demo();
  else
    open_path(dataset_->path);
}

void Workspace::finish_loading() {
  if (!ready(load_)) return;
  try {
    auto loaded = load_.get();
    experiment_->set_dataset(loaded);
    show_dataset(std::move(loaded));
    if (!load_path_.empty()) {
      settings.last_folder = load_path_.parent_path().string();
      toasts.add({Toasts::Kind::info,
                  "Learning " + dataset_->name,
                  std::to_string(dataset_->image.width) + " × " +
                      std::to_string(dataset_->image.height) +
                      " pixels. Every run starts again from its initial weights.",
                  "",
                  {},
                  5,
                  0,
                  0});
    }
  } catch (const std::exception& problem) {
    const auto path = load_path_;
    trouble("Cannot open " + load_name_, problem.what(), path.empty() ? "" : "Retry",
            [this, path] { open_path(path); });
  }
}

void Workspace::in_background(std::string title, std::function<std::filesystem::path()> work) {
  Job job;
  job.title = std::move(title);
  job.done = in_background_thread(std::move(work), wake_);
  jobs_.push_back(std::move(job));
}

void Workspace::save_experiment() {
  guarded("Not saved", [this] {
    std::string name = std::filesystem::path(dataset_->name).stem().string();
    for (char& c : name)
      if (c == ' ' || c == '/') c = '-';
    std::filesystem::create_directories(export_folder());
    Job job;
    job.title = "Experiment saved";
    job.saves_experiment = true;
    job.done = experiment_->save(export_folder() / (name + "-" + stamp() + ".fieldscope"));
    jobs_.push_back(std::move(job));
  });
}

void Workspace::finish_jobs() {
  for (auto& job : jobs_) {
    if (!ready(job.done)) continue;
    try {
      const auto path = job.done.get();
      if (job.saves_experiment) saved_at_ = format_clock_now();
      toasts.add({Toasts::Kind::saved, job.title, path.string(), "Open folder",
                  [folder = path.parent_path()] { open_folder(folder); }, 0, 0, 0});
    } catch (const std::exception& problem) {
      trouble("Not saved", problem.what());
    }
  }
  std::erase_if(jobs_, [](const Job& job) { return !job.done.valid(); });
}

}  // namespace fieldscope::gui
