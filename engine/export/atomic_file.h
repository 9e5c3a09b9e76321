// Whole files or none: bytes go to a neighbour of the file, which is renamed when they are all
// there. Used by every exporter; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace fieldscope {

/// The neighbour of a file that is being written: it takes the file's place with commit(), and is
/// gone otherwise. Several threads (or programs) may write the same file: each has its own.
class PartFile {
 public:
  explicit PartFile(std::filesystem::path path);
  ~PartFile();  ///< removes what was not committed
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& part() const { return part_; }  ///< to be written by the owner
  /// Throws DataError naming the file and the reason; then what was there before still is.
  void commit();
  /// Throws the DataError of a file that cannot be written for this reason.
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  std::filesystem::path path_, part_;
  bool committed_ = false;
};

/// Replaces `path` by a file with these bytes. Throws DataError naming the file and the reason;
/// then what was there before is still there and nothing else is left behind.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// With those above it, where they are missing. Throws DataError.
void make_folder(const std::filesystem::path& folder);

}  // namespace fieldscope
