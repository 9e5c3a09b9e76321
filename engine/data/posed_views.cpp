#include "engine/data/posed_views.h"

#include <algorithm>
#include <cstdio>
#include <new>

#include "engine/data/posed_views_formats.h"
#include "engine/data/view_pictures.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

namespace fs = std::filesystem;
using Part = TransformsFile::Part;

constexpr const char* llff_file = "poses_bounds.npy";
constexpr const char* sought =
    "poses_bounds.npy (LLFF), transforms_train.json (Blender) and transforms.json (instant-ngp, "
    "nerfstudio)";

void tell(const LoadProgress& progress, double share, const char* stage) {
  if (progress) progress(share, stage);
}

bool is_transforms_name(const std::string& name) {
  return name.starts_with("transforms") && name.ends_with(".json");
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Names of all transforms*.json of a folder, sorted.
std::vector<std::string> transforms_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (is_transforms_name(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Blender's files: what is held out is the test views, without those the validation views.
ListedViews list_blender(const fs::path& folder) {
  std::vector<TransformsFile> files = {{folder / "transforms_train.json", Part::training}};
  for (const char* name : {"transforms_test.json", "transforms_val.json"}) {
    if (!is_file(folder / name)) continue;
    files.push_back({folder / name, Part::held_out});
    break;
  }
  return list_transforms(files);
}

ListedViews list_folder(const fs::path& folder, int longest) {
  if (is_file(folder / llff_file)) return list_llff(folder, longest);
  if (is_file(folder / "transforms_train.json")) return list_blender(folder);
  if (is_file(folder / "transforms.json")) return list_transforms({{folder / "transforms.json"}});
  const std::vector<std::string> names = transforms_names(folder);
  if (names.size() == 1) return list_transforms({{folder / names.front()}});
  if (names.empty()) {
    refuse_views(folder,
                 std::string("there is none of ") + sought + " in it; give a folder with one");
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  refuse_views(folder, "it has several lists of views (" + list + "); give one of these files");
}

ListedViews list_views(const fs::path& path, int longest) {
  if (is_folder(path)) return list_folder(path, longest);
  const std::string name = path.filename().string();
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    refuse_views(path, "there is nothing of that name; check the path");
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (name == llff_file) return list_llff(folder, longest);
  if (name == "transforms_train.json") return list_blender(folder);
  if (fs::path(name).extension() == ".json") return list_transforms({{path}});
  refuse_views(path, std::string("it is no list of views; give a folder with one of ") + sought);
}

/// "fox" of "data/fox", "data/fox/" and "data/fox/transforms.json"; other files keep their names.
std::string dataset_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool whole =
      name == llff_file || name == "transforms_train.json" || name == "transforms.json";
  fs::path folder = fs::absolute(path).lexically_normal();
  if (whole || folder.filename().empty()) folder = folder.parent_path();
  return folder.filename().string();
}

/// Sizes of all pictures, from their headers.
std::vector<ImageExtent> picture_sizes(const ListedViews& listed, const Parallel& parallel) {
  std::vector<ImageExtent> sizes(listed.views.size());
  parallel(sizes.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      sizes[i] = image_extent(listed.views[i].picture, max_image_pixels);
    }
  });
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const ListedView& view = listed.views[i];
    std::size_t first = 0;
    while (listed.views[first].lens_of != view.lens_of) ++first;
    if (view.lens_of < 0 ||
        (sizes[i].width == sizes[first].width && sizes[i].height == sizes[first].height)) {
      continue;
    }
    const auto text = [&](std::size_t k) {
      return "'" + listed.views[k].picture.filename().string() + "' has " +
             std::to_string(sizes[k].width) + "x" + std::to_string(sizes[k].height);
    };
    refuse_views(listed.file, "its pictures share one lens and differ in size (" + text(first) +
                                  ", " + text(i) + "); give pictures of one size");
  }
  return sizes;
}

std::vector<Lens> fitted_lenses(const ListedViews& listed, const std::vector<ImageExtent>& sizes,
                                int longest) {
  std::vector<Lens> lenses;
  std::size_t pixels = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    int width = 0, height = 0;
    fit_size(sizes[i].width, sizes[i].height, longest, &width, &height);
    try {
      lenses.push_back(lens_for(listed.views[i].lens, sizes[i]).resized(width, height));
    } catch (const DataError& error) {
      refuse_views(listed.file, listed.views[i].where + ": " + error.what());
    }
    pixels += static_cast<std::size_t>(width) * height;
  }
  if (pixels > max_view_pixels) {
    refuse_views(listed.file, "its " + std::to_string(sizes.size()) + " pictures have " +
                                  std::to_string(pixels) + " pixels in all, more than " +
                                  std::to_string(max_view_pixels) + "; reduce them further");
  }
  return lenses;
}

/// The pictures, reduced to the cameras' sizes.
std::vector<PosedView> read_pictures(const ListedViews& listed, const std::vector<Lens>& lenses,
                                     const Parallel& parallel, const LoadProgress& progress) {
  std::vector<PosedView> views(lenses.size());
  const auto read = [&](std::size_t i) {
    const fs::path& path = listed.views[i].picture;
    DecodedBytes picture = as_colour(
        reduced(decode_image_bytes(path, max_image_pixels), lenses[i].width, lenses[i].height));
    views[i].name = path.filename().string();
    views[i].channels = picture.channels;
    views[i].pixels = std::move(picture.numbers);
  };
  // In pieces, so that whoever waits sees how far it is and can give it up.
  constexpr std::size_t piece = 16;
  for (std::size_t start = 0; start < views.size(); start += piece) {
    parallel(std::min(piece, views.size() - start), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = start + begin; i < start + end; ++i) read(i);
    });
    const double done = static_cast<double>(std::min(start + piece, views.size()));
    tell(progress, 0.05 + 0.95 * done / static_cast<double>(views.size()), "reading pictures");
  }
  return views;
}

/// Which views are held out: those that the dataset names, otherwise every so many.
void split_views(ListedViews& listed, int every) {
  const auto held_out = [](const ListedView& view) { return view.held_out; };
  const auto held = std::count_if(listed.views.begin(), listed.views.end(), held_out);
  const auto all = static_cast<std::ptrdiff_t>(listed.views.size());
  if (all < 2) {
    refuse_views(listed.file,
                 "there is only one view with a picture; at least 2 are needed, one of "
                 "them to be held out");
  }
  if (held == all) {
    refuse_views(listed.file, "no training view has a picture; put them where 'file_path' says");
  }
  if (held > 0) return;
  if (listed.own_split) {
    listed.warnings.push_back("no view that the dataset holds out has a picture: every " +
                              std::to_string(every) + "th is held out instead");
  }
  for (std::size_t i = 0; i < listed.views.size(); i += static_cast<std::size_t>(every)) {
    listed.views[i].held_out = true;
  }
}

void check(const PosedViewsSettings& settings) {
  if (settings.longest < 0) {
    throw UsageError("the longer side of pictures cannot be " + std::to_string(settings.longest) +
                     ": give at least 1, or 0 to leave them as they are");
  }
  if (settings.hold_out_every < 2) {
    throw UsageError("cannot hold out every " + std::to_string(settings.hold_out_every) +
                     "th view: give at least 2");
  }
}

std::shared_ptr<const PosedViews> load(const fs::path& path, const PosedViewsSettings& settings,
                                       const Parallel& parallel, const LoadProgress& progress) {
  tell(progress, 0, "looking for pictures");
  ListedViews listed = list_views(path, settings.longest);
  split_views(listed, settings.hold_out_every);
  const std::vector<ImageExtent> sizes = picture_sizes(listed, parallel);
  const std::vector<Lens> lenses = fitted_lenses(listed, sizes, settings.longest);
  const Scene scene = lay_out_scene(listed, lenses);
  tell(progress, 0.05, "reading pictures");
  std::vector<PosedView> views = read_pictures(listed, lenses, parallel, progress);

  auto dataset = std::make_shared<PosedViews>();
  dataset->path = path;
  dataset->name = dataset_name(path);
  dataset->frame = scene.frame;
  dataset->up = scene.up;
  dataset->near = scene.near;
  dataset->far = scene.far;
  dataset->forward_facing = scene.forward_facing;
  dataset->warnings = std::move(listed.warnings);
  for (std::size_t i = 0; i < views.size(); ++i) {
    views[i].camera = scene.cameras[i];
    dataset->has_alpha = dataset->has_alpha || views[i].channels == 4;
    (listed.views[i].held_out ? dataset->held_out : dataset->training)
        .push_back(std::move(views[i]));
  }
  return dataset;
}

}  // namespace

void refuse_views(const fs::path& file, const std::string& reason) {
  throw DataError("cannot read posed views '" + file.string() + "': " + reason);
}

std::string quoted_text(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string shown = "'" + std::string(text.substr(0, most)) + (text.size() > most ? "...'" : "'");
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  }
  return shown;
}

std::string number_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

std::string_view posed_views_files() {
  return sought;
}

std::array<float, 3> PosedView::colour(std::size_t pixel, float background) const {
  const std::uint8_t* in = pixels.data() + pixel * static_cast<std::size_t>(channels);
  std::array<float, 3> result{};
  const float alpha = channels == 4 ? static_cast<float>(in[3]) / 255 : 1;
  for (std::size_t c = 0; c < 3; ++c) {
    result[c] = static_cast<float>(in[c]) / 255 * alpha + background * (1 - alpha);
  }
  return result;
}

Image PosedView::picture(float background) const {
  Image image{camera.lens.width, camera.lens.height, 3, {}};
  image.pixels.reserve(image.count() * 3);
  for (std::size_t i = 0; i < image.count(); ++i) {
    const std::array<float, 3> rgb = colour(i, background);
    image.pixels.insert(image.pixels.end(), rgb.begin(), rgb.end());
  }
  return image;
}

std::string PosedViews::extent() const {
  int width = 0, height = 0;
  bool same = true;
  for (const PosedView& view : training) {
    const Lens& lens = view.camera.lens;
    same = same && lens.width == training.front().camera.lens.width &&
           lens.height == training.front().camera.lens.height;
    width = std::max(width, lens.width);
    height = std::max(height, lens.height);
  }
  return std::to_string(training.size()) + (training.size() == 1 ? " view of " : " views of ") +
         (same ? "" : "up to ") + std::to_string(width) + " × " + std::to_string(height) + ", " +
         std::to_string(held_out.size()) + " held out";
}

bool is_posed_views(const fs::path& path) {
  if (!is_folder(path)) {
    const std::string name = path.filename().string();
    return name == llff_file || is_transforms_name(name);
  }
  return is_file(path / llff_file) || !transforms_names(path).empty();
}

std::shared_ptr<const PosedViews> load_posed_views(const fs::path& path,
                                                   const PosedViewsSettings& settings,
                                                   const Parallel& parallel,
                                                   const LoadProgress& progress) {
  check(settings);
  try {
    return load(path, settings, parallel, progress);
  } catch (const std::bad_alloc&) {
    refuse_views(path, "it needs more memory than there is; reduce the pictures further");
  }
}

}  // namespace fieldscope
