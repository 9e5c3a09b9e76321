#include "app/headless/output_folder.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <stdlib.h>
#include <unistd.h>

#include "engine/math/error.h"

namespace fieldscope {

namespace fs = std::filesystem;

namespace {

/// Whether a file can be written there shows only by writing one: better before the training than
/// after it.
void probe(const fs::path& folder) {
  std::string name = (folder / ".fieldscope-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  const bool written = file >= 0 && ::write(file, "x", 1) == 1;
  const int code = errno;
  if (file >= 0) {
    ::close(file);
    ::unlink(name.c_str());
  }
  if (!written) {
    throw DataError("cannot write into the folder '" + folder.string() +
                    "': " + std::strerror(code) + "; choose another with --out");
  }
}

}  // namespace

OutputFolder::OutputFolder(fs::path path) : path_(std::move(path)) {
  try {
    make(path_);
    probe(path_);
  } catch (...) {
    for (auto it = made_.rbegin(); it != made_.rend(); ++it) {
      std::error_code ignored;
      fs::remove(*it, ignored);
    }
    throw;
  }
}

OutputFolder::~OutputFolder() {
  for (auto it = made_.rbegin(); it != made_.rend(); ++it) {
    std::error_code not_empty;
    fs::remove(*it, not_empty);
  }
}

fs::path OutputFolder::folder(const fs::path& within) {
  make(path_ / within);
  probe(path_ / within);
  return path_ / within;
}

void OutputFolder::make(const fs::path& path) {
  fs::path so_far;
  for (const fs::path& part : path) {
    so_far /= part;
    std::error_code error;
    if (fs::is_directory(so_far, error)) continue;
    if (fs::create_directory(so_far, error)) {
      made_.push_back(so_far);
    } else if (!fs::is_directory(so_far)) {
      std::error_code ignored;
      const bool is_file = !error || fs::exists(so_far, ignored);
      throw DataError("cannot make the folder '" + path.string() +
                      "': " + (is_file ? "'" + so_far.string() + "' is a file" : error.message()) +
                      "; choose another with --out");
    }
  }
}

std::vector<std::string> earlier_results(const fs::path& out, const std::vector<std::string>& own) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(out, error), end; !error && it != end;
       it.increment(error)) {
    if (it.depth() > 1) it.disable_recursion_pending();  // <run> or seed-<n>/<run>
    if (it.depth() == 0 || it->path().filename() != "model.safetensors") continue;
    const std::string folder = it->path().parent_path().lexically_relative(out).string();
    if (std::find(own.begin(), own.end(), folder) == own.end()) found.push_back(folder);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string file_name_part(const std::string& text) {
  std::string part;
  for (const char c : text) {
    const bool kept =
        std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '=' || c == '-';
    if (kept) {
      part += c;
    } else if (!part.empty() && part.back() != '-') {
      part += '-';
    }
  }
  while (!part.empty() && (part.back() == '-' || part.back() == '.')) part.pop_back();
  while (!part.empty() && (part.front() == '.' || part.front() == '-')) part.erase(0, 1);
  return part.empty() ? "data" : part;
}

fs::path default_output_path(const std::string& verb, const std::string& data_name) {
  char time_text[32];
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::strftime(time_text, sizeof time_text, "%Y%m%d-%H%M%S", &local);
  const std::string data = file_name_part(fs::path(data_name).stem().string());
  const fs::path base = fs::path("out") / (verb + "-" + data + "-" + time_text);
  fs::path path = base;
  for (int i = 2; fs::exists(path); ++i) {
    path = base;
    path += "-" + std::to_string(i);
  }
  return path;
}

}  // namespace fieldscope
