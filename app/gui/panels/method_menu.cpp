#include "app/gui/panels/method_menu.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include "app/gui/widgets/controls.h"
#include "engine/field/spec.h"
#include "engine/optim/registry.h"

namespace fieldscope::gui {
namespace {

struct Method {
  std::string_view id;
  std::string name, formula, source;
};

struct Group {
  std::string_view heading;
  int column;
  std::vector<Method> methods;
};

bool is_one_of(std::string_view id, std::initializer_list<std::string_view> ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// By what an optimizer knows of the curvature. One that is not named here has a matrix.
std::size_t group_of_optimizer(std::string_view id) {
  if (is_one_of(id, {"sgd", "adam", "adamw"})) return 0;
  if (is_one_of(id, {"esgd", "esgd_nesterov", "esgd_adam", "adahessian", "adahessian_e",
                     "adahessian_j", "sophia_h"}))
    return 1;
  return 2;
}

// By shape: what comes back to zero or swings, and what grows or saturates.
std::size_t group_of_activation(std::string_view id) {
  return is_one_of(id, {"relu", "relu_pe", "softplus", "silu", "tanh"}) ? 1 : 0;
}

float column_width(const Ui& ui, const std::vector<Group>& groups) {
  float width = 0;
  for (const Group& group : groups) {
    width = std::max(width, text_size(ui.fonts.label, group.heading).x + ui.px(16));
    for (const Method& method : group.methods)
      width = std::max(width, text_size(ui.fonts.body, method.name).x + ui.px(48));
  }
  return width;
}

void draw_groups(Ui& ui, const std::string& prefix, std::string_view current,
                 const ChooseMethod& choose, const std::vector<Group>& groups) {
  const float width = column_width(ui, groups), gap = ui.px(8);
  const bool beside = 2 * width + gap <= popup_room(ui).x;
  const auto draw_column = [&](int column) {
    ImGui::BeginGroup();
    for (const Group& group : groups) {
      if ((beside && group.column != column) || group.methods.empty()) continue;
      menu_heading(ui, group.heading);
      for (const Method& method : group.methods) {
        const std::string id = prefix + "." + std::string(method.id);
        const bool chosen =
            menu_item(ui, id, method.name, "", method.id == current, true, "", beside ? width : 0);
        if (rests_on_item()) tooltip(ui, method.name, method.formula + "\n" + method.source);
        if (chosen) choose(std::string(method.id));
      }
    }
    ImGui::EndGroup();
  };
  draw_column(0);
  if (!beside) return;
  ImGui::SameLine(0, gap);
  draw_column(1);
}

template <typename Entries>
void fill_groups(std::vector<Group>& groups, const Entries& entries, std::string_view current,
                 std::string_view remark, std::size_t (*group_of)(std::string_view)) {
  for (const auto& entry : entries)
    groups[group_of(entry.id)].methods.push_back(
        {entry.id, std::string(entry.name) + std::string(entry.id == current ? remark : ""),
         std::string(entry.formula), std::string(entry.source)});
}

}  // namespace

void optimizer_items(Ui& ui, const std::string& prefix, std::string_view current,
                     const ChooseMethod& choose, std::string_view remark) {
  std::vector<Group> groups = {
      {"FIRST ORDER", 0, {}}, {"DIAGONAL CURVATURE", 0, {}}, {"MATRIX AND NEWTON", 1, {}}};
  fill_groups(groups, optimizers(), current, remark, group_of_optimizer);
  draw_groups(ui, prefix, current, choose, groups);
}

void activation_items(Ui& ui, const std::string& prefix, std::string_view current,
                      const ChooseMethod& choose) {
  std::vector<Group> groups = {{"WAVES AND BUMPS", 0, {}}, {"RAMPS AND SIGMOIDS", 1, {}}};
  fill_groups(groups, activations(), current, "", group_of_activation);
  draw_groups(ui, prefix, current, choose, groups);
}

}  // namespace fieldscope::gui
