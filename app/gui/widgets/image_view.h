// Pictures drawn by the project's own shader inside a region of the window: zoom about the pointer,
// pan, false colour, wipes. One ImageRenderer serves all views. UI thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <imgui.h>

#include "app/gl/program.h"
#include "app/gl/texture.h"
#include "app/gui/theme.h"

namespace fieldscope::gui {

// A picture on the graphics card: as it is shown, and its exact values, which only false colour
// needs (they are uploaded when they are first asked for).
struct PictureTextures {
  gl::Texture display, values;
};

enum class ImageMode { picture, magnitude, signed_difference };

// What part of a picture is seen, independent of the size of the region: linked views share one.
struct ImageTransform {
  double centre_x = 0.5, centre_y = 0.5;  // of the view, as a fraction of the picture
  double zoom = 1;                        // 1: the whole picture fits
  bool operator==(const ImageTransform&) const = default;
};

struct Rect {
  ImVec2 min{}, max{};
  float width() const { return max.x - min.x; }
  float height() const { return max.y - min.y; }
  bool contains(ImVec2 p) const {
    return p.x >= min.x && p.y >= min.y && p.x < max.x && p.y < max.y;
  }
};

// Where on the screen the whole picture lies (it may reach beyond the region).
Rect place_picture(const Rect& region, const ImageTransform& transform, int width, int height);

class ImageRenderer {
 public:
  ImageRenderer();
  ~ImageRenderer();
  ImageRenderer(const ImageRenderer&) = delete;
  ImageRenderer& operator=(const ImageRenderer&) = delete;

  struct Job {
    const PictureTextures* picture = nullptr;
    const PictureTextures* reference = nullptr;  // for the modes that need one
    ImageMode mode = ImageMode::picture;
    float limit = 0.1f;
    int map = 1;     // Colormap for magnitudes
    Rect region;     // clipped to it, screen coordinates
    Rect placement;  // of the whole picture, screen coordinates
  };

  // Forgets the jobs of the last frame; reloads shaders that were edited (looked at once a second).
  void begin_frame(double now);
  // Textures must stay alive until the frame has been rendered.
  void draw(ImDrawList* list, const Job& job);
  // The colours of a mode, from left to right.
  void draw_scale(ImDrawList* list, const Rect& where, ImageMode mode, int map);
  // The job at the picture's own resolution into the framebuffer that is bound.
  void draw_whole(const Job& job);

 private:
  struct Stored {
    ImageRenderer* self;
    Job job;
    bool scale;
  };
  static void callback(const ImDrawList* list, const ImDrawCmd* command);
  void submit(ImDrawList* list, const Job& job, bool scale);
  void paint(const Job& job, bool scale, const float rect[4], const float uv[4],
             float pixels_per_texel);

  gl::Program& program_for(int mode, bool shrunk);

  std::map<int, std::unique_ptr<gl::Program>> programs_;  // one for each mode: no branches inside
  gl::Texture colour_maps_;
  GLuint vertex_array_ = 0;
  std::deque<Stored> jobs_;
  double looked_ = 0;
};

// What the mouse does over a view in this frame.
struct ImageInput {
  bool hovered = false;
  bool double_clicked = false;
  bool right_clicked = false;
  bool alt_dragging = false;
  bool changed = false;            // the transform was
  std::optional<ImVec2> fraction;  // where on the picture the pointer is, 0..1
};

// Submits the item `id` over the region and lets wheel and drag change the transform.
ImageInput interact_with_image(Ui& ui, const std::string& id, const Rect& region, int width,
                               int height, ImageTransform& transform, bool alt_down);

}  // namespace fieldscope::gui
