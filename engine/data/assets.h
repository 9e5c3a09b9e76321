// Where the files that come with the program are: beside it, in the install prefix, or in the
// source tree it was built from.
#pragma once

#include <filesystem>

namespace fieldscope {

/// The existing file or folder at that relative path (`assets/...`, `shaders/...`).
/// Throws DataError that lists where it was looked for.
std::filesystem::path find_asset(const std::filesystem::path& relative);

}  // namespace fieldscope
