#include "app/headless/mesh_pictures.h"

#include <cstdio>
#include <exception>

#include "engine/export/figure.h"
#include "engine/export/mesh_file.h"
#include "engine/math/colormap.h"

namespace fieldscope {
namespace {

constexpr int default_side = 800;

}  // namespace

double error_limit_of(const std::vector<const Mesh*>& meshes, double unit) {
  std::vector<Image> errors;
  for (const Mesh* mesh : meshes) {
    Image values{static_cast<int>(mesh->errors.size()), 1, 1, mesh->errors};
    for (float& value : values.pixels) value *= static_cast<float>(unit);
    errors.push_back(std::move(values));
  }
  return error_scale(errors) / unit;
}

MeshPictures::MeshPictures(MeshPictureMaker maker, const Dataset* dataset, int width, int height)
    : maker_(std::move(maker)),
      width_(width > 0 ? width : default_side),
      height_(height > 0 ? height : default_side) {
  if (const auto* truth = dynamic_cast<const MeshDataset*>(dataset))
    camera_.fit(truth->mesh().vertices, static_cast<float>(width_) / static_cast<float>(height_));
}

std::optional<Image> MeshPictures::shaded(const Mesh& mesh) const {
  return draw(mesh, mesh_style_on_light());
}

std::optional<Image> MeshPictures::errors(const Mesh& mesh, double limit) const {
  MeshStyle style = mesh_style_on_light();
  style.mode = MeshMode::error;
  style.error_map = Colormap::magma;  // as the figure's other errors
  style.error_limit = static_cast<float>(limit);
  return draw(mesh, style);
}

std::optional<Image> MeshPictures::draw(const Mesh& mesh, const MeshStyle& style) const {
  if (refused_) return std::nullopt;
  std::string reason = "this build has no OpenGL";
  try {
    if (maker_) return maker_(mesh, camera_, style, width_, height_, nullptr);
  } catch (const std::exception& problem) {
    reason = problem.what();
  }
  refused_ = true;
  std::fprintf(stderr, "fieldscope: pictures of meshes are left out: %s\n", reason.c_str());
  return std::nullopt;
}

void write_surface(const std::filesystem::path& path, const Surface& surface,
                   const MeshFrame& frame) {
  const Mesh& mesh = surface.mesh;
  if (path.extension() == ".obj") {
    write_obj(path, mesh, frame);
    return;
  }
  const auto limit = static_cast<float>(error_limit_of({&mesh}, frame.scale));
  write_ply(path, mesh, frame, error_colours(mesh, Colormap::viridis, limit));
}

}  // namespace fieldscope
