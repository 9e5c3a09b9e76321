// The mouse over a mesh: what it does to the camera and what it reports. No window, no OpenGL.
#include "app/gui/widgets/mesh_view.h"

#include <gtest/gtest.h>

#include "app/gui/widget_map.h"

namespace fieldscope::gui {
namespace {

class MeshMouse : public testing::Test {
 protected:
  void SetUp() override {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {800, 600};
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
    ui_.map = &map_;
    map_.set_enabled(true);
    frame({300, 200});
    frame({300, 200});
  }
  void TearDown() override { ImGui::DestroyContext(); }

  MeshInput frame(ImVec2 pointer, int button = -1, float wheel = 0, bool shift = false,
                  bool alt = false) {
    ImGuiIO& io = ImGui::GetIO();
    io.DeltaTime = 1.0f / 60;
    io.MousePos = pointer;
    io.MouseWheel = wheel;
    for (int i = 0; i < 3; ++i) io.MouseDown[i] = i == button;
    map_.begin_frame();
    ImGui::NewFrame();
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize({800, 600});
    ImGui::Begin("view", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
    const MeshInput input = interact_with_mesh(ui_, "tile.1", region_, camera_, shift, alt);
    ImGui::End();
    ImGui::EndFrame();
    return input;
  }

  Ui ui_;
  WidgetMap map_;
  Rect region_{{100, 100}, {500, 300}};
  Camera camera_;
};

TEST_F(MeshMouse, HoveringReportsWhereAndChangesNothing) {
  const MeshInput input = frame({200, 250});
  EXPECT_TRUE(input.hovered);
  EXPECT_FALSE(input.changed);
  ASSERT_TRUE(input.pointer);
  EXPECT_FLOAT_EQ(input.pointer->x, 0.25f);
  EXPECT_FLOAT_EQ(input.pointer->y, 0.75f);
  EXPECT_EQ(camera_, Camera());
  EXPECT_FALSE(frame({700, 250}).hovered);
  ASSERT_EQ(map_.entries().size(), 1u);
  EXPECT_EQ(map_.entries()[0].id, "tile.1");
}

TEST_F(MeshMouse, LeftTurnsMiddleAndShiftPan) {
  frame({300, 200}, 0);
  EXPECT_TRUE(frame({340, 210}, 0).changed);
  Camera turned;
  turned.orbit(40.0f / 200, 10.0f / 200);
  EXPECT_EQ(camera_, turned);
  frame({340, 210});

  camera_ = {};
  Camera panned;
  panned.pan(20.0f / 200, -30.0f / 200);
  frame({300, 200}, 2);
  EXPECT_TRUE(frame({320, 170}, 2).changed);
  EXPECT_EQ(camera_, panned);
  frame({320, 170});

  camera_ = {};
  frame({300, 200}, 0, 0, true);
  EXPECT_TRUE(frame({320, 170}, 0, 0, true).changed);
  EXPECT_EQ(camera_, panned);
}

TEST_F(MeshMouse, WheelZoomsAboutThePointer) {
  EXPECT_TRUE(frame({400, 150}, -1, 2).changed);
  Camera zoomed;
  zoomed.zoom(2, {0.75f, 0.25f}, 2);
  EXPECT_EQ(camera_, zoomed);
  EXPECT_FALSE(frame({700, 150}, -1, 2).changed);
}

TEST_F(MeshMouse, DoubleClickPicksAndAltDragsAreTheCallers) {
  frame({400, 150}, 0);
  frame({400, 150});
  const MeshInput input = frame({400, 150}, 0);
  ASSERT_TRUE(input.picked);
  EXPECT_EQ(input.picked->direction, Camera().ray({0.75f, 0.25f}, 2).direction);
  EXPECT_FALSE(input.changed);
  frame({400, 150});

  frame({300, 200}, 0, 0, false, true);
  const MeshInput dragged = frame({350, 200}, 0, 0, false, true);
  EXPECT_TRUE(dragged.alt_dragging);
  EXPECT_FALSE(dragged.changed);
  frame({350, 200});
}

TEST_F(MeshMouse, RightClickIsReported) {
  frame({300, 200}, 1);
  const MeshInput input = frame({310, 200});
  EXPECT_TRUE(input.right_clicked);
  EXPECT_EQ(camera_, Camera());
}

}  // namespace
}  // namespace fieldscope::gui
