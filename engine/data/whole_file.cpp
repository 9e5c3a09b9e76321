#include "engine/data/whole_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/math/error.h"

namespace fieldscope {

namespace fs = std::filesystem;

namespace {
constexpr int deepest = 100;
}

std::string read_whole_file(const fs::path& path, std::string_view what, std::uint64_t most_bytes) {
  const auto refuse = [&](const std::string& reason) {
    throw DataError("cannot read " + std::string(what) + " '" + path.string() + "': " + reason);
  };
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) refuse("there is no such file; check the path");
  if (error) refuse(error.message());
  if (fs::is_directory(status)) refuse("it is a folder; give a file");
  if (!fs::is_regular_file(status)) refuse("it is not a regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) refuse(error.message());
  if (size > most_bytes) {
    refuse("it is too large (" + std::to_string(size) + " bytes; at most " +
           std::to_string(most_bytes) + ")");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(std::strerror(errno));
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad()) refuse("reading failed");
  bytes.resize(static_cast<std::size_t>(in.gcount()));  // it may have shrunk meanwhile
  return bytes;
}

bool nests_too_deeply(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace fieldscope
