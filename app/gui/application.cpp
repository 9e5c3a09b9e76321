#include "app/gui/application.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <string_view>

#include <GLFW/glfw3.h>
#include <imgui_internal.h>

#include "app/gui/exports.h"
#include "app/gui/layout.h"
#include "app/gui/panels/panel.h"
#include "app/gui/report.h"
#include "app/gui/settings.h"
#include "app/gui/widgets/overlays.h"
#include "app/gui/window.h"
#include "app/gui/workspace.h"
#include "engine/experiment/presets.h"

namespace fieldscope {
namespace gui {
namespace {

Window::Options window_options(const WindowOptions& options, const Settings& settings) {
  Window::Options out;
  out.width = options.width > 0 ? options.width : settings.width;
  out.height = options.height > 0 ? options.height : settings.height;
  out.scale = settings.scale;
  out.dark = settings.dark;
  return out;
}

class Application {
 public:
  Application(const WindowOptions& options, std::shared_ptr<const Dataset> dataset,
              const std::vector<RunConfig>& configs, const Settings& settings)
      : window_(window_options(options, settings)),
        work_(std::move(dataset), configs, options.threads, options.device, settings,
              [this] { window_.wake(); }),
        exports_(window_, work_, images_, mesh_views_),
        report_(options.report) {
    window_.widgets().set_enabled(true);
    hint_ = settings.hints_seen ? hint_count : 0;
    kept_ = settings;
  }

  Workspace& work() { return work_; }

  int run() {
    const double longest_sleep = report_.wanted() ? 0.1 : 0.5;
    bool idle = false;
    while (window_.wait(work_.waits() ? 0.05 : longest_sleep, &idle)) {
      if (idle && !work_.has_news()) {
        if (report_stale_) report_.write(window_, work_, true);
        report_stale_ = false;
        remember(true);
        continue;
      }
      frame();
    }
    report_.write(window_, work_, true);
    remember(true);
    return 0;
  }

 private:
  void frame() {
    window_.begin_frame();
    const double now = window_.ui().now;
    images_.begin_frame(now);
    const bool software = window_.software_renderer();
    mesh_views_.begin_frame(now, window_.stats().recent() > 25, software && work_.any_running());
    work_.collect();
    for (const auto& path : window_.take_drops()) dropped_.push_back(path);
    if (!dropped_.empty() && !work_.loading()) {
      // Several files at once: the first is learned.
      work_.open_path(dropped_.front());
      dropped_.clear();
    }
    keys();
    layout();
    overlays(now - last_frame_);
    last_frame_ = now;
    if (work_.settings.dark != window_.ui().colours.dark) window_.set_dark(work_.settings.dark);
    window_.end_frame();
    exports_.finish_frame();
    remember(false);
    report_.write(window_, work_);
    report_stale_ = true;
  }

  void layout();
  void overlays(double elapsed);
  void splitters();
  float widest_side() const;
  void show_side(bool show);
  void show_curves(bool show);
  void keys();
  void escape(bool typing);
  void plain_key(const KeyPress& key);
  void control_key(const KeyPress& key);
  void rescale(int direction);
  void remember(bool at_once);

  Window window_;
  ImageRenderer images_;
  MeshViews mesh_views_;
  Workspace work_;  // after the window: its workers wake the window until it is gone
  Exports exports_;
  Report report_;
  Stage stage_;
  std::vector<std::string> dropped_;
  WindowLayout layout_;  // of this frame
  bool side_insists_ = false, curves_insist_ = false;
  Settings kept_;  // as they are in the file
  double kept_at_ = 0;
  std::future<void> keeping_;
  double last_frame_ = 0;
  int hint_ = hint_count;
  bool report_stale_ = false;
};

void Application::layout() {
  Ui& ui = window_.ui();
  const Settings& settings = work_.settings;
  const ImVec2 size = window_.size();
  const float strip = hint_ < hint_count ? hint_height(ui, hint_, size.x, work_.task()) : 0;
  const PanelWish side = {settings.side_width, settings.side_open, side_insists_};
  const PanelWish curves = {settings.curves_height, settings.curves_open, curves_insist_};
  layout_ = arrange_window(size, ui.scale, side, curves, strip, work_.full_tile >= 0);
  side_insists_ = side_insists_ && !layout_.side_fits;
  curves_insist_ = curves_insist_ && !layout_.curves_fit;

  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin("##root", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse |
                   ImGuiWindowFlags_NoBackground);
  ImGui::PopStyleVar();
  PanelContext context{ui, window_, work_, images_, mesh_views_, exports_, layout_};
  draw_toolbar(context, layout_.toolbar);
  if (layout_.side_shown) draw_side_panel(context, layout_.side);
  if (layout_.stage_shown) stage_.draw(context, layout_.stage);
  if (layout_.curves_shown) draw_curves(context, layout_.curves);
  if (strip > 0) hint_ = draw_hint(ui, hint_, layout_.strip, work_.task());
  draw_status_bar(context, layout_.status);
  splitters();
  ImGui::End();
  if (context.toggle_side) show_side(!layout_.side_shown);
  if (context.toggle_curves) show_curves(!layout_.curves_shown);
  work_.settings.hints_seen = hint_ >= hint_count;
}

// Last, over the panels' edges. A panel that is folded keeps its line at the window's edge.
void Application::splitters() {
  if (work_.full_tile >= 0) return;
  Ui& ui = window_.ui();
  Settings& settings = work_.settings;
  const float grip = ui.px(4), left = layout_.side.max.x, middle = layout_.curves.min.y;
  const float top = layout_.toolbar.max.y, bottom = layout_.strip.min.y;
  ui.map->add("panel.side", layout_.side.min, layout_.side.max);
  ui.map->add("panel.stage", layout_.stage.min, layout_.stage.max);
  ui.map->add("panel.curves", layout_.curves.min, layout_.curves.max);
  // Dragged to less than half of the least size, a panel folds.
  const SplitterInput side = splitter(ui, "split.side", true, {std::max(0.0f, left - grip), top},
                                      {left + grip, bottom}, layout_.side_shown);
  if (side.double_clicked) show_side(!layout_.side_shown);
  if (side.dragged_to) {
    const float wanted = *side.dragged_to / ui.scale;
    show_side(wanted > least_side / 2);
    if (settings.side_open)
      settings.side_width = std::clamp(wanted, least_side, std::max(least_side, widest_side()));
  }
  if (!layout_.stage_shown) return;
  const SplitterInput curves =
      splitter(ui, "split.curves", false, {left, middle - grip},
               {layout_.status.max.x, std::min(middle + grip, bottom)}, layout_.curves_shown);
  if (curves.double_clicked) show_curves(!layout_.curves_shown);
  if (curves.dragged_to) {
    const float wanted = (bottom - *curves.dragged_to) / ui.scale;
    show_curves(wanted > least_curves / 2);
    if (settings.curves_open)
      settings.curves_height =
          std::clamp(wanted, least_curves, std::max(least_curves, (bottom - top) / ui.scale));
  }
}

float Application::widest_side() const {
  return window_.size().x / window_.scale() / 2;
}

void Application::show_side(bool show) {
  work_.settings.side_open = show;
  side_insists_ = show;
  window_.request_frame();
}

void Application::show_curves(bool show) {
  work_.settings.curves_open = show;
  curves_insist_ = show;
  window_.request_frame();
}

void Application::overlays(double elapsed) {
  Ui& ui = window_.ui();
  if (const auto chosen = work_.open_dialog.draw(ui)) work_.open_path(*chosen);
  // Beside the labels at the curves' right ends and above the row of views.
  const float floor = layout_.curves_shown ? layout_.curves.max.y : layout_.stage.max.y - ui.px(44);
  work_.toasts.draw(ui, {layout_.stage.min.x + ui.px(16), floor - ui.px(12)},
                    std::min(elapsed, 0.1));
  if (work_.help_open)
    work_.help_open = draw_help(ui, work_.task(), window_.software_renderer(), window_.renderer());
  if (hint_ < hint_count && !work_.help_open && !work_.open_dialog.is_open())
    draw_hint_target(ui, hint_);
  if (window_.drop_hovers()) {
    draw_drop_promise(ui, {0, layout_.toolbar.max.y}, {layout_.status.max.x, layout_.status.min.y},
                      work_.task());
    ui.wants_frame = true;
  }
  if (!work_.toasts.all().empty()) ui.wants_frame = true;
}

void Application::keys() {
  for (const KeyPress& key : window_.take_keys()) {
    const bool typing = ImGui::GetIO().WantTextInput;
    if (key.key == GLFW_KEY_ESCAPE) {
      escape(typing);
    } else if (key.mods & (GLFW_MOD_CONTROL | GLFW_MOD_SUPER)) {
      control_key(key);
    } else if (work_.help_open) {
      if (key.letter == '?') work_.help_open = false;
    } else if (!typing && !work_.open_dialog.is_open() && !(key.mods & GLFW_MOD_ALT)) {
      plain_key(key);
    }
  }
}

// One thing at a time, the uppermost first.
void Application::escape(bool typing) {
  if (work_.open_dialog.is_open())
    work_.open_dialog.close();
  else if (ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel))
    ImGui::ClosePopupToLevel(0, false);
  else if (typing)
    return;
  else if (work_.help_open)
    work_.help_open = false;
  else if (work_.full_tile >= 0)
    work_.full_tile = -1;
  else
    hint_ = hint_count;
}

void Application::control_key(const KeyPress& key) {
  const bool typing = ImGui::GetIO().WantTextInput;
  if (key.letter == '+' || key.letter == '=' || key.key == GLFW_KEY_KP_ADD) rescale(+1);
  if (key.letter == '-' || key.key == GLFW_KEY_KP_SUBTRACT) rescale(-1);
  if (key.repeat || work_.open_dialog.is_open()) return;
  if (key.letter == 'o') work_.open_dialog.open(work_.settings.last_folder);
  if (key.letter == 's') work_.save_experiment();
  if (key.letter == 'z' && !typing) work_.undo();
  if (key.letter == 'q') window_.close();
}

// In tenths, from what is wanted so far.
void Application::rescale(int direction) {
  const float tenths = window_.wanted_scale() * 10;
  const float next = direction > 0 ? std::floor(tenths + 0.01f) + 1 : std::ceil(tenths - 0.01f) - 1;
  window_.set_scale(next / 10);
  work_.settings.scale = window_.wanted_scale();
}

void Application::plain_key(const KeyPress& key) {
  if (key.letter == '?') work_.help_open = !work_.help_open;
  if (key.letter == '.' && !(key.mods & GLFW_MOD_SHIFT)) work_.step_once();
  if (work_.scene() && key.key == GLFW_KEY_RIGHT) work_.step_held_out(+1);
  if (work_.scene() && key.key == GLFW_KEY_LEFT) work_.step_held_out(-1);
  if (key.repeat || work_.path_letter(key.letter)) return;
  if (work_.scene() && stage_.flies() && key.letter != 0 &&
      std::string_view("wasdqe").find(key.letter) != std::string_view::npos) {
    stage_.fly_with(key);
    return;
  }
  if (key.key == GLFW_KEY_SPACE) work_.toggle_pause_all();
  if (key.letter >= '1' && key.letter <= '8') {
    const auto index = static_cast<std::size_t>(key.letter - '1');
    if (index < work_.runs().size()) {
      work_.select(work_.runs()[index]->id);
      if (work_.full_tile > 0) work_.full_tile = static_cast<int>(index) + 1;
    }
  }
  switch (key.letter) {
    case 'r':
      work_.reset_all();
      break;
    case 'f': {
      int tile = 0;
      for (std::size_t i = 0; i < work_.runs().size(); ++i)
        if (work_.runs()[i].get() == work_.selected()) tile = static_cast<int>(i) + 1;
      work_.full_tile = work_.full_tile >= 0 ? -1 : tile;
      break;
    }
    case 'k':
      work_.ask_fork = work_.selected() != nullptr;
      break;
    case 'n':
      work_.ask_new_run = true;
      break;
    case 'g':
      work_.show_truth = !work_.show_truth;
      break;
    case 'e':
      if (work_.scene()) {
        work_.choose_scene_mode(work_.scenes.mode == SceneMode::error ? SceneMode::colour
                                                                      : SceneMode::error);
        break;
      }
      if (work_.mesh()) {
        stage_.choose_mode(
            work_, work_.meshes.mode == MeshMode::error ? MeshMode::shaded : MeshMode::error);
        break;
      }
      work_.view = work_.view == ViewMode::absolute_error ? ViewMode::reconstruction
                                                          : ViewMode::absolute_error;
      break;
    case 'v':
      if (work_.scene()) {
        work_.choose_scene_mode(
            static_cast<SceneMode>((static_cast<int>(work_.scenes.mode) + 1) % scene_mode_count));
        break;
      }
      if (work_.mesh()) {
        stage_.choose_mode(work_, static_cast<MeshMode>((static_cast<int>(work_.meshes.mode) + 1) %
                                                        mesh_mode_count));
        break;
      }
      work_.view = static_cast<ViewMode>((static_cast<int>(work_.view) + 1) % view_mode_count);
      break;
    case 's':
      exports_.window_later();
      break;
    case '0':
      stage_.fit(work_);
      break;
    case 'p':
      show_side(!layout_.side_shown);
      break;
    case 'c':
      show_curves(!layout_.curves_shown);
      break;
    case 'd':
      work_.settings.dark = !window_.ui().colours.dark;
      break;
    default:
      break;
  }
  if (work_.ask_fork || work_.ask_new_run) {
    work_.full_tile = -1;
    work_.runs_open = true;
    if (!layout_.side_shown) show_side(true);
  }
}

// Settings are kept when they change, at most once a second, beside the window's thread: a program
// that is killed has forgotten nothing.
void Application::remember(bool at_once) {
  const ImVec2 size = window_.size();
  work_.settings.width = static_cast<int>(size.x);
  work_.settings.height = static_cast<int>(size.y);
  if (work_.settings == kept_) return;
  const double now = window_.ui().now;
  if (!at_once && now - kept_at_ < 1) return;
  if (keeping_.valid()) keeping_.wait();  // a second old: it has long been written
  kept_ = work_.settings;
  kept_at_ = now;
  keeping_ = std::async(std::launch::async, [settings = kept_] { save_settings(settings); });
}

// Whether a file is read better in an open window, which shows how far it is: a large mesh, posed
// views.
bool takes_long(const std::filesystem::path& file) {
  constexpr std::uintmax_t large = 8u << 20;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  return is_posed_views(file) || (!error && is_mesh_file(file) && bytes > large);
}

}  // namespace
}  // namespace gui

int run_window(const WindowOptions& options) {
  const gui::Settings settings = gui::load_settings();
  std::shared_ptr<const Dataset> dataset;
  std::optional<SavedExperiment> saved;
  std::string problem;
  std::error_code ignored;
  const bool later = !options.files.empty() && gui::takes_long(options.files.front());
  if (!options.files.empty()) {
    const std::filesystem::path& file = options.files.front();
    try {
      if (gui::Workspace::is_saved_experiment(file)) saved = read_experiment(file);
      if (saved)
        dataset = saved->dataset;
      else if (later)
        dataset = demo_dataset(task_of_data(file), options.longest_side);
      else
        dataset = load_dataset_file(file, 0, 0, options.longest_side);
    } catch (const std::exception& error) {
      problem = error.what();  // the window opens all the same and says so
    }
  }
  if (!dataset) dataset = demo_dataset(options.task, options.longest_side);
  std::vector<RunConfig> configs = options.runs;
  if (configs.empty() && !saved) configs = default_comparison(dataset->task());
  for (RunConfig& config : configs) config.device = options.device;
  gui::Application application(options, dataset, configs, settings);
  gui::Workspace& work = application.work();
  if (saved) work.adopt(*saved);
  // The first file is shown; the others wait in the menu of pictures.
  for (auto file = options.files.rbegin(); file != options.files.rend(); ++file)
    if (!gui::Workspace::is_saved_experiment(*file) && std::filesystem::exists(*file, ignored))
      work.add_recent(*file);
  if (options.files.empty()) work.offer_last_session();
  if (later) work.open_first(options.files.front());
  if (!problem.empty()) {
    const std::filesystem::path file = options.files.front();
    work.trouble("Cannot open " + file.filename().string(), problem, "Retry",
                 [&work, file] { work.open_path(file); });
  }
  return application.run();
}

}  // namespace fieldscope
