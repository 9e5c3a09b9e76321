#include "engine/export/video.h"

#include "engine/math/error.h"

#ifdef FIELDSCOPE_HAVE_FFMPEG
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/export/atomic_file.h"
#include "engine/export/ffmpeg.h"
#include "engine/export/yuv.h"
#endif

namespace fieldscope {
namespace {

constexpr int largest_side = 16384;

/// Throws UsageError.
void check(const VideoSettings& settings) {
  const auto [width, height, rate, quality] = settings;
  if (width < 1 || height < 1 || width > largest_side || height > largest_side)
    throw UsageError("a video of " + std::to_string(width) + "x" + std::to_string(height) +
                     " cannot be written; sides are 1 to " + std::to_string(largest_side));
  if (!(rate >= 0.1 && rate <= 1000))
    throw UsageError("a video cannot have " + std::to_string(rate) +
                     " frames per second; give 0.1 to 1000");
  if (quality < 1 || quality > 51)
    throw UsageError("a video cannot have the quality " + std::to_string(quality) +
                     "; give 1 (best) to 51");
  if (const std::string problem = video_problem(); !problem.empty())
    throw UsageError("no video can be written: " + problem);
}

}  // namespace

#ifdef FIELDSCOPE_HAVE_FFMPEG

namespace {

/// From the best on; the last one is part of every FFmpeg.
constexpr const char* encoders[] = {"libx264", "libopenh264", "mpeg4"};

/// nullptr: there is none.
const AVCodec* find_encoder() {
  if (!ffmpeg().problem.empty()) return nullptr;
  // Encoders talk on standard error, which is ours: what goes wrong becomes one line of our own.
  ffmpeg().av_log_set_level(AV_LOG_QUIET);
  for (const char* name : encoders)
    if (const AVCodec* codec = ffmpeg().avcodec_find_encoder_by_name(name)) return codec;
  return nullptr;
}

std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  ffmpeg().av_strerror(code, text, sizeof text);
  return text;
}

/// How good, in the words of each encoder.
void set_quality(AVCodecContext& context, const VideoSettings& settings) {
  const std::string name = context.codec->name;
  if (name == "libx264") {
    ffmpeg().av_opt_set_int(context.priv_data, "crf", settings.quality, 0);
  } else if (name == "mpeg4") {  // its scale of 1 to 31 is about half as fine
    context.flags |= AV_CODEC_FLAG_QSCALE;
    context.global_quality = FF_QP2LAMBDA * std::clamp(settings.quality / 6, 1, 31);
  } else {  // knows bit rates only: halved every six steps, as x264 about does
    const double pixels = static_cast<double>(context.width) * context.height;
    context.bit_rate = static_cast<std::int64_t>(0.2 * pixels * settings.frames_per_second *
                                                 std::exp2((18 - settings.quality) / 6.0)) +
                       10'000;
  }
}

void copy(const YuvPlane& plane, std::uint8_t* to, int stride) {
  for (int row = 0; row < plane.height; ++row)
    std::memcpy(to + static_cast<std::ptrdiff_t>(row) * stride,
                plane.bytes.data() + static_cast<std::size_t>(row) * plane.width,
                static_cast<std::size_t>(plane.width));
}

}  // namespace

std::string video_encoder() {
  const AVCodec* codec = find_encoder();
  return codec ? codec->name : "";
}

std::string video_problem() {
  if (!ffmpeg().problem.empty()) return ffmpeg().problem;
  return find_encoder() ? "" : "the FFmpeg libraries here have no encoder for H.264 or MPEG-4";
}

struct VideoWriter::Encoder {
  explicit Encoder(const std::filesystem::path& path) : file(path) {}
  ~Encoder() {
    ffmpeg().av_packet_free(&packet);
    ffmpeg().av_frame_free(&frame);
    ffmpeg().avcodec_free_context(&context);
    if (format) ffmpeg().avio_closep(&format->pb);
    ffmpeg().avformat_free_context(format);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void open(const VideoSettings& settings);
  void open_codec(const VideoSettings& settings);
  /// Sends a frame, or the end of the video, and writes what comes back.
  void send(const AVFrame* sent);
  void close();
  /// A code below 0 becomes a DataError that names the file.
  void check(int code) const {
    if (code < 0) file.fail(error_text(code));
  }

  PartFile file;
  AVFormatContext* format = nullptr;
  AVStream* stream = nullptr;
  AVCodecContext* context = nullptr;
  AVFrame* frame = nullptr;
  AVPacket* packet = nullptr;
};

void VideoWriter::Encoder::open(const VideoSettings& settings) {
  // A colon in the name must not name a protocol.
  const std::string url = "file:" + file.part().string();
  check(ffmpeg().avformat_alloc_output_context2(&format, nullptr, "mp4", url.c_str()));
  open_codec(settings);
  stream = ffmpeg().avformat_new_stream(format, nullptr);
  frame = ffmpeg().av_frame_alloc();
  packet = ffmpeg().av_packet_alloc();
  if (!stream || !frame || !packet) check(AVERROR(ENOMEM));
  stream->time_base = context->time_base;
  stream->avg_frame_rate = context->framerate;
  check(ffmpeg().avcodec_parameters_from_context(stream->codecpar, context));
  frame->format = context->pix_fmt;
  frame->width = context->width;
  frame->height = context->height;
  check(ffmpeg().av_frame_get_buffer(frame, 0));
  check(ffmpeg().avio_open(&format->pb, url.c_str(), AVIO_FLAG_WRITE));
  AVDictionary* options = nullptr;  // the index in front: it plays while it is still loading
  ffmpeg().av_dict_set(&options, "movflags", "+faststart", 0);
  const int begun = ffmpeg().avformat_write_header(format, &options);
  ffmpeg().av_dict_free(&options);
  check(begun);
}

void VideoWriter::Encoder::open_codec(const VideoSettings& settings) {
  const AVCodec* codec = find_encoder();
  context = ffmpeg().avcodec_alloc_context3(codec);
  if (!context) check(AVERROR(ENOMEM));
  context->width = settings.width + settings.width % 2;
  context->height = settings.height + settings.height % 2;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->framerate = ffmpeg().av_d2q(settings.frames_per_second, 60'000);  // MPEG-4 allows 65535
  context->time_base = av_inv_q(context->framerate);
  context->gop_size = 30;  // how far a player jumps back when somebody seeks
  context->color_range = AVCOL_RANGE_MPEG;
  context->colorspace = AVCOL_SPC_BT709;
  context->color_primaries = AVCOL_PRI_BT709;
  context->color_trc = AVCOL_TRC_BT709;
  if (format->oformat->flags & AVFMT_GLOBALHEADER) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  set_quality(*context, settings);
  check(ffmpeg().avcodec_open2(context, codec, nullptr));
}

void VideoWriter::Encoder::send(const AVFrame* sent) {
  check(ffmpeg().avcodec_send_frame(context, sent));
  for (;;) {
    const int code = ffmpeg().avcodec_receive_packet(context, packet);
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    check(code);
    if (packet->duration == 0) packet->duration = 1;  // frame, which is its time base
    ffmpeg().av_packet_rescale_ts(packet, context->time_base, stream->time_base);
    packet->stream_index = stream->index;
    check(ffmpeg().av_interleaved_write_frame(format, packet));
  }
}

void VideoWriter::Encoder::close() {
  send(nullptr);
  check(ffmpeg().av_write_trailer(format));
  check(format->pb->error);
  check(ffmpeg().avio_closep(&format->pb));
  file.commit();
}

VideoWriter::VideoWriter(const std::filesystem::path& path, const VideoSettings& settings)
    : settings_(settings) {
  check(settings);
  encoder_ = std::make_unique<Encoder>(path);
  encoder_->open(settings);
}

void VideoWriter::add(const Image& image) {
  if (!encoder_) throw UsageError("a video that has ended takes no more frames");
  if (image.width != settings_.width || image.height != settings_.height ||
      (image.channels != 1 && image.channels != 3))
    throw UsageError("a frame of " + std::to_string(image.width) + "x" +
                     std::to_string(image.height) + " does not go into a video of " +
                     std::to_string(settings_.width) + "x" + std::to_string(settings_.height));
  AVFrame& frame = *encoder_->frame;
  encoder_->check(
      ffmpeg().av_frame_make_writable(&frame));  // the encoder may hold on to the last one
  const YuvPicture picture = yuv_picture(image);
  copy(picture.y, frame.data[0], frame.linesize[0]);
  copy(picture.cb, frame.data[1], frame.linesize[1]);
  copy(picture.cr, frame.data[2], frame.linesize[2]);
  frame.pts = frames_;
  encoder_->send(&frame);
  ++frames_;
}

void VideoWriter::finish() {
  if (!encoder_ || frames_ == 0) throw UsageError("a video needs at least one frame");
  const std::unique_ptr<Encoder> encoder = std::move(encoder_);
  encoder->close();
}

#else

std::string video_encoder() {
  return "";
}
std::string video_problem() {
  return "this build has no FFmpeg; install libavcodec-dev, libavformat-dev and libavutil-dev, and "
         "build again";
}

struct VideoWriter::Encoder {};

VideoWriter::VideoWriter(const std::filesystem::path&, const VideoSettings& settings)
    : settings_(settings) {
  check(settings);  // throws: there is a problem
}
void VideoWriter::add(const Image&) {}
void VideoWriter::finish() {}

#endif

VideoWriter::~VideoWriter() = default;

}  // namespace fieldscope
