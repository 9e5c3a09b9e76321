// Tells whether another program drags something over our window. GLFW reports the drop, not the
// drag; on X11 the selection of the drag-and-drop protocol tells it. UI thread only.
#pragma once

struct GLFWwindow;

namespace fieldscope::gui {

bool file_drag_in_progress(GLFWwindow* window);

}  // namespace fieldscope::gui
