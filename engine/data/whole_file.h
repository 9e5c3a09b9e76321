// Reads a file that people name, whole, into memory: regular files up to a limit only, so that a
// pipe or a device cannot hang or flood the program. The counterpart of export/atomic_file.h; any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace fieldscope {

/// `what` is its kind in messages: "weights". Throws DataError naming the file.
std::string read_whole_file(const std::filesystem::path& path, std::string_view what,
                            std::uint64_t most_bytes);

/// Whether brackets and braces of a JSON text nest deeper than any file of ours: reading such a
/// text could exhaust the stack.
bool nests_too_deeply(std::string_view json);

/// What to say of a text that a parser of JSON gave up at this byte, counted from one: "it is not
/// JSON from line 3, column 7 on" or, as Python writes numbers that are none, "it has NaN at line
/// 3, column 7, which is not a number".
std::string json_fault(std::string_view text, std::size_t byte);

}  // namespace fieldscope
