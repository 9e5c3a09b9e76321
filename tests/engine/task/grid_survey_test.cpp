#include "engine/task/grid_survey.h"

#include <gtest/gtest.h>

#include "tests/engine/support.h"

namespace fieldscope {
namespace {

/// A field whose density has the same raw number everywhere.
double occupied_share_at(double raw) {
  const auto backend = make_cpu_backend(std::make_shared<ThreadPool>(1), Precision::f32);
  const Field field =
      test::make_field("relu", {4}, static_cast<int>(radiance_coordinates), radiance_outputs);
  RadianceField seen;
  seen.network = field.network();
  std::vector<double> weights(field.parameters(), 0);
  weights[seen.network.output.bias + 3] = raw;
  return survey_grid(*backend, seen, weights)->occupied_share();
}

TEST(GridSurvey, FindsWhatIsDense) {
  EXPECT_EQ(occupied_share_at(5), 1);
  EXPECT_EQ(occupied_share_at(-20), 0);
}

}  // namespace
}  // namespace fieldscope
