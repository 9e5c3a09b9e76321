#include "app/gui/window.h"

#include <glad/gl.h>
// glad first: GLFW must not pull in the system's own GL header.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <utility>

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

#include "app/gl/framebuffer.h"
#include "app/gui/drag_watch.h"
#include "app/gui/layout.h"
#include "engine/math/error.h"

namespace fieldscope::gui {

struct Window::Callbacks {
  static Window& of(GLFWwindow* window) {
    return *static_cast<Window*>(glfwGetWindowUserPointer(window));
  }
  static void note(GLFWwindow* window) {
    of(window).input_seen_ = true;
    of(window).request_frame();
  }
  static void key(GLFWwindow* window, int key, int scancode, int action, int mods) {
    note(window);
    Window& self = of(window);
    // Dear ImGui before 1.87 looks at keys once a frame: a key that was tapped between two frames
    // must still be seen as down in one of them, and with it the Ctrl that was released after it.
    if (action == GLFW_RELEASE && !self.tapped_.empty()) {
      self.late_releases_.push_back({key, scancode, mods});
    } else {
      ImGui_ImplGlfw_KeyCallback(window, key, scancode, action, mods);
    }
    if (action == GLFW_RELEASE) return;
    self.tapped_.push_back(key);
    const char* name = glfwGetKeyName(key, scancode);
    const char letter = name && name[0] && !name[1] ? name[0] : '\0';
    of(window).keys_.push_back({key, letter, mods, action == GLFW_REPEAT});
  }
  static void character(GLFWwindow* window, unsigned code) {
    note(window);
    ImGui_ImplGlfw_CharCallback(window, code);
    // On every layout this is the sign itself, whatever keys make it.
    if (code == '?') of(window).keys_.push_back({0, '?', 0, false});
  }
  static void button(GLFWwindow* window, int button, int action, int mods) {
    note(window);
    of(window).clicks_.push_back({button, action, mods, of(window).cursor_});
  }
  static void scroll(GLFWwindow* window, double x, double y) {
    note(window);
    ImGui_ImplGlfw_ScrollCallback(window, x, y);
  }
  static void cursor(GLFWwindow* window, double x, double y) {
    note(window);
    of(window).cursor_ = {static_cast<float>(x), static_cast<float>(y)};
#if IMGUI_VERSION_NUM >= 18700
    ImGui_ImplGlfw_CursorPosCallback(window, x, y);
#endif
    of(window).notice_hovering_drop();
  }
  static void entered(GLFWwindow* window, int inside) {
    note(window);
    ImGui_ImplGlfw_CursorEnterCallback(window, inside);
  }
  static void focused(GLFWwindow* window, int has) {
    note(window);
    ImGui_ImplGlfw_WindowFocusCallback(window, has);
  }
  static void refresh(GLFWwindow* window) {
    note(window);
  }
  static void resized(GLFWwindow* window, int, int) {
    note(window);
  }
  static void scaled(GLFWwindow* window, float x, float) {
    of(window).set_scale(x);
    note(window);
  }
  static void dropped(GLFWwindow* window, int count, const char** paths) {
    Window& self = of(window);
    self.drop_hovers_ = false;
    for (int i = 0; i < count; ++i) self.drops_.emplace_back(paths[i]);
    note(window);
  }
};

namespace {

constexpr float double_click_seconds = 0.3f;

[[noreturn]] void fail(const std::string& what) {
  const char* reason = nullptr;
  glfwGetError(&reason);
  std::string text = what;
  if (reason) text += std::string(" (") + reason + ")";
  throw DeviceError(text);
}

}  // namespace

Window::Window(const Options& options) {
  if (!glfwInit())
    fail("no window: the display cannot be opened; use a verb such as `train` to work without one");
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 4);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_DEPTH_BITS, 0);
  glfwWindowHint(GLFW_STENCIL_BITS, 0);
  glfwWindowHintString(GLFW_X11_CLASS_NAME, "fieldscope");
  glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "fieldscope");
  window_ =
      glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
  if (!window_) {
    glfwTerminate();
    fail("no window: the graphics driver does not offer OpenGL 4.3; update it, or use a verb");
  }
  glfwMakeContextCurrent(window_);
  if (!gladLoadGL(glfwGetProcAddress)) {
    glfwDestroyWindow(window_);
    glfwTerminate();
    throw DeviceError("no window: the OpenGL functions cannot be loaded");
  }
  if (const auto* name = glGetString(GL_RENDERER)) renderer_ = reinterpret_cast<const char*>(name);
  software_ = renderer_.find("llvmpipe") != std::string::npos ||
              renderer_.find("softpipe") != std::string::npos;
  // A software renderer paints within the swap itself, which then has nothing to wait for.
  glfwSwapInterval(software_ ? 0 : 1);

  glfwSetWindowUserPointer(window_, this);
  glfwSetKeyCallback(window_, Callbacks::key);
  glfwSetCharCallback(window_, Callbacks::character);
  glfwSetMouseButtonCallback(window_, Callbacks::button);
  glfwSetScrollCallback(window_, Callbacks::scroll);
  glfwSetCursorPosCallback(window_, Callbacks::cursor);
  glfwSetCursorEnterCallback(window_, Callbacks::entered);
  glfwSetWindowFocusCallback(window_, Callbacks::focused);
  glfwSetWindowRefreshCallback(window_, Callbacks::refresh);
  glfwSetFramebufferSizeCallback(window_, Callbacks::resized);
  glfwSetWindowContentScaleCallback(window_, Callbacks::scaled);
  glfwSetDropCallback(window_, Callbacks::dropped);

  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // the program keeps its own settings, in the user's folder
  io.LogFilename = nullptr;
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  ImGui_ImplGlfw_InitForOpenGL(window_, false);  // the callbacks above tell it
  ImGui_ImplOpenGL3_Init("#version 430 core");

  ui_.map = &widgets_;
  ui_.colours = options.dark ? dark_palette() : light_palette();
  float monitor = 1;
  glfwGetWindowContentScale(window_, &monitor, nullptr);
  wanted_scale_ = std::clamp(options.scale > 0 ? options.scale : monitor, 0.75f, 2.5f);
  rebuild_fonts();
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Window::rebuild_fonts() {
  ui_.scale = wanted_scale_;
  ui_.fonts = build_fonts(ui_.scale);
#if IMGUI_VERSION_NUM < 19200
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
  apply_style(ui_);
  limit_size();
}

// The smallest window grows with the interface, though never beyond the monitor.
void Window::limit_size() {
  float width = std::ceil(least_window_width * ui_.scale);
  float height = std::ceil(least_window_height * ui_.scale);
  if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
    int x = 0, y = 0, w = 0, h = 0;
    glfwGetMonitorWorkarea(monitor, &x, &y, &w, &h);
    if (w > 0 && h > 0)
      width = std::min(width, static_cast<float>(w)),
      height = std::min(height, static_cast<float>(h));
  }
  glfwSetWindowSizeLimits(window_, static_cast<int>(width), static_cast<int>(height),
                          GLFW_DONT_CARE, GLFW_DONT_CARE);
  const ImVec2 now = size();
  if (now.x < width || now.y < height)
    glfwSetWindowSize(window_, static_cast<int>(std::max(now.x, width)),
                      static_cast<int>(std::max(now.y, height)));
}

bool Window::wait(double timeout, bool* idle) {
  const double interval = input_seen_ ? 1.0 / 60 : (software_ ? 1.0 / 24 : 1.0 / 30);
  *idle = false;
  if (frames_wanted_ > 0 || ui_.wants_frame) {
    glfwPollEvents();
  } else {
    glfwWaitEventsTimeout(timeout);
  }
  if (glfwWindowShouldClose(window_)) return false;
  if (woken_.load()) frames_wanted_ = std::max(frames_wanted_, 1);
  if (drop_hovers_ && glfwGetTime() - drop_seen_ > 0.6) {
    drop_hovers_ = false;  // the drag left the window; X11 tells GLFW nothing about that
    request_frame(1);
  }
  if (frames_wanted_ <= 0 && !ui_.wants_frame) {
    *idle = true;
    return true;
  }
  // Frames are spaced out: faster than the display is wasted, and on a software renderer each one
  // takes time from training.
  const double left = frame_began_ + interval - glfwGetTime();
  if (left > 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, 0.05)));
    glfwPollEvents();
  }
  return !glfwWindowShouldClose(window_);
}

void Window::begin_frame() {
  frame_began_ = glfwGetTime();
  // Cleared before snapshots are collected, so that one that arrives meanwhile wakes us again.
  woken_.store(false);
  input_seen_ = false;
  --frames_wanted_;
  ui_.wants_frame = false;
  ui_.now = frame_began_;
  if (wanted_scale_ != ui_.scale) rebuild_fonts();
  widgets_.begin_frame();
  grounds_.clear();
  deliver_clicks();
  for (const LateRelease& late : due_releases_)
    ImGui_ImplGlfw_KeyCallback(window_, late.key, late.scancode, GLFW_RELEASE, late.mods);
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  // Clicks are timed by the frames that deliver them: slow frames must not split a double click.
  ImGuiIO& io = ImGui::GetIO();
  for (int button = 0; button < IM_ARRAYSIZE(io.MouseDown); ++button)
    io.MouseDown[button] = (buttons_down_ >> button & 1) != 0;
  // What is pressed is what lay below the pointer then, however far it has gone since.
  if (pressed_at_) {
    io.MousePos = *pressed_at_;
    request_frame();
  }
  io.MouseDoubleClickTime = double_click_seconds + 2 * io.DeltaTime;
  ImGui::NewFrame();
  tapped_.clear();
  due_releases_ = std::exchange(late_releases_, {});
  if (!due_releases_.empty()) request_frame(2);
}

// Two clicks between two frames would look like one, or like a long press, to Dear ImGui before
// 1.87: each button changes at most once a frame, and what comes sooner waits for the next frames.
void Window::deliver_clicks() {
  pressed_at_.reset();
  unsigned changed = 0;
  std::vector<Click> waiting;
  for (const Click& click : clicks_) {
    const unsigned bit = 1u << (click.button & 7);
    if (changed & bit) {
      waiting.push_back(click);
      continue;
    }
    changed |= bit;
    buttons_down_ = click.action == GLFW_PRESS ? buttons_down_ | bit : buttons_down_ & ~bit;
    if (click.action == GLFW_PRESS) pressed_at_ = click.at;
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMousePosEvent(click.at.x, click.at.y);
#endif
    ImGui_ImplGlfw_MouseButtonCallback(window_, click.button, click.action, click.mods);
  }
  clicks_ = std::move(waiting);
  if (!clicks_.empty()) request_frame(3);
}

void Window::clear(int width, int height) const {
  const auto fill = [](ImU32 colour) {
    const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
    glClearColor(c.x, c.y, c.z, 1);
    glClear(GL_COLOR_BUFFER_BIT);
  };
  const ImVec2 scale = ImGui::GetIO().DisplayFramebufferScale;
  glViewport(0, 0, width, height);
  glDisable(GL_SCISSOR_TEST);
  fill(ui_.colours.ground);
  glEnable(GL_SCISSOR_TEST);
  for (const Ground& g : grounds_) {
    glScissor(static_cast<GLint>(g.min.x * scale.x), height - static_cast<GLint>(g.max.y * scale.y),
              static_cast<GLsizei>((g.max.x - g.min.x) * scale.x),
              static_cast<GLsizei>((g.max.y - g.min.y) * scale.y));
    fill(g.colour);
  }
  glDisable(GL_SCISSOR_TEST);
}

void Window::end_frame() {
  ImGui::Render();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  clear(width, height);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  if (capture_) {
    const auto capture = std::move(capture_);
    capture_ = nullptr;
    capture(gl::read_window_rgb(width, height), width, height);
  }
  // With a real display the swap waits for it, which is not work of ours.
  if (!software_) stats_.add(1000 * (glfwGetTime() - frame_began_));
  glfwSwapBuffers(window_);
  if (software_) {
    glFinish();
    stats_.add(1000 * (glfwGetTime() - frame_began_));
  }
}

void Window::wake() {
  if (!woken_.exchange(true)) glfwPostEmptyEvent();
}

void Window::close() {
  glfwSetWindowShouldClose(window_, GLFW_TRUE);
}

ImVec2 Window::size() const {
  int width = 0, height = 0;
  glfwGetWindowSize(window_, &width, &height);
  return {static_cast<float>(width), static_cast<float>(height)};
}

ImVec2 Window::pixels() const {
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  return {static_cast<float>(width), static_cast<float>(height)};
}

void Window::set_scale(float scale) {
  wanted_scale_ = std::clamp(std::round(scale * 20) / 20, 0.75f, 2.5f);
  request_frame();
}

void Window::set_dark(bool dark) {
  ui_.colours = dark ? dark_palette() : light_palette();
  apply_style(ui_);
  request_frame();
}

std::vector<KeyPress> Window::take_keys() {
  return std::exchange(keys_, {});
}

std::vector<std::string> Window::take_drops() {
  return std::exchange(drops_, {});
}

bool Window::key_down(int key) const {
  return glfwGetKey(window_, key) == GLFW_PRESS;
}

bool Window::shift_down() const {
  return glfwGetKey(window_, GLFW_KEY_LEFT_SHIFT) == GLFW_PRESS ||
         glfwGetKey(window_, GLFW_KEY_RIGHT_SHIFT) == GLFW_PRESS;
}

bool Window::alt_down() const {
  return glfwGetKey(window_, GLFW_KEY_LEFT_ALT) == GLFW_PRESS ||
         glfwGetKey(window_, GLFW_KEY_RIGHT_ALT) == GLFW_PRESS;
}

void Window::notice_hovering_drop() {
  const bool ours = glfwGetMouseButton(window_, GLFW_MOUSE_BUTTON_LEFT) == GLFW_PRESS;
  if (!ours && file_drag_in_progress(window_)) {
    drop_hovers_ = true;
    drop_seen_ = glfwGetTime();
  } else if (drop_hovers_) {
    drop_hovers_ = false;
  }
}

}  // namespace fieldscope::gui
