// The optimizers and activations as menus: in groups, side by side where there is room, the formula
// at the pointer. UI thread only.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/gui/theme.h"

namespace fieldscope::gui {

using ChooseMethod = std::function<void(const std::string& id)>;

// Items for every optimizer, each with the id `prefix`.`its id`. `current` carries the check mark;
// `remark` is said behind its name.
void optimizer_items(Ui& ui, const std::string& prefix, std::string_view current,
                     const ChooseMethod& choose, std::string_view remark = "");
void activation_items(Ui& ui, const std::string& prefix, std::string_view current,
                      const ChooseMethod& choose);

}  // namespace fieldscope::gui
