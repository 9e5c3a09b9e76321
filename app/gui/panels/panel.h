// What every panel gets: the look, the window, the workspace, the picture renderer. A panel draws
// itself into a rectangle once a frame and keeps nothing of the runs. UI thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/exports.h"
#include "app/gui/layout.h"
#include "app/gui/panels/path_timeline.h"
#include "app/gui/theme.h"
#include "app/gui/widgets/controls.h"
#include "app/gui/widgets/image_view.h"
#include "app/gui/widgets/mesh_view.h"
#include "app/gui/widgets/view_gesture.h"
#include "app/gui/window.h"
#include "app/gui/workspace.h"

namespace fieldscope::gui {

struct PanelContext {
  Ui& ui;
  Window& window;
  Workspace& work;
  ImageRenderer& images;
  MeshViews& mesh_views;
  Exports& exports;
  const WindowLayout& layout;
  // What a panel asks the application to do after this frame.
  bool toggle_side = false, toggle_curves = false;
};

// A child region at a place on the screen, over the panel's ground.
class PanelScope {
 public:
  PanelScope(PanelContext& context, const char* name, const Rect& where, ImU32 ground);
  ~PanelScope();
  PanelScope(const PanelScope&) = delete;
  PanelScope& operator=(const PanelScope&) = delete;
};

void draw_toolbar(PanelContext& context, const Rect& where);
void draw_dataset(PanelContext& context);  // at the cursor: what is learned
void draw_side_panel(PanelContext& context, const Rect& where);
void draw_curves(PanelContext& context, const Rect& where);
void draw_status_bar(PanelContext& context, const Rect& where);

// Items of the menus that several places offer.
void new_run_menu(PanelContext& context, const std::string& id);
void fork_menu(PanelContext& context, const std::string& id, RunId run);
void export_menu(PanelContext& context);
// The devices; `choose` gets the one that was clicked.
void device_menu(PanelContext& context, const std::string& id,
                 const std::function<bool(const std::string&)>& in_use,
                 const std::function<void(const std::string&)>& choose);

// "CPU", "GPU 0"
std::string device_short_name(const std::string& device);

// How far reading a dataset is, in words: "3 s left, telling inside from outside"; and as a bar.
std::string loading_text(const PanelContext& context);
void draw_loading_bar(PanelContext& context, const Rect& where);

// A plate with a short text over a picture.
void draw_chip(Ui& ui, ImVec2 at, const std::string& text);
// The line of a wipe at `x`, and what stands on its two sides.
void draw_wipe_line(Ui& ui, const Rect& region, float x, const std::string& left,
                    const std::string& right);

// The colour of a run as a line or a swatch on `ground`; its name beside it is plain text. Lifted
// no more than a line needs: further, two of the colours would look alike.
ImU32 run_line_colour(const Ui& ui, const RunView& run, ImU32 ground);

// A run's name cut to `width`: of one that was switched, what it is now matters most; of others the
// end tells apart runs of the same kind, so that the middle is what is left out.
std::string name_within(const ImFont* font, const RunView& run, float width);

// The centre: a tile for the ground truth and each run, and the row below that says what they show.
class Stage {
 public:
  void draw(PanelContext& context, const Rect& where);
  void fit(Workspace& work);
  // For all tiles.
  static void choose_mode(Workspace& work, MeshMode mode);
  // Whether the pointer is over a scene: letters that fly are no shortcuts then.
  bool flies() const { return pointer_was_on_scene_; }
  void fly_with(const KeyPress& key) { fly_keys_.push_back({key.key, key.letter}); }

 private:
  struct Tile {
    int index = 0;           // 0 the ground truth, else a run
    RunView* run = nullptr;  // null for the ground truth
    Rect card, header, picture;
  };
  static void toggle_pin(const Workspace& work, RunView& run);
  std::vector<Tile> arrange(PanelContext& context, const Rect& where) const;
  void draw_tile(PanelContext& context, const Tile& tile);
  void draw_empty(PanelContext& context, const Rect& where) const;
  void draw_header(PanelContext& context, const Tile& tile);
  void submit_header(PanelContext& context, const Tile& tile) const;
  void draw_picture(PanelContext& context, const Tile& tile);
  void draw_mesh(PanelContext& context, const Tile& tile);
  void draw_scene(PanelContext& context, const Tile& tile);
  void use_scene_gesture(PanelContext& context, const Tile& tile, const ViewGesture& gesture,
                         const Rect& placement, const std::optional<Photograph>& pointed);
  void draw_scene_text(PanelContext& context, const Tile& tile, const Rect& placement, bool truth);
  void note_scene_pointer(const ViewGesture& gesture, const Rect& placement, bool elsewhere);
  void draw_scene_readout(PanelContext& context, const Tile& tile, const Rect& placement,
                          bool truth);
  void draw_scene_wipe(PanelContext& context, const Tile& tile, const Rect& placement);
  void draw_scene_pivot(PanelContext& context, const Tile& tile, const Rect& placement) const;
  void fly(PanelContext& context);
  // Until the button or Alt is let go.
  bool wipe_goes_on(PanelContext& context);
  // The run that stands right of the pointer: the reference, or over the truth the selected one.
  static const RunView* beyond_wipe(Workspace& work, const Tile& tile);
  void draw_wipe(PanelContext& context, const Tile& tile, const ImageRenderer::Job& job);
  void draw_readout(PanelContext& context, const Tile& tile, const Rect& placement, bool truth);
  void draw_mesh_wipe(PanelContext& context, const Tile& tile);
  void draw_mesh_text(PanelContext& context, const Tile& tile, bool truth);
  void use_mesh_input(PanelContext& context, const Tile& tile, const MeshInput& input, bool truth);
  bool shows_truth(PanelContext& context);
  void draw_pivot(PanelContext& context, const Tile& tile) const;
  void draw_pivot_at(PanelContext& context, const Tile& tile, ImVec2 place) const;
  bool submit_pin(PanelContext& context, const Tile& tile, const Rect& plate) const;
  void draw_pin(PanelContext& context, const Tile& tile, const Rect& plate, bool hovered) const;
  void draw_offer(PanelContext& context, const Tile& tile) const;
  void draw_tile_menu(PanelContext& context, const Tile& tile);
  void draw_image_items(PanelContext& context, const Tile& tile, const std::string& popup);
  void draw_scene_items(PanelContext& context, const Tile& tile, const std::string& popup);
  void draw_mesh_items(PanelContext& context, const Tile& tile, const std::string& popup);
  void draw_view_bar(PanelContext& context, const Rect& where);
  void draw_mesh_bar(PanelContext& context, const Rect& where);
  void draw_scene_bar(PanelContext& context, const Rect& where);
  void draw_view_choice(PanelContext& context, float middle, bool narrow);
  void draw_reference_choice(PanelContext& context);
  void draw_colour_bar(PanelContext& context, ViewMode view, float left, float right, float middle);
  ImageRenderer::Job job_for(PanelContext& context, const Tile& tile, bool truth) const;

  std::optional<ImVec2> pointer_;       // on the picture, 0..1: this frame's
  std::optional<ImVec2> last_pointer_;  // and the last frame's, which all tiles show
  int pointed_ = -1;                    // tile under the pointer, the last one that was
  int wipe_tile_ = -1;
  float wipe_x_ = 0;
  gl::MeshTile wipe_;        // of meshes whose other side is seen from elsewhere
  double shift_since_ = -1;  // when Shift went down without a button; negative: it is up
  double pivot_set_ = -1e9;  // when and in which tile, to show it for a moment
  int pivot_tile_ = -1;
  struct FlyKey {
    int key = 0;  // GLFW_KEY_*
    char letter = 0;
    double since = -1;
  };
  std::vector<FlyKey> fly_keys_;  // that went down over a scene and are still held
  double flew_at_ = 0;
  PathTimeline path_timeline_;
  bool pointer_on_scene_ = false, pointer_was_on_scene_ = false;  // this frame, the last one
  bool pointer_on_mesh_ = false, pointer_was_on_mesh_ = false;    // this frame, the last one
};

}  // namespace fieldscope::gui
