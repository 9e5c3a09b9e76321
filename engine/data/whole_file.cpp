#include "engine/data/whole_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/math/error.h"

namespace fieldscope {

namespace fs = std::filesystem;

namespace {
constexpr int deepest = 100;

/// The word or number that has the character `at` in it; empty between words.
std::string_view word_at(std::string_view text, std::size_t at, std::size_t& begin) {
  const auto belongs = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(text[i]);
    return std::isalnum(c) || c == '-' || c == '+' || c == '.';
  };
  begin = at;
  if (at >= text.size() || !belongs(at)) return {};
  while (begin > 0 && belongs(begin - 1)) --begin;
  std::size_t end = at;
  while (end < text.size() && belongs(end)) ++end;
  return text.substr(begin, end - begin);
}

/// NaN, Infinity and -Infinity as Python, JavaScript and C++ write them.
bool is_no_number(std::string_view word) {
  std::string lower;
  for (const char c : word) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower.starts_with('-') || lower.starts_with('+')) lower.erase(0, 1);
  return lower == "nan" || lower == "inf" || lower == "infinity";
}
}  // namespace

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

std::string json_fault(std::string_view text, std::size_t byte) {
  std::size_t at = std::min(byte > 0 ? byte - 1 : 0, text.size());
  std::size_t begin = at;
  const std::string_view word = word_at(text, at, begin);
  const bool no_number = is_no_number(word);
  if (no_number) at = begin;
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  const std::string place = "line " + std::to_string(line) + ", column " + std::to_string(column);
  if (!no_number) return "it is not JSON from " + place + " on";
  return "it has " + std::string(word) + " at " + place + ", which is not a number";
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
