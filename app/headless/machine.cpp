#include "app/headless/machine.h"

#include <cstdlib>
#include <fstream>

#include <unistd.h>

namespace fieldscope {
namespace {

/// What stands behind "name:" in a file of such lines; empty if there is none.
std::string entry_of(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    if (line.find(':') != std::string::npos && value != std::string::npos)
      return line.substr(value);
  }
  return "";
}

}  // namespace

std::string cpu_name() {
  const std::string name = entry_of("/proc/cpuinfo", "model name");
  return name.empty() ? "unknown processor" : name;
}

std::uint64_t memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0
             ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size)
             : 0;
}

std::uint64_t peak_resident_bytes() {
  // Not getrusage: what it says of a program started by a larger one is the larger one's.
  return std::strtoull(entry_of("/proc/self/status", "VmHWM").c_str(), nullptr, 10) * 1024;
}

}  // namespace fieldscope
