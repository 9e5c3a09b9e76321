// The verbs: everything that Fieldscope does without a window. Called on the main thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/headless/options.h"
#include "app/picture_maker.h"

namespace fieldscope {

/// The documented exit codes.
struct ExitCode {
  static constexpr int done = 0;
  static constexpr int fell_short = 1;  ///< a run failed or a check fell short
  static constexpr int wrong_usage = 2;
  static constexpr int unreadable_data = 3;
  static constexpr int no_device = 4;
};

/// What the verbs cannot know by themselves, because only the window's part of the program does.
struct Surroundings {
  bool window = false;  ///< the build has one
  /// Name of the OpenGL renderer, or why there is none; may be empty.
  std::function<std::string()> gl_renderer;
  MeshPictureMaker mesh_pictures;  ///< may be empty
};

/// Runs `body` and turns what it throws into one line on standard error and the exit code.
int with_exit_code(const std::function<int()>& body);

bool is_verb(const std::string& word);
/// Throws what the documented errors are made of; see with_exit_code().
int run_verb(const std::string& verb, const std::vector<std::string>& arguments,
             const Surroundings& surroundings);

/// What the window takes: files, and the options that say what its runs are. Nothing when --help
/// was asked for and printed. Throws UsageError, DataError.
std::optional<Options> parse_window_arguments(const std::vector<std::string>& arguments);

/// What `fieldscope --help` prints.
std::string overview(bool window);

/// Throws UsageError if `word` looks like a mistyped verb rather than a file.
void refuse_mistyped_verb(const std::string& word);

// One file each.
int run_train(const Options& options, const Surroundings& surroundings);
int run_compare(const Options& options, const Surroundings& surroundings);
int run_verify(const Options& options);
int run_replay(const Options& options);
int run_render(const Options& options);
int run_mesh(const Options& options, const Surroundings& surroundings);
int run_curvature(const Options& options, const Surroundings& surroundings);
int run_bench(const Options& options);
int run_info(const Options& options, const Surroundings& surroundings);

}  // namespace fieldscope
