#include "app/gui/theme.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fieldscope::gui {
namespace {

float linear(float channel) {
  return channel <= 0.04045f ? channel / 12.92f : std::pow((channel + 0.055f) / 1.055f, 2.4f);
}

float luminance(ImU32 colour) {
  const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
  return 0.2126f * linear(c.x) + 0.7152f * linear(c.y) + 0.0722f * linear(c.z);
}

ImVec4 to_vec(ImU32 colour) {
  return ImGui::ColorConvertU32ToFloat4(colour);
}

}  // namespace

ImU32 from_hex(unsigned rgb) {
  return IM_COL32((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, 255);
}

ImU32 with_alpha(ImU32 colour, float alpha) {
  const auto a = static_cast<ImU32>(std::clamp(alpha, 0.0f, 1.0f) *
                                    static_cast<float>(colour >> IM_COL32_A_SHIFT & 255));
  return (colour & ~IM_COL32_A_MASK) | (a << IM_COL32_A_SHIFT);
}

ImU32 mix(ImU32 a, ImU32 b, float t) {
  const ImVec4 x = to_vec(a), y = to_vec(b);
  return ImGui::ColorConvertFloat4ToU32(
      {x.x + (y.x - x.x) * t, x.y + (y.y - x.y) * t, x.z + (y.z - x.z) * t, x.w + (y.w - x.w) * t});
}

float contrast(ImU32 a, ImU32 b) {
  const float x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05f) / (std::min(x, y) + 0.05f);
}

ImU32 readable(ImU32 colour, ImU32 background, float ratio) {
  const ImU32 end = luminance(background) < 0.18f ? IM_COL32_WHITE : IM_COL32_BLACK;
  for (int i = 0; i <= 20; ++i) {
    const ImU32 candidate = mix(colour, end, static_cast<float>(i) / 20.0f);
    if (contrast(candidate, background) >= ratio) return candidate;
  }
  return end;
}

ImU32 Palette::quiet_on(ImU32 ground_below) const {
  return readable(secondary, ground_below, 4.55f);
}

ImU32 Palette::accent_on(ImU32 ground_below) const {
  return readable(accent, ground_below, 4.55f);
}

Palette dark_palette() {
  Palette p;
  p.dark = true;
  p.ground = from_hex(0x14161A);
  p.panel = from_hex(0x1B1E24);
  p.raised = from_hex(0x272B33);
  p.hovered = from_hex(0x323843);
  p.pressed = from_hex(0x3D4552);
  p.line = from_hex(0x2A2F38);
  p.grid = from_hex(0x262A32);
  p.text = from_hex(0xD7DCE2);
  p.secondary = from_hex(0x8A93A0);
  p.accent = from_hex(0x5AA9E6);
  p.accent_text = from_hex(0x0E1216);
  p.trouble = from_hex(0xF2686C);  // E5484D lifted to 4.5:1 where it is text on a panel
  p.good = from_hex(0x5CC08A);
  p.popup = from_hex(0x22262E);
  p.shade = IM_COL32(8, 9, 11, 168);
  p.disabled = from_hex(0x6C7580);
  return p;
}

Palette light_palette() {
  Palette p;
  p.dark = false;
  p.ground = from_hex(0xE9ECF0);
  p.panel = from_hex(0xF8F9FB);
  p.raised = from_hex(0xE1E5EA);
  p.hovered = from_hex(0xD6DBE2);
  p.pressed = from_hex(0xC7CED7);
  p.line = from_hex(0xD5DAE1);
  p.grid = from_hex(0xE4E8ED);
  p.text = from_hex(0x1B1F26);
  p.secondary = from_hex(0x59626E);
  p.accent = from_hex(0x1B6CB0);
  p.accent_text = from_hex(0xFFFFFF);
  p.trouble = from_hex(0xC3272C);
  p.good = from_hex(0x1B7A48);
  p.popup = from_hex(0xFFFFFF);
  p.shade = IM_COL32(40, 46, 56, 110);
  p.disabled = from_hex(0x7E8792);
  return p;
}

unsigned run_colour_rgb(int index) {
  static constexpr std::array<unsigned, run_colour_count> okabe_ito = {
      0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0xF0E442, 0x999999};
  return okabe_ito[static_cast<std::size_t>(((index % run_colour_count) + run_colour_count) %
                                            run_colour_count)];
}

void apply_style(const Ui& ui) {
  ImGuiStyle style;
  const float s = ui.scale;
  style.WindowPadding = {12 * s, 12 * s};
  style.FramePadding = {8 * s, 5 * s};
  style.ItemSpacing = {8 * s, 8 * s};
  style.ItemInnerSpacing = {8 * s, 4 * s};
  style.WindowRounding = 0;
  style.ChildRounding = 0;
  style.FrameRounding = 4 * s;
  style.PopupRounding = 4 * s;
  style.GrabRounding = 4 * s;
  style.ScrollbarRounding = 4 * s;
  style.ScrollbarSize = 10 * s;
  style.GrabMinSize = 12 * s;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.FrameBorderSize = 0;
  style.PopupBorderSize = 1;
  style.DisplaySafeAreaPadding = {8 * s, 8 * s};

  const Palette& p = ui.colours;
  const auto set = [&style](ImGuiCol which, ImU32 colour) { style.Colors[which] = to_vec(colour); };
  set(ImGuiCol_Text, p.text);
  set(ImGuiCol_TextDisabled, p.secondary);
  set(ImGuiCol_WindowBg, p.panel);
  set(ImGuiCol_ChildBg, 0);
  set(ImGuiCol_PopupBg, p.popup);
  set(ImGuiCol_Border, p.dark ? from_hex(0x363C47) : p.line);
  set(ImGuiCol_FrameBg, p.raised);
  set(ImGuiCol_FrameBgHovered, p.hovered);
  set(ImGuiCol_FrameBgActive, p.pressed);
  set(ImGuiCol_ScrollbarBg, 0);
  set(ImGuiCol_ScrollbarGrab, p.hovered);
  set(ImGuiCol_ScrollbarGrabHovered, p.pressed);
  set(ImGuiCol_ScrollbarGrabActive, p.pressed);
  set(ImGuiCol_CheckMark, p.accent);
  set(ImGuiCol_SliderGrab, p.accent);
  set(ImGuiCol_SliderGrabActive, p.accent);
  set(ImGuiCol_Button, p.raised);
  set(ImGuiCol_ButtonHovered, p.hovered);
  set(ImGuiCol_ButtonActive, p.pressed);
  set(ImGuiCol_Header, with_alpha(p.accent, 0.18f));
  set(ImGuiCol_HeaderHovered, p.hovered);
  set(ImGuiCol_HeaderActive, p.pressed);
  set(ImGuiCol_Separator, p.line);
  set(ImGuiCol_SeparatorHovered, p.accent);
  set(ImGuiCol_SeparatorActive, p.accent);
  set(ImGuiCol_TextSelectedBg, with_alpha(p.accent, 0.35f));
  set(ImGuiCol_NavHighlight, p.accent);
  set(ImGuiCol_ModalWindowDimBg, p.shade);
  ImGui::GetStyle() = style;
}

}  // namespace fieldscope::gui
