// What people see of a rendered view: its colours, its depth in false colour, or how opaque it is.
// Pure functions; any thread.
#pragma once

#include <span>
#include <string_view>

#include "engine/math/colormap.h"
#include "engine/task/view_rendering.h"

namespace fieldscope {

enum class ViewMode { colour, depth, opacity };

/// Their names in files and on the command line, in order.
std::span<const std::string_view> view_mode_names();
/// Throws UsageError that lists them.
ViewMode find_view_mode(std::string_view name);

/// The distances that the ends of the colour map stand for, in scene units.
struct DepthScale {
  float from = 0, to = 1;
  /// The map runs evenly along 1 / distance, as the shifts between two views do: where there is a
  /// near and a very far, it would otherwise show the far alone.
  bool reciprocal = false;
  Colormap map = Colormap::viridis;

  /// Where on the map a distance lies: 0 at `from`, 1 at `to`.
  float place(float distance) const;
};

/// Of pixels that are more than half opaque all but the nearest and the farthest hundredth lie on
/// the scale; from 0 to 1 where there are none. Reciprocal where the farthest are more than four
/// times as far as the nearest.
DepthScale depth_scale(std::span<const RenderedView> views);

/// Three channels, for opacity one. Depth fades to mid grey as far as the view is transparent:
/// nothing is at no distance.
Image view_picture(const RenderedView& view, ViewMode mode, const DepthScale& scale = {});

}  // namespace fieldscope
