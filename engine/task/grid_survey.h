// Where a radiance field is dense: what its occupancy grid is renewed with, and the grid of a field
// whose training's own is not at hand.
#pragma once

#include <memory>
#include <span>

#include "engine/task/field_at_points.h"
#include "engine/task/ray_marching.h"

namespace fieldscope {

/// A turn of the grid is renewed with the field's densities at random places of `key`, as they are
/// seen along `view`.
void renew_grid(FieldAtPoints& field, const RadianceSettings& settings, std::uint64_t turn,
                std::uint64_t key, Vec3 view, OccupancyGrid& grid);

/// Looks at the field twice in every cell. Takes 524,288 evaluations. `field` needs no grid.
std::shared_ptr<const OccupancyGrid> survey_grid(Backend& backend, const RadianceField& field,
                                                 std::span<const double> weights);

}  // namespace fieldscope
