// Fonts: Inter with DejaVu Sans behind it, digits of equal width, and text helpers.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include <imgui.h>

#include "app/gui/theme.h"

namespace fieldscope::gui {
namespace {

namespace fs = std::filesystem;

// Advance of the widest digit of Inter, in em: every digit gets a cell of this width, since
// numbers that change must not move what stands beside them (the font's own tabular digits are
// behind an OpenType feature that the rasteriser does not apply).
constexpr float digit_em_regular = 0.630f;
// Ascender to descender of Inter, in em.
constexpr float line_em = 1.21f;
constexpr float digit_em_semibold = 0.655f;

std::string find_font(const std::vector<const char*>& candidates) {
  std::vector<fs::path> folders = {"/usr/share/fonts", "/usr/local/share/fonts"};
  if (const char* home = std::getenv("HOME"))
    folders.emplace_back(fs::path(home) / ".local/share/fonts");
  std::error_code ignored;
  for (const char* candidate : candidates)
    for (const auto& folder : folders)
      if (fs::exists(folder / candidate, ignored)) return (folder / candidate).string();
  return {};
}

const ImWchar* text_ranges() {
  static const ImWchar ranges[] = {
      0x0020, 0x002F, 0x003A, 0x007E, 0x00A0, 0x024F, 0x0300, 0x036F, 0x0370, 0x03FF, 0x1D2C,
      0x1D6A, 0x2000, 0x206F, 0x2070, 0x209F, 0x20A0, 0x20BF, 0x2100, 0x214F, 0x2190, 0x21FF,
      0x2200, 0x22FF, 0x2300, 0x23FF, 0x25A0, 0x25FF, 0x2700, 0x27BF, 0xFFFD, 0xFFFD, 0};
  return ranges;
}

const ImWchar* digit_ranges() {
  static const ImWchar ranges[] = {0x0030, 0x0039, 0};
  return ranges;
}

const ImWchar* all_ranges() {
  static const ImWchar ranges[] = {0x0020, 0x007E, 0x00A0, 0x024F, 0x0300, 0x036F, 0x0370, 0x03FF,
                                   0x1D2C, 0x1D6A, 0x2000, 0x209F, 0x2100, 0x22FF, 0x2300, 0x23FF,
                                   0x25A0, 0x25FF, 0x2700, 0x27BF, 0xFFFD, 0xFFFD, 0};
  return ranges;
}

struct Face {
  std::string file, fallback;
  float digit_em;
};

// `em` is the size as type is measured everywhere; Dear ImGui counts from ascender to descender.
ImFont* add_font(const Face& face, float em) {
  const float pixels = std::round(em * line_em);
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  ImFontConfig config;
  config.OversampleH = 2;
  config.OversampleV = 1;
  config.PixelSnapH = false;
  config.RasterizerMultiply = 1.12f;
  const std::string& main = face.file.empty() ? face.fallback : face.file;
  ImFont* font = nullptr;
  if (!face.file.empty()) {
    ImFontConfig digits = config;
    digits.GlyphMinAdvanceX = digits.GlyphMaxAdvanceX = face.digit_em * pixels / line_em;
    font = atlas.AddFontFromFileTTF(main.c_str(), pixels, &digits, digit_ranges());
    config.MergeMode = true;
    atlas.AddFontFromFileTTF(main.c_str(), pixels, &config, text_ranges());
  } else {
    font = atlas.AddFontFromFileTTF(main.c_str(), pixels, &config, all_ranges());
    config.MergeMode = true;
  }
  if (!face.fallback.empty() && main != face.fallback)
    atlas.AddFontFromFileTTF(face.fallback.c_str(), pixels, &config, all_ranges());
  return font;
}

}  // namespace

Fonts build_fonts(float scale) {
  const std::string fallback =
      find_font({"truetype/dejavu/DejaVuSans.ttf", "TTF/DejaVuSans.ttf", "dejavu/DejaVuSans.ttf"});
  const Face regular{find_font({"opentype/inter/Inter-Regular.otf",
                                "truetype/inter/Inter-Regular.ttf", "inter/Inter-Regular.otf"}),
                     fallback, digit_em_regular};
  const Face semibold{find_font({"opentype/inter/Inter-SemiBold.otf",
                                 "truetype/inter/Inter-SemiBold.ttf", "inter/Inter-SemiBold.otf"}),
                      fallback, digit_em_semibold};
  if (regular.file.empty() && fallback.empty())
    throw std::runtime_error(
        "no font found: neither Inter nor DejaVu Sans is installed; install the packages "
        "fonts-inter and fonts-dejavu-core");
  ImGui::GetIO().Fonts->Clear();
  Fonts fonts;
  fonts.body = add_font(regular, 15 * scale);
  fonts.strong = add_font(semibold, 15 * scale);
  fonts.small = add_font(regular, 13 * scale);
  fonts.label = add_font(semibold, 11.5f * scale);
  fonts.metric = add_font(semibold, 21 * scale);
  ImGui::GetIO().FontDefault = fonts.body;
  return fonts;
}

float font_pixels(const ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  return font->LegacySize;
#else
  return font->FontSize;
#endif
}

ImVec2 text_size(const ImFont* font, std::string_view text) {
  // Dear ImGui before 1.92 lacks a const here though nothing changes.
  return const_cast<ImFont*>(font)->CalcTextSizeA(font_pixels(font), 1e9f, 0.0f, text.data(),
                                                  text.data() + text.size());
}

void draw_text(ImDrawList* list, const ImFont* font, ImVec2 at, ImU32 colour,
               std::string_view text) {
  // Whole pixels: glyphs rasterised for them stay sharp.
  at.x = static_cast<float>(static_cast<int>(at.x + 0.5f));
  at.y = static_cast<float>(static_cast<int>(at.y + 0.5f));
  list->AddText(const_cast<ImFont*>(font), font_pixels(font), at, colour, text.data(),
                text.data() + text.size());
}

bool draw_text_fitted(ImDrawList* list, const ImFont* font, ImVec2 at, float width, ImU32 colour,
                      std::string_view text) {
  if (text_size(font, text).x <= width) {
    draw_text(list, font, at, colour, text);
    return false;
  }
  const std::string_view dots = "…";
  const float room = width - text_size(font, dots).x;
  std::size_t keep = text.size();
  while (keep > 0 && text_size(font, text.substr(0, keep)).x > room) {
    --keep;
    while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0) == 0x80) --keep;
  }
  while (keep > 0 && text[keep - 1] == ' ') --keep;
  draw_text(list, font, at, colour, std::string(text.substr(0, keep)) + std::string(dots));
  return true;
}

std::string elide_middle(const ImFont* font, std::string_view text, float width) {
  if (text_size(font, text).x <= width) return std::string(text);
  std::size_t head = text.size() / 2, tail = text.size() - head;
  const auto boundary = [&](std::size_t at) {
    return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
  };
  std::string cut;
  while (head > 1 && tail > 1) {
    do --head;
    while (head > 0 && !boundary(head));
    do --tail;
    while (tail > 0 && !boundary(text.size() - tail));
    cut = std::string(text.substr(0, head)) + "…" + std::string(text.substr(text.size() - tail));
    if (text_size(font, cut).x <= width) break;
  }
  return cut;
}

FontScope::FontScope(ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, font_pixels(font));
#else
  ImGui::PushFont(font);
#endif
}

FontScope::~FontScope() {
  ImGui::PopFont();
}

}  // namespace fieldscope::gui
