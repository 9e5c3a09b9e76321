#include "engine/export/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <unistd.h>

#include "engine/math/error.h"

namespace fieldscope {

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  // Several threads (or programs) may write the same file: each has a neighbour of its own.
  static std::atomic<unsigned> serial{0};
  std::filesystem::path part = path;
  part += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);

  const auto fail = [&](int code) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw DataError("cannot write '" + path.string() + "': " + std::strerror(code) +
                    "; choose another place or free some space");
  };
  std::FILE* file = std::fopen(part.c_str(), "wb");
  if (!file) fail(errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const int write_code = errno;
  const bool closed = std::fclose(file) == 0;
  if (!written) fail(write_code);
  if (!closed) fail(errno);
  if (std::rename(part.c_str(), path.c_str()) != 0) fail(errno);
}

}  // namespace fieldscope
