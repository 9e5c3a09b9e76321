// Rays of posed views, the samples along them, what a field looks like from anywhere, against plain
// definitions and closed forms.
#include "engine/task/radiance_task.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/train/config.h"
#include "engine/train/session.h"
#include "tests/engine/support.h"
#include "tests/engine/task/scene_fixture.h"

namespace fieldscope {
namespace {

using namespace test;

KnobValues knobs(KnobValues own = {}) {
  own.merge(default_values(training_knobs(TaskKind::nerf)));
  return own;
}

std::shared_ptr<ThreadPool> two_threads() {
  static const auto pool = std::make_shared<ThreadPool>(2);
  return pool;
}

/// A field that is the same everywhere: raw numbers r, g, b, density.
struct Fog {
  Field field = make_field("tanh", {4}, 6, radiance_outputs);
  std::vector<double> weights = std::vector<double>(field.parameters());

  explicit Fog(std::vector<double> raw) {
    std::copy(raw.begin(), raw.end(),
              weights.begin() + static_cast<std::ptrdiff_t>(field.network().output.bias));
  }
};

class Radiance : public testing::Test {
 protected:
  RayMarcher marcher(const Fog& fog, const KnobValues& own,
                     std::shared_ptr<const OccupancyGrid> grid = nullptr) {
    return RayMarcher(
        *backend_,
        {fog.field.network(), views_, radiance_settings(*views_, knobs(own)), std::move(grid)},
        fog.weights);
  }

  std::shared_ptr<PosedViews> views_ = ball_views();
  std::unique_ptr<Backend> backend_ = make_cpu_backend(two_threads(), Precision::f32);
};

// ---- minibatches --------------------------------------------------------------------------------

TEST_F(Radiance, ABatchIsSamplesOfRaysInTheirStrata) {
  RadianceTask task(*backend_, views_, 3, knobs({{"batch", 50}, {"samples", 8}, {"grid", 1}}),
                    two_threads().get());
  const Batch& batch = task.sample(4);
  ASSERT_EQ(batch.size % 8, 0u);
  ASSERT_LE(batch.size, 50u * 8);
  ASSERT_GT(batch.size, 20u * 8);  // most of the pixels see the box
  const auto x = download(*backend_, *batch.coordinates);
  const auto lengths = download(*backend_, *batch.rays.lengths);
  for (std::size_t ray = 0; ray < batch.size / 8; ++ray) {
    double total = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const double* at = x.data() + 6 * (8 * ray + i);
      for (int k = 0; k < 3; ++k) EXPECT_LE(std::abs(at[k]), 1 + 1e-5);
      EXPECT_NEAR(at[3] * at[3] + at[4] * at[4] + at[5] * at[5], 1, 1e-5);
      // From one sample to the next along the ray, as long as the first's length says.
      if (i + 1 < 8) {
        double squares = 0;
        for (int k = 0; k < 3; ++k) squares += std::pow(at[6 + k] - at[k], 2);
        EXPECT_NEAR(lengths[8 * ray + i], 5 * std::sqrt(squares), 1e-3);
      }
      total += lengths[8 * ray + i];
    }
    EXPECT_LT(total, 5 * 2 * std::sqrt(3.0) + 1e-3);
  }
}

TEST_F(Radiance, AnEpochSeesEveryPixelOnceInAnOrderOfTheSeed) {
  const KnobValues own = knobs({{"batch", 100}, {"samples", 4}, {"background", 1}});
  RadianceTask task(*backend_, views_, 3, own, nullptr);
  RadianceTask other(*backend_, views_, 4, own, nullptr);
  double seen = 0, expected = 0;
  std::size_t rays = 0;
  for (std::uint64_t step = 0; step < task.shape().steps_per_epoch(); ++step) {
    const Batch& batch = task.sample(step);
    const auto t = download(*backend_, *batch.targets);
    for (std::size_t i = 0; i < 3 * batch.size / 4; ++i) seen += t[i];
    rays += batch.size / 4;
  }
  for (const PosedView& view : views_->training)
    for (std::size_t p = 0; p < 256; ++p)
      for (const float c : view.colour(p, 0)) expected += c;  // black where nothing is met
  EXPECT_NEAR(seen, expected, 1e-3 * expected);
  EXPECT_LE(rays, 256 * views_->training.size());
  const auto first = download(*backend_, *task.sample(0).targets);
  EXPECT_EQ(download(*backend_, *task.sample(0).targets), first);
  EXPECT_NE(download(*backend_, *other.sample(0).targets), first);
}

// A field that has become empty must see again what is missing, but not learn the background.
TEST_F(Radiance, APhotographOutvotesAnEmptyGrid) {
  const std::size_t samples = 6;
  RadianceTask task(*backend_, views_, 3, knobs({{"batch", 64}, {"samples", 6}, {"grid", 2}}),
                    nullptr);
  task.restore_state(std::vector<double>(OccupancyGrid::cells, 0.0));
  std::size_t covered = 0, rays = 0;
  for (const PosedView& view : views_->training)
    for (std::size_t p = 0; p < 256; ++p) covered += view.covered(p) ? 1 : 0;
  for (std::uint64_t step = 0; step < task.shape().steps_per_epoch(); ++step)
    rays += task.sample(step).size / samples;
  ASSERT_GT(covered, 0u);
  ASSERT_LT(covered, 256 * views_->training.size() / 2);
  EXPECT_EQ(rays, covered);
}

TEST_F(Radiance, ThreadsMakeNoDifference) {
  const KnobValues own = knobs({{"batch", 77}, {"samples", 5}});
  RadianceTask one(*backend_, views_, 3, own, nullptr);
  RadianceTask two(*backend_, views_, 3, own, two_threads().get());
  for (const std::uint64_t step : {0, 1, 9}) {
    const Batch &a = one.sample(step), &b = two.sample(step);
    ASSERT_EQ(a.size, b.size);
    EXPECT_EQ(download(*backend_, *a.coordinates), download(*backend_, *b.coordinates));
    EXPECT_EQ(download(*backend_, *a.targets), download(*backend_, *b.targets));
    EXPECT_EQ(download(*backend_, *a.rays.lengths), download(*backend_, *b.rays.lengths));
  }
}

// ---- rays ---------------------------------------------------------------------------------------

TEST_F(Radiance, DeviceCoordinatesAreThoseOfThePointsSeen) {
  auto views = ball_views();
  ForwardFacing forward;
  forward.origin = {0.1f, -0.2f, 0.3f};
  forward.near = 0.5f;
  forward.fx = 2.1f;
  forward.fy = 2.8f;
  views->forward_facing = forward;
  const RadianceSettings settings = radiance_settings(*views, knobs());
  ASSERT_TRUE(settings.device_coordinates);
  const Ray ray{{0.2f, -0.1f, 0.35f}, normalised({0.2f, 0.1f, -1})};
  const FieldRay in_field = field_ray(*views, settings, ray);
  for (const float t : {0.0f, 0.3f, 0.9f, 0.99f}) {
    const Vec3 seen = ray.at(in_field.distance(t)) - forward.origin;
    EXPECT_LT(seen.z, -forward.near + 1e-4f);
    // The projection of Mildenhall et al., appendix C, with the far plane at infinity.
    const Vec3 expected = {forward.fx * seen.x / -seen.z, forward.fy * seen.y / -seen.z,
                           1 + 2 * forward.near / seen.z};
    const Vec3 at = in_field.at(t);
    EXPECT_NEAR(at.x, expected.x, 1e-4);
    EXPECT_NEAR(at.y, expected.y, 1e-4);
    EXPECT_NEAR(at.z, expected.z, 1e-4);
  }
  EXPECT_EQ(radiance_settings(*views, knobs({{"space", 1}})).device_coordinates, false);
}

TEST_F(Radiance, FogIsAsOpaqueAsItsDepthSays) {
  const Fog fog({0.5, -0.5, 2, -1});
  const double density = 3 * std::log1p(std::exp(-1.0));
  RayMarcher march = marcher(fog, {{"samples", 400}, {"density_scale", 3}, {"grid", 1}});
  const FieldRay ray =
      field_ray(*views_, march.field().settings, Ray{{3, 0, 0}, normalised({-1, 0.02f, 0.05f})});
  const double depth = ray.far - ray.near, opacity = 1 - std::exp(-density * depth);
  RayColour seen;
  EXPECT_EQ(march.march({&ray, 1}, {&seen, 1}), 400u);
  EXPECT_NEAR(seen.opacity, opacity, 2e-3);  // half a sample is left out at the near end
  for (int k = 0; k < 3; ++k) {
    const double own = 1 / (1 + std::exp(-std::vector<double>{0.5, -0.5, 2}[k]));
    EXPECT_NEAR(seen.colour[k], own * opacity + (1 - opacity), 2e-3);
  }
  const double mean = 1 / density - depth * (1 - opacity) / opacity;
  EXPECT_NEAR(seen.depth, ray.near + mean, 1e-2);
}

TEST_F(Radiance, NothingIsEvaluatedBehindWhatIsOpaque) {
  const Fog wall({0, 0, 0, 40}), air({0, 0, 0, -40});
  const KnobValues own = {{"samples", 64}, {"grid", 1}};
  RayMarcher through_wall = marcher(wall, own), through_air = marcher(air, own);
  const FieldRay ray =
      field_ray(*views_, through_wall.field().settings, Ray{{3, 0, 0}, {-1, 0, 0}});
  RayColour seen;
  EXPECT_EQ(through_wall.march({&ray, 1}, {&seen, 1}), 16u);
  EXPECT_NEAR(seen.opacity, 1, 1e-6);
  EXPECT_NEAR(seen.colour[0], 0.5, 1e-6);
  EXPECT_EQ(through_air.march({&ray, 1}, {&seen, 1}), 64u);
  EXPECT_NEAR(seen.opacity, 0, 1e-6);
  EXPECT_EQ(seen.colour[0], 1);
  EXPECT_EQ(seen.depth, 0);
  const FieldRay past =
      field_ray(*views_, through_wall.field().settings, Ray{{3, 0, 0}, {0, 1, 0}});
  EXPECT_EQ(through_wall.march({&past, 1}, {&seen, 1}), 0u);
  EXPECT_EQ(seen.opacity, 0);
}

TEST_F(Radiance, AViewIsTheSamePictureHoweverItIsRendered) {
  const Fog fog({0.5, -0.5, 2, -2});
  const auto march = std::make_shared<RayMarcher>(marcher(fog, {{"samples", 20}}));
  PosedCamera camera = views_->held_out[0].camera;
  camera.lens = camera.lens.resized(23, 17);
  ViewRendering whole(march, camera), pieces(march, camera, 8);
  while (!whole.advance(1 << 20)) {
  }
  std::vector<int> strides;
  double share = 0;
  while (!pieces.advance(333)) {
    EXPECT_GE(pieces.share(), share);
    share = pieces.share();
    const int stride = pieces.view().stride;
    if (strides.empty() || strides.back() != stride) strides.push_back(stride);
  }
  EXPECT_EQ(strides, (std::vector<int>{8, 4, 2}));
  EXPECT_EQ(pieces.view().stride, 1);
  EXPECT_EQ(pieces.share(), 1);
  EXPECT_EQ(pieces.view().colour, whole.view().colour);
  EXPECT_EQ(pieces.view().depth, whole.view().depth);
  EXPECT_EQ(pieces.view().opacity, whole.view().opacity);
  EXPECT_GT(*std::max_element(whole.view().opacity.begin(), whole.view().opacity.end()), 0.5f);
}

// ---- the occupancy grid -------------------------------------------------------------------------

/// Cells with a centre in the ball are dense, as far as the grid has looked.
std::vector<float> ball_densities(const std::vector<Vec3>& places) {
  std::vector<float> densities;
  for (const Vec3& p : places) densities.push_back(length(p) < 0.5f ? 50.0f : 0.0f);
  return densities;
}

OccupancyGrid ball_grid() {
  OccupancyGrid grid;
  for (std::uint64_t turn = 0; turn < 2 * OccupancyGrid::turns; ++turn)
    grid.renew(turn, ball_densities(grid.places(turn, 77 + turn)));
  return grid;
}

TEST(OccupancyGrids, RaysStayInWhatIsOccupied) {
  const OccupancyGrid grid = ball_grid();
  EXPECT_NEAR(grid.occupied_share(), 4.0 / 3 * M_PI * 0.125 / 8, 0.02);
  auto views = ball_views();
  const RadianceSettings settings = radiance_settings(*views, knobs());
  std::vector<OccupancyGrid::Stretch> stretches;
  constexpr float cell = 2.0f / OccupancyGrid::side;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto n = random_numbers(i, 6);
    const Vec3 from =
        normalised({static_cast<float>(n[0]), static_cast<float>(n[1]), static_cast<float>(n[2])}) *
        3;
    const Vec3 to =
        Vec3{static_cast<float>(n[3]), static_cast<float>(n[4]), static_cast<float>(n[5])} * 0.9f;
    const FieldRay ray = field_ray(*views, settings, Ray{from, normalised(to - from)});
    const float total = grid.stretches(ray, stretches);
    float sum = 0, end = ray.near;
    for (const auto& s : stretches) {
      EXPECT_GE(s.begin, end - 1e-5f);
      EXPECT_GT(s.end, s.begin);
      end = s.end;
      sum += s.end - s.begin;
      // All of it is near the ball.
      for (float t = s.begin; t < s.end; t += 0.01f) EXPECT_LT(length(ray.at(t)), 0.5f + 3 * cell);
    }
    EXPECT_LE(end, ray.far + 1e-5f);
    EXPECT_NEAR(sum, total, 1e-4);
    // And all of the ball is in it.
    for (float t = ray.near; t < ray.far; t += 0.01f) {
      if (length(ray.at(t)) > 0.5f - cell) continue;
      EXPECT_TRUE(
          std::any_of(stretches.begin(), stretches.end(),
                      [&](const auto& s) { return t >= s.begin - 1e-5f && t <= s.end + 1e-5f; }))
          << i << " " << t;
    }
  }
}

TEST(OccupancyGrids, KnowNothingAtFirstAndForget) {
  OccupancyGrid grid;
  EXPECT_EQ(grid.occupied_share(), 1);
  const std::size_t count = OccupancyGrid::cells / OccupancyGrid::turns;
  grid.renew(0, std::vector<float>(count, 0.0f));
  EXPECT_GT(grid.occupied_share(), 0.99);  // neighbours are not known yet
  for (std::uint64_t turn = 1; turn < OccupancyGrid::turns; ++turn)
    grid.renew(turn, std::vector<float>(count, 100.0f));
  for (int round = 0; round < 60; ++round)
    for (std::uint64_t turn = 0; turn < OccupancyGrid::turns; ++turn)
      grid.renew(turn, std::vector<float>(count, 0.0f));
  EXPECT_EQ(grid.occupied_share(), 0);
  OccupancyGrid twin;
  const OccupancyGrid ball = ball_grid();
  twin.restore(std::vector<double>(ball.densities().begin(), ball.densities().end()));
  EXPECT_EQ(twin.occupied_share(), ball.occupied_share());
  grid.renew(0, std::vector<float>(count, NAN));  // a ruined field is empty nowhere
  EXPECT_GT(grid.occupied_share(), 0.1);
}

// ---- learning -----------------------------------------------------------------------------------

RunConfig small_run(const char* optimizer, KnobValues training) {
  RunConfig config;
  config.task = TaskKind::nerf;
  config.field = {"relu_pe", {{"levels", 3}}, {32, 32}};
  config.optimizer = {optimizer, {{"lr", 0.01}}};
  config.training = std::move(training);
  return resolve_config(config);
}

TEST(RadianceTraining, LearnsTheBallAndSeesItWhereItIs) {
  const auto views = ball_views(15, 16);
  const KnobValues training = {
      {"batch", 64}, {"samples", 24}, {"eval_every", 1000}, {"eval_views", 3}};
  Session session(small_run("adam", training), views, two_threads());
  for (int step = 0; step < 400; ++step) session.step();
  session.begin_evaluation(true);
  session.finish_evaluation();
  const Snapshot snapshot = session.snapshot();
  ASSERT_EQ(snapshot.views.size(), views->held_out.size());
  EXPECT_GT(snapshot.quality->psnr, 19);  // 22 here; a grey ball gives 13
  EXPECT_GT(snapshot.quality->ssim, 0.7);
  double mean = 0;
  for (const ViewQuality& view : snapshot.views) {
    const Image seen = view.rendered->picture(), truth = views->held_out[view.view].picture(1);
    EXPECT_NEAR(view.psnr, psnr(seen, truth), 1e-9);
    mean += view.psnr / static_cast<double>(snapshot.views.size());
    // A picture that is off by two pixels, or upside down, fits worse.
    Image shifted = seen, turned = seen;
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 16; ++x) {
        std::copy_n(seen.at((x + 2) % 16, y), 3, shifted.at(x, y));
        std::copy_n(seen.at(x, 15 - y), 3, turned.at(x, y));
      }
    EXPECT_LT(psnr(shifted, truth), view.psnr - 1);
    EXPECT_LT(psnr(turned, truth), view.psnr - 1);
  }
  EXPECT_NEAR(snapshot.quality->psnr, mean, 1e-9);
}

TEST(RadianceTraining, GoesOnFromACheckpointToTheSameBits) {
  const auto views = ball_views();
  const KnobValues training = {{"batch", 32}, {"samples", 16}, {"grid", 2}, {"eval_every", 1000}};
  Session whole(small_run("esgd", training), views, two_threads());
  for (int step = 0; step < 70; ++step) whole.step();
  const Checkpoint middle = whole.checkpoint();
  for (int step = 0; step < 70; ++step) whole.step();
  Session rest(middle, views, two_threads());
  for (int step = 0; step < 70; ++step) rest.step();
  EXPECT_EQ(rest.weights(), whole.weights());
  EXPECT_EQ(rest.radiance_field()->grid->occupied_share(),
            whole.radiance_field()->grid->occupied_share());
}

TEST(RadianceTraining, NetworkAndSamplesCanBeSwitched) {
  const auto views = ball_views();
  Session session(small_run("adam", {{"batch", 32}, {"samples", 16}, {"eval_every", 1000}}), views,
                  two_threads());
  for (int step = 0; step < 5; ++step) session.step();
  session.apply(SetKnob{SetKnob::Target::training, "network", 1});
  for (int step = 0; step < 5; ++step) session.step();
  session.apply(SetKnob{SetKnob::Target::training, "samples", 30});
  session.apply(SetKnob{SetKnob::Target::training, "batch", 40});
  for (int step = 0; step < 5; ++step) session.step();
  EXPECT_FALSE(session.diverged());
  EXPECT_TRUE(std::isfinite(session.loss()));
  EXPECT_GT(session.network().density.out, 0);
}

TEST(RadianceTraining, CurvatureSeesTheLossOfWholeRays) {
  const auto views = ball_views();
  RunConfig config = small_run("adam", {{"batch", 32}, {"samples", 16}, {"eval_every", 1000}});
  config.field.hidden = {6};
  config.field.knobs["levels"] = 1;
  Session session(config, views, two_threads());
  for (int step = 0; step < 5; ++step) session.step();
  const FrozenLoss frozen = session.freeze(160);
  EXPECT_EQ(frozen.rays.samples, 16u);
  EXPECT_EQ(frozen.samples(), 160u);
  EXPECT_EQ(frozen.targets.size(), 30u);
  FrozenProblem problem(frozen, make_cpu_backend(two_threads(), Precision::f64));
  // H v is the difference of gradients, the gradient that of values.
  const auto v = random_numbers(5, problem.parameters());
  std::vector<double> product(v.size()), left = frozen.weights, right = left;
  problem.multiply(Curvature::hessian, v, product);
  const double h = 1e-5;
  for (std::size_t i = 0; i < v.size(); ++i) left[i] -= h * v[i], right[i] += h * v[i];
  const auto g = problem.gradient();
  double slope = 0;
  for (std::size_t i = 0; i < v.size(); ++i) slope += g[i] * v[i];
  EXPECT_NEAR((problem.value(right) - problem.value(left)) / (2 * h), slope,
              1e-5 * std::abs(slope) + 1e-9);
  const CurvatureReport report = session.study({});
  EXPECT_TRUE(std::isfinite(report.loss));
}

}  // namespace
}  // namespace fieldscope
