// fieldscope mesh: the surface of what an occupancy field has learned.

#include <chrono>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/headless/mesh_pictures.h"
#include "app/headless/model_file.h"
#include "app/headless/output_folder.h"
#include "app/headless/plan.h"
#include "app/headless/progress_line.h"
#include "app/headless/run.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/export/png.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr int default_resolution = 256;

std::string length_text(double length) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", length);
  return text;
}

}  // namespace

int run_mesh(const Options& options, const Surroundings& surroundings) {
  const Model model = read_model("mesh", options);
  if (model.task != TaskKind::occupancy)
    throw UsageError("'" + options.model.string() + "' has learned " +
                     (model.task == TaskKind::image ? "a picture" : "a radiance field") +
                     ", which has no surface; use render");
  std::shared_ptr<const MeshDataset> truth;
  if (options.data) truth = load_mesh_dataset(*options.data);
  OutputFolder out(options.out.empty()
                       ? default_output_path("mesh", options.model.filename().string())
                       : options.out);

  const auto pool = std::make_shared<ThreadPool>(options.threads);
  const auto backend = make_backend(options.device, pool, Precision::f32);
  const auto begun = std::chrono::steady_clock::now();
  std::shared_ptr<const Surface> surface;
  {
    ProgressLine progress(ProgressLine::mode_for(options.quiet), "mesh");
    surface =
        draw_surface(*backend, model.network, model.weights, truth,
                     options.resolution > 0 ? options.resolution : default_resolution, progress);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const Mesh& mesh = surface->mesh;
  if (mesh.triangles.empty()) {
    std::fprintf(stderr, "fieldscope: the field is outside everywhere: it has no surface\n");
    return ExitCode::fell_short;
  }
  const std::filesystem::path path = out.path() / ("mesh." + options.format);
  write_surface(path, *surface, model.frame);
  const MeshPictures pictures(surroundings.mesh_pictures, truth.get(), options.width,
                              options.height);
  if (const auto picture = pictures.shaded(mesh)) write_png(out.path() / "mesh.png", *picture);

  const MeshTopology topology = topology_of(mesh);
  nlohmann::ordered_json json = {{"mesh", path.string()},
                                 {"resolution", surface->resolution},
                                 {"vertices", mesh.vertices.size()},
                                 {"triangles", mesh.triangles.size()},
                                 {"solid", topology.solid()},
                                 {"evaluations", surface->evaluations},
                                 {"seconds", took.count()}};
  std::string text = path.string() + ": " + std::to_string(mesh.triangles.size()) +
                     " triangles at " + std::to_string(surface->resolution) + "³ in " +
                     duration_text(took.count()) + ", " +
                     (topology.solid() ? "closed and manifold" : "NOT closed and manifold");
  if (truth) {
    const SurfaceDistances distances = distances_to(*truth, *surface, pool->threads());
    const double unit = truth->frame().scale;
    json["chamfer"] = unit * distances.chamfer();
    json["hausdorff"] = unit * distances.hausdorff();
    json["mean_error"] = unit * surface->mean_error;
    text += "\nto " + options.data->string() + ": chamfer " +
            length_text(unit * distances.chamfer()) + ", Hausdorff " +
            length_text(unit * distances.hausdorff()) + " (" +
            length_text(100 * distances.chamfer() / 2) + "% and " +
            length_text(100 * distances.hausdorff() / 2) + "% of the box)";
  }
  if (options.json) {
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (!options.quiet) {
    std::printf("%s\n", text.c_str());
  }
  return ExitCode::done;
}

}  // namespace fieldscope
