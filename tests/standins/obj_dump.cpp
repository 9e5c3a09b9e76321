// Built with tinyobjloader and with the stand-in for it: both print the same, about the same texts.
#include <cstdio>
#include <sstream>

#define TINYOBJLOADER_USE_DOUBLE
#define TINYOBJLOADER_IMPLEMENTATION
#include <tiny_obj_loader.h>

namespace {

void try_text(const std::string& text) {
  std::printf("==\n");
  std::istringstream in(text);
  tinyobj::callback_t callback;
  callback.vertex_cb = [](void*, double x, double y, double z, double w) {
    std::printf("v %.12g %.12g %.12g %.12g\n", x, y, z, w);
  };
  callback.index_cb = [](void*, tinyobj::index_t* indices, int count) {
    std::printf("f");
    for (int k = 0; k < count; ++k) {
      std::printf(" %d:%d:%d", indices[k].vertex_index, indices[k].texcoord_index,
                  indices[k].normal_index);
    }
    std::printf("\n");
  };
  std::printf("%d\n", tinyobj::LoadObjWithCallback(in, callback, nullptr));
}

}  // namespace

int main() {
  try_text("");
  try_text("v 1 2 3\nv -1.5 +2. .25\nv 1e3 -1E-3 1.25e+2\nf 1 2 3\n");
  try_text("  v\t0.1 0.123456789012  100000.125 0.5\n v 1 2\nv 1\nv \nv\n");
  try_text("v 0 0 0\rv 1 0 0\r\nv 0 1 0\n\n\r\r\nf 1 2 3");
  try_text("v 1e400 -1e400 1e-400\n");
  try_text("f 1/2/3 4//5 6/7 -1 -2/-3/-4 11//\nf 1 2\nf 1 2 3 4 5 6 \t\nf \nf\n");
  try_text(
      "# v 1 2 3\n#f 1 2 3\nvn 0 0 1\nvt 0 0\nvp 1\nl 1 2\np 1\nfoo 1\ng a b\no c\ns 1\n"
      "mtllib none.mtl\nusemtl red\nf 1 2 3\n");
  return 0;
}
