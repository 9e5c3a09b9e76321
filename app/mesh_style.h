// How a mesh is shown: plain values without OpenGL, shared by the window and the verbs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/math/colormap.h"
#include "engine/math/vec3.h"

namespace fieldscope {

enum class MeshMode {
  shaded,   ///< as clay in a studio
  normals,  ///< (normal + 1) / 2 as red, green, blue
  error     ///< Mesh::errors in false colour, 0 at the map's start, the limit at its end
};

/// What lies in front of it, dot(normal, p) > offset, is cut away.
struct CutPlane {
  Vec3 normal{0, 0, 1};  ///< unit
  float offset = 0;

  bool operator==(const CutPlane&) const = default;
};

/// Colours are sRGB in [0, 1].
struct MeshStyle {
  MeshMode mode = MeshMode::shaded;
  float error_limit = 0.02f;
  Colormap error_map = Colormap::viridis;
  bool wire = false;            ///< the triangles' edges over it
  std::optional<CutPlane> cut;  ///< the section is filled with `section`
  Rgb background_top{}, background_bottom{};
  Rgb surface{}, inside{};  ///< the two sides of a triangle
  Rgb section{};
  std::optional<Rgb> tint;  ///< the surface takes a little of a run's colour

  bool operator==(const MeshStyle&) const = default;
};

/// For a ground of this lightness; what the window's themes and pictures start from.
MeshStyle mesh_style_on_dark();
MeshStyle mesh_style_on_light();

/// Occupancy on a plane: a parallelogram of values, row by row, centred in their cells.
struct SectionImage {
  int width = 0, height = 0;
  std::vector<float> probabilities;  ///< 0 outside to 1 inside
  Vec3 origin;                       ///< the corner of the first value
  Vec3 across, along;                ///< to the corners at the end of the first row, first column
};

}  // namespace fieldscope
