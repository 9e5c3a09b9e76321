// The demo mesh: a rope of three strands, tied as a trefoil and closed upon itself. One strand is
// smooth, one is fluted, one is a string of pearls. Nothing is read, everything is computed.
#pragma once

#include "engine/geometry/mesh.h"

namespace fieldscope::demo_mesh {

/// Three closed surfaces of genus 1 within [-0.95, 0.95]^3, which touch neither themselves nor each
/// other; without normals. Coordinates are multiples of 2^-16, so that it is the same mesh wherever
/// it is made, whatever a sine's last digit is there.
Mesh make_knot();

}  // namespace fieldscope::demo_mesh
