// The camera paths that a dataset of posed views offers by itself. Pure functions; any thread.
#pragma once

#include "engine/data/posed_views.h"
#include "engine/geometry/camera_path.h"

namespace fieldscope {

enum class BuiltInPath {
  spiral,  ///< around the mean camera
  orbit    ///< around the scene
};

/// What suits the dataset: a spiral where its views all look one way.
BuiltInPath usual_path(const PosedViews& views);

/// Through the scene of the dataset, from its training views' cameras.
CameraPath built_in_path(const PosedViews& views, BuiltInPath which, double seconds);

}  // namespace fieldscope
