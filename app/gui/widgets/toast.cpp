#include "app/gui/widgets/toast.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>

#include "app/gui/widgets/controls.h"

namespace fieldscope::gui {
namespace {

constexpr std::size_t most_toasts = 3;

std::size_t next_character(const std::string& text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

}  // namespace

std::vector<std::string> wrap_text(const ImFont* font, const std::string& text, float width,
                                   std::size_t most) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size() && lines.size() < most) {
    std::size_t end = begin, space = begin, slash = begin;
    while (end < text.size() && text[end] != '\n') {
      const std::size_t next = next_character(text, end);
      if (text_size(font, std::string_view(text).substr(begin, next - begin)).x > width) break;
      end = next;
      if (end == text.size() || text[end] == ' ' || text[end] == '\n') space = end;
      if (text[end - 1] == '/') slash = end;
    }
    const bool whole = end == text.size() || text[end] == '\n';
    std::size_t cut = whole ? end : space > begin ? space : slash > begin ? slash : end;
    if (cut == begin) cut = next_character(text, begin);
    lines.push_back(text.substr(begin, cut - begin));
    begin = cut;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\n')) ++begin;
  }
  if (begin < text.size() && !lines.empty()) lines.back() += "…";
  return lines;
}

std::uint64_t Toasts::add(Toast toast) {
  toast.id = next_id_++;
  // Trouble stays until it has surely been read; the pointer on it keeps it longer.
  toast.left = toast.seconds > 0 ? toast.seconds : toast.kind == Kind::trouble ? 15 : 8;
  log_.push_back(toast.title + (toast.text.empty() ? "" : ": " + toast.text));
  // The same trouble again takes the place of the first.
  if (toast.kind == Kind::trouble)
    std::erase_if(toasts_, [&toast](const Toast& other) {
      return other.title == toast.title && other.text == toast.text;
    });
  toasts_.push_back(std::move(toast));
  while (toasts_.size() > most_toasts) toasts_.pop_front();
  return next_id_ - 1;
}

void Toasts::act(std::uint64_t id, std::function<void()> act) {
  for (Toast& toast : toasts_)
    if (toast.id == id) toast.act = std::move(act);
}

void Toasts::dismiss(std::uint64_t id) {
  std::erase_if(toasts_, [id](const Toast& toast) { return toast.id == id; });
}

void Toasts::draw(Ui& ui, ImVec2 corner, double elapsed) {
  float bottom = corner.y;
  std::vector<std::uint64_t> done;
  for (auto toast = toasts_.rbegin(); toast != toasts_.rend(); ++toast)
    if (draw_one(ui, *toast, corner.x, bottom, elapsed)) done.push_back(toast->id);
  for (const auto id : done) dismiss(id);
  // Menus that are open stay above.
  for (const ImGuiPopupData& popup : GImGui->OpenPopupStack)
    if (popup.Window) ImGui::BringWindowToDisplayFront(popup.Window);
}

bool Toasts::draw_one(Ui& ui, Toast& toast, float left, float& bottom, double elapsed) {
  const float width = std::min(ui.px(368), ImGui::GetMainViewport()->Size.x - left - ui.px(16));
  const float pad = ui.px(12), lead = ui.px(28);
  const ImFont* small = ui.fonts.small;
  // A path alone is one line, its middle left out where it is long; a reason is told in full.
  const float button = toast.action.empty() ? 0 : text_size(small, toast.action).x + ui.px(16 + 8);
  const float room = width - 2 * pad - lead;
  std::vector<std::string> lines;
  if (toast.kind == Kind::saved)
    lines.push_back(elide_middle(small, toast.text, room));
  else
    lines = wrap_text(small, toast.text, room, 6);
  const float line = font_pixels(small) + ui.px(3), head = font_pixels(ui.fonts.strong) + ui.px(6);
  const float height = pad * 2 + head + line * static_cast<float>(lines.size()) - ui.px(4);
  const float alpha = static_cast<float>(std::clamp(toast.left / 0.4, 0.0, 1.0));
  const ImVec2 min = {std::floor(left), std::floor(bottom - height)};
  bottom = min.y - ui.px(8);

  ImGui::SetNextWindowPos(min);
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_Alpha, std::max(alpha, 0.02f));
  ImGui::Begin(("##toast" + std::to_string(toast.id)).c_str(), nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoBackground);
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 max = {min.x + width, min.y + height};
  const Palette& p = ui.colours;
  const ImU32 tone = toast.kind == Kind::trouble ? p.trouble
                     : toast.kind == Kind::saved ? p.good
                                                 : p.accent;
  list->AddRectFilled(min, max, with_alpha(p.popup, alpha), ui.px(4));
  list->AddRect(min, max, with_alpha(mix(p.line, p.secondary, 0.35f), alpha), ui.px(4));
  const Icon icon = toast.kind == Kind::trouble ? Icon::warning
                    : toast.kind == Kind::saved ? Icon::check
                                                : Icon::info;
  draw_icon(list, icon, {min.x + pad + ui.px(8), min.y + pad + ui.px(8)}, ui.px(16),
            with_alpha(tone, alpha));
  const float text_left = min.x + pad + lead;
  draw_text_fitted(list, ui.fonts.strong, {text_left, min.y + pad}, room - button - ui.px(24),
                   with_alpha(p.text, alpha), toast.title);
  float y = min.y + pad + head;
  for (const auto& text : lines) {
    draw_text(list, small, {text_left, y}, with_alpha(p.secondary, alpha), text);
    y += line;
  }
  const std::string id = "toast." + std::to_string(toast.id);
  bool done = false;
  const bool hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  ImGui::SetCursorScreenPos({max.x - ui.px(32), min.y + ui.px(8)});
  ButtonLook look;
  look.size = 24;
  if (icon_button(ui, id + ".close", Icon::close, "", "", look)) done = true;
  if (!toast.action.empty()) {
    ImGui::SetCursorScreenPos({max.x - ui.px(40) - button + ui.px(8), min.y + ui.px(7)});
    look.size = 26;
    look.filled = true;
    if (text_button(ui, id + ".action", toast.action, look)) {
      if (toast.act) toast.act();
      done = true;
    }
  }
  ImGui::End();
  ImGui::PopStyleVar(2);
  if (!hovered) toast.left -= elapsed;  // while the pointer rests on it, it stays
  if (toast.left < 0.4) ui.wants_frame = true;
  return done || toast.left <= 0;
}

}  // namespace fieldscope::gui
