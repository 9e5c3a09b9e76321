// What the text fields of the window share. UI thread only.
#pragma once

namespace fieldscope::gui {

// Dear ImGui leaves a field on Enter. Called right after a field that refused what was typed, this
// keeps the keyboard in it, its text and cursor as they are: without it the next keys would be
// taken for shortcuts.
void keep_typing();

}  // namespace fieldscope::gui
