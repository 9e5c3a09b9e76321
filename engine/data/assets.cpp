#include "engine/data/assets.h"

#include <string>
#include <string_view>

#include "engine/math/error.h"

namespace fieldscope {

std::filesystem::path find_asset(const std::filesystem::path& relative) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  // A ;-separated list from the build; relative entries start from the program's own folder.
  std::string_view rest = FIELDSCOPE_ASSET_DIRS;
  std::string tried;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const fs::path candidate = (program / entry / relative).lexically_normal();
    if (fs::exists(candidate, ignored)) return candidate;
    tried += (tried.empty() ? "" : ", ") + candidate.string();
  }
  throw DataError("cannot find '" + relative.string() +
                  "', which comes with the program; looked at " + tried +
                  "; reinstall or run from the checkout");
}

}  // namespace fieldscope
