// Camera paths as JSON, in the coordinates of the dataset's own file, so that they mean the same to
// other programs and however we place the scene:
//
//   {"fieldscope": "camera path", "frames_per_second": 30, "seconds": 4, "loop": true,
//    "keyframes": [{"transform_matrix": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 4], [0, 0, 0, 1]],
//                   "vertical_angle": 40, "time": 0}, ...]}
//
// Matrices lead from the camera to the world, with axes as in transforms.json (x right, y up, z
// back); their last row may be left out. Angles of view in degrees, times in seconds, ascending. A
// looping path goes on from its last key frame to the first, where it is at the end. Without
// "frames_per_second" there are 30, without "loop" there is none; other members are passed over.
// Plain host data; any thread.
#pragma once

#include <filesystem>

#include "engine/data/posed_views.h"
#include "engine/geometry/camera_path.h"

namespace fieldscope {

struct CameraPathFile {
  CameraPath path;  ///< in scene coordinates
  double frames_per_second = 30;
};

/// Throws DataError naming the file.
void write_camera_path(const std::filesystem::path& path, const CameraPathFile& written,
                       const SceneFrame& frame);

/// Whether a JSON file says that it is one, right or wrong as it may be otherwise. Of a file that
/// cannot be read: no.
bool is_camera_path(const std::filesystem::path& path);

/// Throws DataError naming the file and the member that is wrong.
CameraPathFile read_camera_path(const std::filesystem::path& path, const SceneFrame& frame);

}  // namespace fieldscope
