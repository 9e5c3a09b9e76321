// A dialog to open a picture, a mesh or a saved experiment: places, the folder's contents, a path
// that can be typed and completed with Tab. UI thread only; reads folders, never file contents.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/theme.h"

namespace fieldscope::gui {

class FileDialog {
 public:
  // A saved experiment is a folder too: the predicate tells it from one that is entered.
  FileDialog(std::vector<std::string> extensions,
             std::function<bool(const std::filesystem::path&)> is_experiment)
      : extensions_(std::move(extensions)), is_experiment_(std::move(is_experiment)) {}

  void open(const std::filesystem::path& folder);
  bool is_open() const { return open_; }
  void close() { open_ = false; }
  // Draws it while it is open; returns the path that was chosen.
  std::optional<std::filesystem::path> draw(Ui& ui);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  enum class Kind { folder, experiment, picture };
  struct Item {
    std::string name;
    Kind kind = Kind::picture;
    std::uintmax_t bytes = 0;  // of a picture
  };
  std::optional<Kind> kind_of(const std::filesystem::path& path) const;
  void enter(const std::filesystem::path& folder);
  void complete();
  bool fits_filter(const std::string& name) const;
  std::optional<std::filesystem::path> draw_list(Ui& ui, ImVec2 size);
  std::optional<std::filesystem::path> accept();
  void refuse(const std::string& problem);
  void draw_row(Ui& ui, const Item& item, ImVec2 at, ImVec2 size) const;
  void draw_places(Ui& ui, ImVec2 size);
  bool draw_path(Ui& ui, float width);
  static int edit_callback(struct ImGuiInputTextCallbackData* data);

  std::vector<std::string> extensions_;
  std::function<bool(const std::filesystem::path&)> is_experiment_;
  std::filesystem::path folder_;
  std::vector<Item> items_;
  std::string problem_;
  int selected_ = -1;
  bool open_ = false, shown_ = false, appearing_ = false, focus_path_ = false, rewrite_ = false;
  char path_[1024] = {};
};

}  // namespace fieldscope::gui
