#include "app/headless/verbs.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <new>

#include "app/headless/names.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

struct Verb {
  VerbInterface interface;
  std::function<int(const Options&, const Surroundings&)> run;
};

VerbInterface curvature_interface() {
  std::set<std::string> options = training_options();
  options.insert("model");
  return {"curvature", "spectrum, condition numbers, trace, density of Hv",
          "Diagnoses the curvature of a trained network (--model, with --data as it "
          "was trained on), or trains one first.",
          std::move(options)};
}

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> list = {
      {{"train", "one run",
        "Trains one run and leaves its curves, its picture or mesh and its weights. Ctrl-C ends it "
        "early: "
        "what "
        "there is is written, and the exit status is 1.",
        training_options()},
       run_train},
      {{"compare",
        "several optimizers or activations, side by side",
        "Trains several optimizers (or activations, or precisions) from the same seed, weights and "
        "batch order, one after the other, and draws them side by side. Ctrl-C ends it early: what "
        "there is is written, and the exit status is 1.",
        training_options(),
        "",
        {"precision"}},
       run_compare},
      {{"verify",
        "derivatives and optimizers against reference files",
        "Checks derivatives and optimizers against reference files.",
        {"fixtures", "device", "threads", "config", "quiet", "json"}},
       [](const Options& options, const Surroundings&) { return run_verify(options); }},
      {{"replay",
        "a saved experiment, to the same bits",
        "Trains every run of a saved experiment again, from its seed and with its recorded "
        "changes, and compares the weights bit for bit.",
        {"device", "threads", "quiet", "json"},
        "EXPERIMENT"},
       [](const Options& options, const Surroundings&) { return run_replay(options); }},
      {{"render",
        "a picture from trained weights, at any size, or a camera's way through a scene",
        "Draws the picture that a network has learned, at any size; or what a camera sees of a "
        "radiance field (with the views that it learned from: --data) on its way, as pictures and "
        "a video. Ctrl-C ends it early: the video holds what there is, and the exit status is 1.",
        {"model", "data", "path", "frames", "fps", "mode", "samples", "background", "size",
         "activation", "device", "threads", "out", "config", "quiet", "json"}},
       [](const Options& options, const Surroundings&) { return run_render(options); }},
      {{"mesh",
        "the surface of a trained occupancy field",
        "Draws the surface of an occupancy field as a closed mesh, in the coordinates of the file "
        "that it was learned from; with that file (--data) also how far it is from the true one.",
        {"model", "data", "resolution", "format", "size", "activation", "device", "threads", "out",
         "config", "quiet", "json"}},
       run_mesh},
      {curvature_interface(), run_curvature},
      {{"bench",
        "how fast this machine trains, against its arithmetic peak",
        "Times passes and training steps on minibatches of noise, and the machine's peak of "
        "multiply-adds in between. Without options: sine at batches 512, 4096, 16384 and 65536, "
        "the other activations at 16384. With --task nerf: rays, sine at 64 and 1024, the others "
        "at 64.",
        {"task", "network", "samples", "activation", "hidden", "batch", "workload", "all",
         "repeats", "precision", "device", "threads", "out", "config", "quiet", "json"},
        "",
        {"batch"}},
       [](const Options& options, const Surroundings&) { return run_bench(options); }},
      {{"info",
        "this program and this machine",
        "Says what this program and this machine can do.",
        {"config", "quiet", "json"}},
       [](const Options& options, const Surroundings& surroundings) {
         return run_info(options, surroundings);
       }},
  };
  return list;
}

constexpr const char* later_verbs[] = {"reproduce"};

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) names.push_back(verb.interface.verb);
  return names;
}

/// Always one line, whatever a file name brought along.
int report(const std::string& message, int code) {
  std::string line = message;
  // Control characters as well: a name must not command the terminal.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return std::iscntrl(static_cast<unsigned char>(c)); },
      ' ');
  std::fprintf(stderr, "fieldscope: %s\n", line.c_str());
  return code;
}

/// The code, unless what was printed did not arrive. A reader who has gone (`| head`) wants no
/// word.
int whole_output(int code) {
  std::cout.flush();
  errno = 0;
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout;
  if (!lost) return code;
  if (errno != EPIPE) {
    report(std::string("cannot write to standard output") +
               (errno != 0 ? std::string(": ") + std::strerror(errno) : "") +
               "; what it was to say is not whole",
           ExitCode::fell_short);
  }
  return code == ExitCode::done ? ExitCode::fell_short : code;
}

}  // namespace

int with_exit_code(const std::function<int()>& body) {
  try {
    return whole_output(body());
  } catch (const UsageError& error) {
    return report(error.what(), ExitCode::wrong_usage);
  } catch (const DataError& error) {
    return report(error.what(), ExitCode::unreadable_data);
  } catch (const DeviceError& error) {
    return report(error.what(), ExitCode::no_device);
  } catch (const std::bad_alloc&) {
    return report("there is not enough memory; take a smaller --size, --hidden or --batch",
                  ExitCode::fell_short);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(error.what(), ExitCode::unreadable_data);
  } catch (const std::exception& error) {
    return report(error.what(), ExitCode::fell_short);
  }
}

bool is_verb(const std::string& word) {
  const auto names = verb_names();
  return std::find(names.begin(), names.end(), word) != names.end() ||
         std::find(std::begin(later_verbs), std::end(later_verbs), word) != std::end(later_verbs);
}

int run_verb(const std::string& verb, const std::vector<std::string>& arguments,
             const Surroundings& surroundings) {
  for (const Verb& candidate : verbs()) {
    if (candidate.interface.verb != verb) continue;
    const std::optional<Options> options = parse_arguments(candidate.interface, arguments);
    return options ? candidate.run(*options, surroundings) : ExitCode::done;
  }
  std::string names;
  for (const std::string& name : verb_names()) names += (names.empty() ? "" : ", ") + name;
  throw UsageError("'" + verb + "' is not yet in this version; it has " + names);
}

std::optional<Options> parse_window_arguments(const std::vector<std::string>& arguments) {
  const VerbInterface window = {
      "",
      "the window",
      "Opens the window, with these pictures or this saved experiment.",
      {"task", "data", "activation", "optimizer", "hidden", "batch", "eval-every", "size", "seed",
       "device", "threads", "window", "report", "config"},
      "FILE"};
  return parse_arguments(window, arguments);
}

std::string overview(bool window) {
  std::string text = "fieldscope " FIELDSCOPE_VERSION ": watch neural fields learn.\n\n";
  if (window)
    text += "  fieldscope [FILE...]   opens the window, with a picture or a saved experiment\n";
  text += "  fieldscope VERB ...    works without a window:\n\n";
  for (const Verb& verb : verbs()) {
    text += "    " + verb.interface.verb + std::string(10 - verb.interface.verb.size(), ' ') +
            verb.interface.brief + "\n";
  }
  return text + "\n'fieldscope VERB --help' lists the options of a verb.\n";
}

void refuse_mistyped_verb(const std::string& word) {
  if (word.starts_with("-") || std::filesystem::exists(word)) return;
  if (word.find_first_of("./\\") != std::string::npos) return;
  refuse_name("verb or file", word, verb_names());
}

}  // namespace fieldscope
