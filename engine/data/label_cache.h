// Inside labels of fixed points, kept between starts in the user's cache folder: the same mesh need
// not be asked twice. Best effort: what cannot be read or written is simply not kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace fieldscope {

/// $XDG_CACHE_HOME/fieldscope, else ~/.cache/fieldscope; empty where neither is known.
std::filesystem::path cache_folder();

/// `mesh` is content_hash()'s; 1 inside, 0 outside. None where nothing whole is kept.
std::optional<std::vector<std::uint8_t>> read_labels(std::uint64_t mesh, std::size_t count);
void keep_labels(std::uint64_t mesh, const std::vector<std::uint8_t>& labels);

}  // namespace fieldscope
