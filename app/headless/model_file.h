// A model.safetensors as the network that it is. Used by the main thread.
#pragma once

#include <utility>
#include <vector>

#include "app/headless/options.h"
#include "engine/export/safetensors.h"
#include "engine/field/field.h"

namespace fieldscope {

struct Model {
  Field field;
  Network network;  ///< the field's, with the file's own frequencies
  std::vector<double> weights;
  int width = 0, height = 0;  ///< what --size or the file says
};

/// `verb` begins the messages: "render". Throws DataError naming the file.
Model read_model(const std::string& verb, const Options& options);

}  // namespace fieldscope
