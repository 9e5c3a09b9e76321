#include "engine/export/video.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "engine/export/yuv.h"
#include "engine/math/error.h"
#include "tests/engine/export/temporary_folder.h"

#ifdef FIELDSCOPE_HAVE_FFMPEG
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}
#endif

namespace fieldscope {
namespace {

/// A disc that moves over a colourful slope: frame `index` of a sequence that is easily told apart.
Image pattern(int width, int height, int index, int channels = 3) {
  Image image{width, height, channels, {}};
  const float cx = static_cast<float>(6 + 4 * index), cy = static_cast<float>(8 + 2 * index);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const float away = std::hypot(static_cast<float>(x) - cx, static_cast<float>(y) - cy);
      const float disc = 1 / (1 + std::exp((away - 6) / 2));
      const float slope[] = {static_cast<float>(x) / static_cast<float>(width),
                             static_cast<float>(y) / static_cast<float>(height), 0.3f};
      for (int k = 0; k < channels; ++k)
        image.pixels.push_back(disc * (k == 0 ? 0.9f : 0.2f) + (1 - disc) * slope[k]);
    }
  return image;
}

TEST(YuvPicture, HasTheLevelsOfBt709) {
  const auto levels = [](std::vector<float> colour) {
    const YuvPicture yuv = yuv_picture({1, 1, static_cast<int>(colour.size()), colour});
    EXPECT_EQ(yuv.y.bytes.size(), 4u);  // padded
    EXPECT_EQ(yuv.cb.bytes.size(), 1u);
    EXPECT_EQ(*std::min_element(yuv.y.bytes.begin(), yuv.y.bytes.end()), yuv.y.bytes[0]);
    return std::vector<int>{yuv.y.bytes[3], yuv.cb.bytes[0], yuv.cr.bytes[0]};
  };
  EXPECT_EQ(levels({0, 0, 0}), (std::vector{16, 128, 128}));
  EXPECT_EQ(levels({1, 1, 1}), (std::vector{235, 128, 128}));
  EXPECT_EQ(levels({1}), (std::vector{235, 128, 128}));
  EXPECT_EQ(levels({1, 0, 0}), (std::vector{63, 102, 240}));
  EXPECT_EQ(levels({0, 0, 1}), (std::vector{32, 240, 118}));
  EXPECT_EQ(levels({-1, 7, std::nanf("")}), levels({0, 1, 0}));
}

class Video : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    if (!video_problem().empty()) GTEST_SKIP() << video_problem();
  }
};

#ifdef FIELDSCOPE_HAVE_FFMPEG

/// A decoded video; independent of what wrote it.
struct Decoded {
  int width = 0, height = 0;
  double frames_per_second = 0, seconds = 0;
  std::string codec;
  std::vector<Image> frames;
};

Image rgb_of(const AVFrame& frame) {
  EXPECT_EQ(frame.format, AV_PIX_FMT_YUV420P);
  EXPECT_EQ(frame.colorspace, AVCOL_SPC_BT709);
  Image image{frame.width, frame.height, 3, {}};
  for (int y = 0; y < frame.height; ++y)
    for (int x = 0; x < frame.width; ++x) {
      const auto plane = [&](int p, int column, int row) {
        return static_cast<float>(frame.data[p][row * frame.linesize[p] + column]);
      };
      // Odd columns lie between two samples.
      const auto chroma = [&](int p) {
        const int last = (frame.width - 1) / 2;
        const float sum = plane(p, x / 2, y / 2) + plane(p, std::min((x + 1) / 2, last), y / 2);
        return (sum / 2 - 128) / 224;
      };
      const float grey = (plane(0, x, y) - 16) / 219, blue = chroma(1), red = chroma(2);
      image.pixels.push_back(grey + 1.5748f * red);
      image.pixels.push_back(grey - 0.1873f * blue - 0.4681f * red);
      image.pixels.push_back(grey + 1.8556f * blue);
    }
  return image;
}

Decoded decode(const std::filesystem::path& path) {
  Decoded video;
  AVFormatContext* format = nullptr;
  EXPECT_EQ(avformat_open_input(&format, path.c_str(), nullptr, nullptr), 0);
  if (!format) return video;
  EXPECT_GE(avformat_find_stream_info(format, nullptr), 0);
  EXPECT_EQ(format->nb_streams, 1u);
  const AVStream& stream = *format->streams[0];
  video.width = stream.codecpar->width;
  video.height = stream.codecpar->height;
  video.frames_per_second = av_q2d(stream.avg_frame_rate);
  video.seconds = static_cast<double>(format->duration) / AV_TIME_BASE;
  const auto* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  video.codec = codec->name;
  AVCodecContext* context = avcodec_alloc_context3(codec);
  avcodec_parameters_to_context(context, stream.codecpar);
  EXPECT_EQ(avcodec_open2(context, codec, nullptr), 0);
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  const auto take = [&] {
    while (avcodec_receive_frame(context, frame) == 0) video.frames.push_back(rgb_of(*frame));
  };
  while (av_read_frame(format, packet) == 0) {
    EXPECT_EQ(avcodec_send_packet(context, packet), 0);
    av_packet_unref(packet);
    take();
  }
  avcodec_send_packet(context, nullptr);
  take();
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&context);
  avformat_close_input(&format);
  return video;
}

/// The upper left part of an image.
Image cropped(const Image& image, int width, int height) {
  Image part{width, height, image.channels, {}};
  for (int y = 0; y < height; ++y)
    part.pixels.insert(part.pixels.end(), image.at(0, y), image.at(0, y) + 3 * width);
  return part;
}

TEST_F(Video, GivesBackTheFramesThatWentIn) {
  VideoWriter writer(folder_ / "a.mp4", {64, 48, 24});
  for (int i = 0; i < 12; ++i) writer.add(pattern(64, 48, i));
  EXPECT_EQ(writer.frames(), 12);
  writer.finish();
  EXPECT_EQ(files(), 1u);
  const Decoded video = decode(folder_ / "a.mp4");
  if (video_encoder() == "libx264") {
    EXPECT_EQ(video.codec, "h264");
  }
  EXPECT_EQ(video.width, 64);
  EXPECT_EQ(video.height, 48);
  EXPECT_DOUBLE_EQ(video.frames_per_second, 24);
  EXPECT_NEAR(video.seconds, 0.5, 1e-3);
  ASSERT_EQ(video.frames.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    const Image& frame = video.frames[static_cast<std::size_t>(i)];
    const double own = psnr(frame, pattern(64, 48, i));
    EXPECT_GT(own, 35) << i;
    EXPECT_GT(own, psnr(frame, pattern(64, 48, (i + 1) % 12)) + 5) << i;
  }
}

TEST_F(Video, HasItsIndexInFront) {
  VideoWriter writer(folder_ / "a.mp4", {32, 32});
  writer.add(pattern(32, 32, 0));
  writer.finish();
  const std::string bytes = bytes_of(folder_ / "a.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST_F(Video, PadsOddSidesAndKeepsTheRate) {
  VideoWriter writer(folder_ / "a.mp4", {33, 17, 29.97});
  for (int i = 0; i < 5; ++i) writer.add(pattern(33, 17, i));
  writer.finish();
  const Decoded video = decode(folder_ / "a.mp4");
  EXPECT_EQ(video.width, 34);
  EXPECT_EQ(video.height, 18);
  EXPECT_NEAR(video.frames_per_second, 29.97, 1e-3);
  ASSERT_EQ(video.frames.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    const Image& frame = video.frames[static_cast<std::size_t>(i)];
    EXPECT_GT(psnr(cropped(frame, 33, 17), pattern(33, 17, i)), 30);
    for (int y = 0; y < 17; ++y)
      EXPECT_NEAR(frame.at(33, y)[1], pattern(33, 17, i).at(32, y)[1], 0.1);
  }
}

TEST_F(Video, TakesGreyAndTheSmallestFrame) {
  for (const int side : {1, 2, 16}) {
    VideoWriter writer(folder_ / "a.mp4", {side, side});
    writer.add(pattern(side, side, 0, 1));
    writer.finish();
    const Decoded video = decode(folder_ / "a.mp4");
    ASSERT_EQ(video.frames.size(), 1u);
    EXPECT_NEAR(video.frames[0].at(0, 0)[0], pattern(side, side, 0, 1).pixels[0], 0.06);
  }
}

#endif

TEST_F(Video, LeavesNothingUnfinished) {
  file("a.mp4", "what was there");
  {
    VideoWriter writer(folder_ / "a.mp4", {32, 32});
    for (int i = 0; i < 60; ++i) writer.add(pattern(32, 32, i));
    EXPECT_EQ(files(), 2u);
  }
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(bytes_of(folder_ / "a.mp4"), "what was there");
}

TEST_F(Video, NamesTheFileThatCannotBeWritten) {
  file("taken", "a file");
  for (const auto& path : {folder_ / "missing" / "a.mp4", folder_ / "taken" / "a.mp4"}) {
    try {
      VideoWriter(path, {32, 32});
      FAIL() << "wrote " << path;
    } catch (const DataError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("'" + path.string() + "'"), std::string::npos) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos);
    }
  }
  EXPECT_EQ(files(), 1u);
}

TEST_F(Video, NoticesAFullDisk) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 2000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(
      {
        VideoWriter writer(folder_ / "a.mp4", {64, 64});
        for (int i = 0; i < 100; ++i) writer.add(pattern(64, 64, i));
        writer.finish();
      },
      DataError);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(files(), 0u);
}

TEST_F(Video, RefusesWhatMakesNoVideo) {
  const auto path = folder_ / "a.mp4";
  EXPECT_THROW(VideoWriter(path, {0, 32}), UsageError);
  EXPECT_THROW(VideoWriter(path, {32, 20'000}), UsageError);
  EXPECT_THROW(VideoWriter(path, {32, 32, 0}), UsageError);
  EXPECT_THROW(VideoWriter(path, {32, 32, std::nan("")}), UsageError);
  EXPECT_THROW(VideoWriter(path, {32, 32, 30, 52}), UsageError);
  {
    VideoWriter writer(path, {32, 32});
    EXPECT_THROW(writer.finish(), UsageError);
    EXPECT_THROW(writer.add(pattern(32, 31, 0)), UsageError);
    EXPECT_THROW(writer.add(Image{32, 32, 4, std::vector<float>(4 * 32 * 32)}), UsageError);
    writer.add(pattern(32, 32, 0));
    writer.finish();
    EXPECT_THROW(writer.add(pattern(32, 32, 1)), UsageError);
  }
  EXPECT_EQ(files(), 1u);
}

TEST(VideoWithoutFfmpeg, SaysWhatToDo) {
  if (video_problem().empty()) GTEST_SKIP() << "there is " << video_encoder();
  try {
    VideoWriter("a.mp4", {32, 32});
    FAIL() << "a video from nowhere";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(video_problem()), std::string::npos);
  }
}

}  // namespace
}  // namespace fieldscope
