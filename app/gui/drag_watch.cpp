#include "app/gui/drag_watch.h"

#include <GLFW/glfw3.h>

// X11's own macros (None, Status, ...) stay in this file. The library is opened at run time, as
// GLFW does, so that nothing new has to be linked.
#if defined(__linux__) && __has_include(<X11/Xlib.h>)
#include <X11/Xlib.h>
#include <dlfcn.h>
#define FIELDSCOPE_DRAG_X11 1
// Of GLFW/glfw3native.h, which wants the headers of Xrandr too: few have them.
extern "C" {
Display* glfwGetX11Display();
Window glfwGetX11Window(GLFWwindow* window);
}
#endif

namespace fieldscope::gui {

#ifdef FIELDSCOPE_DRAG_X11
namespace {

struct XFunctions {
  decltype(&XInternAtom) intern_atom = nullptr;
  decltype(&XGetSelectionOwner) selection_owner = nullptr;
  decltype(&XQueryPointer) query_pointer = nullptr;

  XFunctions() {
    void* library = dlopen("libX11.so.6", RTLD_LAZY | RTLD_LOCAL);
    if (!library) return;
    intern_atom = reinterpret_cast<decltype(intern_atom)>(dlsym(library, "XInternAtom"));
    selection_owner =
        reinterpret_cast<decltype(selection_owner)>(dlsym(library, "XGetSelectionOwner"));
    query_pointer = reinterpret_cast<decltype(query_pointer)>(dlsym(library, "XQueryPointer"));
  }
  bool complete() const { return intern_atom && selection_owner && query_pointer; }
};

}  // namespace
#endif

bool file_drag_in_progress(GLFWwindow* window) {
#ifdef FIELDSCOPE_DRAG_X11
  // While a drag lasts its source owns the selection and the button is held down, though our own
  // window never saw the press.
  static const XFunctions x11;
  Display* display = glfwGetX11Display();
  if (!display || !x11.complete()) return false;
  const Atom selection = x11.intern_atom(display, "XdndSelection", False);
  const ::Window owner = x11.selection_owner(display, selection);
  if (owner == 0 || owner == glfwGetX11Window(window)) return false;
  ::Window root = 0, child = 0;
  int root_x = 0, root_y = 0, x = 0, y = 0;
  unsigned mask = 0;
  x11.query_pointer(display, glfwGetX11Window(window), &root, &child, &root_x, &root_y, &x, &y,
                    &mask);
  return (mask & Button1Mask) != 0;
#else
  (void)window;
  return false;
#endif
}

}  // namespace fieldscope::gui
