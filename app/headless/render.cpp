// fieldscope render: what a network has learned, at any size.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include <nlohmann/json.hpp>

#include "app/headless/names.h"
#include "app/headless/output_folder.h"
#include "app/headless/progress_line.h"
#include "app/headless/results.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/png.h"
#include "engine/export/safetensors.h"
#include "engine/field/field.h"
#include "engine/math/error.h"
#include "engine/task/image_task.h"

namespace fieldscope {
namespace {

constexpr int default_side = 256;

/// Between two looks at the clock.
constexpr std::size_t slice_pixels = 8192;

[[noreturn]] void refuse_file(const Safetensors& file, const std::string& reason) {
  throw DataError("cannot render '" + file.path.string() + "': " + reason);
}

/// The network that the file's tensors belong to: the activation from the command line or from what
/// the file says of itself, the widths from the tensors.
Field field_of(const Safetensors& file, const Options& options) {
  const auto refuse = [&](const std::string& reason) { refuse_file(file, reason); };
  FieldSpec spec;
  if (!options.activations.empty()) {
    spec = options.activations.front();
  } else {
    const auto own = file.metadata.find("activation");
    if (own == file.metadata.end()) {
      refuse("it does not say its activation; give it with --activation");
    }
    spec = parse_activation(own->second);
  }
  spec.hidden.clear();
  for (int layer = 0;; ++layer) {
    const auto bias = file.tensors.find("body." + std::to_string(layer) + ".a.bias");
    if (bias == file.tensors.end()) break;
    if (bias->second.shape.size() != 1) refuse("'" + bias->first + "' is not a vector");
    spec.hidden.push_back(static_cast<int>(std::min<std::size_t>(bias->second.shape[0], 1 << 20)));
  }
  const auto out = file.tensors.find("out.bias");
  if (out == file.tensors.end() || out->second.shape.size() != 1) {
    refuse("tensor 'out.bias' is missing; expected weights of a Fieldscope network");
  }
  const std::size_t channels = out->second.shape[0];
  if (channels != 1 && channels != 3) {
    refuse("it has " + std::to_string(channels) + " outputs; a picture has 1 or 3");
  }
  return Field(resolve_field(spec), 2, static_cast<int>(channels));
}

std::pair<int, int> size_of(const Safetensors& file, const Options& options) {
  if (options.width > 0) return {options.width, options.height};
  const auto own = file.metadata.find("size");
  if (own == file.metadata.end()) return {default_side, default_side};
  RawOptions raw;
  raw.values["size"] = own->second;
  const Options read = check_options(raw);
  return {read.width, read.height};
}

void draw(ImageRendering& rendering, const Options& options) {
  ProgressLine progress(ProgressLine::mode_for(options.quiet), "render");
  const auto begun = std::chrono::steady_clock::now();
  while (!rendering.advance(slice_pixels)) {
    if (!progress.due()) continue;
    ProgressLine::State state;
    state.counts_steps = false;
    state.psnr = state.loss = std::numeric_limits<double>::quiet_NaN();
    state.share = rendering.share();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    state.seconds_left = seconds / state.share - seconds;
    progress.show(state);
  }
}

}  // namespace

int run_render(const Options& options) {
  if (options.model.empty()) throw UsageError("render needs --model FILE (model.safetensors)");
  if (options.activations.size() > 1) throw UsageError("render takes one activation");
  const Safetensors file = read_safetensors(options.model);
  const auto [field, size] = [&] {
    try {
      return std::pair{field_of(file, options), size_of(file, options)};
    } catch (const UsageError& error) {
      // The command line has been checked before: it is the file that says so.
      refuse_file(file, error.what());
    }
  }();
  std::vector<TensorShape> shapes;
  for (const ParameterTensor& tensor : field.tensors()) {
    shapes.push_back({tensor.name, tensor.shape});
  }
  // The file's own frequencies, where its encoding has some and it names them.
  Network network = field.network();
  const bool own_frequencies =
      !network.frequencies.empty() && file.tensors.contains(std::string(frequencies_tensor));
  if (own_frequencies)
    shapes.push_back({std::string(frequencies_tensor),
                      {network.frequencies.size() / image_coordinates, image_coordinates}});
  std::vector<double> weights = file.flat(shapes);
  if (own_frequencies) {
    const auto first = weights.end() - static_cast<std::ptrdiff_t>(network.frequencies.size());
    network.frequencies.assign(first, weights.end());
    weights.erase(first, weights.end());
  }
  const auto [width, height] = size;
  OutputFolder out(options.out.empty()
                       ? default_output_path("render", options.model.filename().string())
                       : options.out);

  const auto backend =
      make_backend(options.device, std::make_shared<ThreadPool>(options.threads), Precision::f32);
  Buffer buffer = backend->allocate(weights.size());
  backend->upload(buffer, weights);
  ImageRendering rendering(*backend, network, buffer, width, height);
  draw(rendering, options);
  const std::filesystem::path path = out.path() / "render.png";
  write_png(path, *rendering.picture());
  if (options.json) {
    const nlohmann::ordered_json json = {
        {"picture", path.string()}, {"width", width}, {"height", height}};
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (!options.quiet) {
    std::printf("%s\n", path.c_str());
  }
  return ExitCode::done;
}

}  // namespace fieldscope
