// OpenGL's name of a texture as Dear ImGui takes it: a pointer up to 1.91, a number since.
#pragma once

#include <cstdint>
#include <type_traits>

#include <glad/gl.h>
#include <imgui.h>

namespace fieldscope::gui {

template <typename Id = ImTextureID>
Id texture_id(GLuint id) {
  if constexpr (std::is_pointer_v<Id>)
    return reinterpret_cast<Id>(static_cast<std::uintptr_t>(id));
  else
    return static_cast<Id>(id);
}

}  // namespace fieldscope::gui
