// What the window shows, as JSON for tests: runs, toasts, frame times, and where every widget is.
// Written beside and renamed, at most ten times a second. UI thread only.
#pragma once

#include <filesystem>

#include "app/gui/window.h"
#include "app/gui/workspace.h"

namespace fieldscope::gui {

class Report {
 public:
  explicit Report(std::filesystem::path file) : file_(std::move(file)) {}

  bool wanted() const { return !file_.empty(); }
  void write(Window& window, Workspace& work, bool at_once = false);

 private:
  std::filesystem::path file_;
  double written_ = -1;
  std::uint64_t serial_ = 0;
};

}  // namespace fieldscope::gui
