// The folder that a verb leaves its results in: made when the request has proved sound, taken away
// again if nothing was written. Used by the main thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fieldscope {

class OutputFolder {
 public:
  /// Makes `path` with its parents and tries whether files can be written there. Throws DataError
  /// naming it.
  explicit OutputFolder(std::filesystem::path path);
  /// Removes those of the folders made here that are still empty.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// A folder within, made if it is not there, and tried in the same way.
  std::filesystem::path folder(const std::filesystem::path& within);

 private:
  void make(const std::filesystem::path& path);

  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;
};

/// `out/<verb>-<data>-<date>-<time>`, with a number behind it if that is taken.
std::filesystem::path default_output_path(const std::string& verb, const std::string& data_name);

/// Sub-folders with results of an earlier call, relative to `out`, other than `own`. Sorted.
std::vector<std::string> earlier_results(const std::filesystem::path& out,
                                         const std::vector<std::string>& own);

/// `text` as part of a file name: letters, digits and . _ = - kept, the rest becomes one dash each.
std::string file_name_part(const std::string& text);

}  // namespace fieldscope
