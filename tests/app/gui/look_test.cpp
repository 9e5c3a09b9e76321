// What the window's look promises: contrast of both themes, numbers as people write them, tiles
// that fit, knobs whose slider and value agree.
#include <cmath>

#include <gtest/gtest.h>

#include "app/gui/format.h"
#include "app/gui/panels/stage_layout.h"
#include "app/gui/theme.h"
#include "app/gui/widgets/knob_row.h"

namespace fieldscope::gui {
namespace {

TEST(Theme, TextStandsOut) {
  for (const Palette& p : {dark_palette(), light_palette()}) {
    for (const ImU32 ground : {p.ground, p.panel, p.popup}) {
      EXPECT_GE(contrast(p.text, ground), 7.0f) << p.dark;
      EXPECT_GE(contrast(p.secondary, ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.trouble, ground), 4.5f) << p.dark;
      EXPECT_GE(contrast(p.good, ground), 4.5f) << p.dark;
    }
    EXPECT_GE(contrast(p.accent_text, p.accent), 4.5f) << p.dark;
    EXPECT_GE(contrast(p.text, p.raised), 4.5f) << p.dark;
    EXPECT_GE(contrast(p.text, p.pressed), 4.5f) << p.dark;
    for (int i = 0; i < run_colour_count; ++i) {
      const ImU32 colour = from_hex(run_colour_rgb(i));
      EXPECT_GE(contrast(readable(colour, p.panel, 4.6f), p.panel), 4.5f) << i;
      EXPECT_GE(contrast(readable(colour, p.panel, 3.2f), p.panel), 3.0f) << i;
    }
  }
}

TEST(Theme, ContrastIsTheStandardOne) {
  EXPECT_NEAR(contrast(IM_COL32_WHITE, IM_COL32_BLACK), 21.0f, 0.01f);
  EXPECT_NEAR(contrast(from_hex(0x777777), IM_COL32_WHITE), 4.48f, 0.01f);
}

TEST(Format, NumbersAsPeopleWriteThem) {
  EXPECT_EQ(format_psnr(31.4159), "31.42");
  EXPECT_EQ(format_significant(0.012345), "0.0123");
  EXPECT_EQ(format_significant(0.0000123), "1.23e-5");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(0.000991), "0.000991");  // in a column with 0.00203
  EXPECT_EQ(format_psnr(-11.65), "−11.65");
  EXPECT_EQ(format_significant(std::nan("")), "–");
  EXPECT_EQ(format_integer(1234567), "1,234,567");
  EXPECT_EQ(format_integer(999), "999");
  EXPECT_EQ(format_count(389000), "389 k");
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
