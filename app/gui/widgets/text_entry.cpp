#include "app/gui/widgets/text_entry.h"

#include <imgui.h>
#include <imgui_internal.h>

namespace fieldscope::gui {

void keep_typing() {
  // Not SetKeyboardFocusHere, which acts a frame later.
  ImGui::SetActiveID(ImGui::GetItemID(), ImGui::GetCurrentWindow());
}

}  // namespace fieldscope::gui
