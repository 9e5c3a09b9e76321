// Which scene a radiance field has learned, as its weights say it: where the scene's box lies among
// the file's coordinates, and what is said of the cameras. Two of them tell whether a dataset is
// that scene. Plain data; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/data/posed_views.h"

namespace fieldscope {

struct SceneRecord {
  SceneFrame frame;          ///< as PosedViews has it
  double near = 0, far = 0;  ///< scene units
  bool forward_facing = false;
  std::size_t views = 0;  ///< of training and held out
  Vec3 middle;            ///< the mean place of the cameras, scene units
};

SceneRecord scene_record(const PosedViews& views);

/// As entries of model.safetensors: centre, scale and axes (the columns right, up, back) of the
/// frame, near, far, facing, views and cameras.
std::map<std::string, std::string> scene_metadata(const SceneRecord& record);

/// The inverse; nothing where the entries are of weights older than the record. Throws UsageError
/// naming the entry that is wrong.
std::optional<SceneRecord> scene_of_metadata(const std::map<std::string, std::string>& said);

/// In what the dataset differs from the scene that was learned, such as "it has 20 views, not 100";
/// empty where it is the same. Pictures read at another size move the box by roundings, which are
/// far below the tolerance of a fiftieth of its half side.
std::string scene_difference(const SceneRecord& learned, const SceneRecord& dataset);

}  // namespace fieldscope
