// The common options of all verbs: from the command line and from a JSON file, checked once. Plain
// data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/headless/workload.h"
#include "engine/train/config.h"

namespace fieldscope {

/// How long each run trains.
struct Budget {
  enum class Kind { epochs, steps, seconds };
  Kind kind = Kind::epochs;
  double amount = 10;
};

/// "10 epochs", "500 steps", "30 s".
std::string budget_text(const Budget& budget);

struct Options {
  std::string task = "image";                 ///< told from the data, unless given
  std::optional<std::filesystem::path> data;  ///< without: the built-in demo
  std::vector<FieldSpec> activations;         ///< as given, `hidden` included; may be empty
  std::vector<OptimizerSpec> optimizers;      ///< as given; may be empty
  std::vector<int> hidden;                    ///< as given; may be empty
  KnobValues training;
  std::vector<double> precisions;   ///< compare, as given; may be empty
  std::vector<int> batches;         ///< bench, as given; may be empty
  std::vector<Workload> workloads;  ///< bench, as given; may be empty
  int repeats = 0;                  ///< bench; 0: its own
  bool all = false;                 ///< bench
  int width = 0, height = 0;        ///< 0: the picture fitted to 256 pixels
  Budget budget;
  std::vector<std::uint64_t> seeds = {0};
  std::string device = "auto";              ///< as given; checked to be there
  int threads = 0;                          ///< 0: all cores
  std::filesystem::path out;                ///< empty: named after the verb, the data and the time
  std::filesystem::path fixtures;           ///< verify
  std::filesystem::path model;              ///< render, mesh
  int resolution = 0;                       ///< of surfaces, cells an axis; 0: the verb's own
  std::string format = "ply";               ///< mesh
  std::string path;                         ///< render; empty: what suits the views
  int frames = 0;                           ///< render; 0: the path's own number
  double frames_per_second = 0;             ///< render; 0: the path's own
  std::string mode;                         ///< render: a ViewMode; empty: colour
  int window_width = 0, window_height = 0;  ///< window; 0: as last time
  std::filesystem::path report;             ///< window
  std::uint64_t curvature_every = 0;        ///< steps; 0: not at all
  KnobValues curvature;                     ///< of curvature_knobs(), as given
  bool quiet = false;
  bool json = false;
  std::vector<std::string> files;  ///< positional arguments
};

/// Options as text, before they are checked: name without dashes -> value (lists joined by commas).
struct RawOptions {
  std::map<std::string, std::string> values;
  std::vector<std::string> files;
  std::string config;           ///< the JSON file, if any
  std::set<std::string> lists;  ///< training knobs that may be lists
  bool trains = false;          ///< options must be of the task that is trained
};

/// What `fieldscope VERB ...` takes.
struct VerbInterface {
  std::string verb;                  ///< empty: the window
  std::string brief;                 ///< what it does, in a few words
  std::string purpose;               ///< the same in a sentence, for its own --help
  std::set<std::string> options;     ///< names without dashes
  std::string positional = {};       ///< its name in the help; empty: none
  std::set<std::string> lists = {};  ///< training knobs that take a list
};

/// Names of the options of verbs that train.
std::set<std::string> training_options();

/// Reads the arguments after the verb. Returns nothing when --help was asked for and printed.
/// Throws UsageError (with the nearest valid option) and DataError (unreadable --config file).
std::optional<Options> parse_arguments(const VerbInterface& verb,
                                       const std::vector<std::string>& arguments);

/// Adds what the JSON file says to options that the command line left open. Keys are the options'
/// names; a summary.json is taken as well (its `config`). Throws UsageError, DataError.
void merge_config_file(RawOptions& raw, const std::filesystem::path& file);

/// Checks every value. Throws UsageError, and DeviceError for a device that this build lacks.
Options check_options(const RawOptions& raw);

/// The options as a JSON object that --config takes.
std::string options_json(const Options& options);

}  // namespace fieldscope
