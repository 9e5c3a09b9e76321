// A small run on posed views, and what a view of it should be.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/data/posed_views.h"
#include "engine/task/view_rendering.h"
#include "engine/train/config.h"
#include "tests/engine/support.h"
#include "tests/engine/task/scene_fixture.h"

namespace fieldscope::test {

/// Six views of 12 x 10 pixels from around, of stripes; the last one is held out.
inline std::shared_ptr<const PosedViews> small_views() {
  static const std::shared_ptr<const PosedViews> views = [] {
    auto scene = std::make_shared<PosedViews>();
    scene->name = "stripes";
    for (int i = 0; i < 6; ++i) {
      PosedView view;
      view.name = std::to_string(i) + ".png";
      const float angle = static_cast<float>(i);
      view.camera = camera_at({3 * std::cos(angle), 3 * std::sin(angle), 1}, 12, 10);
      for (int pixel = 0; pixel < 12 * 10; ++pixel)
        for (int c = 0; c < 3; ++c)
          view.pixels.push_back(static_cast<std::uint8_t>((pixel * (c + 2) * 17) & 255));
      (i < 5 ? scene->training : scene->held_out).push_back(view);
    }
    scene->near = 1;
    scene->far = 6;
    return scene;
  }();
  return views;
}

inline RunConfig radiance_config() {
  RunConfig config;
  config.task = TaskKind::nerf;
  config.field.activation = "relu";
  config.field.hidden = {16, 16};
  config.optimizer = {"adam", {}};
  config.training = {{"batch", 64}, {"samples", 16}};
  return config;
}

}  // namespace fieldscope::test
