// Where every interactive widget stands in the last frame, by a stable id. Tests read it (through
// the window's report) to point a real mouse at real widgets. UI thread only.
#pragma once

#include <string>
#include <vector>

#include <imgui.h>

namespace fieldscope::gui {

class WidgetMap {
 public:
  struct Entry {
    std::string id;
    ImVec2 min, max;
  };

  void set_enabled(bool enabled) { enabled_ = enabled; }
  bool enabled() const { return enabled_; }
  void begin_frame() { entries_.clear(); }
  void add(const std::string& id, ImVec2 min, ImVec2 max) {
    if (enabled_) entries_.push_back({id, min, max});
  }
  // The item that ImGui has just submitted.
  void add_last_item(const std::string& id) {
    if (enabled_) add(id, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  bool enabled_ = false;
  std::vector<Entry> entries_;
};

}  // namespace fieldscope::gui
