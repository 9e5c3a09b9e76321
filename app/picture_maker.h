// How the verbs get pictures of meshes: only the window's part of the program can draw them.
// app/main.cpp fills it in; it is empty in builds without the window.
#pragma once

#include <functional>

#include "app/camera.h"
#include "app/mesh_style.h"
#include "engine/data/image.h"
#include "engine/geometry/mesh.h"

namespace fieldscope {

/// RGB of the given width and height; the section may be null. Throws std::runtime_error with the
/// reason where there is no OpenGL. Keeps what it needs between calls: use it on one thread.
using MeshPictureMaker =
    std::function<Image(const Mesh& mesh, const Camera& camera, const MeshStyle& style, int width,
                        int height, const SectionImage* section)>;

}  // namespace fieldscope
