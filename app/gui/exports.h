// Pictures and numbers out of the window into files. The UI thread only copies what is needed;
// encoding and writing happen in the background, and a toast tells where the file went.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/gui/widgets/image_view.h"
#include "app/gui/window.h"
#include "app/gui/workspace.h"
#include "engine/export/plot.h"

namespace fieldscope::gui {

class Exports {
 public:
  Exports(Window& window, Workspace& work, ImageRenderer& images)
      : window_(window), work_(work), images_(images) {}

  // What the window shows once this frame is finished, without the menu that asked for it.
  void window_later();
  // The tile of a run as its view shows it, at the picture's own resolution; 0: the ground truth.
  void tile_later(RunId run) { tile_ = run; }
  void figure();
  void chart(bool svg);  // the curves as they are shown: smoothed, zoomed
  void curve();          // their points as a table
  void chart(const std::string& what, const fieldscope::Plot& plot, bool svg);
  void table(const std::string& what, std::string text);
  void metrics();
  void summary();

  // Once a frame, with no framebuffer bound: draws what tile_later() asked for.
  void finish_frame();

 private:
  std::filesystem::path name(const std::string& what, const std::string& ending) const;

  Window& window_;
  Workspace& work_;
  ImageRenderer& images_;
  std::optional<RunId> tile_;
  int window_in_ = 0;  // frames until menus have closed
};

}  // namespace fieldscope::gui
