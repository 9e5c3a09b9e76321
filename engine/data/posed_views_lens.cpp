// Cameras as files have them, checked: axes made a rotation, lenses fitted to the pictures found.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/data/posed_views_formats.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr double furthest = 1e9;  // from the origin: beyond it, differences get lost

bool finite(Point64 p) {
  return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z);
}

/// Brings three axes that are nearly at right angles to the rotation that is nearest to them: the
/// iteration R <- (R + R^-T) / 2 for the polar decomposition (Higham 1986).
void orthonormalise(FilePose& pose) {
  for (int i = 0; i < 6; ++i) {
    const double determinant = dot(cross(pose.right, pose.up), pose.back);
    const Point64 right = cross(pose.up, pose.back), up = cross(pose.back, pose.right),
                  back = cross(pose.right, pose.up);
    pose.right = (pose.right + right * (1 / determinant)) * 0.5;
    pose.up = (pose.up + up * (1 / determinant)) * 0.5;
    pose.back = (pose.back + back * (1 / determinant)) * 0.5;
  }
}

[[noreturn]] void refuse(const std::string& reason) {
  throw DataError(reason);
}

double focal_of_angle(double angle, double size) {
  if (!(angle > 0 && angle < std::numbers::pi)) {
    refuse("its angle of view is " + number_text(angle) + "; it must be between 0 and pi radians");
  }
  return size / (2 * std::tan(angle / 2));
}

double checked_size(double size) {
  if (!(size >= 1 && size <= 1 << 20)) {
    refuse("it says that pictures have " + number_text(size) +
           " pixels along one side; give the size of the photographs");
  }
  return size;
}

/// Sizes may be rounded, but not turned.
void check_aspect(double width, double height, ImageExtent found) {
  const double expected = found.width * height / width;
  if (std::abs(expected - found.height) > std::max(1.0, 0.02 * found.height)) {
    refuse("the lens is for pictures of " + number_text(width) + "x" + number_text(height) +
           ", and this one has " + std::to_string(found.width) + "x" +
           std::to_string(found.height) + "; give pictures of the same shape, not cut or turned");
  }
}

}  // namespace

FilePose checked_pose(const std::array<Point64, 4>& columns) {
  constexpr double tolerance = 1e-2;
  FilePose pose{columns[0], columns[1], columns[2], columns[3]};
  for (const Point64& column : columns) {
    if (!finite(column)) refuse("its pose holds numbers that are not finite; leave this view out");
  }
  const Point64 o = pose.origin;
  const double away = std::max({std::abs(o.x), std::abs(o.y), std::abs(o.z)});
  if (away > furthest) {
    refuse("its camera is " + number_text(away) +
           " away from the origin; move and scale the scene");
  }
  double off = 0;
  for (const Point64 axis : {pose.right, pose.up, pose.back}) {
    off = std::max(off, std::abs(length(axis) - 1));
  }
  off = std::max({off, std::abs(dot(pose.right, pose.up)), std::abs(dot(pose.up, pose.back)),
                  std::abs(dot(pose.back, pose.right))});
  if (!(off <= tolerance)) {
    refuse(
        "its pose is no rotation (its axes are not at right angles or not of length 1); export "
        "it without scale or shear");
  }
  if (dot(cross(pose.right, pose.up), pose.back) < 0) {
    refuse("its pose is mirrored; export it in a right-handed system");
  }
  orthonormalise(pose);
  return pose;
}

Lens lens_for(const FileLens& file, ImageExtent found) {
  const double width = checked_size(file.width.value_or(found.width));
  const double height = checked_size(file.height.value_or(found.height));
  if (file.width || file.height) check_aspect(width, height, found);
  Lens lens;
  // fl_x and fl_y say more than the angles, and one direction serves for both.
  const auto focal_x = file.fx        ? *file.fx
                       : file.angle_x ? focal_of_angle(*file.angle_x, width)
                                      : std::optional<double>();
  const auto focal_y = file.fy                    ? *file.fy
                       : !file.fx && file.angle_y ? focal_of_angle(*file.angle_y, height)
                                                  : std::optional<double>();
  if (!focal_x && !focal_y) {
    refuse("neither 'fl_x' nor 'camera_angle_x' says how wide the lens is; add one of them");
  }
  const double to_x = found.width / width, to_y = found.height / height;
  const double fx = focal_x.value_or(focal_y.value_or(0)), fy = focal_y.value_or(fx);
  const double cx = file.cx.value_or(width / 2), cy = file.cy.value_or(height / 2);
  for (const double focal : {fx, fy}) {
    if (!(focal > 1e-3 * width && focal < 1e6 * width)) {
      refuse("its focal length is " + number_text(focal) + " pixels at a width of " +
             number_text(width) + "; it must be above 0 and about as much");
    }
  }
  if (!(std::abs(cx) < 10 * width && std::abs(cy) < 10 * height)) {
    refuse("its principal point is at " + number_text(cx) + ", " + number_text(cy) +
           ", far from the picture of " + number_text(width) + "x" + number_text(height));
  }
  for (const double k : {file.k1, file.k2, file.k3, file.p1, file.p2}) {
    if (!(std::abs(k) < 1e3)) {
      refuse("its distortion has the coefficient " + number_text(k) +
             "; it must be a small number");
    }
  }
  lens.width = found.width;
  lens.height = found.height;
  lens.fx = fx * to_x;
  lens.fy = fy * to_y;
  lens.cx = cx * to_x;
  lens.cy = cy * to_y;
  lens.k1 = file.k1;
  lens.k2 = file.k2;
  lens.k3 = file.k3;
  lens.p1 = file.p1;
  lens.p2 = file.p2;
  return lens;
}

}  // namespace fieldscope
