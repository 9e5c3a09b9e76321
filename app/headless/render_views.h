// fieldscope render for radiance fields: what a camera sees on its way. Used by the main thread.
#pragma once

#include "app/headless/model_file.h"
#include "app/headless/options.h"

namespace fieldscope {

/// Returns an ExitCode. Throws what verbs throw.
int render_views(const Options& options, const Model& model);

}  // namespace fieldscope
