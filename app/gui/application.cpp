#include "app/gui/application.h"

#include <algorithm>
#include <cmath>

#include <GLFW/glfw3.h>
#include <imgui_internal.h>

#include "app/gui/exports.h"
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
  Application(const WindowOptions& options, std::shared_ptr<const ImageDataset> dataset,
              const std::vector<RunConfig>& configs, const Settings& settings)
      : window_(window_options(options, settings)),
        work_(std::move(dataset), configs, options.threads, settings, [this] { window_.wake(); }),
        exports_(window_, work_, images_),
        report_(options.report) {
    window_.widgets().set_enabled(true);
    hint_ = settings.hints_seen ? 3 : 0;
  }

  Workspace& work() { return work_; }

  int run() {
    const double longest_sleep = report_.wanted() ? 0.1 : 0.5;
    bool idle = false;
    while (window_.wait(longest_sleep, &idle)) {
      if (idle) {
        if (report_stale_) report_.write(window_, work_, true);
        report_stale_ = false;
        continue;
      }
      frame();
    }
    report_.write(window_, work_, true);
    remember();
    return 0;
  }

 private:
  void frame() {
    window_.begin_frame();
    const double now = window_.ui().now;
    images_.begin_frame(now);
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
    report_.write(window_, work_);
    report_stale_ = true;
  }

  void layout();
  void overlays(double elapsed);
  void keys();
  void plain_key(const KeyPress& key);
  void control_key(const KeyPress& key);
  void rescale(int direction);
  void remember();

  Window window_;
  ImageRenderer images_;
  Workspace work_;  // after the window: its workers wake the window until it is gone
  Exports exports_;
  Report report_;
  Stage stage_;
  std::vector<std::string> dropped_;
  double last_frame_ = 0;
  int hint_ = 3;
  bool report_stale_ = false;
};

void Application::layout() {
  Ui& ui = window_.ui();
  Settings& settings = work_.settings;
  const ImVec2 size = window_.size();
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin("##root", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse |
                   ImGuiWindowFlags_NoBackground);
  ImGui::PopStyleVar();
  PanelContext context{ui, window_, work_, images_, exports_};

  const float top = ui.px(44), bottom = size.y - ui.px(26);
  const float most_side = std::max(240.0f, size.x / ui.scale * 0.5f);
  const float most_curves = std::max(140.0f, (bottom - top) / ui.scale - 260);
  const float side = settings.side_open ? ui.px(std::min(settings.side_width, most_side)) : 0;
  const float curves =
      settings.curves_open ? ui.px(std::min(settings.curves_height, most_curves)) : 0;
  const float middle = bottom - curves;

  draw_toolbar(context, {{0, 0}, {size.x, top}});
  if (side > 0) draw_side_panel(context, {{0, top}, {side, bottom}});
  stage_.draw(context, {{side, top}, {size.x, middle}});
  if (curves > 0) draw_curves(context, {{side, middle}, {size.x, bottom}});
  draw_status_bar(context, {{0, bottom}, {size.x, size.y}});

  // Splitters last, over the panels' edges; a double-click folds.
  const float grip = ui.px(4);
  if (splitter(ui, "split.side", true, {std::max(0.0f, side - grip), top}, {side + grip, bottom},
               &settings.side_width, 240, most_side, 1))
    settings.side_open = true;
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0))
    settings.side_open = !settings.side_open;
  if (splitter(ui, "split.curves", false, {side, middle - grip},
               {size.x, std::min(middle + grip, bottom)}, &settings.curves_height, 140, most_curves,
               -1))
    settings.curves_open = true;
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0))
    settings.curves_open = !settings.curves_open;
  ImGui::End();
}

void Application::overlays(double elapsed) {
  Ui& ui = window_.ui();
  const ImVec2 size = window_.size();
  if (const auto chosen = work_.open_dialog.draw(ui)) work_.open_path(*chosen);
  work_.toasts.draw(ui, {size.x - ui.px(16), size.y - ui.px(42)}, std::min(elapsed, 0.1));
  if (work_.help_open)
    work_.help_open = draw_help(ui, window_.software_renderer(), window_.renderer());
  if (hint_ < 3 && !work_.help_open && !work_.open_dialog.is_open()) {
    static constexpr const char* targets[] = {"tile.1.header", "run.1", "toolbar.dataset"};
    for (const auto& entry : window_.widgets().entries()) {
      if (entry.id != targets[hint_]) continue;
      hint_ = draw_hint(ui, hint_, entry.min, entry.max);
      work_.settings.hints_seen = hint_ >= 3;
      break;
    }
  }
  if (window_.drop_hovers()) {
    draw_drop_promise(ui);
    ui.wants_frame = true;
  }
  if (!work_.toasts.all().empty()) ui.wants_frame = true;
}

void Application::keys() {
  const bool typing = ImGui::GetIO().WantTextInput;
  for (const KeyPress& key : window_.take_keys()) {
    if (key.key == GLFW_KEY_ESCAPE && work_.open_dialog.is_open()) {
      work_.open_dialog.close();
    } else if (key.key == GLFW_KEY_ESCAPE &&
               ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) {
      ImGui::ClosePopupToLevel(0, false);
    } else if (key.key == GLFW_KEY_ESCAPE && !typing) {
      if (work_.help_open)
        work_.help_open = false;
      else
        work_.full_tile = -1;
    }
    if (key.mods & (GLFW_MOD_CONTROL | GLFW_MOD_SUPER)) {
      control_key(key);
    } else if (!typing && !work_.open_dialog.is_open() && !(key.mods & GLFW_MOD_ALT)) {
      plain_key(key);
    }
  }
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

void Application::rescale(int direction) {
  window_.set_scale(window_.scale() + 0.1f * static_cast<float>(direction));
  work_.settings.scale =
      std::clamp(window_.scale() + 0.1f * static_cast<float>(direction), 0.75f, 2.5f);
}

void Application::plain_key(const KeyPress& key) {
  if (key.letter == '?') work_.help_open = !work_.help_open;
  if (key.letter == '.' && !(key.mods & GLFW_MOD_SHIFT)) work_.step_once();
  if (key.repeat) return;
  if (key.key == GLFW_KEY_SPACE) work_.toggle_pause_all();
  if (key.letter >= '1' && key.letter <= '8') {
    const auto index = static_cast<std::size_t>(key.letter - '1');
    if (index < work_.runs().size()) work_.select(work_.runs()[index]->id);
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
      work_.view = work_.view == ViewMode::absolute_error ? ViewMode::reconstruction
                                                          : ViewMode::absolute_error;
      break;
    case 'v':
      work_.view = static_cast<ViewMode>((static_cast<int>(work_.view) + 1) % view_mode_count);
      break;
    case 's':
      exports_.window_later();
      break;
    case '0':
      stage_.fit(work_);
      break;
    case 'd':
      work_.settings.dark = !window_.ui().colours.dark;
      break;
    default:
      break;
  }
  if (work_.ask_fork || work_.ask_new_run) work_.settings.side_open = work_.runs_open = true;
}

void Application::remember() {
  const ImVec2 size = window_.size();
  work_.settings.width = static_cast<int>(size.x);
  work_.settings.height = static_cast<int>(size.y);
  save_settings(work_.settings);
}

}  // namespace
}  // namespace gui

int run_window(const WindowOptions& options) {
  const gui::Settings settings = gui::load_settings();
  std::shared_ptr<const ImageDataset> dataset;
  std::optional<SavedExperiment> saved;
  std::string problem;
  std::error_code ignored;
  if (!options.files.empty()) {
    const std::filesystem::path& file = options.files.front();
    try {
      if (gui::Workspace::is_saved_experiment(file)) saved = read_experiment(file);
      dataset = saved ? saved->dataset : load_image_dataset(file, 0, 0, options.longest_side);
    } catch (const std::exception& error) {
      problem = error.what();  // the window opens all the same and says so
    }
  }
  if (!dataset) dataset = demo_image_dataset(options.longest_side);
  std::vector<RunConfig> configs = options.runs;
  if (configs.empty() && !saved) configs = default_comparison();
  gui::Application application(options, dataset, configs, settings);
  gui::Workspace& work = application.work();
  if (saved) work.adopt(*saved);
  // The first file is shown; the others wait in the menu of pictures.
  for (auto file = options.files.rbegin(); file != options.files.rend(); ++file)
    if (!gui::Workspace::is_saved_experiment(*file) && std::filesystem::exists(*file, ignored))
      work.add_recent(*file);
  if (options.files.empty()) work.offer_last_session();
  if (!problem.empty())
    work.trouble("Cannot open " + options.files.front().filename().string(), problem);
  return application.run();
}

}  // namespace fieldscope
