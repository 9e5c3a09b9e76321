#include "engine/data/view_paths.h"

namespace fieldscope {

BuiltInPath usual_path(const PosedViews& views) {
  return views.forward_facing ? BuiltInPath::spiral : BuiltInPath::orbit;
}

CameraPath built_in_path(const PosedViews& views, BuiltInPath which, double seconds) {
  std::vector<PosedCamera> cameras;
  for (const PosedView& view : views.training) cameras.push_back(view.camera);
  if (which == BuiltInPath::orbit) return orbit_path(cameras, views.up, seconds);
  return spiral_path(cameras, views.near, views.far, seconds);
}

}  // namespace fieldscope
