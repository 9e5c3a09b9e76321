// The part of the Workspace that reads and writes files, always beside the window's own thread.
#include <algorithm>
#include <chrono>
#include <utility>

#include "app/gui/format.h"
#include "app/gui/future.h"
#include "app/gui/open_folder.h"
#include "app/gui/workspace.h"
#include "engine/experiment/presets.h"

namespace fieldscope::gui {
namespace {

// "35,947 triangles. Open: 223 boundary edges; what is inside is decided by winding number."
std::string what_was_opened(const Dataset& dataset) {
  std::string text = dataset.extent() + ".";
  if (const auto* mesh = dynamic_cast<const MeshDataset*>(&dataset))
    for (const std::string& note : mesh->notes()) text += " " + sentence(note);
  if (const auto* scene = dynamic_cast<const PosedViews*>(&dataset))
    for (const std::string& warning : scene->warnings) text += " " + sentence(warning);
  return text;
}

}  // namespace

void Workspace::start_loading(std::string name, std::function<Loaded(LoadWatch&)> work,
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
  load_watch_ = std::make_shared<LoadWatch>(steady_seconds(), wake_);
  load_ =
      in_background_thread(std::function<Loaded()>([work = std::move(work), watch = load_watch_] {
                             return work(*watch);
                           }),
                           wake_);
}

void Workspace::cancel_loading() {
  if (!loading()) return;
  opens_first_ = false;
  load_watch_->cancel();
  if (load_.valid()) given_up_.push_back(std::move(load_));
  if (saved_load_.valid()) saved_given_up_.push_back(std::move(saved_load_));
  toasts.add({Toasts::Kind::info,
              "Not opened: " + load_name_,
              "Everything stays as it was.",
              "",
              {},
              4,
              0,
              0});
}

bool Workspace::waits() const {
  return loading() || path_load_.valid() || video_ || !jobs_.empty() || true_mesh.waits() ||
         std::any_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run->surface.mesh.waits(); });
}

bool Workspace::has_news() const {
  return ready(load_) || ready(saved_load_) || ready(path_load_) || (video_ && video_->ended()) ||
         true_mesh.has_news() ||
         std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return ready(job.done); }) ||
         std::any_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run->surface.mesh.has_news(); });
}

bool Workspace::is_saved_experiment(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path / "experiment.json", error);
}

bool Workspace::is_openable_folder(const std::filesystem::path& path) {
  std::error_code error;
  return is_saved_experiment(path) ||
         (std::filesystem::is_directory(path, error) && is_posed_views(path));
}

void Workspace::open_path(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (is_saved_experiment(path)) {
    if (loading()) return;
    load_name_ = name;
    load_path_ = path;
    load_watch_ = std::make_shared<LoadWatch>(steady_seconds(), wake_);
    saved_load_ = in_background_thread(
        std::function<SavedExperiment()>([path] { return read_experiment(path); }), wake_);
    return;
  }
  if (is_camera_path(path)) {
    load_path(path);
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error) && !is_posed_views(path)) {
    trouble("Cannot open " + name,
            "It is a folder, but neither a saved experiment nor posed views: these have a "
            "transforms.json, a transforms_train.json or a poses_bounds.npy.");
    return;
  }
  const int longest = longest_side_;
  start_loading(
      name,
      [path, longest](LoadWatch& watch) {
        return load_dataset_file(path, 0, 0, longest, watch.progress());
      },
      path);
}

void Workspace::open_first(const std::filesystem::path& path) {
  open_path(path);
  opens_first_ = loading();
}

void Workspace::adopt(const SavedExperiment& saved) {
  autosave_.begin_another(*experiment_, state_number(), steady_seconds());
  experiment_->load(saved);
  show_dataset(saved.dataset);
}

void Workspace::show_dataset(Loaded dataset) {
  dataset_ = std::move(dataset);
  ++dataset_serial_;
  if (picture()) longest_side_ = std::max(picture()->image.width, picture()->image.height);
  while (!undo_.empty()) forget_undo(undo_.back().toast);
  zoom = {};
  begin_meshes();
  begin_scene();
  for (auto& plot : plots) plot.fit();
  curvature.fit();
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
  start_loading("the demo picture", [longest](LoadWatch&) { return demo_image_dataset(longest); },
                {});
}

void Workspace::open_demo_mesh() {
  start_loading("the demo mesh",
                [](LoadWatch& watch) { return demo_mesh_dataset(watch.progress()); }, {});
}

void Workspace::open_demo_scene() {
  start_loading("the demo scene",
                [](LoadWatch& watch) { return demo_scene_dataset(watch.progress()); }, {});
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
  std::erase_if(given_up_, [](const auto& load) { return ready(load); });
  std::erase_if(saved_given_up_, [](const auto& load) { return ready(load); });
  if (!ready(load_)) return;
  const bool first = std::exchange(opens_first_, false);
  try {
    auto loaded = load_.get();
    const auto left = autosave_.begin_another(*experiment_, state_number(), steady_seconds());
    experiment_->set_dataset(loaded);
    show_dataset(std::move(loaded));
    if (!load_path_.empty()) {
      settings.last_folder = load_path_.parent_path().string();
      add_recent(load_path_);
      // Nobody asked for what runs did on the stand-in.
      const bool back = !first && !left.empty();
      const char* again = first ? "" : " Every run starts again from its initial weights.";
      toasts.add({Toasts::Kind::info, "Learning " + dataset_->name,
                  what_was_opened(*dataset_) + again, back ? "Go back" : "",
                  [this, left] { open_path(left); }, back ? 10.0 : 5.0, 0, 0});
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
    job.done = experiment_->save(export_folder() /
                                 (name + "-" + format_now("%Y%m%d-%H%M%S") + ".fieldscope"));
    jobs_.push_back(std::move(job));
  });
}

// Changes with whatever a saved experiment would hold.
std::uint64_t Workspace::state_number() const {
  std::uint64_t number = camera_path.serial();
  for (const auto& run : runs_)
    number = number * 31 + run->id + run->snapshot->progress.step + run->snapshot->edits.size();
  return number;
}

double Workspace::steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Workspace::keep_session() {
  try {
    if (autosave_.tick(*experiment_, state_number(), steady_seconds()))
      saved_at_ = format_clock_now();
  } catch (const std::exception& problem) {
    trouble("This session is not being kept", problem.what());
  }
}

void Workspace::offer_last_session() {
  if (earlier_sessions().empty()) return;
  const Autosave::Session& last = earlier_sessions().front();
  toasts.add({Toasts::Kind::info, "Go on where you were?", last.dataset + ", " + last.when,
              "Open it", [this, folder = last.folder] { open_path(folder); }, 12, 0, 0});
}

void Workspace::add_recent(const std::filesystem::path& path) {
  constexpr std::size_t most = 5;
  std::error_code error;
  const std::string name = std::filesystem::absolute(path, error).string();
  std::erase(settings.recent, name);
  settings.recent.insert(settings.recent.begin(), name);
  if (settings.recent.size() > most) settings.recent.resize(most);
}

void Workspace::tell_saved(const std::string& title, const std::filesystem::path& path,
                           const std::string& partly) {
  toasts.add({partly.empty() ? Toasts::Kind::saved : Toasts::Kind::info, title,
              (partly.empty() ? "" : partly + ": ") + path.string(), "Open folder",
              [this, folder = path.parent_path()] {
                if (!open_folder(folder))
                  trouble("Cannot open the folder",
                          "No program for it is installed (xdg-open). It is " + folder.string());
              },
              0, 0, 0});
}

void Workspace::finish_jobs() {
  for (auto& job : jobs_) {
    if (!ready(job.done)) continue;
    try {
      const auto path = job.done.get();
      if (job.saves_experiment) saved_at_ = format_clock_now();
      tell_saved(job.title, path);
    } catch (const std::exception& problem) {
      trouble("Not saved", problem.what());
    }
  }
  std::erase_if(jobs_, [](const Job& job) { return !job.done.valid(); });
}

}  // namespace fieldscope::gui
