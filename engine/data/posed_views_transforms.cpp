// transforms*.json: camera-to-world matrices in OpenGL's axes, one a picture.
// - NeRF's Blender scenes: transforms_train, _val and _test, only camera_angle_x, names without
//   ending.
// - instant-ngp's captures: one file with fl_x, fl_y, cx, cy, w, h, k1, k2, p1, p2 and aabb_scale.
// - nerfstudio's: the same, where each frame may have its own lens, and lists of file names may say
//   which views are held out.
// Scales and offsets into those programs' own boxes are ignored: the scene's box comes from the
// cameras.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/data/posed_views_formats.h"
#include "engine/data/whole_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t most_bytes = 256u << 20;

[[noreturn]] void refuse(const std::string& reason) {
  throw DataError(reason);
}

/// A value as messages show it.
std::string shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return quoted_text(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::optional<double> number(const json& object, const char* key) {
  if (!object.contains(key) || object.at(key).is_null()) return std::nullopt;
  const json& value = object.at(key);
  if (!value.is_number()) {
    refuse("its '" + std::string(key) + "' is " + shown(value) + ", not a number");
  }
  return value.get<double>();
}

/// The lens of a frame: what it says itself, otherwise what the file says for all. Whether it says
/// anything goes to `own`.
FileLens read_lens(const json& file, const json& frame, bool& own) {
  const auto member = [&](const char* key) {
    const std::optional<double> here = number(frame, key);
    own = own || here;
    return here ? here : number(file, key);
  };
  const json* const says[] = {&frame, &file};
  for (const json* object : says) {
    if (!object->contains("camera_model")) continue;
    const json& model = object->at("camera_model");
    static const std::set<std::string> known = {"OPENCV", "PINHOLE",       "SIMPLE_PINHOLE",
                                                "RADIAL", "SIMPLE_RADIAL", "PERSPECTIVE"};
    if (!model.is_string() || !known.contains(model.get<std::string>())) {
      refuse("its 'camera_model' is " + shown(model) +
             "; only pinholes with radial and tangential distortion (OPENCV) are known");
    }
    break;
  }
  for (const json* object : says) {
    if (object->contains("is_fisheye") && object->at("is_fisheye") == true) {
      refuse("its lens is a fisheye; undistort the pictures first");
    }
  }
  FileLens lens;
  lens.width = member("w");
  lens.height = member("h");
  lens.fx = member("fl_x");
  lens.fy = member("fl_y");
  lens.cx = member("cx");
  lens.cy = member("cy");
  lens.angle_x = member("camera_angle_x");
  lens.angle_y = member("camera_angle_y");
  lens.k1 = member("k1").value_or(0);
  lens.k2 = member("k2").value_or(0);
  lens.k3 = member("k3").value_or(0);
  lens.p1 = member("p1").value_or(0);
  lens.p2 = member("p2").value_or(0);
  if (member("k4").value_or(0) != 0) {
    refuse("its distortion has a 'k4', which is not known; undistort the pictures first");
  }
  return lens;
}

FilePose read_pose(const json& frame) {
  if (!frame.contains("transform_matrix")) refuse("it has no 'transform_matrix'");
  const json& matrix = frame.at("transform_matrix");
  constexpr const char* wanted = "its 'transform_matrix' is not 4 rows of 4 numbers";
  if (!matrix.is_array() || matrix.size() < 3 || matrix.size() > 4) refuse(wanted);
  double rows[4][4] = {{}, {}, {}, {0, 0, 0, 1}};
  for (std::size_t r = 0; r < matrix.size(); ++r) {
    const json& row = matrix.at(r);
    if (!row.is_array() || row.size() != 4) refuse(wanted);
    for (std::size_t c = 0; c < 4; ++c) {
      if (!row.at(c).is_number()) refuse(wanted);
      rows[r][c] = row.at(c).get<double>();
    }
  }
  for (int c = 0; c < 4; ++c) {
    if (std::abs(rows[3][c] - (c == 3 ? 1 : 0)) > 1e-6) {
      refuse("the last row of its 'transform_matrix' is not 0, 0, 0, 1");
    }
  }
  std::array<Point64, 4> columns;
  for (std::size_t c = 0; c < 4; ++c) columns[c] = {rows[0][c], rows[1][c], rows[2][c]};
  return checked_pose(columns);
}

/// The picture that a frame means, or where it would be; its name may lack the ending and have
/// Windows' backslashes.
fs::path find_picture(const fs::path& folder, std::string name, bool& found) {
  std::error_code ignored;
  const auto there = [&](const fs::path& path) { return fs::is_regular_file(path, ignored); };
  for (int turn = 0; turn < 2; ++turn) {
    const fs::path path = (folder / name).lexically_normal();
    found = there(path);
    if (found) return path;
    for (const char* ending : {".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG"}) {
      fs::path longer = path;
      longer += ending;
      found = there(longer);
      if (found) return longer;
    }
    std::replace(name.begin(), name.end(), '\\', '/');
  }
  return (folder / name).lexically_normal();
}

/// nerfstudio's lists of the names that belong to training and to what is held out.
class SplitLists {
 public:
  explicit SplitLists(const json& file) {
    const auto read = [&](const char* key, std::optional<std::set<std::string>>& names) {
      if (!file.contains(key)) return;
      const json& list = file.at(key);
      if (!list.is_array()) refuse("its '" + std::string(key) + "' is not a list of names");
      names.emplace();
      for (const json& name : list) {
        if (!name.is_string()) refuse("its '" + std::string(key) + "' is not a list of names");
        names->insert(name.get<std::string>());
      }
    };
    read("train_filenames", training_);
    read("test_filenames", held_out_);
    read("val_filenames", validation_);
    if (!held_out_ || held_out_->empty()) std::swap(held_out_, validation_);
  }

  bool given() const { return held_out_ && !held_out_->empty(); }
  bool held_out(const std::string& name) const { return held_out_->contains(name); }
  /// Views of neither kind are left out, as nerfstudio does.
  bool wanted(const std::string& name) const {
    if (held_out(name)) return true;
    if (training_) return training_->contains(name);
    return !validation_ || !validation_->contains(name);
  }

 private:
  std::optional<std::set<std::string>> training_, held_out_, validation_;
};

/// Frames whose picture is missing.
struct Missing {
  std::size_t count = 0, listed = 0;
  std::string names;

  void add(const fs::path& picture) {
    constexpr std::size_t most = 3;
    ++count;
    if (count > most + 1) return;
    const std::string name = quoted_text(picture.filename().string());
    names += count > most ? ", ..."
             : count == 1 ? name.substr(1, name.size() - 2)
                          : ", " + name.substr(1, name.size() - 2);
  }
};

json parse(const fs::path& path) {
  const std::string text = read_whole_file(path, "posed views", most_bytes);
  if (nests_too_deeply(text)) refuse_views(path, "it nests too deeply for a list of views");
  json file;
  try {
    file = json::parse(text);
  } catch (const json::parse_error& error) {
    refuse_views(path, json_fault(text, error.byte) + "; make it again or repair it");
  } catch (const json::exception&) {
    refuse_views(path, "it is not JSON; make it again or repair it");
  }
  if (!file.is_object() || !file.contains("frames") || !file.at("frames").is_array() ||
      file.at("frames").empty()) {
    refuse_views(path,
                 "it has no list 'frames' of views; make it with instant-ngp's "
                 "colmap2nerf.py or nerfstudio's ns-process-data");
  }
  return file;
}

void add_frame(const json& file, const json& frame, const TransformsFile& from, int lens_of,
               const SplitLists& split, Missing& missing, ListedViews& listed) {
  if (!frame.is_object()) refuse("it is not an object");
  if (!frame.contains("file_path") || !frame.at("file_path").is_string()) {
    refuse("it has no 'file_path'");
  }
  ListedView view;
  const auto name = frame.at("file_path").get<std::string>();
  if (split.given() && !split.wanted(name)) return;
  bool found = false;
  view.picture = find_picture(from.path.parent_path(), name, found);
  ++missing.listed;
  if (!found) return missing.add(view.picture);
  bool own = false;
  view.lens = read_lens(file, frame, own);
  view.lens_of = own ? -1 : lens_of;
  view.pose = read_pose(frame);
  view.held_out =
      split.given() ? split.held_out(name) : from.part == TransformsFile::Part::held_out;
  // In a scene of an object nothing is said but how wide the view is, or that the box is small.
  const std::optional<double> aabb_scale = number(file, "aabb_scale");
  const bool angle_only = !view.lens.fx && !view.lens.fy && view.lens.angle_x;
  listed.object_only = aabb_scale ? *aabb_scale <= 1 : angle_only;
  listed.z_up = angle_only;
  listed.views.push_back(std::move(view));
}

void add_file(const TransformsFile& from, int lens_of, Missing& missing, ListedViews& listed) {
  const json file = parse(from.path);
  std::size_t i = 0;
  std::string where;
  try {
    const SplitLists split(file);
    listed.own_split = listed.own_split || split.given();
    for (const json& frame : file.at("frames")) {
      where = "frame " + std::to_string(i++);
      if (frame.is_object() && frame.contains("file_path") && frame.at("file_path").is_string()) {
        where += " (" + quoted_text(frame.at("file_path").get<std::string>()) + ")";
      }
      if (listed.views.size() >= max_views) {
        refuse("there are more than " + std::to_string(max_views) + " views; give fewer");
      }
      add_frame(file, frame, from, lens_of, split, missing, listed);
      if (!listed.views.empty() && listed.views.back().where.empty()) {
        listed.views.back().where = where;
      }
    }
  } catch (const DataError& error) {
    refuse_views(from.path, (where.empty() ? "" : where + ": ") + error.what());
  }
}

}  // namespace

ListedViews list_transforms(const std::vector<TransformsFile>& files) {
  ListedViews listed;
  listed.file = files.front().path;
  Missing missing;
  int lens_of = 0;
  for (const TransformsFile& file : files) {
    listed.own_split = listed.own_split || file.part == TransformsFile::Part::held_out;
    add_file(file, lens_of++, missing, listed);
  }
  if (listed.views.empty()) {
    refuse_views(listed.file, missing.listed == 0
                                  ? "its lists of file names name none of its frames"
                                  : "none of its " + std::to_string(missing.listed) +
                                        " frames has a picture (" + missing.names +
                                        "); put them where 'file_path' says, beside the file");
  }
  if (missing.count > 0) {
    listed.warnings.push_back(std::to_string(missing.count) + " of " +
                              std::to_string(missing.listed) + " frames skipped: no image (" +
                              missing.names + ")");
  }
  return listed;
}

}  // namespace fieldscope
