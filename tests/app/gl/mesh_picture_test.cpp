// Meshes drawn off the screen: what a picture of a sphere must show, whatever the driver.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "app/gl/framebuffer.h"
#include "app/gl/mesh_tile.h"
#include "app/gl/offscreen.h"

namespace fieldscope::gl {
namespace {

constexpr float pi = std::numbers::pi_v<float>;
constexpr int size = 320;

// With `open`, without the cap around +y.
Mesh sphere(float radius, int rings, bool open = false) {
  Mesh mesh;
  const int around = 2 * rings;
  const auto add = [&](float polar, float azimuth) {
    const Vec3 n = {std::sin(polar) * std::sin(azimuth), std::cos(polar),
                    std::sin(polar) * std::cos(azimuth)};
    mesh.normals.push_back(n);
    mesh.vertices.push_back(n * radius);
  };
  add(0, 0);
  for (int i = 1; i < rings; ++i)
    for (int j = 0; j < around; ++j)
      add(pi * static_cast<float>(i) / static_cast<float>(rings),
          2 * pi * static_cast<float>(j) / static_cast<float>(around));
  add(pi, 0);
  const auto at = [&](int ring, int j) {
    if (ring == 0) return 0u;
    if (ring == rings) return static_cast<std::uint32_t>(mesh.vertices.size() - 1);
    return static_cast<std::uint32_t>(1 + (ring - 1) * around + j % around);
  };
  for (int i = 0; i < rings; ++i) {
    for (int j = 0; j < around; ++j) {
      if (i > 0 && !(open && i == 1))
        mesh.triangles.push_back({at(i, j), at(i + 1, j), at(i, j + 1)});
      if (i > 0 && i < rings - 1)
        mesh.triangles.push_back({at(i, j + 1), at(i + 1, j), at(i + 1, j + 1)});
      if (i == 0 && !open) mesh.triangles.push_back({at(0, 0), at(1, j), at(1, j + 1)});
    }
  }
  return mesh;
}

Camera front_camera() {
  Camera camera;
  camera.look_from(0, 0);
  return camera;
}

class MeshPicture : public testing::Test {
 protected:
  void SetUp() override {
    {
      const OffscreenContext context;
      if (context.failure()) GTEST_SKIP() << context.failure();
    }
    studio_ = std::make_unique<PictureStudio>();
  }

  Image picture(const Mesh& mesh, const Camera& camera, const MeshStyle& style,
                const SectionImage* section = nullptr) {
    return studio_->picture(mesh, camera, style, size, size, section);
  }

  // Pixels that are not as they are without a mesh.
  int covered(const Mesh& mesh, const Camera& camera, const MeshStyle& style) {
    const Image with = picture(mesh, camera, style), without = picture({}, camera, style);
    int count = 0;
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        float difference = 0;
        for (int c = 0; c < 3; ++c) difference += std::fabs(with.at(x, y)[c] - without.at(x, y)[c]);
        count += difference > 0.1f ? 1 : 0;
      }
    }
    return count;
  }

  std::unique_ptr<PictureStudio> studio_;
};

// Of a sphere in the middle of a square view, in pixels.
float seen_radius(const Camera& camera, float radius) {
  const float angle = std::asin(radius / camera.distance());
  return std::tan(angle) / std::tan(Camera::field_of_view / 2 * pi / 180) * size / 2;
}

std::vector<int> bytes_at(const Image& image, int x, int y) {
  std::vector<int> bytes;
  for (int c = 0; c < 3; ++c)
    bytes.push_back(static_cast<int>(std::lround(image.at(x, y)[c] * 255)));
  return bytes;
}

std::vector<int> bytes_of(const Rgb& colour) {
  std::vector<int> bytes;
  for (const float channel : colour) bytes.push_back(static_cast<int>(std::lround(channel * 255)));
  return bytes;
}

float brightness(const Image& image, float inner, float outer) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const float r = std::hypot(static_cast<float>(x) + 0.5f - size / 2.0f,
                                 static_cast<float>(y) + 0.5f - size / 2.0f);
      if (r < inner || r >= outer) continue;
      sum += static_cast<double>(image.at(x, y)[1]);
      ++count;
    }
  }
  return static_cast<float>(sum / count);
}

TEST_F(MeshPicture, SilhouetteIsTheProjectedOne) {
  const Camera camera = front_camera();
  for (const MeshStyle& style : {mesh_style_on_dark(), mesh_style_on_light()}) {
    for (const float radius : {0.4f, 0.9f}) {
      const float r = seen_radius(camera, radius);
      EXPECT_NEAR(covered(sphere(radius, 48), camera, style), pi * r * r, 0.02f * pi * r * r)
          << radius;
    }
  }
}

TEST_F(MeshPicture, ShadedSphereIsLitFromTheUpperLeft) {
  const Camera camera = front_camera();
  const float r = seen_radius(camera, 0.9f);
  const Image image = picture(sphere(0.9f, 48), camera, mesh_style_on_dark());
  EXPECT_GT(brightness(image, 0, 0.5f * r), brightness(image, 0.85f * r, 0.95f * r) + 0.03f);
  EXPECT_GT(brightness(image, 0, r), brightness(image, 1.1f * r, size / 2.0f) + 0.3f);
  const int off = static_cast<int>(0.5f * r);
  EXPECT_GT(image.at(size / 2 - off, size / 2 - off)[1],
            image.at(size / 2 + off, size / 2 + off)[1] + 0.15f);
}

TEST_F(MeshPicture, ErrorsHaveTheColoursOfTheScale) {
  Mesh mesh = sphere(0.9f, 48);
  MeshStyle style = mesh_style_on_dark();
  style.mode = MeshMode::error;
  style.error_limit = 0.02f;
  for (const Colormap map : {Colormap::viridis, Colormap::magma}) {
    style.error_map = map;
    const auto table = colormap_table(map);
    for (const float end : {0.0f, 1.0f}) {
      mesh.errors.assign(mesh.vertices.size(), end * 0.02f);
      const Image image = picture(mesh, front_camera(), style);
      const std::size_t first = end > 0 ? table.size() - 3 : 0;
      const std::vector<int> wanted(table.begin() + static_cast<std::ptrdiff_t>(first),
                                    table.begin() + static_cast<std::ptrdiff_t>(first + 3));
      EXPECT_EQ(bytes_at(image, size / 2, size / 2), wanted) << colormap_name(map) << end;
      EXPECT_EQ(bytes_at(image, size / 2 + 30, size / 2 - 20), wanted);
    }
  }
}

TEST_F(MeshPicture, NormalsAreThoseOfSpace) {
  MeshStyle style = mesh_style_on_dark();
  style.mode = MeshMode::normals;
  Camera camera = front_camera();
  const auto middle = [&](float yaw) {
    camera.look_from(yaw, 0);
    return bytes_at(picture(sphere(0.9f, 48), camera, style), size / 2, size / 2);
  };
  const std::vector<int> from_front = middle(0), from_right = middle(90);
  EXPECT_GT(from_front[2], 250);
  EXPECT_NEAR(from_front[0], 128, 4);
  EXPECT_GT(from_right[0], 250);
  EXPECT_NEAR(from_right[2], 128, 4);
}

TEST_F(MeshPicture, ACutTakesHalfAwayAndFillsTheSection) {
  const Mesh mesh = sphere(0.9f, 48);
  MeshStyle style = mesh_style_on_dark();
  Camera camera = front_camera();
  style.cut = CutPlane{{0, 0, 1}, 0};
  EXPECT_EQ(bytes_at(picture(mesh, camera, style), size / 2, size / 2), bytes_of(style.section));
  EXPECT_EQ(bytes_at(picture(mesh, camera, style), size / 2 + 50, size / 2 + 40),
            bytes_of(style.section));
  camera.look_from(90, 0);
  const int half = covered(mesh, camera, style);
  style.cut.reset();
  const int whole = covered(mesh, camera, style);
  // Seen from the plane's own side, perspective included, half is gone.
  EXPECT_NEAR(half, whole / 2, whole / 33);
}

TEST_F(MeshPicture, BacksOfOpenMeshesAreSeen) {
  Camera camera;
  camera.look_from(0, 80);
  const MeshStyle style = mesh_style_on_dark();
  const Mesh open = sphere(0.9f, 12, true), closed = sphere(0.9f, 12);
  EXPECT_TRUE(pack(closed).closed);
  EXPECT_FALSE(pack(open).closed);
  EXPECT_NEAR(covered(open, camera, style), covered(closed, camera, style), size);
  EXPECT_NE(bytes_at(picture(open, camera, style), size / 2, size / 2),
            bytes_at(picture(closed, camera, style), size / 2, size / 2));
}

TEST_F(MeshPicture, PackingFindsInwardMeshesAndMissingNormals) {
  Mesh mesh = sphere(0.5f, 24);
  const PackedMesh given = pack(mesh);
  const std::vector<Vec3> normals = mesh.normals;
  mesh.normals.clear();
  const PackedMesh computed = pack(mesh);
  ASSERT_EQ(computed.vertices.size(), normals.size());
  for (std::size_t i = 0; i < normals.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(computed.vertices[i].normal[c], given.vertices[i].normal[c], 800) << i;
  for (Triangle& t : mesh.triangles) std::swap(t[0], t[1]);
  EXPECT_FALSE(pack(mesh).closed);
  EXPECT_FALSE(given.has_errors);
  mesh.errors.assign(mesh.vertices.size(), 0.25f);
  EXPECT_EQ(pack(mesh).vertices.front().error, 0.25f);
}

TEST_F(MeshPicture, WireIsThinAndOnTheMesh) {
  Mesh mesh = sphere(0.9f, 8);
  MeshStyle style = mesh_style_on_dark();
  const Image plain = picture(mesh, front_camera(), style);
  style.wire = true;
  const Image wired = picture(mesh, front_camera(), style);
  int darker = 0, lighter = 0;
  for (std::size_t i = 0; i < plain.pixels.size(); i += 3) {
    darker += wired.pixels[i] < plain.pixels[i] - 0.1f ? 1 : 0;
    lighter += wired.pixels[i] > plain.pixels[i] + 0.1f ? 1 : 0;
  }
  const float r = seen_radius(front_camera(), 0.9f);
  EXPECT_GT(darker, 0.02f * pi * r * r);
  EXPECT_LT(darker, 0.30f * pi * r * r);
  EXPECT_EQ(lighter, 0);
}

TEST_F(MeshPicture, SectionsShowInsideOutsideAndTheLineBetween) {
  SectionImage section;
  section.width = section.height = 64;
  section.origin = {-0.5f, -0.5f, 0};
  section.across = {1, 0, 0};
  section.along = {0, 1, 0};
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x)
      section.probabilities.push_back(
          std::clamp((static_cast<float>(x) - 31.5f) / 16 + 0.5f, 0.0f, 1.0f));
  const Image image = picture({}, front_camera(), mesh_style_on_dark(), &section);
  const int quarter = static_cast<int>(seen_radius(front_camera(), 0.35f));
  const float* outside = image.at(size / 2 - quarter, size / 2);
  const float* inside = image.at(size / 2 + quarter, size / 2);
  EXPECT_GT(outside[2], outside[0] + 0.05f);
  EXPECT_GT(inside[0], inside[2] + 0.3f);
  // The line is darker than both of its neighbourhoods.
  EXPECT_LT(image.at(size / 2, size / 2)[1] + 0.2f, image.at(size / 2 + 6, size / 2)[1]);
  // Beyond its corners there is nothing.
  EXPECT_EQ(bytes_at(image, 4, 4),
            bytes_at(picture({}, front_camera(), mesh_style_on_dark()), 4, 4));
}

TEST_F(MeshPicture, TheSameBytesTwice) {
  const Mesh mesh = sphere(0.9f, 48);
  MeshStyle style = mesh_style_on_light();
  style.wire = true;
  const Image first = picture(mesh, Camera(), style);
  EXPECT_EQ(first.pixels, picture(mesh, Camera(), style).pixels);
  studio_.reset();  // one context at a time
  EXPECT_EQ(first.pixels, render_mesh_picture(mesh, Camera(), style, size, size).pixels);
}

class MeshTileTest : public testing::Test {
 protected:
  void SetUp() override {
    if (context_.failure()) GTEST_SKIP() << context_.failure();
    renderer_ = std::make_unique<MeshRenderer>();
    buffer_.upload(pack(sphere(0.9f, 24)));
  }

  std::vector<std::uint8_t> shown(const MeshTile& tile) {
    GLuint target = 0;
    glGenFramebuffers(1, &target);
    glBindFramebuffer(GL_FRAMEBUFFER, target);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, tile.texture(), 0);
    auto bytes = read_rgb_rows(size, size);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(1, &target);
    return bytes;
  }

  OffscreenContext context_;
  std::unique_ptr<MeshRenderer> renderer_;
  MeshBuffer buffer_;
};

TEST_F(MeshTileTest, IsRefinedAtRestAndThenIdle) {
  const MeshScene scene = {&buffer_, nullptr, Camera(), mesh_style_on_dark()};
  MeshTile tile;
  EXPECT_TRUE(tile.update(*renderer_, scene, size, size, true));
  const auto quick = shown(tile);
  EXPECT_TRUE(tile.update(*renderer_, scene, size, size, false));
  EXPECT_EQ(shown(tile), quick);
  int frames = 1;
  while (tile.update(*renderer_, scene, size, size, true)) ++frames;
  EXPECT_EQ(frames, MeshRenderer::passes);
  const auto smooth = shown(tile);
  EXPECT_NE(smooth, quick);
  EXPECT_FALSE(tile.update(*renderer_, scene, size, size, true));
  const Image picture = renderer_->picture(scene, size, size);
  for (std::size_t i = 0; i < smooth.size(); ++i)
    ASSERT_EQ(static_cast<int>(smooth[i]), std::lround(picture.pixels[i] * 255)) << i;
  EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
}

TEST_F(MeshTileTest, AnyChangeIsSeenAtOnce) {
  MeshScene scene = {&buffer_, nullptr, Camera(), mesh_style_on_dark()};
  MeshTile tile;
  const auto settle = [&] {
    while (tile.update(*renderer_, scene, size, size, true)) {
    }
    return shown(tile);
  };
  auto before = settle();
  const auto expect_change = [&](const char* what) {
    EXPECT_TRUE(tile.update(*renderer_, scene, size, size, true)) << what;
    EXPECT_EQ(tile.refined(), 0) << what;
    const auto after = shown(tile);
    EXPECT_NE(after, before) << what;
    before = settle();
  };
  scene.camera.zoom(2, {}, 1);
  expect_change("camera");
  scene.style.wire = true;
  expect_change("style");
  buffer_.upload(pack(sphere(0.5f, 24)));
  expect_change("mesh");
  const GLuint old = tile.texture();
  EXPECT_TRUE(tile.update(*renderer_, scene, size / 2, size, true));
  EXPECT_NE(old, 0u);
  EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
}

}  // namespace
}  // namespace fieldscope::gl
