// Shows a folder in the desktop's file manager. Returns at once; any thread.
#pragma once

#include <filesystem>

namespace fieldscope::gui {

bool open_folder(const std::filesystem::path& folder);

}  // namespace fieldscope::gui
