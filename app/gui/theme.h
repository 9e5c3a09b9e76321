// Colours, fonts and sizes: the one place that knows what the window looks like.
// `Ui` is handed to every panel and widget by the application; UI thread only.
#pragma once

#include <string>
#include <string_view>

#include <imgui.h>

namespace fieldscope::gui {

class WidgetMap;

// Colours are ImU32 in ImGui's order. Text on panel and ground keeps a contrast of 4.5:1.
struct Palette {
  bool dark = true;
  ImU32 ground = 0;   // behind the pictures
  ImU32 panel = 0;    // side panel, tool bar, curves
  ImU32 raised = 0;   // buttons, fields
  ImU32 hovered = 0;  // the same under the pointer
  ImU32 pressed = 0;
  ImU32 line = 0;  // separators, axes
  ImU32 grid = 0;  // grid of a plot
  ImU32 text = 0;
  ImU32 secondary = 0;    // labels, units
  ImU32 accent = 0;       // selection, focus
  ImU32 accent_text = 0;  // text on accent
  ImU32 trouble = 0;
  ImU32 good = 0;
  ImU32 popup = 0;
  ImU32 shade = 0;     // over the window below a dialog
  ImU32 disabled = 0;  // what cannot be used now: still legible, plainly weaker than text

  // Secondary text and accents on a ground on which they would not stand out as they are.
  ImU32 quiet_on(ImU32 ground_below) const;
  ImU32 accent_on(ImU32 ground_below) const;
};

Palette dark_palette();
Palette light_palette();

// WCAG contrast ratio, 1 to 21.
float contrast(ImU32 a, ImU32 b);
// `colour` moved towards white or black until it stands out from `background` by `ratio`.
ImU32 readable(ImU32 colour, ImU32 background, float ratio);
ImU32 with_alpha(ImU32 colour, float alpha);
ImU32 mix(ImU32 a, ImU32 b, float t);
// 0xRRGGBB, as colours are written in documents.
ImU32 from_hex(unsigned rgb);

// The Okabe-Ito colour of a run.
inline constexpr int run_colour_count = 8;
unsigned run_colour_rgb(int index);

struct Fonts {
  ImFont* body = nullptr;    // 15 px
  ImFont* strong = nullptr;  // 15 px semibold
  ImFont* small = nullptr;   // 13 px
  ImFont* label = nullptr;   // 12 px semibold: headings of panels
  ImFont* metric = nullptr;  // 22 px semibold: the number of a tile
};

// What a widget needs to draw itself.
struct Ui {
  Palette colours = dark_palette();
  Fonts fonts;
  float scale = 1.0f;
  WidgetMap* map = nullptr;  // where tests look up rectangles; never null while drawing
  double now = 0.0;          // seconds, for animations
  float inset = 0;           // pixels that rows leave free at the right, inside a card
  bool wants_frame = false;  // set by a widget that animates: draw again soon

  // A length of the design (at 100%) in whole pixels.
  float px(float length) const {
    return static_cast<float>(static_cast<int>(length * scale + 0.5f));
  }
};

// Font handling that is the same for Dear ImGui 1.86 and 1.92.
float font_pixels(const ImFont* font);
ImVec2 text_size(const ImFont* font, std::string_view text);
void draw_text(ImDrawList* list, const ImFont* font, ImVec2 at, ImU32 colour,
               std::string_view text);
// Cut at the end with an ellipsis where it does not fit `width`. Returns true if it was cut.
bool draw_text_fitted(ImDrawList* list, const ImFont* font, ImVec2 at, float width, ImU32 colour,
                      std::string_view text);
std::string elide_middle(const ImFont* font, std::string_view text, float width);

class FontScope {
 public:
  explicit FontScope(ImFont* font);
  ~FontScope();
  FontScope(const FontScope&) = delete;
  FontScope& operator=(const FontScope&) = delete;
};

// Builds the atlas at `scale`; throws if neither Inter nor DejaVu Sans is installed.
Fonts build_fonts(float scale);
void apply_style(const Ui& ui);

}  // namespace fieldscope::gui
