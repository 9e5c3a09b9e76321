#include "app/gui/workspace.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include "engine/math/error.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

std::string optimizer_name(const RunConfig& config) {
  return std::string(find_optimizer(config.optimizer.id).name);
}

std::vector<std::string> dataset_extensions() {
  std::vector<std::string> all = image_extensions();
  all.insert(all.end(), mesh_extensions().begin(), mesh_extensions().end());
  all.insert(all.end(), {".json", ".npy"});  // of posed views
  return all;
}

std::string activation_name(const RunConfig& config) {
  return std::string(find_activation(config.field.activation).name);
}

// A run that was switched keeps its beginning in its name: two runs that are both Adam now, one
// after ESGD, are not the same.
std::string changed_name(const std::string& first, const std::string& now, bool and_back) {
  if (first.empty() || (first == now && !and_back)) return now;
  return first == now ? first + "→…→" + now : first + "→" + now;
}

constexpr const char* why_stopped =
    "Its loss is not finite. Lower the learning rate or switch the optimizer: it then goes back to "
    "where it still learned. Or start again.";

bool cannot_go_on(const RunView& run) {
  return run.snapshot->status == RunStatus::diverged || run.snapshot->status == RunStatus::failed;
}

bool was_switched(const Snapshot& snapshot) {
  return std::any_of(snapshot.edits.begin(), snapshot.edits.end(),
                     [&](const RecordedEdit& recorded) {
                       const auto* change = std::get_if<SwitchOptimizer>(&recorded.edit);
                       return change && change->optimizer.id != snapshot.initial.optimizer.id;
                     });
}

}  // namespace

int Workspace::threads_of(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Workspace::Workspace(std::shared_ptr<const Dataset> dataset, const std::vector<RunConfig>& configs,
                     int threads, const std::string& device, Settings remembered,
                     std::function<void()> wake)
    : settings(std::move(remembered)),
      open_dialog(dataset_extensions(), is_openable_folder),
      wake_(std::move(wake)),
      threads_(threads_of(threads)),
      dataset_(std::move(dataset)),
      device_(device) {
  for (int i = 0; i < x_axis_count; ++i)
    if (settings.x_axis == x_axis_id(static_cast<XAxis>(i))) x_axis = static_cast<XAxis>(i);
  if (picture()) longest_side_ = std::max(picture()->image.width, picture()->image.height);
  Experiment::Settings how;
  how.threads = threads;
  how.on_snapshot = wake_;
  experiment_ = std::make_unique<Experiment>(dataset_, how);
  for (const auto& config : configs) experiment_->add(config);
  sync_runs();
  begin_meshes();
  begin_scene();
  if (!runs_.empty()) selected_ = runs_.front()->id;
  // Finding GPUs may take a second, and nobody waits for it here.
  looking_for_gpus_ = std::async(std::launch::async, [wake = wake_] {
    cuda_devices();
    wake();
  });
}

const CudaDevices* Workspace::gpus() const {
  const bool found =
      looking_for_gpus_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  return found ? &cuda_devices() : nullptr;
}

std::vector<std::string> Workspace::devices_in_use() const {
  std::vector<std::string> used;
  for (const auto& run : runs_) {
    const std::string& device = run->snapshot->config.device;
    if (std::find(used.begin(), used.end(), device) == used.end()) used.push_back(device);
  }
  return used;
}

Workspace::~Workspace() {
  autosave_.finish(*experiment_, state_number(), steady_seconds());
  jobs_.clear();  // waits for files being written, which may still ask the experiment
}

void Workspace::collect() {
  finish_loading();
  finish_loading_saved();
  finish_loading_path();
  finish_video();
  finish_jobs();
  sync_runs();
  keep_session();
  upload_pictures();
  tend_meshes();
  tend_scene();
  name_runs();
  choose_limit();
  tell_failures();
  follow_interval();
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
        if (other && std::find(ids.begin(), ids.end(), other->id) != ids.end())
          used[static_cast<std::size_t>(other->colour)] = true;
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
  const double now = steady_seconds();
  for (auto& run : runs_) {
    run->snapshot = &experiment_->latest(run->id);
    run->take_look();
    run->note_progress(now);
  }
  if (!find(selected_) && !runs_.empty()) selected_ = runs_.front()->id;
  if (full_tile > static_cast<int>(runs_.size())) full_tile = -1;
}

bool Workspace::shows_errors() const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [this](const auto& run) { return view_of(*run) != ViewMode::reconstruction; });
}

void Workspace::upload_pictures() {
  const bool values = shows_errors();
  if (!picture()) return;
  const Image& image = picture()->image;
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
    const int width = picture->width, height = picture->height, channels = picture->channels;
    const DevicePicture* const device = run->snapshot->device_picture.get();
    using Form = DevicePicture::Form;
    gl::Texture &display = run->texture.display, &numbers = run->texture.values;
    if (run->picture != picture &&
        !device_uploads_.to_texture(device, Form::display, width, height, channels, display))
      display.upload_display(picture->pixels, width, height, channels);
    run->picture = picture;
    if (!values || run->values_of == picture) continue;
    if (!device_uploads_.to_texture(device, Form::values, width, height, channels, numbers))
      numbers.upload(std::span<const float>(picture->pixels), width, height, channels);
    run->values_of = picture;
  }
}

void Workspace::name_runs() {
  std::map<std::string, int> seen;
  for (auto& run : runs_) {
    const RunConfig &now = run->snapshot->config, &first = run->snapshot->initial;
    const std::string name =
        changed_name(optimizer_name(first), optimizer_name(now), was_switched(*run->snapshot));
    const int count = ++seen[name];
    run->short_name = count == 1 ? name : name + " " + std::to_string(count);
    const std::string activation = activation_name(now);
    run->label = run->short_name + " · " + changed_name(activation_name(first), activation, false);
    run->label_now = run->short_name + " · " + activation;
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
    if (snapshot.refusals > run->refusals_told)
      trouble(run->label + " goes on unchanged", snapshot.refusal);
    run->refusals_told = snapshot.refusals;
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
  return run.snapshot->quality->score();
}

std::optional<double> Workspace::lead(const RunView& run) const {
  const auto competes = [](const RunView& one) { return !cannot_go_on(one) && !one.looks.empty(); };
  if (!competes(run)) return std::nullopt;
  const XAxis axis = pacing() == Pacing::by_seconds ? XAxis::seconds : XAxis::step;
  std::optional<double> least;
  for (const auto& other : runs_) {
    if (other.get() == &run || !competes(*other)) continue;
    const double x =
        std::min(on_axis(run.looks.back().at, axis), on_axis(other->looks.back().at, axis));
    const auto mine = run.quality_at(x, axis), theirs = other->quality_at(x, axis);
    if (!mine || !theirs) continue;
    least = std::min(least.value_or(*mine - *theirs), *mine - *theirs);
  }
  // What rounds to nothing is no lead.
  const double half_a_digit = 0.5 * std::pow(10, -task_info(task()).digits);
  if (!least || !(std::fabs(*least) >= half_a_digit)) return std::nullopt;
  return least;
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
  if (any_running()) {
    experiment_->post_all(Pause{});
    return;
  }
  experiment_->post_all(Resume{});
  if (!runs_.empty() &&
      std::all_of(runs_.begin(), runs_.end(), [](const auto& run) { return cannot_go_on(*run); }))
    toasts.add({Toasts::Kind::info, "Nothing can go on", why_stopped, "Reset all",
                [this] { reset_all(); }, 0, 0, 0});
}

void Workspace::toggle_pause(RunId id) {
  const RunView* run = find(id);
  if (!run) return;
  const RunStatus status = run->snapshot->status;
  if (status == RunStatus::running || status == RunStatus::waiting)
    experiment_->post(id, Pause{});
  else
    experiment_->post(id, Resume{});
  if (status != RunStatus::diverged) return;
  const auto rate = rate_to_go_on_with(*run);
  toasts.add({Toasts::Kind::info, run->label + " cannot go on", why_stopped,
              rate ? "Go back, lr " + *rate : "Reset it",
              [this, id, back = rate.has_value()] { back ? go_back(id) : reset(id); }, 0, 0, 0});
}

void Workspace::step_once() {
  experiment_->post_all(StepOnce{1});
}

void Workspace::reset_all() {
  const std::vector<RunId> ids = experiment_->runs();
  if (ids.empty()) return;
  restart(ids, "Every run");
  for (auto& plot : plots) plot.fit();
  curvature.fit();
}

void Workspace::reset(RunId id) {
  if (const RunView* run = find(id)) restart({id}, run->label);
}

void Workspace::restart(const std::vector<RunId>& ids, const std::string& who) {
  for (const RunId id : ids) experiment_->post(id, Reset{});
  offer_undo(who + " starts again", "From its initial weights.", [this, ids] {
    for (const RunId id : ids)
      if (experiment_->contains(id)) experiment_->post(id, UndoReset{});
  });
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
    config.task = task();
    config.device = device_;
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
                                   : preset_optimizer_for(config, optimizer);
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
  offer_undo(label + " removed", "", [this, id] {
    if (experiment_->undo_remove(id)) selected_ = id;
  });
}

void Workspace::offer_undo(const std::string& title, const std::string& text,
                           std::function<void()> action) {
  const std::uint64_t toast = toasts.add({Toasts::Kind::info, title, text, "Undo", {}, 0, 0, 0});
  toasts.act(toast, [this, toast] { undo(toast); });
  undo_.push_back({toast, std::move(action)});
  if (undo_.size() > Experiment::most_removed) forget_undo(undo_.front().toast);
}

void Workspace::forget_undo(std::uint64_t toast) {
  toasts.dismiss(toast);
  std::erase_if(undo_, [toast](const Undo& item) { return item.toast == toast; });
}

void Workspace::undo() {
  if (!undo_.empty()) undo(undo_.back().toast);
}

void Workspace::undo(std::uint64_t toast) {
  const auto item = std::find_if(undo_.begin(), undo_.end(),
                                 [toast](const Undo& one) { return one.toast == toast; });
  if (item == undo_.end()) return;
  const std::function<void()> action = item->action;
  forget_undo(toast);
  action();
}

}  // namespace fieldscope::gui
