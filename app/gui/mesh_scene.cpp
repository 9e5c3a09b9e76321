#include "app/gui/mesh_scene.h"

#include <cmath>
#include <limits>

namespace fieldscope::gui {

const char* mesh_mode_name(MeshMode mode) {
  switch (mode) {
    case MeshMode::shaded:
      return "Shaded";
    case MeshMode::normals:
      return "Normals";
    case MeshMode::error:
      return "Error";
  }
  return "";
}

const char* mesh_mode_id(MeshMode mode) {
  switch (mode) {
    case MeshMode::shaded:
      return "shaded";
    case MeshMode::normals:
      return "normals";
    case MeshMode::error:
      return "error";
  }
  return "";
}

CutPlane MeshChoices::cut_for(const Camera& seen_from) const {
  const SectionPlane at = plane();
  const Vec3 eye = seen_from.eye();
  const float along = at.axis == 0 ? eye.x : at.axis == 1 ? eye.y : eye.z;
  const float side = along >= at.offset ? 1.0f : -1.0f;
  CutPlane cut;
  cut.normal = {at.axis == 0 ? side : 0, at.axis == 1 ? side : 0, at.axis == 2 ? side : 0};
  cut.offset = side * at.offset;
  return cut;
}

void ShownMesh::show(std::shared_ptr<const Mesh> mesh, const MeshLabel& label,
                     const std::function<void()>& wake) {
  wanted_ = std::move(mesh);
  wanted_label_ = label;
  if (!wanted_) {
    packing_.reset();
    shown_.reset();
    shown_label_ = {};
    buffer_ = {};
  } else if (!packed_.valid()) {
    pack(wake);
  }
}

void ShownMesh::pack(const std::function<void()>& wake) {
  packing_ = std::move(wanted_);
  packing_label_ = wanted_label_;
  packed_ = std::async(std::launch::async, [mesh = packing_, wake] {
    gl::PackedMesh packed = gl::pack(*mesh);
    wake();
    return packed;
  });
}

void ShownMesh::collect(const std::function<void()>& wake) {
  if (!ready(packed_)) return;
  const gl::PackedMesh packed = packed_.get();
  if (packing_) {
    buffer_.upload(packed);
    shown_ = std::move(packing_);
    shown_label_ = packing_label_;
  }
  if (wanted_) pack(wake);
}

void ShownSurface::take(const Snapshot& snapshot, const std::function<void()>& wake) {
  if (snapshot.surface != newest) {
    newest = snapshot.surface;
    section_plane.reset();
    if (!newest) {
      mesh.show(nullptr, {}, wake);
    } else {
      const MeshLabel label = {newest->resolution, snapshot.surface_at.step, snapshot.edits.size()};
      // A new section is drawn with a coarse surface; the fine one of the same weights stays.
      const bool finer = mesh.mesh() && label.step > 0 && mesh.label().same_weights(label) &&
                         mesh.label().resolution > label.resolution;
      if (!finer) mesh.show({newest, &newest->mesh}, label, wake);
      if (newest->section) {
        section.upload(section_image(*newest->section));
        section_plane = newest->section->plane;
      }
    }
  }
  mesh.collect(wake);
}

void ShownSurface::forget() {
  newest.reset();
  section_plane.reset();
  mesh.show(nullptr, {}, {});
  own_camera.reset();
  asked = {0, 0, {}};
}

SectionImage section_image(const Section& section) {
  constexpr int side = Section::side;
  const Vec3 first = Section::point(section.plane, 0, 0);
  const Vec3 right = (Section::point(section.plane, side - 1, 0) - first) * (1.0f / (side - 1));
  const Vec3 down = (Section::point(section.plane, 0, side - 1) - first) * (1.0f / (side - 1));
  SectionImage image;
  image.width = image.height = side;
  image.probabilities = section.probabilities;
  // Samples are at the box's faces, values in the middle of their cells.
  image.origin = first - (right + down) * 0.5f;
  image.across = right * side;
  image.along = down * side;
  return image;
}

namespace {

// Where the ray meets the triangle, as a multiple of its direction; from either side (Möller and
// Trumbore 1997). Negative where it does not.
float meeting(const Ray& ray, Vec3 a, Vec3 b, Vec3 c) {
  const Vec3 ab = b - a, ac = c - a, p = cross(ray.direction, ac);
  const float determinant = dot(ab, p);
  if (std::fabs(determinant) < 1e-20f) return -1;
  const float inverse = 1 / determinant;
  const Vec3 from = ray.origin - a;
  const float u = dot(from, p) * inverse;
  if (u < 0 || u > 1) return -1;
  const Vec3 q = cross(from, ab);
  const float v = dot(ray.direction, q) * inverse;
  if (v < 0 || u + v > 1) return -1;
  return dot(ac, q) * inverse;
}

}  // namespace

std::optional<Vec3> first_seen(const Mesh& mesh, const Ray& ray,
                               const std::optional<CutPlane>& cut) {
  constexpr float none = std::numeric_limits<float>::infinity();
  // The ray is seen from where it enters what is left.
  float enters = 0;
  if (cut) {
    const float towards = dot(cut->normal, ray.direction);
    const float away = dot(cut->normal, ray.origin) - cut->offset;
    if (away > 0 && towards >= 0) return std::nullopt;
    if (away > 0) enters = away / -towards;
  }
  float nearest = none;
  std::size_t beyond = 0;  // how often the surface is met from there on
  for (const auto& [a, b, c] : mesh.triangles) {
    const float t = meeting(ray, mesh.vertices[a], mesh.vertices[b], mesh.vertices[c]);
    if (t <= enters) continue;
    ++beyond;
    nearest = std::min(nearest, t);
  }
  if (nearest == none) return std::nullopt;
  const bool on_cut = enters > 0 && beyond % 2 == 1;
  return ray.origin + ray.direction * (on_cut ? enters : nearest);
}

}  // namespace fieldscope::gui
