// The files that runs leave behind, as INTERFACE promises them. Used by the main thread.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/headless/mesh_pictures.h"
#include "app/headless/options.h"
#include "app/headless/run.h"
#include "engine/export/summary.h"

namespace fieldscope {

/// A result and where it belongs.
struct PlacedResult {
  std::string name;    ///< in metrics.csv and summary.json: "esgd-sine", "seed-1/esgd-sine"
  std::string folder;  ///< relative to where the table lies; empty: beside it
  const RunResult* result = nullptr;
};

std::string metrics_text(std::span<const PlacedResult> results);

/// What holds for all runs of one call.
SummaryHeader summary_header(const std::string& verb, const Options& options,
                             const Dataset& dataset, int threads);
/// The options that make one run of those again.
Options options_of_run(const Options& options, const RunConfig& config);

std::string summary_text(const SummaryHeader& header, std::span<const PlacedResult> results);

/// What model.safetensors calls the [n][d] frequencies f of a Fourier encoding, in radians: the
/// first layer sees sin(f.x) for each, then cos(f.x).
inline constexpr std::string_view frequencies_tensor = "encoding.frequencies";

/// metrics.csv, summary.json, model.safetensors, of occupancy mesh.ply, and final.png of one run; a
/// mesh's picture only where `pictures` can draw it. Throws DataError.
void write_run(const std::filesystem::path& folder, const RunResult& result,
               const SummaryHeader& header, const MeshPictures& pictures);

/// curvature.json, spectrum.csv and, where figures can be drawn, spectrum.png. Throws DataError.
void write_curvature_report(const std::filesystem::path& folder, const CurvatureReport& report,
                            const std::string& label);

/// What model.safetensors says of itself: enough to render it.
std::map<std::string, std::string> model_metadata(const RunResult& result);

}  // namespace fieldscope
