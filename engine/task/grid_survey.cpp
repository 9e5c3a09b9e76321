#include "engine/task/grid_survey.h"

#include <iterator>
#include <vector>

#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Densities may depend on the direction of view: a cell's looks have different ones.
constexpr Vec3 directions[] = {{0, 0, 1},  {1, 0, 0}, {0, -1, 0},     {0, 0, -1},
                               {-1, 0, 0}, {0, 1, 0}, {0.6f, 0, 0.8f}};

}  // namespace

std::shared_ptr<const OccupancyGrid> survey_grid(Backend& backend, const RadianceField& field,
                                                 std::span<const double> weights) {
  constexpr std::uint64_t looks = 2;
  constexpr std::size_t places_a_turn = OccupancyGrid::cells / OccupancyGrid::turns;
  Buffer w = backend.allocate(weights.size());
  backend.upload(w, weights);
  Buffer coordinates = backend.allocate(places_a_turn * radiance_coordinates);
  Buffer outputs = backend.allocate(places_a_turn * radiance_outputs);
  const auto grid = std::make_shared<OccupancyGrid>();
  std::vector<float> numbers, densities(places_a_turn);
  for (std::uint64_t turn = 0; turn < looks * OccupancyGrid::turns; ++turn) {
    numbers.clear();
    const Vec3 d = directions[turn % std::size(directions)];
    for (const Vec3& p : grid->places(turn, random_key(0, Stream::grid, turn)))
      numbers.insert(numbers.end(), {p.x, p.y, p.z, d.x, d.y, d.z});
    backend.upload(coordinates, std::span<const float>(numbers));
    backend.forward(field.network, w, coordinates, places_a_turn, outputs);
    numbers.resize(places_a_turn * radiance_outputs);
    backend.download(outputs, std::span<float>(numbers));
    for (std::size_t i = 0; i < places_a_turn; ++i)
      densities[i] = static_cast<float>(
          field.settings.density_scale *
          density_jet(field.settings.density, numbers[i * radiance_outputs + 3]).f);
    grid->renew(turn, densities);
  }
  return grid;
}

}  // namespace fieldscope
