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

void renew_grid(FieldAtPoints& field, const RadianceSettings& settings, std::uint64_t turn,
                std::uint64_t key, Vec3 view, OccupancyGrid& grid) {
  const std::vector<Vec3> places = grid.places(turn, key);
  std::vector<float> numbers(radiance_coordinates * places.size()), densities;
  for (std::size_t i = 0; i < places.size(); ++i)
    put_field_input(places[i], view, numbers.data() + radiance_coordinates * i);
  const std::span<const float> raw = field.values(std::span<const float>(numbers));
  for (std::size_t i = 0; i < places.size(); ++i)
    densities.push_back(static_cast<float>(
        settings.density_scale * density_jet(settings.density, raw[i * radiance_outputs + 3]).f));
  grid.renew(turn, densities);
}

std::shared_ptr<const OccupancyGrid> survey_grid(Backend& backend, const RadianceField& field,
                                                 std::span<const double> weights) {
  constexpr std::uint64_t looks = 2;
  FieldAtPoints at(backend, field.network, weights);
  const auto grid = std::make_shared<OccupancyGrid>();
  for (std::uint64_t turn = 0; turn < looks * OccupancyGrid::turns; ++turn)
    renew_grid(at, field.settings, turn, random_key(0, Stream::grid, turn),
               directions[turn % std::size(directions)], *grid);
  return grid;
}

}  // namespace fieldscope
