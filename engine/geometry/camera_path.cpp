#include "engine/geometry/camera_path.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/geometry/quaternion.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

template <std::size_t n>
using Numbers = std::array<double, n>;

/// a x + b y.
template <std::size_t n>
Numbers<n> sum(double a, const Numbers<n>& x, double b, const Numbers<n>& y) {
  Numbers<n> result;
  for (std::size_t i = 0; i < n; ++i) result[i] = a * x[i] + b * y[i];
  return result;
}

Quaternion quaternion(const Numbers<4>& q) {
  return {q[0], q[1], q[2], q[3]};
}

/// The angle of view as a number that may be any: the logarithm of the focal length.
double log_focal(double vertical_angle) {
  return -std::log(std::tan(vertical_angle / 2));
}
double angle_of(double log_focal) {
  return 2 * std::atan(std::exp(-log_focal));
}

bool orthonormal(const Pose& pose) {
  constexpr float tolerance = 1e-3f;
  const auto near = [](float a, float b) { return std::fabs(a - b) <= tolerance; };  // NaN is not
  const Vec3 &r = pose.right, &u = pose.up, &b = pose.back;
  return near(dot(r, r), 1) && near(dot(u, u), 1) && near(dot(b, b), 1) && near(dot(r, u), 0) &&
         near(dot(u, b), 0) && near(dot(b, r), 0) && dot(cross(r, u), b) > 0 &&
         std::isfinite(length(pose.origin));
}

void check(const std::vector<CameraKey>& keys, double seconds, bool closed) {
  if (keys.empty()) throw UsageError("a camera path needs at least one key frame");
  if (!(seconds > 0 && std::isfinite(seconds)))
    throw UsageError("a camera path needs a length in seconds above 0");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const CameraKey& key = keys[i];
    const auto refuse = [&](const std::string& reason) {
      throw UsageError("key frame " + std::to_string(i) + " of the camera path " + reason);
    };
    if (!orthonormal(key.pose)) refuse("has no rotation: its axes are not orthonormal");
    if (!(key.vertical_angle > 0 && key.vertical_angle < M_PI))
      refuse("has an angle of view that is not between 0 and 180 degrees");
    if (!(key.time >= 0 && key.time <= seconds)) refuse("has a time outside of the path's seconds");
    if (i > 0 && !(key.time > keys[i - 1].time)) refuse("is not later than the one before it");
  }
  if (closed && !(keys.back().time < seconds))
    throw UsageError("the last key frame of a closed camera path must lie before its end");
}

}  // namespace

CameraPath::CameraPath(std::vector<CameraKey> keys, double seconds, bool closed)
    : keys_(std::move(keys)), seconds_(seconds), closed_(closed) {
  check(keys_, seconds_, closed_);
  for (const CameraKey& key : keys_) {
    const Vec3& o = key.pose.origin;
    const Quaternion q = quaternion_of(key.pose);
    knots_.push_back(
        {{o.x, o.y, o.z, log_focal(key.vertical_angle)}, {}, {q.w, q.x, q.y, q.z}, {}});
  }
  find_velocities();
}

double CameraPath::span(std::size_t key) const {
  if (key + 1 < keys_.size()) return keys_[key + 1].time - keys_[key].time;
  return closed_ ? seconds_ - keys_[key].time + keys_.front().time : 0;
}

CameraPath::Neighbours CameraPath::around(std::size_t key) const {
  const std::size_t last = keys_.size() - 1;
  return {key > 0 ? span(key - 1) : closed_ ? span(last) : 0, span(key)};
}

void CameraPath::find_velocities() {
  const std::size_t n = knots_.size();
  if (n == 1) return;  // stands still
  std::vector<State> slopes(n);
  std::vector<RotationVector> turns(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (span(i) == 0) continue;
    const Knot &from = knots_[i], &to = knots_[(i + 1) % n];
    const RotationVector turn =
        log(quaternion(from.rotation).conjugate() * quaternion(to.rotation));
    slopes[i] = sum(1 / span(i), to.state, -1 / span(i), from.state);
    turns[i] = sum(1 / span(i), turn, 0, turn);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const auto [before, after] = around(i);
    if (before == 0 || after == 0) continue;
    const double w = after / (before + after);
    const std::size_t last = (i + n - 1) % n;
    knots_[i].velocity = sum(w, slopes[last], 1 - w, slopes[i]);
    knots_[i].angular_velocity = sum(w, turns[last], 1 - w, turns[i]);
  }
  if (closed_) return;
  // Ends: without acceleration there. Of two keys both are ends, and the path is straight.
  const auto end = [&](Knot& knot, const Knot& inner, std::size_t slope) {
    const double w = n > 2 ? 0.5 : 0;
    knot.velocity = sum(1 + w, slopes[slope], -w, inner.velocity);
    knot.angular_velocity = sum(1 + w, turns[slope], -w, inner.angular_velocity);
  };
  end(knots_.front(), knots_[1], 0);
  end(knots_.back(), knots_[n - 2], n - 2);
}

CameraKey CameraPath::between(std::size_t from, double s) const {
  const Knot &a = knots_[from], &b = knots_[(from + 1) % knots_.size()];
  const double h = span(from), s2 = s * s, s3 = s2 * s;
  const State ends = sum(1 - 3 * s2 + 2 * s3, a.state, 3 * s2 - 2 * s3, b.state);
  const State tangents = sum(h * (s - 2 * s2 + s3), a.velocity, h * (s3 - s2), b.velocity);
  const State state = sum(1, ends, 1, tangents);

  // q(s) = q_a exp(w1 B1) exp(w2 B2) exp(w3 B3) with the cumulative Bernstein polynomials B: the
  // first and the last factor give the velocities at the ends, the middle one arrives at q_b.
  const RotationVector w1 = sum(h / 3, a.angular_velocity, 0, a.angular_velocity);
  const RotationVector w3 = sum(h / 3, b.angular_velocity, 0, b.angular_velocity);
  const Quaternion begin = quaternion(a.rotation);
  const RotationVector w2 =
      log(exp(w1).conjugate() * begin.conjugate() * quaternion(b.rotation) * exp(w3).conjugate());
  const auto part = [](const RotationVector& w, double share) { return exp(sum(share, w, 0, w)); };
  const double left = 1 - s;
  const Quaternion q =
      begin * part(w1, 1 - left * left * left) * part(w2, 3 * s2 - 2 * s3) * part(w3, s3);
  CameraKey key;
  key.pose = pose_of(q, {static_cast<float>(state[0]), static_cast<float>(state[1]),
                         static_cast<float>(state[2])});
  key.vertical_angle = angle_of(state[3]);
  return key;
}

CameraKey CameraPath::at(double share) const {
  double time = seconds_ * (closed_ ? share - std::floor(share) : std::clamp(share, 0.0, 1.0));
  const double told = time;
  CameraKey key;
  if (keys_.size() == 1) {
    key = keys_.front();
  } else {
    if (closed_ && time < keys_.front().time) time += seconds_;
    const auto next =
        std::upper_bound(keys_.begin(), keys_.end(), time,
                         [](double t, const CameraKey& other) { return t < other.time; });
    const std::size_t from = next == keys_.begin() ? 0 : next - keys_.begin() - 1;
    if (!closed_ && (next == keys_.begin() || next == keys_.end())) {
      key = keys_[from];
    } else {
      key = between(from, (time - keys_[from].time) / span(from));
    }
  }
  key.time = told;
  return key;
}

std::vector<CameraKey> CameraPath::frames(int count) const {
  const int steps = closed_ ? count : count - 1;
  std::vector<CameraKey> moments;
  for (int i = 0; i < count; ++i)
    moments.push_back(at(steps > 0 ? static_cast<double>(i) / steps : 0));
  return moments;
}

}  // namespace fieldscope
