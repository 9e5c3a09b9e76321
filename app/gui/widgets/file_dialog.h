// A dialog to open a picture: places, the folder's contents, a path that can be typed and completed
// with Tab. UI thread only; reads folders, never file contents.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/theme.h"

namespace fieldscope::gui {

class FileDialog {
 public:
  explicit FileDialog(std::vector<std::string> extensions) : extensions_(std::move(extensions)) {}

  void open(const std::filesystem::path& folder);
  bool is_open() const { return open_; }
  void close() { open_ = false; }
  // Draws it while it is open; returns the path that was chosen.
  std::optional<std::filesystem::path> draw(Ui& ui);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct Item {
    std::string name;
    bool folder = false;
    std::uintmax_t bytes = 0;
  };
  void enter(const std::filesystem::path& folder);
  void complete();
  bool fits_filter(const std::string& name) const;
  std::optional<std::filesystem::path> draw_list(Ui& ui, ImVec2 size);
  std::optional<std::filesystem::path> accept();
  void draw_places(Ui& ui, ImVec2 size);
  bool draw_path(Ui& ui, float width);
  static int edit_callback(struct ImGuiInputTextCallbackData* data);

  std::vector<std::string> extensions_;
  std::filesystem::path folder_;
  std::vector<Item> items_;
  std::string problem_;
  int selected_ = -1;
  bool open_ = false, shown_ = false, appearing_ = false, focus_path_ = false, rewrite_ = false;
  char path_[1024] = {};
};

}  // namespace fieldscope::gui
