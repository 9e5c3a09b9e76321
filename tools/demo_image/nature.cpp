// Boulders, grass and flowers, scattered by hashed positions over the shore.
#include <vector>

#include "tools/demo_image/noise.h"
#include "tools/demo_image/props.h"
#include "tools/demo_image/shore.h"

namespace fieldscope::demo_image {
namespace {

// A boulder: a ball cut by random planes, its faces roughened.
void add_boulder(Mesh& mesh, Vec3 centre, float size, std::uint32_t seed) {
  constexpr int kPlanes = 13;
  std::vector<Vec3> facing;
  std::vector<float> depth;
  for (std::uint32_t i = 0; i < kPlanes; ++i) {
    const Vec3 d{hash01(seed, i, 1) * 2 - 1, hash01(seed, i, 2) * 2 - 1,
                 hash01(seed, i, 3) * 2 - 1};
    facing.push_back(normalize(d));
    depth.push_back(0.55f + 0.35f * hash01(seed, i, 4));
  }
  // Triangles about a pixel and a half long where the boulder lies.
  const float pixel = 0.0014f * std::max(centre.z, 4.0f);
  const int levels = std::clamp(static_cast<int>(std::log2(1.1f * size / (1.3f * pixel))), 1, 6);
  const float squash = 0.55f + 0.3f * hash01(seed, 9);
  mesh.paint(Material::kRock, Vec3{1, 1, 1} * (0.8f + 0.45f * hash01(seed, 10)));
  mesh.ball(centre, levels, [&](Vec3 d) {
    const Vec3 stretched{d.x, d.y / squash, d.z};
    float r = 1.15f;
    for (std::size_t i = 0; i < kPlanes; ++i) {
      const float along = dot(facing[i], d);
      if (along > 0.05f) r = std::min(r, depth[i] / along);
    }
    r += 0.07f * fbm3(d * 1.8f + Vec3{0, 0, static_cast<float>(seed % 97)}, 6, 501, 0.6f);
    return size * r / length(stretched);
  });
}

struct Blade {
  Vec3 root;
  float height, width, yaw, lean;
  Vec3 colour;
};

// A bent, tapering ribbon in four pieces.
void add_blade(Mesh& mesh, const Blade& blade) {
  const Vec3 side{std::cos(blade.yaw), 0, std::sin(blade.yaw)};
  const Vec3 bend{-std::sin(blade.yaw) * blade.lean + 0.35f * blade.lean, 0,
                  std::cos(blade.yaw) * blade.lean};
  constexpr int kPieces = 4;
  const auto point = [&](int k) {
    const float s = static_cast<float>(k) / kPieces;
    return blade.root +
           (Vec3{0, s * (1 - 0.25f * blade.lean * s), 0} + bend * (s * s)) * blade.height;
  };
  const auto half = [&](int k) {
    return side * (0.5f * blade.width * (1 - 0.24f * static_cast<float>(k)));
  };
  for (int k = 0; k < kPieces; ++k) {
    const float s = static_cast<float>(k) / kPieces;
    mesh.paint(Material::kLeaf, blade.colour * (0.45f + 0.75f * s));
    const Vec3 a = point(k), b = point(k + 1);
    mesh.triangle(a - half(k), b - half(k + 1), a + half(k));
    mesh.triangle(a + half(k), b - half(k + 1), b + half(k + 1));
  }
}

Vec3 grass_colour(float x, float z, std::uint32_t id) {
  const float dry =
      clamp01(0.35f + 0.6f * fbm2(x / 1.7f, z / 1.7f, 3, 521) + 0.5f * (hash01(id, 1) - 0.5f));
  const Vec3 green = mix(Vec3{0.10f, 0.20f, 0.03f}, Vec3{0.22f, 0.30f, 0.05f}, hash01(id, 2));
  const Vec3 straw = mix(Vec3{0.42f, 0.34f, 0.11f}, Vec3{0.55f, 0.44f, 0.20f}, hash01(id, 3));
  return mix(green, straw, dry * dry);
}

struct Patch {
  float x0, x1, z0, z1;
  int count;
  float height, width;
  std::uint32_t seed;
};

void scatter_grass(Mesh& mesh, const Heightfield& shore, const Patch& patch) {
  for (int i = 0; i < patch.count; ++i) {
    const auto id = static_cast<std::uint32_t>(i);
    const float x = mix(patch.x0, patch.x1, hash01(patch.seed, id, 1));
    const float z = mix(patch.z0, patch.z1, hash01(patch.seed, id, 2));
    const float cover = soil(shore, x, z);
    if (hash01(patch.seed, id, 3) > cover * 1.2f) continue;
    const float tuft = 0.75f + 0.55f * fbm2(x / 0.5f, z / 0.5f, 2, 522);
    Blade blade;
    blade.root = {x, shore.height(x, z) - 0.02f, z};
    blade.height =
        patch.height * tuft * (0.45f + 0.8f * hash01(patch.seed, id, 4)) * (0.4f + 0.6f * cover);
    blade.width = patch.width * (0.7f + 0.6f * hash01(patch.seed, id, 5));
    blade.yaw = 2 * kPi * hash01(patch.seed, id, 6);
    blade.lean = 0.25f + 0.9f * hash01(patch.seed, id, 7);
    blade.colour = grass_colour(x, z, hash(patch.seed, id));
    add_blade(mesh, blade);
  }
}

// Tall grass gone to seed, standing out against the water.
void scatter_stalks(Mesh& mesh, const Heightfield& shore, const Patch& patch) {
  for (int i = 0; i < patch.count; ++i) {
    const auto id = static_cast<std::uint32_t>(i);
    const float x = mix(patch.x0, patch.x1, hash01(patch.seed, id, 1));
    const float z = mix(patch.z0, patch.z1, hash01(patch.seed, id, 2));
    if (hash01(patch.seed, id, 3) > soil(shore, x, z)) continue;
    const float height = patch.height * (0.6f + 0.7f * hash01(patch.seed, id, 4));
    const float lean = 0.10f + 0.25f * hash01(patch.seed, id, 5),
                aside = 0.2f * (hash01(patch.seed, id, 6) - 0.5f);
    const Vec3 root{x, shore.height(x, z), z};
    const auto along = [&](float s) {
      return root + Vec3{lean * s * s, s * (1 - 0.1f * s), aside * s * s} * height;
    };
    const Vec3 straw =
        mix(Vec3{0.50f, 0.40f, 0.18f}, Vec3{0.62f, 0.52f, 0.30f}, hash01(patch.seed, id, 7));
    mesh.paint(Material::kLeaf, straw * 0.8f);
    for (int k = 0; k < 4; ++k) {
      mesh.rod(along(0.25f * static_cast<float>(k)), along(0.25f * static_cast<float>(k + 1)),
               0.25f * patch.width, 3);
    }
    mesh.paint(Material::kLeaf, straw);
    for (std::uint32_t k = 0; k < 9; ++k) {
      const float s = 0.74f + 0.03f * static_cast<float>(k);
      const float turn = 2.4f * static_cast<float>(k);
      const Vec3 out{0.05f * std::cos(turn), 0.06f, 0.05f * std::sin(turn)};
      mesh.rod(along(s), along(s) + out * (1.3f - 0.09f * static_cast<float>(k)),
               0.5f * patch.width, 3);
    }
  }
}

// Sea thrift: pink heads on thin stems, in clumps.
void scatter_flowers(Mesh& mesh, const Heightfield& shore, const Patch& patch, Vec3 dark,
                     Vec3 light) {
  for (int i = 0; i < patch.count; ++i) {
    const auto id = static_cast<std::uint32_t>(i);
    const float x = mix(patch.x0, patch.x1, hash01(patch.seed, id, 1));
    const float z = mix(patch.z0, patch.z1, hash01(patch.seed, id, 2));
    const float clump = fbm2(x / 1.3f, z / 1.3f, 3, patch.seed);
    if (soil(shore, x, z) < 0.3f || hash01(patch.seed, id, 3) > 2.2f * clump) continue;
    const Vec3 root{x, shore.height(x, z), z};
    const Vec3 head = root + Vec3{0.10f * (hash01(patch.seed, id, 4) - 0.2f),
                                  patch.height * (0.6f + 0.7f * hash01(patch.seed, id, 5)),
                                  0.08f * (hash01(patch.seed, id, 6) - 0.5f)};
    mesh.paint(Material::kLeaf, {0.12f, 0.20f, 0.05f});
    mesh.rod(root, head, patch.width * 0.10f, 3);
    mesh.paint(Material::kPetal, mix(dark, light, hash01(patch.seed, id, 7)));
    const float radius = patch.width * (0.75f + 0.5f * hash01(patch.seed, id, 8));
    mesh.ball(head, patch.height > 0.4f ? 1 : 2, [&](Vec3 d) {
      return radius * (0.8f + 0.15f * d.y + 0.35f * noise3(d * 4.0f + root * 9.0f, 541));
    });
  }
}

}  // namespace

void add_rocks(Mesh& mesh, const Heightfield& shore) {
  // By hand where the eye rests...
  struct Placed {
    float x, z, size;
  };
  const Placed placed[] = {{-0.6f, 8.9f, 0.62f}, {0.5f, 10.2f, 0.75f}, {-1.9f, 10.6f, 0.9f},
                           {1.3f, 11.6f, 0.55f}, {-3.4f, 12.0f, 0.8f}, {-2.2f, 7.6f, 0.30f},
                           {0.1f, 7.7f, 0.26f},  {5.9f, 23.5f, 0.9f},  {7.4f, 24.6f, 1.25f},
                           {8.9f, 25.2f, 0.8f},  {4.7f, 25.4f, 0.55f}, {-4.4f, 34.2f, 0.8f},
                           {-2.9f, 33.8f, 1.0f}};
  std::uint32_t seed = 600;
  for (const Placed& p : placed) {
    add_boulder(mesh, {p.x, shore.height(p.x, p.z) + 0.15f * p.size, p.z}, p.size, ++seed);
  }
  // ...and by chance around the island's rim.
  for (std::uint32_t i = 0; i < 1500; ++i) {
    const float x = mix(-20.0f, 36.0f, hash01(i, 61)), z = mix(42.0f, 60.0f, hash01(i, 62));
    const float h = shore.height(x, z);
    if (h < -0.7f || h > 3.4f) continue;
    const float luck = hash01(i, 63);
    const float size = 0.18f + 0.95f * luck * luck * luck;
    add_boulder(mesh, {x, h + 0.1f * size, z}, size, 7000 + i);
  }
}

void add_plants(Mesh& mesh, const Heightfield& shore) {
  scatter_grass(mesh, shore, {-5.5f, 3.5f, 4.2f, 8.5f, 60000, 0.36f, 0.008f, 801});
  scatter_grass(mesh, shore, {-7.0f, 3.5f, 8.5f, 14.0f, 30000, 0.36f, 0.010f, 802});
  scatter_grass(mesh, shore, {-6.0f, 36.0f, 44.0f, 64.0f, 60000, 0.34f, 0.035f, 803});
  scatter_stalks(mesh, shore, {-5.5f, 3.0f, 5.0f, 11.0f, 420, 0.75f, 0.008f, 805});
  const Vec3 pink{0.72f, 0.14f, 0.36f}, rose{0.88f, 0.46f, 0.62f};
  const Vec3 yellow{0.80f, 0.52f, 0.03f}, lemon{0.85f, 0.68f, 0.10f};
  scatter_flowers(mesh, shore, {-5.5f, 3.5f, 4.6f, 12.0f, 6500, 0.32f, 0.023f, 811}, pink, rose);
  scatter_flowers(mesh, shore, {-5.5f, 3.5f, 4.6f, 12.0f, 2600, 0.26f, 0.013f, 813}, yellow, lemon);
  scatter_flowers(mesh, shore, {-6.0f, 30.0f, 45.0f, 54.0f, 1500, 0.42f, 0.06f, 812}, pink, rose);
}

}  // namespace fieldscope::demo_image
