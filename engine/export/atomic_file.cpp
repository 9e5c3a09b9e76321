#include "engine/export/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

#include "engine/math/error.h"

namespace fieldscope {

PartFile::PartFile(std::filesystem::path path) : path_(std::move(path)), part_(path_) {
  static std::atomic<unsigned> serial{0};
  part_ += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
}

PartFile::~PartFile() {
  std::error_code ignored;
  if (!committed_) std::filesystem::remove(part_, ignored);
}

void PartFile::commit() {
  if (std::rename(part_.c_str(), path_.c_str()) != 0) fail(std::strerror(errno));
  committed_ = true;
}

void PartFile::fail(const std::string& reason) const {
  throw DataError("cannot write '" + path_.string() + "': " + reason +
                  "; choose another place or free some space");
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  PartFile file(path);
  std::FILE* stream = std::fopen(file.part().c_str(), "wb");
  if (!stream) file.fail(std::strerror(errno));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size();
  const int write_code = errno;
  const bool closed = std::fclose(stream) == 0;
  const int close_code = errno;
  if (!written || !closed) file.fail(std::strerror(written ? close_code : write_code));
  file.commit();
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw DataError("cannot make the folder '" + folder.string() + "': " + error.message() +
                    "; choose another");
}

}  // namespace fieldscope
