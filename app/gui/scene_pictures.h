// Scenes of posed views as the window shows them: what a person chose to see, and what each run's
// field looks like from there. UI thread only, but for paint(), which is pure.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/widgets/image_view.h"
#include "app/scene_camera.h"
#include "engine/data/posed_views.h"
#include "engine/experiment/command.h"
#include "engine/train/snapshot.h"

namespace fieldscope::gui {

enum class SceneMode { colour, depth, opacity, error };
inline constexpr int scene_mode_count = 4;
const char* scene_mode_name(SceneMode mode);  // "Depth"
const char* scene_mode_id(SceneMode mode);    // the same in reports

// One of the dataset's photographs.
struct Photograph {
  bool held_out = true;
  std::size_t index = 0;

  const PosedView& of(const PosedViews& scene) const {
    return (held_out ? scene.held_out : scene.training)[index];
  }
  bool operator==(const Photograph&) const = default;
};

// "held out 1 of 8"
std::string photograph_group(const PosedViews& scene, const Photograph& which);
// "r_0.png  ·  held out 1 of 8": its file and its group, the same wherever it is named.
std::string photograph_name(const PosedViews& scene, const Photograph& which);

// What is measured, of so many views: "PSNR, mean over held-out views".
std::string held_out_psnr_name(std::size_t views);

// How all tiles look at the scene.
struct SceneChoices {
  SceneMode mode = SceneMode::colour;
  SceneCamera camera;
  std::optional<Photograph> through;      // the camera stands exactly where this one was taken
  bool cameras = true;                    // the photographs' are drawn
  float tile_width = 0, tile_height = 0;  // of a tile's picture, in screen pixels: last frame's

  // On the way to another place, perhaps to where a photograph was taken.
  struct Flight {
    SceneCamera from, to;
    std::optional<Photograph> view;
    double began = 0;
  };
  std::optional<Flight> flight;

  // Errors are told against photographs: where the camera was before it went to one for their sake,
  // and to which.
  struct Detour {
    SceneCamera from;
    Photograph to;
  };
  std::optional<Detour> detour;
};

// What colours mean, the same in all tiles.
struct SceneScale {
  float near = 0, far = 1;  // of depths, scene units
  float error = 0.1f;       // end of the errors' scale
  int error_map = 1;
  float background = 1;

  bool operator==(const SceneScale&) const = default;
};

// What a view has at one pixel, as its picture shows it.
struct ViewSample {
  std::array<float, 3> colour{};
  float opacity = 0, depth = 0;

  // Where the ray meets next to nothing there is no depth to speak of.
  bool has_depth() const { return depth > 0 && solid; }
  float error(const float* truth) const;  // mean over the channels
  bool solid = false;
};
// At a place given in fractions of the picture.
ViewSample sample_view(const RenderedView& view, float x, float y);

// A rendered view as a picture for the screen. Between the pixels that a coarse one has it is
// smooth. `truth` is the photograph in its place, which errors need; may be null.
Image paint(const RenderedView& view, SceneMode mode, const SceneScale& scale, const Image* truth);

// What a run's tile shows.
struct ShownView {
  std::shared_ptr<const RenderedView> view;  // null: nothing yet
  PosedCamera camera;                        // of `view`
  Progress at;                               // of the weights that it shows
  std::optional<double> psnr;                // against the photograph, where there is one
  PictureTextures texture;
  std::uint64_t serial = 0;  // grows with each picture
  std::optional<SceneMode> own_mode;
  ShowView asked;  // what the run was last told

  // The newest of what the snapshot has of this camera; `through` is where that is a photograph's,
  // `truth` what that shows. What was shown stays until there is something.
  void take(const Snapshot& snapshot, const PosedCamera& wanted,
            const std::optional<Photograph>& through, const Image* truth);
  // Brings the texture up to date.
  void paint_as(SceneMode mode, const SceneScale& scale, const Image* truth);
  // Another dataset: what was shown is gone, and the run knows nothing of our wishes.
  void forget();

 private:
  struct Painted {
    std::shared_ptr<const RenderedView> view;
    SceneMode mode = SceneMode::colour;
    SceneScale scale;
    const Image* truth = nullptr;
  };
  std::optional<Painted> painted_;
};

// What the tiles share beside their choices: photographs as pictures, sizes of things.
struct ScenePictures {
  std::optional<Photograph> nearest;  // the photograph that `photo` is
  Image photo;                        // the one taken closest to where the camera is
  PictureTextures photo_texture;
  PictureTextures thumbnail, strip;
  float background = 1;
  float frustum = 0.1f;  // how long cameras are drawn, scene units
  SceneScale scale;
};

// What a run's field shows of a held-out view, the finest that there is; empty: nothing yet.
Image picture_of_view(const Snapshot& snapshot, const PosedViews& scene, std::size_t held_out);
// The photograph whose camera is closest to `pose`, in place and direction.
Photograph nearest_photograph(const PosedViews& scene, const Pose& pose);
// The length that cameras are drawn with, so that neighbours do not run into each other.
float frustum_length(const PosedViews& scene);
// `count` small pictures side by side, each `side` pixels square.
Image thumbnail_strip(const PosedViews& scene, int count, int side);

}  // namespace fieldscope::gui
