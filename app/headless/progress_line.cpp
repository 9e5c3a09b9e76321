#include "app/headless/progress_line.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/headless/text.h"

namespace fieldscope {
namespace {

constexpr auto bar_interval = std::chrono::milliseconds(100);
constexpr auto line_interval = std::chrono::seconds(10);
constexpr std::size_t bar_cells = 24;

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%3.0f%%", 100 * std::clamp(share, 0.0, 1.0));
  return text;
}

std::string loss_text(double loss) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", loss);
  return text;
}

/// What both forms say: metric, rate, time left.
std::string measured(const ProgressLine::State& state) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "  ") + part; };
  if (!state.at.empty()) {
    add(state.at);
  } else if (!std::isnan(state.score)) {
    add(metric_text(state.task, state.score));
  } else if (!std::isnan(state.loss)) {
    add("loss " + loss_text(state.loss));
  }
  if (state.steps_per_second > 0) add(rate_text(state.steps_per_second) + " steps/s");
  if (std::isfinite(state.seconds_left))
    add(duration_text(std::round(state.seconds_left)) + " left");
  if (state.measuring) add(state.task == TaskKind::image ? "measuring the picture" : "measuring");
  return text.empty() ? "starting" : text;
}

}  // namespace

ProgressLine::Mode ProgressLine::mode_for(bool quiet) {
  if (quiet) return Mode::silent;
  return isatty(STDERR_FILENO) ? Mode::bar : Mode::lines;
}

ProgressLine::ProgressLine(Mode mode, std::string label)
    : mode_(mode), label_(std::move(label)), shown_(Clock::now()) {}

ProgressLine::~ProgressLine() {
  if (bar_visible_) std::fputs("\r\x1b[K", stderr);
}

bool ProgressLine::due() const {
  if (mode_ == Mode::silent) return false;
  const auto since = Clock::now() - shown_;
  return mode_ == Mode::bar ? since >= bar_interval : since >= line_interval;
}

void ProgressLine::show(const State& state) {
  shown_ = Clock::now();
  if (mode_ == Mode::bar) {
    std::fprintf(stderr, "\r%s\x1b[K", bar_text(label_, state, terminal_columns() - 1).c_str());
    std::fflush(stderr);
    bar_visible_ = true;
  } else if (mode_ == Mode::lines) {
    std::fprintf(stderr, "%s\n", line_text(label_, state).c_str());
  }
}

std::string ProgressLine::bar_text(const std::string& label, const State& state,
                                   std::size_t columns) {
  const auto filled = static_cast<std::size_t>(
      std::lround(std::clamp(state.share, 0.0, 1.0) * static_cast<double>(bar_cells)));
  std::string bar;
  for (std::size_t i = 0; i < bar_cells; ++i) bar += i < filled ? "━" : "─";
  return clipped_to(label + "  " + bar + " " + percent(state.share) + "  " + measured(state),
                    columns);
}

std::string ProgressLine::line_text(const std::string& label, const State& state) {
  const std::string share =
      percent(state.share).substr(state.share < 0.995 ? (state.share < 0.095 ? 2 : 1) : 0);
  const std::string at =
      state.counts_steps ? "step " + std::to_string(state.step) + " (" + share + ")" : share;
  return label + ": " + at + ", " + measured(state);
}

}  // namespace fieldscope
