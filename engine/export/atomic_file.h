// Whole files or none: bytes go to a neighbour of the file, which is renamed when they are all
// there. Used by every exporter; any thread.
#pragma once

#include <filesystem>
#include <string_view>

namespace fieldscope {

/// Replaces `path` by a file with these bytes. Throws DataError naming the file and the reason;
/// then what was there before is still there and nothing else is left behind.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace fieldscope
