// A model.safetensors as the network that it is. Used by the main thread.
#pragma once

#include <utility>
#include <vector>

#include "app/headless/options.h"
#include "engine/data/dataset.h"
#include "engine/export/safetensors.h"
#include "engine/field/field.h"
#include "engine/geometry/mesh.h"
#include "engine/math/knob.h"

namespace fieldscope {

struct Model {
  TaskKind task = TaskKind::image;
  Field field;
  Network network;  ///< the field's, with the file's own frequencies
  std::vector<double> weights;
  int width = 0, height = 0;  ///< of a picture: what --size or the file says; 0: neither
  MeshFrame frame;            ///< occupancy: where the mesh was that it learned
  KnobValues training;        ///< nerf: how its rays are rendered, every knob
};

/// The network that the file's tensors belong to: widths and outputs are the tensors', with a head
/// where there is a density; the file itself says how many of its coordinates are a view direction
/// (`view_coordinates`; as files without say: none), and how many it has of both (`coordinates`;
/// otherwise as given). `spec` holds the activation. Throws DataError, or UsageError for widths.
Field stored_field(const Safetensors& file, FieldSpec spec, int coordinates);

/// `verb` begins the messages: "render". Weights that do not name their task are of an image.
/// Throws DataError naming the file.
Model read_model(const std::string& verb, const Options& options);

}  // namespace fieldscope
