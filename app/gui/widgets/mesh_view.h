// Meshes inside a region of the window: the mouse turns, pans and zooms the camera; the tile's own
// picture is redrawn only when it changes. One MeshViews serves all tiles. UI thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <imgui.h>

#include "app/camera.h"
#include "app/gl/mesh_tile.h"
#include "app/gui/widgets/image_view.h"

namespace fieldscope::gui {

// What the mouse does over a view in this frame.
struct MeshInput {
  bool hovered = false;
  bool right_clicked = false;
  bool alt_dragging = false;
  bool changed = false;              // the camera was
  std::optional<ViewPoint> pointer;  // where it is in the region, while hovered
  std::optional<Ray> picked;         // double-clicked: what it meets should become the pivot
};

// Submits the item `id` over the region: left drag turns, middle or Shift + left drag pans, the
// wheel zooms about the pointer. With `alt_down` a left drag is the caller's.
MeshInput interact_with_mesh(Ui& ui, const std::string& id, const Rect& region, Camera& camera,
                             bool shift_down, bool alt_down);

class MeshViews {
 public:
  // Shaders are looked at once a second, as those of pictures are. `slow`: frames take long, so
  // that views which turn are drawn at half their resolution. `busy`: the renderer needs the cores
  // that others compute on, so that pictures are refined slowly.
  void begin_frame(double now, bool slow, bool busy);

  // Brings the tile up to date and shows it in the region; `clip` (all of it if absent) is the part
  // that is seen, for wipes. Asks for another frame while pictures are being refined: one pass a
  // frame over all tiles, so that refining never slows the window down.
  void draw(Ui& ui, ImDrawList* list, gl::MeshTile& tile, const gl::MeshScene& scene,
            const Rect& region, const std::optional<Rect>& clip = std::nullopt);

  // For exports: the picture as it is shown, smooth, at any size.
  // Its shaders are compiled when the first mesh is drawn.
  gl::MeshRenderer& renderer();

 private:
  std::unique_ptr<gl::MeshRenderer> renderer_;
  struct Motion {
    Camera camera;
    double moved_at = -1e9;
    double drawn_at = 0;
  };
  bool moves(const gl::MeshTile& tile, const Camera& camera);

  std::map<const gl::MeshTile*, Motion> motions_;
  bool slow_ = false, busy_ = false;
  double now_ = 0, refined_at_ = 0;
  bool refined_ = false;       // a tile was, in this frame
  std::uint64_t edition_ = 0;  // of the shaders
  double looked_ = 0;
};

// Which way x, y and z point, at the region's bottom left.
void draw_axes(const Ui& ui, ImDrawList* list, const Rect& region, const Camera& camera);

// The theme's colours for a mesh; modes, cut and limits are the caller's.
MeshStyle themed_mesh_style(const Palette& colours);

}  // namespace fieldscope::gui
