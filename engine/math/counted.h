// Numbers of things as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace fieldscope {

/// "1 triangle", "12 triangles"
inline std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace fieldscope
