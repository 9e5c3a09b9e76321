// Pictures to a video: an MP4 with H.264, 4:2:0, as every player shows it, by the FFmpeg libraries
// where the build has them. One thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/data/image.h"

namespace fieldscope {

struct VideoSettings {
  int width = 0, height = 0;      ///< of every frame, 1 to 16384; odd sides gain a copy of the edge
  double frames_per_second = 30;  ///< 0.1 to 1000
  int quality = 18;  ///< x264's constant rate factor: 18 is hardly to be told from the pictures, 51
                     ///< is worst, 1 best
};

/// The encoder that videos are written with, such as "libx264"; empty where there is none.
std::string video_encoder();
/// Why there is none and what to do about it; empty where there is one.
std::string video_problem();

class VideoWriter {
 public:
  /// The file appears with finish(); until then it is a neighbour, gone if there is no finish().
  /// Throws UsageError for settings out of range and where no video can be written
  /// (video_problem()), DataError naming the file when it cannot be made.
  VideoWriter(const std::filesystem::path& path, const VideoSettings& settings);
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Adds a frame of 1 or 3 channels; values are clamped to [0, 1] and taken for sRGB, as those of
  /// a PNG are. Throws UsageError for another size, DataError when writing fails.
  void add(const Image& frame);
  int frames() const { return frames_; }
  /// Ends the video: at least one frame, and no add() afterwards. Throws as add().
  void finish();

 private:
  struct Encoder;
  std::unique_ptr<Encoder> encoder_;
  VideoSettings settings_;
  int frames_ = 0;
};

}  // namespace fieldscope
