// Pictures and numbers out of the window into files. The UI thread only copies what is needed;
// encoding and writing happen in the background, and a toast tells where the file went.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/widgets/image_view.h"
#include "app/gui/widgets/mesh_view.h"
#include "app/gui/window.h"
#include "app/gui/workspace.h"
#include "engine/export/plot.h"

namespace fieldscope::gui {

// `text` as a part of a file's name.
std::string file_stem(const std::string& text);

class Exports {
 public:
  Exports(Window& window, Workspace& work, ImageRenderer& images, MeshViews& mesh_views)
      : window_(window), work_(work), images_(images), mesh_views_(mesh_views) {}

  // What the window shows once this frame is finished, without the menu that asked for it.
  void window_later();
  // The tile of a run as its view shows it, at the picture's own resolution (a mesh: large); 0: the
  // ground truth.
  void tile_later(RunId run) { tile_ = run; }
  void figure();
  // A run's surface in the coordinates of the file that it learns.
  enum class MeshFormat { ply, obj };
  void mesh(RunId run, MeshFormat format);
  void camera_path();    // as JSON, in the coordinates of the dataset's own files
  void video();          // along it, as the workspace's video_choices say
  void chart(bool svg);  // the curves as they are shown: smoothed, zoomed
  void curve();          // their points as a table
  void chart(const std::string& what, const fieldscope::Plot& plot, bool svg);
  void table(const std::string& what, std::string text);
  void metrics();
  void summary();

  // Once a frame, with no framebuffer bound: draws what tile_later() and figure() asked for.
  void finish_frame();

 private:
  // A figure of meshes: its pictures are drawn first, one a frame.
  struct MeshFigure {
    Image truth;
    std::map<RunId, std::pair<Image, Image>> runs;  // surfaces and their errors
    double limit = 0;                               // of the errors, percent of the box
    std::vector<RunId> to_draw;                     // 0 is the ground truth
  };
  void write_figure(const std::shared_ptr<const MeshFigure>& meshes);
  void save_tile(RunId run);
  std::size_t view_for_figure() const;
  void save_mesh_tile(const RunView* run);
  void draw_for_figure();
  std::filesystem::path name(const std::string& what, const std::string& ending) const;

  Window& window_;
  Workspace& work_;
  ImageRenderer& images_;
  MeshViews& mesh_views_;
  std::optional<RunId> tile_;
  std::shared_ptr<MeshFigure> figure_;
  int window_in_ = 0;  // frames until menus have closed
};

}  // namespace fieldscope::gui
