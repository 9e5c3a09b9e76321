#include "app/gui/scene_path.h"

#include <algorithm>
#include <cmath>

namespace fieldscope::gui {
namespace {

constexpr double same_time = 1e-3;  // seconds: no frame lies between
constexpr int line_points = 160;

}  // namespace

void ScenePath::begin(std::shared_ptr<const PosedViews> scene) {
  const double rate = frames_per_second_;
  const std::uint64_t serial = serial_;
  *this = {};
  frames_per_second_ = rate;
  serial_ = serial;
  scene_ = std::move(scene);
  changed();
}

std::optional<CameraPath> ScenePath::recorded_path() const {
  if (recorded_.keys.empty()) return std::nullopt;
  return CameraPath(recorded_.keys, recorded_.seconds, recorded_.loop);
}

void ScenePath::changed() {
  ++serial_;
  path_.reset();
  line_.clear();
  if (!scene_) return;
  if (kind_ == Kind::key_frames)
    path_ = recorded_path();
  else if (!scene_->training.empty())
    path_ = built_in_path(*scene_, built_in(), own_seconds_);
  if (can_play())
    for (const CameraKey& moment : path_->frames(line_points)) line_.push_back(moment.pose.origin);
  if (can_play() && path_->closed()) line_.push_back(line_.front());
  position_ = std::clamp(position_, 0.0, seconds());
  if (!can_play()) stop();
}

void ScenePath::choose(Kind kind) {
  if (kind == kind_) return;
  kind_ = kind;
  position_ = 0;
  stop();
  changed();
}

void ScenePath::set_seconds(double seconds) {
  seconds = std::clamp(seconds, least_seconds, most_seconds);
  const double factor = seconds / this->seconds();
  position_ *= factor;
  if (kind_ == Kind::built_in) {
    own_seconds_ = seconds;
  } else {
    for (CameraKey& key : recorded_.keys) key.time = std::min(key.time * factor, seconds);
    recorded_.seconds = seconds;
  }
  changed();
}

void ScenePath::set_loop(bool loop) {
  if (loop == recorded_.loop) return;
  recorded_.loop = loop;
  auto& keys = recorded_.keys;
  if (!keys.empty()) {
    const auto count = static_cast<double>(keys.size());
    const double last = keys.back().time;
    double factor = 1;
    if (loop && last > recorded_.seconds - least_gap) factor = (count - 1) / count;
    if (!loop && last > 0) factor = recorded_.seconds / last;
    for (CameraKey& key : keys) key.time = std::min(key.time * factor, recorded_.seconds);
  }
  changed();
}

void ScenePath::record(Recorded recorded) {
  recorded_ = std::move(recorded);
  kind_ = Kind::key_frames;
  stop();
  changed();
}

std::optional<std::size_t> ScenePath::key_here() const {
  if (kind_ != Kind::key_frames) return std::nullopt;
  for (std::size_t i = 0; i < recorded_.keys.size(); ++i)
    if (std::fabs(recorded_.keys[i].time - position_) < same_time) return i;
  return std::nullopt;
}

std::size_t ScenePath::add(CameraKey key) {
  stop();
  choose(Kind::key_frames);
  auto& keys = recorded_.keys;
  if (keys.empty()) {
    key.time = 0;
    position_ = 0;
    keys.push_back(key);
    recorded_.seconds = usual_gap;
    changed();
    return 0;
  }
  const std::optional<std::size_t> at = key_here();
  if (!at) {
    key.time = position_;
  } else if (*at + 1 < keys.size()) {
    key.time = (keys[*at].time + keys[*at + 1].time) / 2;
  } else {
    // As far as the others are from each other; the path grows by as much.
    const double gap = keys.size() > 1 ? (keys.back().time - keys.front().time) /
                                             static_cast<double>(keys.size() - 1)
                                       : usual_gap;
    key.time = keys.back().time + gap;
    recorded_.seconds = std::max(recorded_.seconds, key.time + (recorded_.loop ? gap : 0));
  }
  // Also where the position was at the very end of a loop.
  if (recorded_.loop && key.time > recorded_.seconds - least_gap)
    recorded_.seconds = key.time + least_gap;
  position_ = key.time;
  const auto place =
      std::upper_bound(keys.begin(), keys.end(), key.time,
                       [](double time, const CameraKey& other) { return time < other.time; });
  const auto index = static_cast<std::size_t>(place - keys.begin());
  keys.insert(place, key);
  changed();
  return index;
}

void ScenePath::replace(std::size_t index, const CameraKey& key) {
  const double time = recorded_.keys[index].time;
  recorded_.keys[index] = key;
  recorded_.keys[index].time = time;
  changed();
}

void ScenePath::remove(std::size_t index) {
  auto& keys = recorded_.keys;
  const bool was_end = keys[index].time > recorded_.seconds - same_time;
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
  // A path that ended with it ends with the one before now, and does not wait there.
  if (was_end && keys.size() > 1) recorded_.seconds = std::max(least_seconds, keys.back().time);
  changed();
}

double ScenePath::room_before(std::size_t index) const {
  return index > 0 ? recorded_.keys[index - 1].time : 0;
}

double ScenePath::room_after(std::size_t index) const {
  if (index + 1 < recorded_.keys.size()) return recorded_.keys[index + 1].time - least_gap;
  return recorded_.seconds - (recorded_.loop ? least_gap : 0);
}

void ScenePath::move(std::size_t index, double time) {
  const double low = room_before(index) + (index > 0 ? least_gap : 0), high = room_after(index);
  if (high <= low) return;
  const bool here = key_here() == index;
  recorded_.keys[index].time = std::clamp(time, low, high);
  if (here) position_ = recorded_.keys[index].time;
  changed();
}

void ScenePath::space_evenly() {
  auto& keys = recorded_.keys;
  const std::size_t gaps = recorded_.loop ? keys.size() : keys.size() - 1;
  if (keys.empty() || gaps == 0) return;
  for (std::size_t i = 0; i < keys.size(); ++i)
    keys[i].time = recorded_.seconds * static_cast<double>(i) / static_cast<double>(gaps);
  changed();
}

void ScenePath::go_to(double seconds) {
  position_ = std::clamp(seconds, 0.0, this->seconds());
}

CameraKey ScenePath::here() const {
  // The end of a closed path is its beginning for the path, but not for whoever looks at it.
  return path_->at(position_ / seconds());
}

void ScenePath::play(double now) {
  if (!can_play()) return;
  if (position_ > seconds() - same_time) position_ = 0;
  played_at_ = now;
}

void ScenePath::advance(double now) {
  if (!playing()) return;
  position_ += std::max(0.0, now - *played_at_);
  played_at_ = now;
  if (position_ < seconds()) return;
  if (loops()) {
    position_ = std::fmod(position_, seconds());
  } else {
    position_ = seconds();
    stop();
  }
}

void ScenePath::set_frames_per_second(double rate) {
  frames_per_second_ = rate;
  ++serial_;
}

std::optional<CameraPathFile> ScenePath::file() const {
  auto path = recorded_path();
  if (!path) return std::nullopt;
  return CameraPathFile{std::move(*path), frames_per_second_};
}

PictureSize video_size(const PosedViews& scene, int width) {
  const Lens& lens = scene.training.front().camera.lens;
  width = std::clamp(width, least_video_width, most_video_width);
  const auto height = static_cast<int>(std::lround(1.0 * width * lens.height / lens.width));
  return {width, std::clamp(height, least_video_width, 4 * most_video_width)};
}

}  // namespace fieldscope::gui
