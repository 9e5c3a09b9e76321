// Everything made of triangles: buildings, rocks, plants, birds.
#pragma once

#include "tools/demo_image/heightfield.h"
#include "tools/demo_image/mesh.h"

namespace fieldscope::demo_image {

void add_lighthouse(Mesh& mesh);
void add_cabin(Mesh& mesh);
void add_fence(Mesh& mesh, const Heightfield& shore);
void add_gulls(Mesh& mesh);
void add_sailboat(Mesh& mesh);
void add_rocks(Mesh& mesh, const Heightfield& shore);
void add_plants(Mesh& mesh, const Heightfield& shore);

}  // namespace fieldscope::demo_image
