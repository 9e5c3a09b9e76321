#include "engine/data/label_cache.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

#include <unistd.h>

namespace fieldscope {
namespace {

namespace fs = std::filesystem;

/// Changes with the points that are labelled and with how it is told what is inside.
constexpr const char* version = "v2";

fs::path file_of(std::uint64_t mesh) {
  const fs::path folder = cache_folder();
  if (folder.empty()) return {};
  char name[64];
  std::snprintf(name, sizeof name, "labels-%s-%016llx.bits", version,
                static_cast<unsigned long long>(mesh));
  return folder / name;
}

/// The labels as bits, with a sum behind them that a damaged file does not have.
std::string packed(std::uint64_t mesh, const std::vector<std::uint8_t>& labels) {
  std::string bytes((labels.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] != 0) bytes[i / 8] = static_cast<char>(bytes[i / 8] | 1 << i % 8);
  std::uint64_t sum = mesh ^ labels.size();
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(sum >> (8 * i)));
  return bytes;
}

}  // namespace

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return fs::path(cache) / "fieldscope";
  if (const char* home = std::getenv("HOME"); home && *home)
    return fs::path(home) / ".cache" / "fieldscope";
  return {};
}

std::optional<std::vector<std::uint8_t>> read_labels(std::uint64_t mesh, std::size_t count) {
  std::ifstream file(file_of(mesh), std::ios::binary);
  std::string bytes((count + 7) / 8 + 8, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return std::nullopt;
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i)
    labels[i] = static_cast<std::uint8_t>(static_cast<unsigned char>(bytes[i / 8]) >> i % 8 & 1);
  if (packed(mesh, labels) != bytes) return std::nullopt;
  return labels;
}

void keep_labels(std::uint64_t mesh, const std::vector<std::uint8_t>& labels) {
  const fs::path path = file_of(mesh);
  if (path.empty()) return;
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  fs::path part = path;
  part += "." + std::to_string(::getpid()) + ".part";
  const std::string bytes = packed(mesh, labels);
  const bool whole = std::ofstream(part, std::ios::binary)
                         .write(bytes.data(), static_cast<std::streamsize>(bytes.size()))
                         .flush()
                         .good();
  if (whole) fs::rename(part, path, ignored);
  if (!whole || ignored) fs::remove(part, ignored);
}

}  // namespace fieldscope
