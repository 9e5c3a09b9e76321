// FFmpeg's functions, found when the first video is wanted. Linked, its hundred libraries would
// cost every start of the program 20 ms and 24 MB, and it would not start at all where they are
// missing. Only for video.cpp; any thread.
#pragma once

#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
}

/// What is called, by library.
// clang-format off
#define FIELDSCOPE_FFMPEG_UTIL(F) \
  F(av_d2q) \
  F(av_dict_free) \
  F(av_dict_set) \
  F(av_frame_alloc) \
  F(av_frame_free) \
  F(av_frame_get_buffer) \
  F(av_frame_make_writable) \
  F(av_log_set_level) \
  F(av_opt_set_int) \
  F(av_strerror)
#define FIELDSCOPE_FFMPEG_CODEC(F) \
  F(av_packet_alloc) \
  F(av_packet_free) \
  F(av_packet_rescale_ts) \
  F(avcodec_alloc_context3) \
  F(avcodec_find_encoder_by_name) \
  F(avcodec_free_context) \
  F(avcodec_open2) \
  F(avcodec_parameters_from_context) \
  F(avcodec_receive_packet) \
  F(avcodec_send_frame)
#define FIELDSCOPE_FFMPEG_FORMAT(F) \
  F(av_interleaved_write_frame) \
  F(av_write_trailer) \
  F(avformat_alloc_output_context2) \
  F(avformat_free_context) \
  F(avformat_new_stream) \
  F(avformat_write_header) \
  F(avio_closep) \
  F(avio_open)
// clang-format on

namespace fieldscope {

/// Each under its own name: ffmpeg().av_strerror(...).
struct Ffmpeg {
#define FIELDSCOPE_MEMBER(name) decltype(&::name) name = nullptr;
  FIELDSCOPE_FFMPEG_UTIL(FIELDSCOPE_MEMBER)
  FIELDSCOPE_FFMPEG_CODEC(FIELDSCOPE_MEMBER)
  FIELDSCOPE_FFMPEG_FORMAT(FIELDSCOPE_MEMBER)
#undef FIELDSCOPE_MEMBER

  std::string problem;  ///< why there is nothing to call, and what to do; empty: all are there
};

/// Opened with the first call, never closed.
const Ffmpeg& ffmpeg();

}  // namespace fieldscope
