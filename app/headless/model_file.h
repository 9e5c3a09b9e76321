// A model.safetensors as the network that it is. Used by the main thread.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "app/headless/options.h"
#include "app/headless/scene_record.h"
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
  int width = 0, height = 0;         ///< of a picture: what --size or the file says; 0: neither
  MeshFrame frame;                   ///< occupancy: where the mesh was that it learned
  KnobValues training;               ///< nerf: how its rays are rendered, every knob
  std::optional<SceneRecord> scene;  ///< nerf: what it learned; files of before do not say it
};

/// The network that the file's tensors belong to: widths and outputs are the tensors', with a head
/// where there is a density; the file itself says how many of its coordinates are a view direction
/// (`view_coordinates`; as files without say: none), and how many it has of both (`coordinates`;
/// otherwise as given). `spec` holds the activation. Throws DataError, or UsageError for widths.
Field stored_field(const Safetensors& file, FieldSpec spec, int coordinates);

/// `verb` begins the messages: "render". Weights that do not name their task are of an image.
/// Throws DataError naming the file, and UsageError where the options have another activation than
/// the one that the file names; --activation is for files that name none.
Model read_model(const std::string& verb, const Options& options);

/// Weights mean nothing in another scene than the one that they learned. Throws DataError naming
/// both. Where the weights do not say their scene, a line on standard error does.
void check_scene(const Options& options, const Model& model, const PosedViews& views);

}  // namespace fieldscope
