// The operating system's window, the OpenGL context and Dear ImGui inside it. Created, used and
// destroyed on the UI thread; only wake() may be called from anywhere.
//
// Nothing is drawn unless there is a reason: input, a wake-up by a worker, or a running animation.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/frame_stats.h"
#include "app/gui/theme.h"
#include "app/gui/widget_map.h"

struct GLFWwindow;

namespace fieldscope::gui {

struct KeyPress {
  int key = 0;      // GLFW_KEY_*
  char letter = 0;  // what the key types in this layout, lower case; 0 if nothing plain
  int mods = 0;     // GLFW_MOD_*
  bool repeat = false;
};

class Window {
 public:
  struct Options {
    std::string title = "Fieldscope";
    int width = 1280, height = 800;
    float scale = 0;  // of the interface; 0: as the monitor asks
    bool dark = true;
  };

  // Throws DeviceError when there is no display or no OpenGL 4.3.
  explicit Window(const Options& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  // Sleeps until there is something to draw. False when the window was closed.
  // `timeout` seconds bound the sleep; `idle` then tells that nothing asks for a frame.
  bool wait(double timeout, bool* idle);
  void begin_frame();
  void end_frame();

  // Asks for a frame soon, from any thread. Many calls before that frame cost one event.
  void wake();
  void request_frame(int frames = 3) { frames_wanted_ = std::max(frames_wanted_, frames); }
  void close();

  Ui& ui() { return ui_; }
  FrameStats& stats() { return stats_; }
  WidgetMap& widgets() { return widgets_; }
  ImVec2 size() const;
  ImVec2 pixels() const;
  bool software_renderer() const { return software_; }
  const std::string& renderer() const { return renderer_; }

  float scale() const { return ui_.scale; }
  // What the next frame will have: keys that come between two frames add up.
  float wanted_scale() const { return wanted_scale_; }
  void set_scale(float scale);  // clamped to 0.75 .. 2.5; in force at the next frame
  void set_dark(bool dark);

  // Fills a rectangle below everything that ImGui draws in this frame. Clearing is many times
  // cheaper than a blended rectangle, which matters to a software renderer.
  void fill_ground(ImVec2 min, ImVec2 max, ImU32 colour) { grounds_.push_back({min, max, colour}); }

  std::vector<KeyPress> take_keys();
  std::vector<std::string> take_drops();
  // Whether somebody drags a file over the window now (X11; false elsewhere).
  bool drop_hovers() const { return drop_hovers_; }
  bool key_down(int key) const;  // GLFW_KEY_*
  bool shift_down() const;
  bool alt_down() const;

  // Called once with the pixels of the next finished frame (rows from the top, RGB).
  using Capture = std::function<void(std::vector<std::uint8_t>, int width, int height)>;
  void capture_next(Capture capture) {
    capture_ = std::move(capture);
    request_frame();
  }

 private:
  struct Callbacks;
  friend struct Callbacks;
  void rebuild_fonts();
  void limit_size();
  void notice_hovering_drop();
  void clear(int width, int height) const;
  void deliver_clicks();

  GLFWwindow* window_ = nullptr;
  Ui ui_;
  FrameStats stats_;
  WidgetMap widgets_;
  std::string renderer_;
  bool software_ = false;
  float wanted_scale_ = 1;
  bool input_seen_ = true;
  int frames_wanted_ = 3;
  double frame_began_ = 0;
  std::atomic<bool> woken_{false};
  bool drop_hovers_ = false;
  double drop_seen_ = 0;
  struct Ground {
    ImVec2 min, max;
    ImU32 colour;
  };
  std::vector<Ground> grounds_;
  struct LateRelease {
    int key, scancode, mods;
  };
  struct Click {
    int button, action, mods;
    ImVec2 at;
  };
  ImVec2 cursor_{};                   // as of the last event, while the next ones wait
  std::optional<ImVec2> pressed_at_;  // of the press that this frame delivers
  std::vector<Click> clicks_;         // not yet told to Dear ImGui
  unsigned buttons_down_ = 0;         ///< bit per button, as told to Dear ImGui
  std::vector<int> tapped_;           // keys that went down since the last frame
  std::vector<LateRelease> late_releases_, due_releases_;  // for the frame after next, the next
  std::vector<KeyPress> keys_;
  std::vector<std::string> drops_;
  Capture capture_;
};

}  // namespace fieldscope::gui
