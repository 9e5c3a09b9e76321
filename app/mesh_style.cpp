#include "app/mesh_style.h"

namespace fieldscope {
namespace {

Rgb from_hex(unsigned rgb) {
  return {static_cast<float>(rgb >> 16 & 255) / 255, static_cast<float>(rgb >> 8 & 255) / 255,
          static_cast<float>(rgb & 255) / 255};
}

}  // namespace

MeshStyle mesh_style_on_dark() {
  MeshStyle style;
  style.background_top = from_hex(0x252A32);
  style.background_bottom = from_hex(0x15171B);
  style.surface = from_hex(0xD5D2CC);
  style.inside = from_hex(0x7A6A62);
  style.section = from_hex(0x7A6059);
  return style;
}

MeshStyle mesh_style_on_light() {
  MeshStyle style;
  style.background_top = from_hex(0xF6F7F9);
  style.background_bottom = from_hex(0xDDE1E7);
  style.surface = from_hex(0xB4B5B8);
  style.inside = from_hex(0x8A7A70);
  style.section = from_hex(0xC4A79C);
  return style;
}

}  // namespace fieldscope
