// The way of the camera through a scene, as the window works on it: the dataset's own orbit or
// spiral, or key frames that a person records; and where on it the camera is. Plain values without
// drawing; UI thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/view_paths.h"
#include "engine/export/camera_path_file.h"

namespace fieldscope::gui {

class ScenePath {
 public:
  enum class Kind { built_in, key_frames };
  static constexpr double least_seconds = 0.5, most_seconds = 600;
  /// Between a new key frame and the one before it, where nothing else tells; and at least.
  static constexpr double usual_gap = 2, least_gap = 0.05;

  // What a person recorded, and how it is passed: what an undo brings back.
  struct Recorded {
    std::vector<CameraKey> keys;  // by ascending time
    double seconds = 2;
    bool loop = false;
  };

  // Another scene: its own path and no key frames. Null: none.
  void begin(std::shared_ptr<const PosedViews> scene);

  Kind kind() const { return kind_; }
  void choose(Kind kind);
  BuiltInPath built_in() const { return usual_path(*scene_); }
  // The path in force; null where it is made of key frames and there are none.
  const CameraPath* path() const { return path_ ? &*path_ : nullptr; }
  // Places along it, from its beginning to its end, to be drawn as a line.
  const std::vector<Vec3>& line() const { return line_; }
  double seconds() const { return kind_ == Kind::built_in ? own_seconds_ : recorded_.seconds; }
  // Key frames keep their places in proportion.
  void set_seconds(double seconds);
  bool loops() const { return kind_ == Kind::built_in || recorded_.loop; }
  // Of key frames. The way back to the first one, or none, is made room for within the seconds that
  // there are.
  void set_loop(bool loop);

  // Key frames.
  const std::vector<CameraKey>& keys() const { return recorded_.keys; }
  const Recorded& recorded() const { return recorded_; }
  // In place of what there is.
  void record(Recorded recorded);
  // After where the position is: at the position itself between two key frames, halfway to the next
  // one from a key frame, and a while after the last one. The position goes there. Returns its
  // index.
  std::size_t add(CameraKey key);
  void replace(std::size_t index, const CameraKey& key);  // all but the time
  void remove(std::size_t index);
  // In time, as far as its neighbours leave room; a position that is at it comes along.
  void move(std::size_t index, double time);
  void space_evenly();
  // The one that the position is at.
  std::optional<std::size_t> key_here() const;

  // Where on the path the camera was put last, in seconds.
  double position() const { return position_; }
  void go_to(double seconds);
  CameraKey here() const;  // there must be a path()
  bool playing() const { return played_at_.has_value(); }
  bool can_play() const { return path_ && path_->keys().size() > 1; }
  // From the beginning if it is at the end. `now` in seconds, on a clock that never goes back.
  void play(double now);
  void stop() { played_at_.reset(); }
  // Moves on to `now`; stops at the end of a path that does not loop.
  void advance(double now);

  // As files keep it: the key frames, whatever is shown.
  std::optional<CameraPathFile> file() const;
  double frames_per_second() const { return frames_per_second_; }  // of videos, and in files
  void set_frames_per_second(double rate);

  // Grows with whatever file() shows.
  std::uint64_t serial() const { return serial_; }

 private:
  std::optional<CameraPath> recorded_path() const;
  void changed();
  double room_before(std::size_t index) const;
  double room_after(std::size_t index) const;

  std::shared_ptr<const PosedViews> scene_;
  Kind kind_ = Kind::built_in;
  Recorded recorded_;
  double own_seconds_ = 8, frames_per_second_ = 30;
  std::optional<CameraPath> path_;
  std::vector<Vec3> line_;
  double position_ = 0;
  std::optional<double> played_at_;
  std::uint64_t serial_ = 0;
};

// Of a video of `scene`, pixels: in the shape of the photographs.
struct PictureSize {
  int width = 0, height = 0;
  bool operator==(const PictureSize&) const = default;
};
inline constexpr int least_video_width = 16, most_video_width = 4096;
PictureSize video_size(const PosedViews& scene, int width);

// What a person asks of videos beside the path itself.
struct VideoChoices {
  enum class Size { photographs, twice, own };
  Size size = Size::photographs;
  int own_width = 1280;  // pixels
  bool all_runs = false;
};

}  // namespace fieldscope::gui
