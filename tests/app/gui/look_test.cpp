// What the window's look promises: contrast of both themes, numbers as people write them, tiles
// that fit, knobs whose slider and value agree.
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "app/gui/format.h"
#include "app/gui/layout.h"
#include "app/gui/panels/stage_layout.h"
#include "app/gui/panels/tile_text.h"
#include "app/gui/theme.h"
#include "app/gui/widgets/knob_row.h"
#include "app/gui/widgets/toast.h"
#include "engine/math/bytes.h"

namespace fieldscope::gui {
namespace {

TEST(Theme, CaptionsStandOutOverAnyPicture) {
  for (const Palette& p : {dark_palette(), light_palette()})
    for (const ImU32 picture : {IM_COL32_WHITE, IM_COL32_BLACK})
      for (const ImU32 ink : {p.secondary, p.trouble})
        EXPECT_GE(contrast(caption_ink(p, ink), mix(picture, p.panel, caption_density)), 4.5f)
            << p.dark;
}

TEST(Format, LongEpochsShowHundredths) {
  EXPECT_EQ(format_epoch(0.1799, 24'000), "0.17");
  EXPECT_EQ(format_epoch(0.29, 24'000), "0.29");
  EXPECT_EQ(format_epoch(12, 24'000), "12.00");
  EXPECT_EQ(format_epoch(1.999, 128), "1");
  EXPECT_EQ(format_epoch(12'345.6, 128), "12,345");
}

TEST(Theme, TextStandsOut) {
  for (const Palette& p : {dark_palette(), light_palette()}) {
    for (const ImU32 ground : {p.ground, p.panel, p.popup}) {
      EXPECT_GE(contrast(p.text, ground), 7.0f) << p.dark;
      EXPECT_GE(contrast(p.secondary, ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.trouble, ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.good, ground), 4.5f) << p.dark;
    }
    // Rows and buttons under the pointer or pressed, switches that are on, what is disabled.
    const ImU32 on = mix(p.panel, p.accent, 0.20f);
    for (const ImU32 ground : {p.raised, p.hovered, p.pressed, p.popup, on}) {
      EXPECT_GE(contrast(p.text, ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.quiet_on(ground), ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.accent_on(ground), ground), 4.5f) << p.dark;
    }
    for (const ImU32 ground : {p.panel, p.popup, p.raised})
      EXPECT_GE(contrast(p.disabled, ground), 2.8f) << p.dark;
    EXPECT_LT(contrast(p.disabled, p.panel), contrast(p.secondary, p.panel)) << p.dark;
    EXPECT_GE(contrast(p.accent_text, p.accent), 4.5f) << p.dark;
    EXPECT_GE(contrast(p.text, p.raised), 4.5f) << p.dark;
    EXPECT_GE(contrast(p.text, p.pressed), 4.5f) << p.dark;
    for (int i = 0; i < run_colour_count; ++i) {
      const ImU32 colour = from_hex(run_colour_rgb(i));
      EXPECT_GE(contrast(readable(colour, p.panel, 3.0f), p.panel), 3.0f) << i;
    }
  }
}

// CIE 1976 L*a*b*, D65.
std::array<float, 3> lab(ImU32 colour) {
  const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
  const auto linear = [](float v) {
    return v <= 0.04045f ? v / 12.92f : std::pow((v + 0.055f) / 1.055f, 2.4f);
  };
  const auto root = [](float t) { return t > 0.008856f ? std::cbrt(t) : 7.787f * t + 16.0f / 116; };
  const float r = linear(c.x), g = linear(c.y), b = linear(c.z);
  const float x = root((0.4124f * r + 0.3576f * g + 0.1805f * b) / 0.95047f);
  const float y = root(0.2126f * r + 0.7152f * g + 0.0722f * b);
  const float z = root((0.0193f * r + 0.1192f * g + 0.9505f * b) / 1.08883f);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

TEST(Theme, LinesOfRunsAreToldApart) {
  for (const Palette& p : {dark_palette(), light_palette()})
    for (int i = 0; i < run_colour_count; ++i)
      for (int j = 0; j < i; ++j) {
        const auto a = lab(readable(from_hex(run_colour_rgb(i)), p.panel, 3.0f));
        const auto b = lab(readable(from_hex(run_colour_rgb(j)), p.panel, 3.0f));
        EXPECT_GT(std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), 17) << i << " and " << j;
      }
}

TEST(Theme, ContrastIsTheStandardOne) {
  EXPECT_NEAR(contrast(IM_COL32_WHITE, IM_COL32_BLACK), 21.0f, 0.01f);
  EXPECT_NEAR(contrast(from_hex(0x777777), IM_COL32_WHITE), 4.48f, 0.01f);
}

TEST(Format, NumbersAsPeopleWriteThem) {
  EXPECT_EQ(format_score(TaskKind::image, 31.4159), "31.42");
  EXPECT_EQ(format_significant(0.012345), "0.0123");
  EXPECT_EQ(format_significant(0.0000123), "1.23e-5");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(0.000991), "0.000991");  // in a column with 0.00203
  EXPECT_EQ(format_score(TaskKind::image, -11.65), "−11.65");
  EXPECT_EQ(format_significant(0.01f, 1), "0.01");
  EXPECT_EQ(format_significant(9.999), "10.0");
  EXPECT_EQ(format_significant(std::nan("")), "–");
  EXPECT_EQ(format_integer(1234567), "1,234,567");
  EXPECT_EQ(format_integer(999), "999");
  EXPECT_EQ(format_count(389000), "389 k");
  EXPECT_EQ(format_large(0.25), "0.250");
  EXPECT_EQ(format_large(950067), "950 k");
  EXPECT_EQ(format_large(4.2e10), "4.20e10");
  EXPECT_EQ(format_bytes(142000000), "142 MB");
  EXPECT_EQ(format_duration(0.84), "840 ms");
  EXPECT_EQ(format_duration(12.44), "12.4 s");
  EXPECT_EQ(format_duration(185), "3 min 05 s");
  EXPECT_EQ(format_duration(7800), "2 h 10 min");
}

TEST(Tiles, OneToNineFitAndDoNotOverlap) {
  const Rect where = {{300, 60}, {1264, 500}};
  for (const float aspect : {0.5f, 1.0f, 2.0f})
    for (int count = 1; count <= 9; ++count) {
      const auto cells = arrange_tiles(count, where, 12, 56, aspect);
      ASSERT_EQ(cells.size(), static_cast<std::size_t>(count));
      for (std::size_t a = 0; a < cells.size(); ++a) {
        EXPECT_GE(cells[a].min.x, where.min.x - 1);
        EXPECT_GE(cells[a].min.y, where.min.y - 1);
        EXPECT_LE(cells[a].max.x, where.max.x + 1);
        EXPECT_LE(cells[a].max.y, where.max.y + 1);
        EXPECT_GT(cells[a].width(), 40);
        EXPECT_GT(cells[a].height(), 56);
        for (std::size_t b = a + 1; b < cells.size(); ++b) {
          const bool apart = cells[a].max.x <= cells[b].min.x || cells[b].max.x <= cells[a].min.x ||
                             cells[a].max.y <= cells[b].min.y || cells[b].max.y <= cells[a].min.y;
          EXPECT_TRUE(apart) << count << " tiles, aspect " << aspect;
        }
      }
    }
}

TEST(Tiles, HeadersAreLegibleWhereThereIsRoom) {
  // Six square tiles: one row would make the pictures a little larger and the headers unreadable.
  const auto cells = arrange_tiles(6, {{0, 0}, {950, 400}}, 12, 56, 1);
  EXPECT_GT(cells[0].width(), 200);
  EXPECT_GT(cells[3].min.y, cells[0].min.y);
}

TEST(Layout, PanelsShrinkBeforeTheyFold) {
  const PanelWish side = {304, true, false}, curves = {264, true, false};
  const ImVec2 size = {1280, 800};
  const WindowLayout normal = arrange_window(size, 1, side, curves, 0, false);
  EXPECT_EQ(normal.side.width(), 304);
  EXPECT_EQ(normal.curves.height(), 264);
  EXPECT_EQ(normal.stage.min.x, 304);
  EXPECT_EQ(normal.stage.max.y, normal.curves.min.y);
  const WindowLayout tight = arrange_window(size, 1.9f, side, curves, 0, false);
  EXPECT_TRUE(tight.side_shown);
  EXPECT_LT(tight.side.width(), 304 * 1.9f);
  EXPECT_GE(tight.stage.width(), 399 * 1.9f);
  // Curves give way before pictures become small.
  const WindowLayout large = arrange_window(size, 1.5f, side, curves, 0, false);
  EXPECT_TRUE(large.curves_shown);
  EXPECT_GE(large.stage.height(), 319 * 1.5f);
  EXPECT_GE(large.curves.height(), 140 * 1.5f);
}

TEST(Layout, WithoutRoomPanelsFoldUnlessTheyInsist) {
  const ImVec2 size = {1280, 800};
  PanelWish side = {304, true, false}, curves = {264, true, false};
  const WindowLayout folded = arrange_window(size, 2.5f, side, curves, 0, false);
  EXPECT_FALSE(folded.side_shown || folded.curves_shown || folded.side_fits || folded.curves_fit);
  EXPECT_EQ(folded.stage.width(), 1280);
  side.insists = true;
  EXPECT_TRUE(arrange_window(size, 2.5f, side, curves, 0, false).side_shown);
  curves.insists = true;
  const WindowLayout instead = arrange_window(size, 2.5f, side, curves, 0, false);
  EXPECT_TRUE(instead.curves_shown);
  EXPECT_FALSE(instead.stage_shown);
  EXPECT_EQ(instead.curves.min.y, instead.toolbar.max.y);
  const WindowLayout full = arrange_window(size, 1, side, curves, 0, true);
  EXPECT_EQ(full.stage.width(), 1280);
  EXPECT_EQ(full.stage.max.y, full.status.min.y);
}

TEST(Layout, AStripTakesRoomFromNobodyElse) {
  const PanelWish side = {304, true, false}, curves = {264, true, false};
  const WindowLayout layout = arrange_window({1280, 800}, 1, side, curves, 44, false);
  EXPECT_EQ(layout.strip.height(), 44);
  EXPECT_EQ(layout.strip.max.y, layout.status.min.y);
  EXPECT_EQ(layout.curves.max.y, layout.strip.min.y);
  EXPECT_EQ(layout.side.max.y, layout.strip.min.y);
}

TEST(Toasts, LinesBreakAtSpacesFirst) {
  ImGui::CreateContext();
  const Fonts fonts = build_fonts(1);
  ImGui::GetIO().Fonts->Build();
  const std::string path = "/home/somebody/pictures/lighthouse.png";
  const float width = text_size(fonts.small, path).x + 2;
  const auto lines = wrap_text(fonts.small, "Permission denied " + path, width, 6);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "Permission denied");
  EXPECT_EQ(lines[1], path);
  const auto narrow = wrap_text(fonts.small, path, width / 2, 6);
  ASSERT_GT(narrow.size(), 1u);
  EXPECT_EQ(narrow[0].back(), '/');
  EXPECT_EQ(wrap_text(fonts.small, "one\ntwo", width, 6).size(), 2u);
  EXPECT_EQ(wrap_text(fonts.small, "one\ntwo", width, 1).at(0), "one…");
  ImGui::DestroyContext();
}

TEST(Tiles, PictureStaysUnderThePointerWhenFitted) {
  const Rect region = {{0, 0}, {400, 300}};
  const Rect whole = place_picture(region, {}, 200, 100);
  EXPECT_FLOAT_EQ(whole.width(), 400);
  EXPECT_FLOAT_EQ(whole.height(), 200);
  EXPECT_FLOAT_EQ(whole.min.y, 50);
  const Rect closer = place_picture(region, {0.25, 0.5, 4}, 200, 100);
  EXPECT_FLOAT_EQ(closer.min.x + 0.25f * closer.width(), 200);
}

TEST(KnobRow, SliderAndValueAgree) {
  const Knob rate{"lr", "Learning rate", "", 1e-8, 100, 0.15, KnobScale::logarithmic, ""};
  const Knob batch{"batch", "Batch", "samples", 1, 1 << 20, 512, KnobScale::integer, ""};
  const Knob momentum{"mu", "Momentum", "", 0, 1, 0.9, KnobScale::linear, ""};
  const Knob decay{"b", "Decay", "", 0, 0.99999, 0.999, KnobScale::near_one, ""};
  for (const Knob* knob : {&rate, &batch, &momentum, &decay})
    for (double at = 0; at <= 1.0; at += 0.05) {
      const double value = knob_value_at(*knob, at);
      EXPECT_GE(value, knob->min);
      EXPECT_LE(value, knob->max);
      if (knob->scale == KnobScale::integer) {
        EXPECT_EQ(value, std::round(value));
      }
      EXPECT_NEAR(knob_position(*knob, value), at, 0.06) << knob->id << " at " << at;
    }
  const double preset = knob_position(rate, rate.default_value);
  EXPECT_GT(preset, 0.2);
  EXPECT_LT(preset, 0.9);
  // Decays that differ tenfold in what they remember stand apart.
  EXPECT_GT(knob_position(decay, 0.99999) - knob_position(decay, 0.999), 0.3);
  EXPECT_GT(knob_position(decay, 0.999) - knob_position(decay, 0.9), 0.3);
}

TEST(KnobRow, TypedValuesAreReadAsPeopleWriteThem) {
  const Knob rate{"lr", "Learning rate", "", 1e-8, 100, 0.15, KnobScale::logarithmic, ""};
  const Knob batch{"batch", "Batch", "samples", 1, 1 << 20, 512, KnobScale::integer, ""};
  std::string problem;
  EXPECT_EQ(typed_value(rate, " 0.3", problem), 0.3);
  EXPECT_EQ(typed_value(rate, "+0.3 ", problem), 0.3);
  EXPECT_EQ(typed_value(rate, "0,2", problem), 0.2);
  EXPECT_EQ(typed_value(rate, "1e-3", problem), 1e-3);
  EXPECT_EQ(typed_value(batch, "2,048", problem), 2048);
  for (const char* wrong : {"nan", "", "x", "0.1.2", "1 2 a"}) {
    EXPECT_FALSE(typed_value(rate, wrong, problem)) << wrong;
    EXPECT_EQ(problem, "Not a number") << wrong;
  }
  for (const char* outside : {"-1", "inf", "1e999", "101"}) {
    EXPECT_FALSE(typed_value(rate, outside, problem)) << outside;
    EXPECT_EQ(problem, "From 1e-8 to 100") << outside;
  }
  EXPECT_FALSE(typed_value(batch, "1.5", problem));
  EXPECT_EQ(problem, "Not a whole number");
  EXPECT_EQ(knob_range(batch), "From 1 to 1,048,576 samples");
}

// Words on a slider cross the end of its fill: legible on both sides, in every state.
TEST(KnobRow, WordsOnTheSliderAreLegible) {
  for (const Palette& p : {dark_palette(), light_palette()})
    for (const ImU32 ground : {p.raised, p.hovered, p.pressed})
      for (const ImU32 wanted : {p.text, p.secondary}) {
        const SliderColours colours = slider_colours(p, ground, ground != p.raised);
        const ImU32 ink = wanted == p.text ? colours.value : colours.unit;
        EXPECT_GE(contrast(ink, colours.ground), 4.5f);
        EXPECT_GE(contrast(ink, colours.filled), 4.5f);
      }
}

}  // namespace
}  // namespace fieldscope::gui
