// Everything the window works on and every action a person can take, without knowing how it is
// drawn: panels read it and call its methods; tests of logic need no window. Actions post commands;
// none waits for training. Owned by the Application; UI thread only.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gl/picture_upload.h"
#include "app/gui/autosave.h"
#include "app/gui/curvature_choice.h"
#include "app/gui/load_watch.h"
#include "app/gui/mesh_scene.h"
#include "app/gui/run_view.h"
#include "app/gui/scene_path.h"
#include "app/gui/scene_pictures.h"
#include "app/gui/settings.h"
#include "app/gui/video_export.h"
#include "app/gui/widgets/file_dialog.h"
#include "app/gui/widgets/knob_row.h"
#include "app/gui/widgets/toast.h"
#include "engine/backend/devices.h"
#include "engine/data/mesh_dataset.h"
#include "engine/experiment/experiment.h"
#include "engine/experiment/saved.h"

namespace fieldscope::gui {

class Workspace {
 public:
  static constexpr std::size_t most_runs = 8;

  // `wake` asks for a frame, from any thread.
  Workspace(std::shared_ptr<const Dataset> dataset, const std::vector<RunConfig>& configs,
            int threads, const std::string& device, Settings settings, std::function<void()> wake);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Once a frame: newest snapshots, finished background work. Never waits.
  void collect();
  // Whether work beside the window's thread is under way, and whether some of it is done but not
  // yet collected: what wakes the window does so a moment before that can be seen.
  bool waits() const;
  bool has_news() const;

  // Runs, in display order.
  std::vector<std::unique_ptr<RunView>>& runs() { return runs_; }
  RunView* selected();
  RunView* find(RunId id);
  void select(RunId id) { selected_ = id; }
  bool any_running() const;
  std::optional<double> quality(const RunView& run) const;
  // Decibels (of IoU: parts of 1) ahead of the next best run, or behind the best one, where both
  // have been measured: at the same step, or after the same training time where that is how runs
  // advance.
  std::optional<double> lead(const RunView& run) const;

  // What people do.
  void toggle_pause_all();
  void toggle_pause(RunId id);
  void step_once();
  void reset_all();
  void reset(RunId id);
  RunId add_run(const std::string& optimizer);
  RunId fork(RunId parent, const std::string& optimizer);
  RunId duplicate(RunId parent);
  void remove(RunId id);
  void undo();
  bool can_undo() const { return !undo_.empty(); }
  void switch_optimizer(RunId id, const std::string& optimizer);
  void switch_activation(RunId id, const std::string& activation);
  void set_layers(RunId id, const std::vector<int>& hidden);
  void set_knob(RunId id, SetKnob::Target target, const std::string& knob, double value);
  // A diverged run: back to the weights kept from before, at a tenth of the learning rate.
  void go_back(RunId id);
  // That rate, as it is written; none where no weights were kept.
  std::optional<std::string> rate_to_go_on_with(const RunView& run) const;
  // Where it computes from now on; every run, or one. `device` is "cpu" or "cuda:K".
  void move_all(const std::string& device);
  void move(RunId id, const std::string& device);
  // For runs that have none to be like.
  const std::string& device() const { return device_; }
  // The GPUs; null while they are still being looked for.
  const CudaDevices* gpus() const;
  // "cpu", "cuda:K" or, of runs that have not begun, "auto": each once, in the order of the runs.
  std::vector<std::string> devices_in_use() const;
  void set_pacing(Pacing pacing);

  // Curvature, beside the training: of every run or the selected one, now and as often as
  // `curvature` says.
  void measure_curvature();
  void measure_every(MeasureEvery every);
  void stop_curvature();
  // A knob of curvature_knobs(), or the duty. Where there is an interval it is measured anew.
  void set_curvature_knob(const std::string& id, double value);
  void draw_landscape();  // around the selected run's weights
  bool is_measured(const RunView& run) const;

  Pacing pacing() const { return experiment_->pacing(); }

  // Data. Reading happens in the background; a broken file becomes a toast, nothing else changes.
  // A picture, a mesh, posed views (a folder or one of their files), or the folder of a saved
  // experiment.
  void open_path(const std::filesystem::path& path);
  // At the start, in place of what is shown until it has been read.
  void open_first(const std::filesystem::path& path);
  // Shows a saved experiment in place of what is there: its dataset and runs, paused.
  void adopt(const SavedExperiment& saved);
  void open_demo();       // the built-in picture
  void open_demo_mesh();  // and the built-in mesh
  void open_demo_scene();
  void set_longest_side(int pixels);
  int longest_side() const { return longest_side_; }
  // Pictures that came from their device without a way over the host.
  std::uint64_t device_uploads() const { return device_uploads_.uploads(); }
  bool loading() const { return load_.valid() || saved_load_.valid(); }
  const std::string& loading_name() const { return load_name_; }
  // How far it is; null unless loading().
  const LoadWatch* load_watch() const { return loading() ? load_watch_.get() : nullptr; }
  // What is there stays.
  void cancel_loading();
  const Dataset& dataset() const { return *dataset_; }
  TaskKind task() const { return dataset_->task(); }
  // The dataset where it is a picture, else null.
  const ImageDataset* picture() const { return dynamic_cast<const ImageDataset*>(dataset_.get()); }
  // The dataset where it is a mesh, else null.
  const MeshDataset* mesh() const { return dynamic_cast<const MeshDataset*>(dataset_.get()); }
  // The dataset where it is a scene of posed views, else null.
  const PosedViews* scene() const { return dynamic_cast<const PosedViews*>(dataset_.get()); }
  std::shared_ptr<const Dataset> dataset_pointer() const { return dataset_; }
  std::uint64_t dataset_serial() const { return dataset_serial_; }
  void save_experiment();
  const std::vector<Autosave::Session>& earlier_sessions() const { return autosave_.earlier(); }
  // A toast that leads back to the newest of them.
  void offer_last_session();
  // What was opened before, newest first.
  void add_recent(const std::filesystem::path& path);
  const std::string& saved_at() const { return saved_at_; }

  static bool is_saved_experiment(const std::filesystem::path& path);
  // Whether a folder is opened as a whole: a saved experiment, posed views.
  static bool is_openable_folder(const std::filesystem::path& path);

  // Work that ends with a file: `work` runs in the background and returns the path; a toast tells.
  void in_background(std::string title, std::function<std::filesystem::path()> work);
  bool exporting() const { return !jobs_.empty(); }

  void trouble(const std::string& title, const std::string& text, const std::string& action = "",
               std::function<void()> act = {});

  // How it is looked at.
  ViewMode view = ViewMode::reconstruction;
  ViewMode view_of(const RunView& run) const { return run.own_view.value_or(view); }
  RunId reference_run = 0;  // for versus_run; 0: the first run that is not the tile's own
  const RunView* reference_of(const RunView& run) const;
  int colour_map = 1;     // 0 viridis, 1 magma
  float error_limit = 0;  // end of the colour scale; 0: follows the errors
  float error_limit_in_force() const { return error_limit > 0 ? error_limit : automatic_limit_; }
  bool show_truth = false;  // in place of every picture
  ImageTransform zoom;      // of all linked tiles
  int full_tile = -1;       // tile that fills the centre: 0 ground truth, 1.. runs; -1 none

  // Meshes: how they are looked at, the true one, and what a tile shows of them.
  MeshChoices meshes;
  ShownMesh true_mesh;
  gl::MeshTile true_tile, thumbnail;
  Camera first_view;  // all of it, from the front
  Vec3 true_size;     // of the box around it
  MeshMode mode_of(const RunView& run) const { return run.surface.own_mode.value_or(meshes.mode); }
  Camera& camera_of(RunView* run);  // null: the ground truth's
  // A run's surface, or the true mesh where `run` is null, for the theme's colours.
  gl::MeshScene mesh_scene(const RunView* run, const MeshStyle& themed) const;
  float mesh_error_limit() const;
  // The whole mesh in view; if it is already, from where it is seen at first.
  void fit_meshes();
  // What a person asks of the surfaces that runs draw: cells an axis.
  void set_surface_resolution(int training, int resting);

  // Scenes of posed views: how they are looked at, and what tiles show beside the runs' views.
  SceneChoices scenes;
  ScenePictures scene_pictures;
  SceneMode scene_mode_of(const RunView& run) const {
    return run.scene.own_mode.value_or(scenes.mode);
  }
  // To where a photograph was taken, with its lens; at once, or in a short flight.
  void see_through(const Photograph& photograph, bool fly);
  void step_held_out(int direction);
  void choose_scene_mode(SceneMode mode);
  // The photograph whose camera the tiles look through, or are on the way to.
  std::optional<Photograph> view_ahead() const;
  // Somebody has moved scenes.camera: it is free from now on, and follows no path.
  void scene_moved();
  // What tiles are rendered through.
  PosedCamera scene_camera() const;
  // The photograph that was taken exactly where the camera is; null where none was.
  const Image* photograph_here() const;

  // The camera's path through the scene. What changes what a person recorded goes by these, so that
  // it can be undone.
  ScenePath camera_path;
  // Where the camera is, as a key frame.
  CameraKey key_frame() const;
  void add_key_frame();
  void go_to_key_frame(std::size_t index);  // in a short flight
  void replace_key_frame(std::size_t index);
  void remove_key_frame(std::size_t index);
  void clear_key_frames();
  // The camera goes there at once.
  void scrub_path(double seconds);
  void toggle_playing();
  // Videos along it, beside everything else; one at a time.
  VideoChoices video_choices;
  bool ask_video = false;  // a menu asks the path's row to open its choices
  PictureSize video_size() const;
  int video_frames() const;  // at least one
  fieldscope::ViewMode video_mode() const;
  std::shared_future<FrozenField> frozen_field(RunId run) { return experiment_->frozen_field(run); }
  void begin_video(VideoOrder order);
  VideoExport* video() const { return video_.get(); }  // under way; else null
  // What a letter does to the path; false if nothing.
  bool path_letter(char letter);

  Metric metric = Metric::quality;
  XAxis x_axis = XAxis::epoch;
  std::array<bool, metric_count> log_y = {false, true, true, true};
  bool log_x = false;
  std::array<Plot, metric_count> plots;
  CurvatureChoice curvature;
  bool more_knobs = false;
  bool dataset_open = true, runs_open = true;  // sections of the side panel
  bool side_scrolls = false;
  bool ask_new_run = false, ask_fork = false;  // a key asks the side panel to open that menu

  Settings settings;
  Toasts toasts;
  KnobEditing editing;
  FileDialog open_dialog;
  bool help_open = false;
  PictureTextures truth;

  static int threads_of(int asked);
  // The clock of load_watch().
  static double steady_seconds();
  int threads() const { return threads_; }

 private:
  struct Undo {
    std::uint64_t toast = 0;  // that offers it, and names it
    std::function<void()> action;
  };
  struct Job {
    std::string title;
    std::future<std::filesystem::path> done;
    bool saves_experiment = false;
  };
  using Loaded = std::shared_ptr<const Dataset>;

  void start_loading(std::string name, std::function<Loaded(LoadWatch&)> work,
                     std::filesystem::path path);
  void show_dataset(Loaded dataset);
  void finish_loading();
  void finish_loading_saved();
  void finish_jobs();
  // A toast that leads to the file's folder. `partly` says how much of it there is where that is
  // not all: then it is no success.
  void tell_saved(const std::string& title, const std::filesystem::path& path,
                  const std::string& partly = "");
  void keep_session();
  std::uint64_t state_number() const;
  void sync_runs();
  void upload_pictures();
  void begin_meshes();
  void tend_meshes();
  void begin_scene();
  void end_detour();
  void tend_scene();
  void begin_path();
  void tend_path();
  void finish_loading_path();
  void finish_video();
  void load_path(const std::filesystem::path& file);
  void follow_path();
  // Brings the path back as it is now.
  std::function<void()> way_back();
  void stand_at(const SceneCamera& camera);
  SceneCamera camera_at(const CameraKey& key) const;
  void scale_depths();
  std::optional<SectionPlane> wanted_section();
  bool shows_errors() const;
  void ask_curvature(RunView& run);
  void follow_interval();
  void name_runs();
  void choose_limit();
  void tell_failures();
  void go_back(RunId id, double rate);
  bool room_for_run();
  // Back to the initial weights, with an Undo. `who` begins the message.
  void restart(const std::vector<RunId>& ids, const std::string& who);
  // A toast with an Undo that Ctrl+Z presses as well; it goes with its toast.
  void offer_undo(const std::string& title, const std::string& text, std::function<void()> action);
  void forget_undo(std::uint64_t toast);
  void undo(std::uint64_t toast);
  RunId added(RunId id);
  // Runs `action`; what it refuses becomes a toast.
  void guarded(const std::string& what, const std::function<void()>& action);

  std::function<void()> wake_;
  int threads_ = 1;
  std::shared_ptr<const Dataset> dataset_;
  std::uint64_t dataset_serial_ = 0, truth_serial_ = ~std::uint64_t{0},
                truth_values_serial_ = ~std::uint64_t{0};
  gl::PictureUpload device_uploads_;
  int longest_side_ = 256;
  std::filesystem::path load_path_;
  std::string load_name_;
  bool opens_first_ = false;
  std::shared_ptr<LoadWatch> load_watch_;
  std::future<Loaded> load_;
  std::future<SavedExperiment> saved_load_;
  // Cancelled, but not yet at the point where they notice it.
  std::vector<std::future<Loaded>> given_up_;
  std::vector<std::future<SavedExperiment>> saved_given_up_;
  std::future<CameraPathFile> path_load_;
  std::filesystem::path path_file_;
  std::uint64_t path_scene_ = 0;  // the dataset_serial_ that it is read for
  std::uint64_t path_kept_ = 0;   // serial of what the experiment has of it
  std::vector<Job> jobs_;
  std::vector<Undo> undo_;
  std::vector<std::unique_ptr<RunView>> runs_, removed_;
  RunId selected_ = 0;
  float automatic_limit_ = 0.2f, automatic_mesh_limit_ = 0.02f;
  std::optional<SectionPlane> section_;  // as it is being moved, and since when it stands there
  double section_since_ = 0;
  std::string saved_at_;
  std::string device_;  // for runs without one to be like
  std::future<void> looking_for_gpus_;
  Autosave autosave_{state_folder() / "sessions"};
  // Its workers call wake_ until it is gone.
  std::unique_ptr<Experiment> experiment_;
  std::unique_ptr<VideoExport> video_;  // last: it may wait for what a worker answers
};

}  // namespace fieldscope::gui
