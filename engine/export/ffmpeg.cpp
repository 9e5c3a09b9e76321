#ifdef FIELDSCOPE_HAVE_FFMPEG
#include "engine/export/ffmpeg.h"

#include <dlfcn.h>

namespace fieldscope {
namespace {

/// A library of the version that we were compiled with: another one's structures differ.
struct Library {
  Library(const char* stem, int version)
      : name(std::string(stem) + ".so." + std::to_string(version)),
        handle(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {}

  std::string name;
  void* handle;
};

template <typename Function>
void find(const Library& library, const char* name, Function& function, std::string& problem) {
  if (!problem.empty()) return;
  if (library.handle) function = reinterpret_cast<Function>(dlsym(library.handle, name));
  if (!function)
    problem = library.handle ? library.name + " has no " + name
                             : library.name + " cannot be opened; install FFmpeg's libraries";
}

Ffmpeg open() {
  const Library util("libavutil", LIBAVUTIL_VERSION_MAJOR);
  const Library codec("libavcodec", LIBAVCODEC_VERSION_MAJOR);
  const Library format("libavformat", LIBAVFORMAT_VERSION_MAJOR);
  Ffmpeg found;
#define FIELDSCOPE_FIND_UTIL(name) find(util, #name, found.name, found.problem);
#define FIELDSCOPE_FIND_CODEC(name) find(codec, #name, found.name, found.problem);
#define FIELDSCOPE_FIND_FORMAT(name) find(format, #name, found.name, found.problem);
  FIELDSCOPE_FFMPEG_UTIL(FIELDSCOPE_FIND_UTIL)
  FIELDSCOPE_FFMPEG_CODEC(FIELDSCOPE_FIND_CODEC)
  FIELDSCOPE_FFMPEG_FORMAT(FIELDSCOPE_FIND_FORMAT)
  return found;
}

}  // namespace

const Ffmpeg& ffmpeg() {
  static const Ffmpeg found = open();
  return found;
}

}  // namespace fieldscope
#endif
