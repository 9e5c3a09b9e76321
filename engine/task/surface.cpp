#include "engine/task/surface.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::size_t section_samples = std::size_t{Section::side} * Section::side;

/// Of the whole work, as far as one can tell before: the extraction, the section, the errors.
constexpr double extraction_part = 0.9;

}  // namespace

void check_section(const SectionPlane& plane) {
  if (plane.axis >= 0 && plane.axis <= 2 && std::fabs(plane.offset) <= 1) return;
  throw UsageError("a section is across axis 0, 1 or 2 at an offset in [-1, 1], not across axis " +
                   std::to_string(plane.axis) + " at " + std::to_string(plane.offset));
}

Vec3 Section::point(const SectionPlane& plane, int column, int row) {
  const auto along = [](int i) { return -1 + 2 * static_cast<float>(i) / (side - 1); };
  const float a = along(column), b = along(row);
  if (plane.axis == 0) return {plane.offset, a, b};
  if (plane.axis == 1) return {a, plane.offset, b};
  return {a, b, plane.offset};
}

SurfaceDrawing::SurfaceDrawing(Backend& backend, const Network& network,
                               std::span<const double> weights,
                               std::shared_ptr<const MeshDataset> truth,
                               const SurfaceSettings& settings)
    : field_(backend, network, weights),
      truth_(std::move(truth)),
      extraction_(settings.grid),
      surface_(std::make_shared<Surface>()) {
  surface_->resolution = extraction_.resolution();
  if (!settings.section) return;
  check_section(*settings.section);
  surface_->section.emplace();
  surface_->section->plane = *settings.section;
  surface_->section->probabilities.resize(section_samples);
}

std::span<const float> SurfaceDrawing::logits(std::span<const Vec3> points) {
  surface_->evaluations += points.size();
  return field_.values(points);
}

bool SurfaceDrawing::advance(std::size_t points) {
  if (!extracted_) {
    extraction_.give(logits(extraction_.wanted(points)));
    if (!extraction_.done()) return false;
    surface_->mesh = extraction_.take();
    if (truth_) surface_->mesh.errors.resize(surface_->mesh.vertices.size());
    extracted_ = true;
    return false;
  }
  if (surface_->section && section_done_ < section_samples) return advance_section(points);
  return advance_errors(points);
}

bool SurfaceDrawing::advance_section(std::size_t points) {
  Section& section = *surface_->section;
  const std::size_t count = std::min(points, section_samples - section_done_);
  section_points_.clear();
  for (std::size_t i = section_done_; i < section_done_ + count; ++i)
    section_points_.push_back(Section::point(section.plane, static_cast<int>(i % Section::side),
                                             static_cast<int>(i / Section::side)));
  for (const float logit : logits(section_points_))
    section.probabilities[section_done_++] = 1 / (1 + std::exp(-logit));
  return false;
}

bool SurfaceDrawing::advance_errors(std::size_t points) {
  Mesh& mesh = surface_->mesh;
  const std::size_t end = std::min(mesh.errors.size(), errors_done_ + points);
  for (; errors_done_ < end; ++errors_done_)
    mesh.errors[errors_done_] =
        truth_->solid().tree().nearest(mesh.vertices[errors_done_]).distance;
  if (errors_done_ < mesh.errors.size()) return false;
  double sum = 0;
  for (const float error : mesh.errors) {
    sum += error;
    surface_->max_error = std::max(surface_->max_error, static_cast<double>(error));
  }
  if (!mesh.errors.empty()) surface_->mean_error = sum / static_cast<double>(mesh.errors.size());
  return true;
}

double SurfaceDrawing::share() const {
  if (!extracted_) return extraction_part * extraction_.share();
  const auto errors = static_cast<double>(surface_->mesh.errors.size());
  return extraction_part +
         (1 - extraction_part) * static_cast<double>(errors_done_) / std::max(errors, 1.0);
}

std::shared_ptr<const Surface> SurfaceDrawing::take() {
  return std::move(surface_);
}

}  // namespace fieldscope
