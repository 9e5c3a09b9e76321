// LLFF's datasets (Mildenhall et al. 2019): poses_bounds.npy beside folders of pictures. A row
// holds a 3 x 5 matrix row by row (camera to world with the axes down, right, back; the place; then
// height, width and focal length of the full photographs), and the depths between which the scene
// lies. Rows belong to the pictures in the order of their names.
#include <algorithm>

#include "engine/data/image.h"
#include "engine/data/npy.h"
#include "engine/data/posed_views_formats.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

/// The pictures of a folder, sorted by name; hidden files are none.
std::vector<fs::path> pictures_of(const fs::path& folder) {
  std::vector<fs::path> pictures;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::string ending = at->path().extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto& known = image_extensions();
    const bool hidden = at->path().filename().string().starts_with('.');
    if (!hidden && std::find(known.begin(), known.end(), ending) != known.end()) {
      pictures.push_back(at->path());
    }
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

/// Of the folders that have pictures the one with the smallest that are at least `longest`, or the
/// largest ones where none is (or with longest = 0).
std::vector<fs::path> suitable_pictures(const fs::path& folder, int longest) {
  std::vector<fs::path> best;
  int best_side = 0;
  for (const char* name : {"images", "images_2", "images_4", "images_8"}) {
    std::vector<fs::path> pictures = pictures_of(folder / name);
    if (pictures.empty()) continue;
    const ImageExtent size = image_extent(pictures.front(), max_image_pixels);
    const int side = std::max(size.width, size.height);
    const bool enough = longest > 0 && side >= longest,
               had_enough = longest > 0 && best_side >= longest;
    if (best.empty() || (enough && had_enough ? side < best_side : side > best_side)) {
      best = std::move(pictures);
      best_side = side;
    }
  }
  return best;
}

ListedView view_of_row(const double* row) {
  const auto column = [&](int i) { return Point64{row[i], row[5 + i], row[10 + i]}; };
  ListedView view;
  view.pose = checked_pose({column(1), column(0) * -1, column(2), column(3)});
  view.lens.height = row[4];
  view.lens.width = row[9];
  view.lens.fx = row[14];
  view.near = row[15];
  view.far = row[16];
  // Written so that NaN is refused too.
  if (!(view.near > 0 && view.far > view.near && view.far < 1e9)) {
    throw DataError("its bounds are " + number_text(view.near) + " and " + number_text(view.far) +
                    "; they must be two depths above 0, the nearer first");
  }
  return view;
}

}  // namespace

ListedViews list_llff(const fs::path& folder, int longest) {
  ListedViews listed;
  listed.file = folder / "poses_bounds.npy";
  const NpyArray array = read_npy(listed.file);
  if (array.shape.size() != 2 || array.shape[1] != 17 || array.shape[0] == 0) {
    refuse_views(listed.file, "it holds " + shape_text(array.shape) +
                                  " numbers, not N x 17 (pose, size, focal length and bounds of "
                                  "each view); make it with LLFF's imgs2poses.py");
  }
  const std::size_t rows = array.shape[0];
  if (rows > max_views) {
    refuse_views(listed.file, "it has " + std::to_string(rows) + " views, more than " +
                                  std::to_string(max_views) + "; give fewer");
  }
  const std::vector<fs::path> pictures = suitable_pictures(folder, longest);
  if (pictures.empty()) {
    refuse_views(listed.file,
                 "there are no pictures in 'images', 'images_2', 'images_4' or 'images_8' beside "
                 "it; put them there");
  }
  if (pictures.size() != rows) {
    refuse_views(listed.file,
                 "it has " + std::to_string(rows) + " rows, and there are " +
                     std::to_string(pictures.size()) + " pictures in '" +
                     pictures.front().parent_path().filename().string() +
                     "'; both must list the same views, in the order of the pictures' names");
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string where = "row " + std::to_string(i);
    try {
      listed.views.push_back(view_of_row(array.numbers.data() + 17 * i));
    } catch (const DataError& error) {
      refuse_views(listed.file, where + ": " + error.what());
    }
    listed.views.back().where = where;
    listed.views.back().picture = pictures[i];
    listed.views.back().lens_of = 0;
  }
  return listed;
}

}  // namespace fieldscope
