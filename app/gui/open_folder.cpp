#include "app/gui/open_folder.h"

#include <string>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace fieldscope::gui {

bool open_folder(const std::filesystem::path& folder) {
  std::string program = "xdg-open", path = folder.string();
  char* arguments[] = {program.data(), path.data(), nullptr};
  pid_t child = 0;
  // No shell in between: a path may hold any character.
  if (posix_spawnp(&child, "xdg-open", nullptr, nullptr, arguments, environ) != 0) return false;
  std::thread([child] { waitpid(child, nullptr, 0); }).detach();
  return true;
}

}  // namespace fieldscope::gui
