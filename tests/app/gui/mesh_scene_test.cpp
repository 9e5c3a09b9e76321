// How the window looks at meshes: what a double click means, which side of a section is cut away,
// where its values lie, and how views share the room.
#include "app/gui/mesh_scene.h"

#include <gtest/gtest.h>

#include "app/gui/panels/stage_layout.h"

namespace fieldscope::gui {
namespace {

// The cube of side 1 around the origin.
Mesh cube() {
  Mesh mesh;
  for (int i = 0; i < 8; ++i)
    mesh.vertices.push_back({i & 1 ? 0.5f : -0.5f, i & 2 ? 0.5f : -0.5f, i & 4 ? 0.5f : -0.5f});
  mesh.triangles = {{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4},
                    {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5}};
  return mesh;
}

const Ray along_z = {{0.1f, 0.2f, 3}, {0, 0, -1}};

TEST(FirstSeen, IsTheNearestPlace) {
  const auto seen = first_seen(cube(), along_z, std::nullopt);
  ASSERT_TRUE(seen);
  EXPECT_NEAR(seen->x, 0.1f, 1e-6f);
  EXPECT_NEAR(seen->y, 0.2f, 1e-6f);
  EXPECT_NEAR(seen->z, 0.5f, 1e-6f);
}

TEST(FirstSeen, IsNothingBesideTheMesh) {
  EXPECT_FALSE(first_seen(cube(), {{0.6f, 0, 3}, {0, 0, -1}}, std::nullopt));
  EXPECT_FALSE(first_seen(cube(), {{0, 0, 3}, {0, 0, 1}}, std::nullopt));
}

TEST(FirstSeen, IsOnTheCutWhereThatGoesThroughTheInside) {
  const auto seen = first_seen(cube(), along_z, CutPlane{{0, 0, 1}, 0.125f});
  ASSERT_TRUE(seen);
  EXPECT_NEAR(seen->z, 0.125f, 1e-6f);
}

TEST(FirstSeen, IsBehindACutThatMissesTheMesh) {
  const auto seen = first_seen(cube(), along_z, CutPlane{{0, 0, 1}, 0.75f});
  ASSERT_TRUE(seen);
  EXPECT_NEAR(seen->z, 0.5f, 1e-6f);
  EXPECT_FALSE(first_seen(cube(), along_z, CutPlane{{0, 0, 1}, -0.75f}));
}

TEST(MeshChoices, CutAwayWhatIsOnTheViewersSide) {
  MeshChoices choices;
  choices.axis = 2;
  choices.offsets[2] = 0.25f;
  Camera front, behind;
  behind.look_from(180, 0);
  EXPECT_EQ(choices.cut_for(front).normal, (Vec3{0, 0, 1}));
  EXPECT_FLOAT_EQ(choices.cut_for(front).offset, 0.25f);
  EXPECT_EQ(choices.cut_for(behind).normal, (Vec3{0, 0, -1}));
  EXPECT_FLOAT_EQ(choices.cut_for(behind).offset, -0.25f);
}

// A sample lies in the middle of its cell, whichever way the section runs.
TEST(SectionImage, PutsSamplesInTheMiddleOfTheirCells) {
  for (const int axis : {0, 1, 2}) {
    Section section;
    section.plane = {axis, 0.3f};
    section.probabilities.assign(static_cast<std::size_t>(Section::side) * Section::side, 0.0f);
    const SectionImage image = section_image(section);
    for (const auto& [column, row] : {std::pair(0, 0), std::pair(17, 150), std::pair(159, 3)}) {
      const float u = (static_cast<float>(column) + 0.5f) / static_cast<float>(image.width);
      const float v = (static_cast<float>(row) + 0.5f) / static_cast<float>(image.height);
      const Vec3 place = image.origin + image.across * u + image.along * v;
      EXPECT_LT(length(place - Section::point(section.plane, column, row)), 1e-5f)
          << "axis " << axis << ", sample " << column << ", " << row;
    }
  }
}

TEST(ArrangeViews, FillTheRoomThatSquaresWouldLeave) {
  const Rect room = {{0, 0}, {960, 460}};
  const float gap = 12, header = 56;
  const auto squares = arrange_tiles(3, room, gap, header, 1);
  const auto views = arrange_views(3, room, gap, header);
  ASSERT_EQ(views.size(), 3u);
  EXPECT_FLOAT_EQ(views.front().width(), squares.front().width());
  EXPECT_GT(views.front().height(), squares.front().height() + 50);
  for (const Rect& view : views) {
    EXPECT_GE(view.min.x, room.min.x);
    EXPECT_LE(view.max.x, room.max.x);
    EXPECT_GE(view.min.y, room.min.y);
    EXPECT_LE(view.max.y, room.max.y);
  }
}

}  // namespace
}  // namespace fieldscope::gui
