#include "app/headless/options.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/headless/names.h"
#include "engine/backend/devices.h"
#include "engine/data/image.h"
#include "engine/data/whole_file.h"
#include "engine/experiment/presets.h"
#include "engine/math/error.h"
#include "engine/task/view_picture.h"

namespace fieldscope {
namespace {

struct OptionText {
  const char* name;
  const char* value;  ///< nullptr: a flag
  const char* help;
};

constexpr OptionText option_texts[] = {
    {"task", "image|occupancy|nerf", "what is learned (without it, told from the data)"},
    {"data", "PATH", "the picture, mesh or folder of posed views; without it the task's demo"},
    {"activation", "A[,A...]", "activation with knobs, such as sine:omega=20"},
    {"optimizer", "O[,O...]", "optimizer with knobs, such as esgd:lr=0.1:refresh_every=50"},
    {"hidden", "W,W,...", "width of each hidden layer (256,256,256,256)"},
    {"batch", "N",
     "samples in a minibatch (image 512; occupancy 5000, on a GPU 50000; nerf 64 rays, 4096)"},
    {"spread", "S", "occupancy: how far from the surface half of the points are (0.02)"},
    {"precision", "P", "in which a GPU multiplies in a training step: f32, tf32 or bf16 (tf32)"},
    {"network", "single|head", "nerf: one network, or a colour head that alone sees the direction"},
    {"samples", "N", "nerf: of the field along a ray (64)"},
    {"space", "auto|box", "nerf: device coordinates for forward-facing scenes, or the box"},
    {"density", "softplus|exp", "nerf: how densities come from the field's numbers"},
    {"density-scale", "S", "nerf: densities are so many times that (5)"},
    {"background", "white|black", "nerf: what is behind everything"},
    {"grid", "auto|off|on", "nerf: samples only where the field was dense lately"},
    {"eval-views", "N", "nerf: held-out views measured while training (2)"},
    {"eval-pixels", "N", "nerf: of each at most so many pixels (16384)"},
    {"eval-every", "N",
     "measure how good the field is every N epochs (image 1, occupancy 25), of nerf steps (250)"},
    {"workload", "W[,W...]",
     "what is timed: inference, gradient, product (gradient and Hessian product), or the steps of "
     "an optimizer, such as esgd:refresh_every=10"},
    {"all", nullptr, "every activation with every batch"},
    {"repeats", "N", "how often each is timed (9)"},
    {"size", "WxH",
     "of the picture, or of a scene's photographs: they are reduced to it (without it their own, "
     "the "
     "longer side at most 256; nerf 400)"},
    {"epochs", "N", "train for N epochs (10)"},
    {"steps", "N", "train for N steps"},
    {"seconds", "S", "train for S seconds of training time"},
    {"seed", "N", "seed of weights, batches and probes (0)"},
    {"seeds", "N,N,...", "several seeds, one after the other"},
    {"curvature-every", "N", "diagnose the curvature every N steps, and at the end"},
    {"curvature", "K=V[:K=V...]",
     "how, such as batch=4096:steps=80:probes=4:exact_limit=3000 (see info)"},
    {"device", "auto|cpu|cuda[:K]", "where to compute (auto: the first GPU, else the CPU)"},
    {"threads", "N", "CPU threads (0: all cores)"},
    {"out", "DIR", "folder for the results"},
    {"fixtures", "DIR", "folder with the reference files"},
    {"model", "FILE", "weights, as train leaves them (model.safetensors)"},
    {"resolution", "N", "of the surface, cells an axis: 8 to 512 (128; mesh 256)"},
    {"format", "ply|obj", "of the mesh's file (ply)"},
    {"path", "orbit|spiral|views|FILE",
     "the camera's way (orbit, of forward-facing views spiral), the held-out views' cameras, or a "
     "path.json"},
    {"frames", "N", "along the path (120)"},
    {"fps", "N", "frames per second of the video (30)"},
    {"mode", "colour|depth|opacity", "what is shown of a radiance field (colour)"},
    {"window", "WxH", "size of the window"},
    {"report", "FILE", "where tests read what the window shows"},
    {"config", "FILE", "JSON file with any of these options; the command line wins"},
    {"quiet", nullptr, "no progress, no table"},
    {"json", nullptr, "results as JSON on standard output"},
};

/// "N[,N...]"
std::string list_of(const OptionText& option) {
  return std::string(option.value) + "[," + option.value + "...]";
}

/// Whether the command line has an option for a training knob.
bool is_option(std::string knob) {
  std::replace(knob.begin(), knob.end(), '_', '-');
  return std::any_of(std::begin(option_texts), std::end(option_texts),
                     [&](const OptionText& option) { return option.name == knob; });
}

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

/// The three ways to say how long: they exclude each other.
constexpr const char* budgets[] = {"epochs", "steps", "seconds"};
constexpr const char* seed_options[] = {"seed", "seeds"};

bool any_of_group(const RawOptions& raw, std::span<const char* const> group) {
  return std::any_of(group.begin(), group.end(),
                     [&](const char* name) { return raw.values.contains(name); });
}

template <std::size_t n>
void refuse_both(const RawOptions& raw, const char* const (&group)[n]) {
  const char* first = nullptr;
  for (const char* name : group) {
    if (!raw.values.contains(name)) continue;
    if (first) {
      throw UsageError(std::string("--") + first + " and --" + name +
                       " exclude each other; give one of them");
    }
    first = name;
  }
}

std::string json_value_text(const std::string& key, const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()) &&
      std::fabs(value.get<double>()) < 1e15) {
    return std::to_string(static_cast<long long>(value.get<double>()));  // 1e3 and 16.0 are whole
  }
  if (value.is_boolean() || value.is_number()) return value.dump();
  if (value.is_array()) {
    std::string text;
    for (const auto& item : value) {
      if (!text.empty()) text += key == "size" ? 'x' : ',';
      if (item.is_structured()) {
        throw UsageError("option '" + key + "' is a list of lists or objects; give a plain list");
      }
      text += json_value_text(key, item);
    }
    return text;
  }
  throw UsageError("option '" + key + "' of the configuration file has a value of a wrong kind (" +
                   value.type_name() + "); give a text, a number or a list");
}

std::pair<int, int> parse_size(const std::string& text) {
  const std::size_t cross = text.find_first_of("xX");
  std::pair<int, int> size;
  try {
    const auto side = [&](const std::string& part) {
      return static_cast<int>(parse_whole("side", part, 1, 1 << 20));
    };
    if (cross == std::string::npos) throw UsageError("no x");
    size = {side(text.substr(0, cross)), side(text.substr(cross + 1))};
  } catch (const UsageError&) {
    throw UsageError("size '" + text +
                     "' is not valid; give WIDTHxHEIGHT, such as 256x256, each from 1 to 1048576");
  }
  if (static_cast<std::size_t>(size.first) * static_cast<std::size_t>(size.second) >
      max_image_pixels) {
    throw UsageError("size '" + text + "' is too large; at most " +
                     std::to_string(max_image_pixels) + " pixels");
  }
  return size;
}

void check_task(const std::string& task) {
  std::vector<std::string> names;
  for (const TaskInfo& info : tasks()) names.emplace_back(info.id);
  if (std::find(names.begin(), names.end(), task) == names.end()) refuse_name("task", task, names);
}

/// The task that the options name or, without a name, that their data is for.
std::string task_of(const RawOptions& raw) {
  const auto task = raw.values.find("task"), data = raw.values.find("data");
  if (data == raw.values.end()) {
    if (task == raw.values.end()) return "image";
    check_task(task->second);
    return task->second;
  }
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(data->second, ignored);
  // Nobody means a picture or a mesh by a folder; that no views are in it is told on reading it.
  const TaskInfo& told = task_info(folder ? TaskKind::nerf : task_of_data(data->second));
  if (task == raw.values.end()) return std::string(told.id);
  check_task(task->second);
  if (task->second == told.id) return task->second;
  const auto refuse = [&](const char* what) {
    throw UsageError("--task " + task->second + " does not go with '" + data->second +
                     "', which is " + what);
  };
  if (task->second == "occupancy") refuse("not a mesh: give an OBJ, PLY or STL file");
  if (task->second == "nerf")
    refuse(
        "not a folder of posed views: give one with transforms.json, transforms_train.json or "
        "poses_bounds.npy");
  refuse(told.kind == TaskKind::occupancy ? "a mesh: leave --task out or give a picture"
         : folder && !is_posed_views(data->second)
             ? "a folder: give a picture"
             : "a folder of posed views: leave --task out or give a picture");
  return task->second;
}

/// Reads typed values out of the raw texts.
class Checker {
 public:
  explicit Checker(const RawOptions& raw) : raw_(raw) {}

  Options check() {
    refuse_both(raw_, budgets);
    refuse_both(raw_, seed_options);
    options_.task = task_of(raw_);
    with("device", [&](const std::string& text) {
      find_device(text);
      options_.device = text;
    });
    with("data", [&](const std::string& text) { options_.data = text; });
    with("size", [&](const std::string& text) {
      std::tie(options_.width, options_.height) = parse_size(text);
    });
    with("threads", [&](const std::string& text) {
      options_.threads = static_cast<int>(parse_whole("threads", text, 0, 1024));
    });
    with("out", [&](const std::string& text) {
      if (text.empty()) throw UsageError("--out is empty; give a folder");
      options_.out = text;
    });
    with("fixtures", [&](const std::string& text) { options_.fixtures = text; });
    with("model", [&](const std::string& text) { options_.model = text; });
    with("resolution", [&](const std::string& text) {
      options_.resolution = static_cast<int>(parse_whole("resolution", text, 8, 512));
    });
    with("format", [&](const std::string& text) {
      if (text != "ply" && text != "obj")
        refuse_name("format", text, std::vector<std::string>{"ply", "obj"});
      options_.format = text;
    });
    with("path", [&](const std::string& text) {
      if (text.empty()) throw UsageError("--path is empty; give orbit, spiral, views or a file");
      options_.path = text;
    });
    with("frames", [&](const std::string& text) {
      options_.frames = static_cast<int>(parse_whole("frames", text, 1, 100'000));
    });
    with("fps", [&](const std::string& text) {
      options_.frames_per_second = parse_number("fps", text, 0.1, 1000);
    });
    with("mode", [&](const std::string& text) {
      find_view_mode(text);
      options_.mode = text;
    });
    with("curvature-every", [&](const std::string& text) {
      options_.curvature_every = parse_whole("curvature-every", text, 1, any_number);
    });
    with("curvature", [&](const std::string& text) { options_.curvature = parse_curvature(text); });
    with("window", [&](const std::string& text) {
      std::tie(options_.window_width, options_.window_height) = parse_size(text);
    });
    with("report", [&](const std::string& text) { options_.report = text; });
    with("all", [&](const std::string& text) { options_.all = flag("all", text); });
    with("repeats", [&](const std::string& text) {
      options_.repeats = static_cast<int>(parse_whole("repeats", text, 1, 100'000));
    });
    with("quiet", [&](const std::string& text) { options_.quiet = flag("quiet", text); });
    with("json", [&](const std::string& text) { options_.json = flag("json", text); });
    options_.files = raw_.files;
    network();
    training();
    budget();
    seeds();
    return options_;
  }

 private:
  template <class Action>
  void with(const char* name, const Action& action) {
    const auto found = raw_.values.find(name);
    if (found != raw_.values.end()) action(found->second);
  }

  static bool flag(const std::string& name, const std::string& text) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    throw UsageError(name + " '" + text + "' is not valid; give true or false");
  }

  std::vector<std::string> list(const char* name, const std::string& text) {
    std::vector<std::string> items = split(text, ',');
    if (items.empty()) throw UsageError(std::string("--") + name + " is empty");
    return items;
  }

  void network() {
    with("hidden", [&](const std::string& text) {
      for (const std::string& width : list("hidden", text)) {
        options_.hidden.push_back(static_cast<int>(parse_whole("hidden", width, 1, 8192)));
      }
      FieldSpec spec;
      spec.hidden = options_.hidden;
      resolve_field(spec);  // its own limits
    });
    with("activation", [&](const std::string& text) {
      for (const std::string& item : list("activation", text)) {
        options_.activations.push_back(parse_activation(item));
      }
    });
    with("optimizer", [&](const std::string& text) {
      for (const std::string& item : list("optimizer", text)) {
        options_.optimizers.push_back(parse_optimizer(item));
      }
    });
    with("workload", [&](const std::string& text) {
      for (const std::string& item : list("workload", text)) {
        Workload workload = parse_workload(item);
        const auto same = [&](const Workload& other) { return other.name == workload.name; };
        if (std::any_of(options_.workloads.begin(), options_.workloads.end(), same))
          throw UsageError("workload: " + workload.name + " is given twice");
        options_.workloads.push_back(std::move(workload));
      }
    });
    if (options_.hidden.empty()) return;
    for (FieldSpec& spec : options_.activations) spec.hidden = options_.hidden;
  }

  [[noreturn]] static void refuse_of(const std::string& option, const TaskInfo& task) {
    throw UsageError("--" + option + " belongs to --task " + std::string(task.id));
  }

  static std::string option_of(const Knob& knob) {
    std::string name(knob.id);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  }

  void training() {
    const std::span<const Knob> own = training_knobs(find_task(options_.task).kind);
    for (const TaskInfo& task : tasks())
      for (const Knob& knob : training_knobs(task.kind))
        if (find_knob(own, knob.id) == nullptr && raw_.values.contains(option_of(knob)))
          refuse_of(option_of(knob), task);
    if (raw_.trains && options_.resolution > 0 && options_.task != "occupancy")
      refuse_of("resolution", task_info(TaskKind::occupancy));
    for (const Knob& knob : own) {
      const std::string name = option_of(knob);
      with(name.c_str(), [&](const std::string& text) {
        if (name == "batch" && raw_.lists.contains(name)) {
          batches(knob, text);
        } else if (name == "precision" && raw_.lists.contains(name)) {
          precisions(knob, text);
        } else {
          options_.training[std::string(knob.id)] = training_knob(name, knob, text);
        }
      });
    }
  }

  static double training_knob(const std::string& name, const Knob& knob, const std::string& text) {
    try {
      return parse_knob("training", knob, text);
    } catch (const UsageError& error) {
      // As it is typed here, not as a knob.
      const std::string message = error.what();
      const std::size_t rest = message.find(" is not valid");
      if (rest == std::string::npos) throw;
      throw UsageError(name + " '" + text + "'" + message.substr(rest));
    }
  }

  void batches(const Knob& knob, const std::string& text) {
    for (const std::string& item : list("batch", text)) {
      const int batch = static_cast<int>(training_knob("batch", knob, item));
      if (std::count(options_.batches.begin(), options_.batches.end(), batch) > 0)
        throw UsageError("batch: " + item + " is given twice");
      options_.batches.push_back(batch);
    }
  }

  void precisions(const Knob& knob, const std::string& text) {
    for (const std::string& item : list("precision", text)) {
      const double precision = training_knob("precision", knob, item);
      if (std::count(options_.precisions.begin(), options_.precisions.end(), precision) > 0)
        throw UsageError("precision: " + item + " is given twice");
      options_.precisions.push_back(precision);
    }
  }

  void budget() {
    with("epochs", [&](const std::string& text) {
      options_.budget = {Budget::Kind::epochs, parse_number("epochs", text, 1e-3, 1e7)};
    });
    with("steps", [&](const std::string& text) {
      const auto steps = parse_whole("steps", text, 1, 1'000'000'000'000);
      options_.budget = {Budget::Kind::steps, static_cast<double>(steps)};
    });
    with("seconds", [&](const std::string& text) {
      options_.budget = {Budget::Kind::seconds, parse_number("seconds", text, 1e-3, 1e8)};
    });
  }

  void seeds() {
    with("seed", [&](const std::string& text) {
      options_.seeds = {parse_whole("seed", text, 0, any_number)};
    });
    with("seeds", [&](const std::string& text) {
      options_.seeds.clear();
      for (const std::string& item : list("seeds", text)) {
        const std::uint64_t seed = parse_whole("seeds", item, 0, any_number);
        if (std::count(options_.seeds.begin(), options_.seeds.end(), seed) > 0) {
          throw UsageError("seeds: " + item + " is given twice");
        }
        options_.seeds.push_back(seed);
      }
    });
  }

  const RawOptions& raw_;
  Options options_;
};

[[noreturn]] void refuse_extra(const VerbInterface& verb, const std::string& argument) {
  const std::string called = verb.verb.empty() ? "fieldscope" : "fieldscope " + verb.verb;
  const std::string see = "see '" + called + " --help'";
  if (!argument.starts_with("-")) {
    const bool data = verb.options.contains("data");
    throw UsageError("unexpected argument '" + argument + "'; " +
                     (data ? "give it as --data " + argument : see));
  }
  std::vector<std::string> valid = {"--help"};
  for (const std::string& name : verb.options) valid.push_back("--" + name);
  const std::string typed = argument.substr(0, argument.find('='));
  const std::string nearest = nearest_name(typed, valid);
  throw UsageError("unknown option '" + typed + "'; " +
                   (nearest.empty() ? see : "did you mean '" + nearest + "'?"));
}

}  // namespace

std::string budget_text(const Budget& budget) {
  char amount[32];
  std::snprintf(amount, sizeof amount, "%.10g", budget.amount);
  const std::string unit = budget.kind == Budget::Kind::epochs  ? "epoch"
                           : budget.kind == Budget::Kind::steps ? "step"
                                                                : "s of training";
  const bool plural = budget.kind != Budget::Kind::seconds && budget.amount != 1;
  return std::string(amount) + " " + unit + (plural ? "s" : "");
}

std::set<std::string> training_options() {
  return {"task",
          "data",
          "activation",
          "optimizer",
          "hidden",
          "batch",
          "eval-every",
          "precision",
          "network",
          "samples",
          "space",
          "density",
          "density-scale",
          "background",
          "grid",
          "eval-views",
          "eval-pixels",
          "spread",
          "size",
          "epochs",
          "steps",
          "seconds",
          "seed",
          "seeds",
          "device",
          "threads",
          "out",
          "config",
          "quiet",
          "json",
          "curvature-every",
          "curvature",
          "resolution"};
}

namespace {

constexpr std::uint64_t most_config_bytes = 16'000'000;

}  // namespace

void merge_config_file(RawOptions& raw, const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& reason) {
    throw DataError("cannot read configuration '" + file.string() + "': " + reason);
  };
  const std::string text = read_whole_file(file, "configuration", most_config_bytes);
  if (nests_too_deeply(text)) refuse("it nests too deeply for a configuration");
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    refuse(json_fault(text, error.byte));
  }
  if (!json.is_object()) {
    refuse("it is not a JSON object; write {\"optimizer\": \"esgd:lr=0.1\", \"epochs\": 10}");
  }
  if (json.contains("program") && json.contains("config")) json = nlohmann::json(json["config"]);

  const bool budget_given = any_of_group(raw, budgets);
  const bool seed_given = any_of_group(raw, seed_options);
  std::vector<std::string> names;
  for (const OptionText& option : option_texts) {
    if (std::string(option.name) != "config") names.emplace_back(option.name);
  }
  for (const auto& [key, value] : json.items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      refuse_name("option in '" + file.string() + "':", key, names);
    }
    const auto in_group = [&](std::span<const char* const> group) {
      return std::find(group.begin(), group.end(), name) != group.end();
    };
    if ((budget_given && in_group(budgets)) || (seed_given && in_group(seed_options))) continue;
    if (value.is_null()) continue;
    try {
      raw.values.emplace(name, json_value_text(name, value));
    } catch (const UsageError& error) {
      throw UsageError("'" + file.string() + "': " + error.what());
    }
  }
}

Options check_options(const RawOptions& raw) {
  return Checker(raw).check();
}

std::optional<Options> parse_arguments(const VerbInterface& verb,
                                       const std::vector<std::string>& arguments) {
  const std::string called = verb.verb.empty() ? "fieldscope" : "fieldscope " + verb.verb;
  CLI::App app(verb.purpose, called);
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
  for (const OptionText& option : option_texts) {
    if (!verb.options.contains(option.name)) continue;
    const std::string name = std::string("--") + option.name;
    if (!option.value) {
      app.add_flag(name, flags[option.name], option.help);
    } else {
      app.add_option(name, values[option.name], option.help)
          ->allow_extra_args(false)
          ->type_name(verb.lists.contains(option.name) ? list_of(option) : option.value);
    }
  }
  RawOptions raw;
  raw.lists = verb.lists;
  raw.trains = verb.options.contains("epochs");
  if (!verb.positional.empty()) app.add_option(verb.positional, raw.files);
  app.footer("Activations, optimizers and their knobs: fieldscope info");
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see '" + called + " --help'");
  }
  if (!app.remaining().empty()) refuse_extra(verb, app.remaining().front());
  for (const auto& [name, texts] : values) {
    if (texts.empty()) continue;
    const bool is_list = name == "activation" || name == "optimizer" || name == "seeds" ||
                         name == "hidden" || name == "workload" || verb.lists.contains(name);
    std::string text = texts.back();  // of a single value the last one counts
    for (std::size_t i = texts.size() - 1; is_list && i-- > 0;) text = texts[i] + "," + text;
    if (name == "config") {
      raw.config = text;
    } else {
      raw.values[name] = text;
    }
  }
  for (const auto& [name, given] : flags) {
    if (given) raw.values[name] = "true";
  }
  if (raw.config.empty()) return check_options(raw);
  check_options(raw);  // what is wrong after this is wrong in the file
  merge_config_file(raw, raw.config);
  try {
    return check_options(raw);
  } catch (const UsageError& error) {
    throw UsageError("with '" + raw.config + "': " + error.what());
  }
}

std::string options_json(const Options& options) {
  nlohmann::ordered_json json;
  json["task"] = options.task;
  if (options.data) json["data"] = std::filesystem::absolute(*options.data).string();
  for (const FieldSpec& spec : options.activations) {
    json["activation"].push_back(activation_text(spec));
  }
  for (const OptimizerSpec& spec : options.optimizers) {
    json["optimizer"].push_back(optimizer_text(spec));
  }
  if (!options.hidden.empty()) json["hidden"] = options.hidden;
  const std::span<const Knob> knobs = training_knobs(find_task(options.task).kind);
  for (const auto& [id, value] : options.training) {
    if (!is_option(id)) continue;  // only runs in the window have a use for it
    const Knob* knob = find_knob(knobs, id);
    if (knob && knob->scale == KnobScale::choice) {
      json[id] = format_knob(*knob, value);  // the word that --config takes
    } else if (value == std::floor(value)) {
      json[id] = static_cast<std::int64_t>(value);
    } else {
      json[id] = value;
    }
  }
  for (const double precision : options.precisions)
    json["precision"].push_back(format_knob(*find_knob(knobs, "precision"), precision));
  if (options.width > 0) {
    json["size"] = std::to_string(options.width) + "x" + std::to_string(options.height);
  }
  if (options.resolution > 0) json["resolution"] = options.resolution;
  if (options.curvature_every > 0) json["curvature_every"] = options.curvature_every;
  if (!options.curvature.empty()) json["curvature"] = curvature_text(options.curvature);
  const char* kind = options.budget.kind == Budget::Kind::epochs  ? "epochs"
                     : options.budget.kind == Budget::Kind::steps ? "steps"
                                                                  : "seconds";
  if (options.budget.amount == std::floor(options.budget.amount)) {
    json[kind] = static_cast<std::uint64_t>(options.budget.amount);
  } else {
    json[kind] = options.budget.amount;
  }
  json["seeds"] = options.seeds;
  json["device"] = find_device(options.device);
  json["threads"] = options.threads;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace fieldscope
