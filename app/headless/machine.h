// What this machine and this process are, as far as the system tells. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace fieldscope {

/// "Intel(R) Xeon(R) ...", or "unknown processor".
std::string cpu_name();

/// 0 if unknown.
std::uint64_t memory_bytes();

/// The most memory that this process has had resident so far; 0 if unknown.
std::uint64_t peak_resident_bytes();

}  // namespace fieldscope
