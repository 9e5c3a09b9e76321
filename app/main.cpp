// Command line: a verb works without a window; anything else opens one.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/headless/plan.h"
#include "app/headless/verbs.h"
#include "engine/math/error.h"

#ifdef FIELDSCOPE_GUI
#include "app/gl/offscreen.h"
#include "app/gl/renderer_name.h"
#include "app/gui/application.h"
#endif

namespace fieldscope {
namespace {

#ifdef FIELDSCOPE_GUI
constexpr bool has_window = true;
#else
constexpr bool has_window = false;
#endif

int open_window(const std::vector<std::string>& arguments) {
  const std::optional<Options> options = parse_window_arguments(arguments);
  if (!options) return ExitCode::done;
#ifdef FIELDSCOPE_GUI
  WindowOptions window;
  if (options->data) window.files.push_back(*options->data);
  window.files.insert(window.files.end(), options->files.begin(), options->files.end());
  if (asks_for_runs(*options)) {
    for (RunPlan& plan : plan_compare(*options, options->seeds.front())) {
      window.runs.push_back(std::move(plan.config));
    }
  }
  window.task = find_task(options->task).kind;
  if (options->width > 0) window.longest_side = std::max(options->width, options->height);
  window.threads = options->threads;
  window.device = options->device;
  window.width = options->window_width;
  window.height = options->window_height;
  window.report = options->report;
  return run_window(window);
#else
  throw UsageError("this build has no window; the verbs work without one: see 'fieldscope --help'");
#endif
}

int run(const std::vector<std::string>& arguments) {
  if (!arguments.empty()) {
    const std::string& first = arguments.front();
    if (first == "--help" || first == "-h" || first == "help") {
      std::fputs(overview(has_window).c_str(), stdout);
      return ExitCode::done;
    }
    if (first == "--version") {
      std::puts("fieldscope " FIELDSCOPE_VERSION);
      return ExitCode::done;
    }
    if (is_verb(first)) {
      Surroundings surroundings;
      surroundings.window = has_window;
#ifdef FIELDSCOPE_GUI
      surroundings.gl_renderer = gl::renderer_name;
      // One studio for all pictures of the call, opened for the first.
      surroundings.mesh_pictures = [studio = std::shared_ptr<gl::PictureStudio>()](
                                       const Mesh& mesh, const Camera& camera,
                                       const MeshStyle& style, int width, int height,
                                       const SectionImage* section) mutable {
        if (!studio) studio = std::make_shared<gl::PictureStudio>();
        return studio->picture(mesh, camera, style, width, height, section);
      };
#endif
      return run_verb(first, {arguments.begin() + 1, arguments.end()}, surroundings);
    }
    refuse_mistyped_verb(first);
  }
  return open_window(arguments);
}

}  // namespace
}  // namespace fieldscope

int main(int count, char** values) {
  // A reader who goes away (`2>&1 | head`) must not take the results along: writing just fails.
  std::signal(SIGPIPE, SIG_IGN);
  return fieldscope::with_exit_code([&] { return fieldscope::run({values + 1, values + count}); });
}
