#include <utility>
#include <vector>

#include "tools/demo_image/noise.h"
#include "tools/demo_image/props.h"
#include "tools/demo_image/shore.h"

namespace fieldscope::demo_image {
namespace {

constexpr Vec3 kWhite{0.80f, 0.78f, 0.74f};
constexpr Vec3 kRed{0.44f, 0.036f, 0.028f};
constexpr Vec3 kDark{0.035f, 0.035f, 0.04f};
constexpr Vec3 kLamplight{9.0f, 5.2f, 1.9f};

Vec3 vary(Vec3 colour, float amount, std::uint32_t id) {
  return colour * (1 + amount * (hash01(id, 77) - 0.5f));
}

Vec3 around(int i, int count, float radius, float y) {
  const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(count);
  return {radius * std::cos(angle), y, radius * std::sin(angle)};
}

void add_tower(Mesh& mesh) {
  mesh.paint(Material::kRock, {1, 1, 1});
  mesh.lathe({{2.9f, -1.6f}, {2.8f, 0.35f}, {2.45f, 0.5f}, {2.2f, 0.52f}}, 48);
  // Painted bands; radii follow a gentle taper.
  constexpr int kBands = 5;
  for (int i = 0; i < kBands; ++i) {
    const float y0 = 0.5f + 2.1f * static_cast<float>(i), y1 = y0 + 2.1f;
    const auto radius = [](float y) { return 1.28f + 0.75f * std::pow(1 - y / 11.2f, 1.5f); };
    mesh.paint(Material::kMasonry, i % 2 == 0 ? kWhite : kRed);
    std::vector<std::pair<float, float>> profile;
    for (int k = 0; k <= 4; ++k) {
      const float y = mix(y0, y1, static_cast<float>(k) / 4);
      profile.emplace_back(radius(y), y);
    }
    mesh.lathe(profile, 64);
  }
  // Cornice under the gallery.
  mesh.paint(Material::kMasonry, kWhite);
  mesh.lathe({{1.29f, 10.75f},
              {1.42f, 10.95f},
              {1.42f, 11.05f},
              {1.75f, 11.3f},
              {2.0f, 11.36f},
              {2.0f, 11.52f},
              {0.1f, 11.53f}},
             64);
}

void add_openings(Mesh& mesh, Placement at) {
  // Windows and a door look towards the camera and a little to the sun.
  for (int i = 0; i < 3; ++i) {
    const float y = 2.7f + 3.0f * static_cast<float>(i);
    const float out = 1.28f + 0.75f * std::pow(1 - y / 11.2f, 1.5f);
    mesh.set_placement({at.origin, 0.35f});
    mesh.paint(Material::kBoards, kWhite * 1.05f);
    mesh.box({-0.34f, y - 0.1f, -out - 0.07f}, {0.34f, y + 1.0f, -out + 0.3f});
    mesh.paint(Material::kGlass, kDark);
    mesh.box({-0.23f, y, -out - 0.09f}, {0.23f, y + 0.9f, -out});
    mesh.paint(Material::kBoards, kWhite);
    mesh.box({-0.02f, y, -out - 0.11f}, {0.02f, y + 0.9f, -out});
    mesh.box({-0.23f, y + 0.43f, -out - 0.11f}, {0.23f, y + 0.47f, -out});
  }
  mesh.set_placement({at.origin, 0.95f});
  mesh.paint(Material::kBoards, kWhite);
  mesh.box({-0.62f, 0.5f, -2.16f}, {0.62f, 2.55f, -1.6f});
  mesh.paint(Material::kBoards, {0.02f, 0.062f, 0.075f});
  mesh.box({-0.48f, 0.5f, -2.2f}, {0.48f, 2.4f, -1.6f});
  mesh.set_placement(at);
}

void add_lantern(Mesh& mesh) {
  constexpr int kPosts = 22;
  mesh.paint(Material::kMetal, {0.62f, 0.61f, 0.58f});
  for (int i = 0; i < kPosts; ++i) {
    mesh.rod(around(i, kPosts, 1.92f, 11.5f), around(i, kPosts, 1.92f, 12.5f), 0.022f);
    for (const float y : {11.83f, 12.16f, 12.5f}) {
      mesh.rod(around(i, kPosts, 1.92f, y), around(i + 1, kPosts, 1.92f, y),
               y > 12.4f ? 0.028f : 0.016f);
    }
  }
  mesh.paint(Material::kMasonry, kWhite);
  mesh.lathe({{1.14f, 11.5f}, {1.14f, 12.15f}, {1.2f, 12.17f}, {1.2f, 12.27f}, {1.05f, 12.28f}},
             48);
  constexpr int kMullions = 10;
  mesh.paint(Material::kMetal, {0.30f, 0.03f, 0.02f});
  for (int i = 0; i < kMullions; ++i) {
    mesh.rod(around(i, kMullions, 1.1f, 12.25f), around(i, kMullions, 1.1f, 13.85f), 0.035f);
    mesh.rod(around(i, kMullions, 1.1f, 13.05f), around(i + 1, kMullions, 1.1f, 13.05f), 0.02f);
  }
  // The optic: a stack of glowing rings, brightest in the middle.
  for (int k = 0; k < 9; ++k) {
    const float y = 12.42f + 0.145f * static_cast<float>(k);
    const float swell = 1 - std::abs(static_cast<float>(k) - 4) / 5;
    mesh.paint(Material::kGlow, kLamplight * (0.25f + 1.5f * swell * swell));
    mesh.lathe({{0.30f + 0.22f * swell, y},
                {0.38f + 0.22f * swell, y + 0.06f},
                {0.30f + 0.22f * swell, y + 0.12f}},
               24);
    mesh.paint(Material::kMetal, {0.35f, 0.22f, 0.07f});
    mesh.lathe({{0.34f + 0.22f * swell, y + 0.12f}, {0.34f + 0.22f * swell, y + 0.145f}}, 24);
  }
  mesh.paint(Material::kMasonry, kRed);
  mesh.lathe({{1.1f, 13.84f},
              {1.36f, 13.82f},
              {1.38f, 13.92f},
              {1.22f, 14.1f},
              {0.98f, 14.45f},
              {0.62f, 14.78f},
              {0.22f, 14.98f},
              {0.16f, 15.0f},
              {0.16f, 15.16f}},
             48);
  mesh.paint(Material::kMetal, {0.5f, 0.5f, 0.48f});
  mesh.ball({0, 15.28f, 0}, 3, [](Vec3) { return 0.2f; });
  mesh.rod({0, 15.4f, 0}, {0, 16.5f, 0}, 0.025f);
  mesh.rod({-0.3f, 16.05f, 0}, {0.3f, 16.05f, 0}, 0.018f);
}

// A window in a wall that faces -z: frame, lit panes, glazing bars.
void add_window(Mesh& mesh, float x, float y, float z, float width, float height) {
  mesh.paint(Material::kBoards, kWhite);
  mesh.box({x - width / 2 - 0.11f, y - 0.11f, z - 0.06f},
           {x + width / 2 + 0.11f, y + height + 0.11f, z});
  mesh.paint(Material::kGlow, {2.5f, 1.15f, 0.32f});
  mesh.box({x - width / 2, y, z - 0.075f}, {x + width / 2, y + height, z});
  mesh.paint(Material::kGlow, {1.25f, 0.46f, 0.12f});  // curtains
  mesh.box({x - width / 2, y, z - 0.078f}, {x - width / 3, y + height, z});
  mesh.box({x + width / 3, y, z - 0.078f}, {x + width / 2, y + height, z});
  mesh.paint(Material::kBoards, kWhite);
  mesh.box({x - 0.025f, y, z - 0.1f}, {x + 0.025f, y + height, z});
  for (int i = 1; i < 3; ++i) {
    const float bar = y + height * static_cast<float>(i) / 3;
    mesh.box({x - width / 2, bar - 0.018f, z - 0.1f}, {x + width / 2, bar + 0.018f, z});
  }
}

constexpr float kHalfLength = 3.3f, kHalfDepth = 2.2f, kEaves = 2.7f, kRidge = 4.75f;

void add_walls(Mesh& mesh) {
  mesh.paint(Material::kRock, {1, 1, 1});
  mesh.box({-kHalfLength - 0.05f, -1.5f, -kHalfDepth - 0.05f},
           {kHalfLength + 0.05f, 0.3f, kHalfDepth + 0.05f});
  // Upright boards, each with its own shade and a batten over the joint.
  constexpr float kBoard = 0.22f;
  std::uint32_t id = 0;
  for (float x = -kHalfLength; x < kHalfLength - 0.01f; x += kBoard) {
    mesh.paint(Material::kBoards, vary(kRed, 0.5f, ++id));
    mesh.box({x, 0.3f, -kHalfDepth}, {x + kBoard, kEaves, kHalfDepth});
    mesh.box({x - 0.02f, 0.3f, -kHalfDepth - 0.025f}, {x + 0.02f, kEaves, kHalfDepth + 0.02f});
  }
  for (float z = -kHalfDepth; z < kHalfDepth - 0.01f; z += kBoard) {
    const float outer = std::max(std::abs(z), std::abs(z + kBoard));
    const float top = mix(kRidge, kEaves, outer / kHalfDepth) - 0.02f;
    mesh.paint(Material::kBoards, vary(kRed, 0.5f, ++id));
    mesh.box({-kHalfLength - 0.012f, 0.3f, z}, {kHalfLength + 0.012f, top, z + kBoard});
    mesh.box({-kHalfLength - 0.04f, 0.3f, z - 0.02f}, {kHalfLength + 0.04f, top, z + 0.02f});
  }
  for (const float x : {-kHalfLength, kHalfLength}) {  // behind the boards' stepped tops
    mesh.triangle({x, kEaves, -kHalfDepth}, {x, kEaves, kHalfDepth}, {x, kRidge, 0});
  }
  mesh.paint(Material::kBoards, kWhite);
  for (const float x : {-kHalfLength, kHalfLength}) {
    for (const float z : {-kHalfDepth, kHalfDepth}) {
      mesh.box({x - 0.1f, 0.25f, z - 0.1f}, {x + 0.1f, kEaves, z + 0.1f});
    }
  }
}

// One slope of the roof in slates; `side` is -1 for the slope towards the camera.
void add_roof_slope(Mesh& mesh, float side) {
  constexpr int kRows = 13, kColumns = 30;
  const float overhang = 0.35f;
  const float run = kHalfDepth + overhang;
  const float drop = (kRidge - kEaves) * run / kHalfDepth;
  for (int row = 0; row < kRows; ++row) {
    const float s0 = static_cast<float>(row) / kRows,
                s1 = static_cast<float>(row + 1) / kRows + 0.015f;
    for (int column = 0; column < kColumns; ++column) {
      const float width = 2 * (kHalfLength + 0.3f) / kColumns;
      const float x0 =
          -kHalfLength - 0.3f + width * (static_cast<float>(column) + (row % 2 == 0 ? 0 : 0.4f));
      const auto id = static_cast<std::uint32_t>(row * 64 + column) + (side > 0 ? 5000u : 0u);
      mesh.paint(Material::kSlate, vary({0.048f, 0.078f, 0.125f}, 0.8f, id));
      const float lift = 0.02f + 0.03f * hash01(id, 8);
      const auto at = [&](float x, float s, float up) {
        return Vec3{x, kRidge + 0.08f - drop * s + up, side * run * s};
      };
      const float x1 = x0 + width * 0.97f;
      if (side < 0) {
        mesh.quad(at(x0, s1, lift), at(x0, s0, 0), at(x1, s0, 0), at(x1, s1, lift));
        mesh.quad(at(x0, s1, lift - 0.05f), at(x0, s1, lift), at(x1, s1, lift),
                  at(x1, s1, lift - 0.05f));
      } else {
        mesh.quad(at(x0, s0, 0), at(x0, s1, lift), at(x1, s1, lift), at(x1, s0, 0));
      }
    }
  }
  // Barge boards along the gables and a gutter at the eaves.
  mesh.paint(Material::kBoards, kWhite);
  for (const float x : {-kHalfLength - 0.32f, kHalfLength + 0.32f}) {
    mesh.rod({x, kRidge, 0}, {x, kRidge - drop, side * run}, 0.09f, 4);
  }
  mesh.rod({-kHalfLength - 0.3f, kRidge - drop - 0.03f, side * run},
           {kHalfLength + 0.3f, kRidge - drop - 0.03f, side * run}, 0.06f, 8);
}

}  // namespace

void add_lighthouse(Mesh& mesh) {
  const Placement place{kLighthouse, 0};
  mesh.set_placement(place);
  add_tower(mesh);
  add_openings(mesh, place);
  add_lantern(mesh);
  mesh.set_placement({});
}

void add_cabin(Mesh& mesh) {
  mesh.set_placement({kCabin, 0.42f});
  add_walls(mesh);
  add_roof_slope(mesh, -1);
  add_roof_slope(mesh, 1);
  for (const float x : {-2.15f, 2.15f})
    add_window(mesh, x, 1.05f, -kHalfDepth - 0.02f, 0.95f, 1.15f);
  mesh.paint(Material::kBoards, kWhite);
  mesh.box({-0.62f, 0.2f, -kHalfDepth - 0.08f}, {0.62f, 2.42f, -kHalfDepth});
  mesh.paint(Material::kBoards, {0.02f, 0.062f, 0.075f});
  mesh.box({-0.48f, 0.25f, -kHalfDepth - 0.1f}, {0.48f, 2.28f, -kHalfDepth});
  mesh.paint(Material::kRock, {1.1f, 1.05f, 1});
  mesh.box({-0.85f, -1, -kHalfDepth - 0.9f}, {0.85f, 0.12f, -kHalfDepth});
  mesh.paint(Material::kMasonry, {0.42f, 0.20f, 0.14f});
  mesh.box({1.2f, 3.6f, -0.1f}, {1.85f, 5.7f, 0.55f});
  mesh.paint(Material::kMasonry, {0.30f, 0.28f, 0.27f});
  mesh.box({1.12f, 5.7f, -0.18f}, {1.93f, 5.82f, 0.63f});
  // A small gable window towards the lighthouse.
  mesh.set_placement({kCabin, 0.42f - kPi / 2});
  add_window(mesh, 0, 2.5f, -kHalfLength - 0.04f, 0.6f, 0.8f);
  mesh.set_placement({});
}

void add_fence(Mesh& mesh, const Heightfield& shore) {
  const auto ground = [&](float x, float z) { return Vec3{x, shore.height(x, z), z}; };
  mesh.paint(Material::kBoards, kWhite);
  Vec3 previous{};
  for (int i = 0; i < 26; ++i) {
    const float s = static_cast<float>(i);
    const Vec3 foot = ground(10.6f + 1.15f * s, 50.3f + 0.9f * std::sin(s * 0.35f) + 0.03f * s);
    mesh.rod(foot - Vec3{0, 0.4f, 0}, foot + Vec3{0, 1.0f, 0}, 0.055f, 4);
    if (i > 0) {
      for (const float y : {0.45f, 0.88f}) {
        mesh.rod(previous + Vec3{0, y, 0}, foot + Vec3{0, y, 0}, 0.032f, 4);
      }
    }
    previous = foot;
  }
}

void add_gulls(Mesh& mesh) {
  struct Gull {
    Vec3 place;
    float yaw, roll, span;
  };
  const Gull gulls[] = {{{0.6f, 17.4f, 46}, 0.5f, 0.55f, 0.95f},
                        {{-2.6f, 15.6f, 50}, -0.6f, -0.40f, 0.90f},
                        {{-4.6f, 18.4f, 58}, 0.9f, 0.70f, 0.95f},
                        {{14.6f, 15.4f, 58}, -0.4f, -0.50f, 0.9f}};
  for (const Gull& g : gulls) {
    mesh.set_placement({g.place, g.yaw});
    const float c = std::cos(g.roll), s = std::sin(g.roll);
    const auto rolled = [&](Vec3 p) {
      return Vec3{c * p.x - s * p.y, s * p.x + c * p.y, p.z} * g.span;
    };
    for (const float side : {-1.0f, 1.0f}) {
      // Raised to the wrist, drooping to the tip; seen from behind and below.
      const auto wing = [&](float along, float forward) {
        const float raise = along < 0.5f ? 0.55f * along : 0.275f - 0.22f * (along - 0.5f);
        return rolled({side * along, raise, forward});
      };
      mesh.paint(Material::kCloth, {0.80f, 0.80f, 0.80f});
      mesh.quad(wing(0, 0.18f), wing(0.5f, 0.30f), wing(0.5f, 0.02f), wing(0, -0.16f));
      mesh.paint(Material::kCloth, {0.62f, 0.63f, 0.66f});
      mesh.quad(wing(0.5f, 0.30f), wing(0.95f, 0.08f), wing(0.92f, -0.06f), wing(0.5f, 0.02f));
      mesh.paint(Material::kCloth, kDark);
      mesh.triangle(wing(0.95f, 0.08f), wing(1.2f, -0.16f), wing(0.92f, -0.06f));
    }
    mesh.paint(Material::kCloth, {0.8f, 0.8f, 0.8f});
    mesh.ball({0, 0, 0}, 2,
              [&](Vec3 d) { return g.span * (0.055f + 0.27f * d.z * d.z * d.z * d.z); });
  }
  mesh.set_placement({});
}

void add_sailboat(Mesh& mesh) {
  mesh.set_placement({{-27.5f, 0.0f, 122}, 0.35f});
  // Hull: cross-sections from stern to bow, quads between them.
  constexpr int kSections = 14;
  const auto section = [](int i, float y, float side) {
    const float s = static_cast<float>(i) / kSections;
    const float beam = 1.25f * std::sqrt(std::max(1 - std::pow(s, 2.4f), 0.0f)) *
                       (0.72f + 0.28f * std::min(s * 4, 1.0f));
    const float sheer = 0.95f + 0.45f * s * s;
    const float narrow = mix(0.7f, 1.0f, y);
    return Vec3{-3.6f + 7.6f * s + 0.5f * y * s, y * sheer - 0.1f, side * beam * narrow};
  };
  for (int i = 0; i < kSections; ++i) {
    for (const float side : {-1.0f, 1.0f}) {
      mesh.paint(Material::kMetal, {0.04f, 0.07f, 0.16f});
      mesh.quad(section(i, 0, side), section(i + 1, 0, side), section(i + 1, 0.78f, side),
                section(i, 0.78f, side));
      mesh.paint(Material::kBoards, kWhite);
      mesh.quad(section(i, 0.78f, side), section(i + 1, 0.78f, side), section(i + 1, 1, side),
                section(i, 1, side));
    }
    mesh.paint(Material::kBoards, {0.34f, 0.20f, 0.10f});
    mesh.quad(section(i, 0.95f, -1), section(i + 1, 0.95f, -1), section(i + 1, 0.95f, 1),
              section(i, 0.95f, 1));
  }
  mesh.paint(Material::kBoards, kWhite);
  mesh.box({-1.4f, 0.8f, -0.6f}, {1.2f, 1.4f, 0.6f});
  mesh.paint(Material::kMetal, {0.45f, 0.40f, 0.34f});
  mesh.rod({0.7f, 0.8f, 0}, {0.7f, 11.2f, 0}, 0.07f);
  mesh.rod({0.7f, 1.9f, 0}, {-3.5f, 2.0f, 0.35f}, 0.06f);
  // Sails: a grid bent by the wind.
  const auto sail = [&](Vec3 tack, Vec3 clew, Vec3 head, float belly, Vec3 colour) {
    constexpr int kRows = 10;
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kRows; ++j) {
        const auto at = [&](int a, int b) {
          const float up = static_cast<float>(a) / kRows, along = static_cast<float>(b) / kRows;
          Vec3 p = mix(mix(tack, clew, along), head, up);
          p.z += belly * std::sin(kPi * along) * std::sin(kPi * (0.1f + 0.85f * up));
          return p;
        };
        mesh.paint(Material::kCloth, colour * (i % 3 == 2 ? 0.93f : 1.0f));
        mesh.quad(at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j));
      }
    }
  };
  sail({0.6f, 2.1f, 0}, {-3.4f, 2.15f, 0.35f}, {0.62f, 10.9f, 0}, 0.45f, kWhite);
  sail({4.2f, 1.5f, 0}, {0.2f, 1.8f, 0.5f}, {0.8f, 9.6f, 0}, 0.5f, {0.78f, 0.74f, 0.66f});
  mesh.set_placement({});
}

}  // namespace fieldscope::demo_image
