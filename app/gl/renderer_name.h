// Which OpenGL this machine draws with, asked without a window and without a display. For
// `fieldscope info`; on the main thread, before any window exists.
#pragma once

#include <string>

namespace fieldscope::gl {

/// "llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5", or "none: " and the reason.
std::string renderer_name();

}  // namespace fieldscope::gl
