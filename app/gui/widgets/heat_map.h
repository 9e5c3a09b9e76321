// A table of numbers in false colour: coloured once on the CPU, kept as a texture. UI thread only.
#pragma once

#include <memory>
#include <span>

#include <imgui.h>

#include "app/gl/texture.h"
#include "app/gui/widgets/image_view.h"
#include "engine/math/colormap.h"

namespace fieldscope::gui {

class HeatMap {
 public:
  struct Scale {
    double low = 0, high = 1;  // of log10
    Colormap map = Colormap::magma;
    bool operator==(const Scale&) const = default;
    float position(double value) const;  // 0..1; NaN stays
  };

  // From the least to the greatest positive value that is finite, at most `decades` apart. `of`
  // owns the values: looked for anew only with another owner.
  Scale natural_scale(const std::shared_ptr<const void>& of, std::span<const float> values,
                      double decades, Colormap map);
  // `values`: height x width, rows from the top. The texture is made anew only for another owner or
  // scale.
  void show(const std::shared_ptr<const void>& of, std::span<const float> values, int width,
            int height, const Scale& scale, bool smooth);
  void draw(ImDrawList* list, const Rect& where, bool flipped = false) const;

 private:
  std::shared_ptr<const void> of_, natural_of_;
  Scale scale_, natural_;
  gl::Texture texture_;
};

// A horizontal bar of the colours with the numbers at its ends.
void colour_bar(const Ui& ui, ImDrawList* list, const Rect& where, const HeatMap::Scale& scale);

ImU32 map_colour(Colormap map, float t, float shade = 1);

}  // namespace fieldscope::gui
