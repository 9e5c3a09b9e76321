// Buttons, menus, segmented switches and splitters in the window's own style. Every control takes
// the stable id under which tests find it. UI thread only.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <imgui.h>

#include "app/gui/theme.h"
#include "app/gui/widget_map.h"
#include "app/gui/widgets/icons.h"

namespace fieldscope::gui {

struct ButtonLook {
  bool filled = false;    // with a ground even when the pointer is elsewhere
  bool primary = false;   // in the accent colour
  bool selected = false;  // a switch that is on
  bool enabled = true;
  float size = 32;      // height in design pixels
  float min_width = 0;  // so that a changing text moves nothing
};

// Square button with an icon. `tip` explains it; the key that does the same goes into `key`.
bool icon_button(Ui& ui, const std::string& id, Icon icon, const char* tip, const char* key = "",
                 ButtonLook look = {});
// Icon and text, or text alone.
bool text_button(Ui& ui, const std::string& id, std::string_view text, ButtonLook look = {},
                 const Icon* icon = nullptr, const char* tip = "");

// How wide a menu button is that shows this in full.
float menu_button_width(const Ui& ui, std::string_view label, std::string_view value);
// A flat button that opens a menu: a quiet label in front, the value, a chevron.
// `fill` draws the menu's items and is called while it is open.
void menu_button(Ui& ui, const std::string& id, std::string_view label, std::string_view value,
                 float width, const std::function<void()>& fill, const char* tip = "");
// An item takes the width of the menu, unless it is given one.
bool menu_item(Ui& ui, const std::string& id, std::string_view text, std::string_view key = "",
               bool selected = false, bool enabled = true, std::string_view detail = "",
               float width = 0);
void menu_separator(Ui& ui);
void menu_heading(Ui& ui, std::string_view text);

// One of several, all visible. Returns the index clicked or -1.
int segmented(Ui& ui, const std::string& id, std::span<const std::string_view> names, int current,
              std::span<const std::string_view> tips = {});
float segmented_width(const Ui& ui, std::span<const std::string_view> names);

// Words that act as tabs: no box, an underline below the current one.
int tabs(Ui& ui, const std::string& id, std::span<const std::string_view> names, int current);

// A line between two regions that can be dragged, over whatever lies below it. Without `line` it is
// seen only under the pointer.
struct SplitterInput {
  std::optional<float> dragged_to;  // where the pointer is across the line, pixels
  bool double_clicked = false;
};
SplitterInput splitter(Ui& ui, const std::string& id, bool vertical, ImVec2 min, ImVec2 max,
                       bool line);

// Heading of a part of a panel, with a fold triangle; the right end stays free for `reserved`
// pixels of buttons. Returns whether it is open.
bool section(Ui& ui, const std::string& id, std::string_view title, bool* open, float reserved = 0);

void tooltip(Ui& ui, std::string_view title, std::string_view text, std::string_view key = "");
// A popup's ground, padding and border, kept within the window; pairs with end_popup when true.
bool begin_popup(Ui& ui, const char* id, float least_width = 0);
void end_popup();
// The most that fits into a popup without scrolling.
ImVec2 popup_room(const Ui& ui);

// Whether the last item deserves a tooltip now: the pointer rests on it.
bool rests_on_item();
// Text of secondary importance at the cursor.
void quiet_text(Ui& ui, std::string_view text);

}  // namespace fieldscope::gui
