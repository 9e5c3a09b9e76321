#include "app/headless/interrupt.h"

#include <csignal>

#include <unistd.h>

namespace fieldscope {
namespace {

// A signal handler can reach nothing but a variable of this kind, and of all output only write().
volatile std::sig_atomic_t interrupted = 0;

constexpr char answer[] = "\ninterrupted: writing the results (again to drop them)\n";

void note(int) {
  interrupted = 1;
  // On a terminal the bar's line ends first; elsewhere nothing stands on the line.
  const std::size_t skip = isatty(STDERR_FILENO) ? 0 : 1;
  [[maybe_unused]] const ssize_t ignored =
      ::write(STDERR_FILENO, answer + skip, sizeof answer - 1 - skip);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second is deadly again
  sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  handle(SIGINT, note);
  handle(SIGTERM, note);
}

InterruptGuard::~InterruptGuard() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
}

bool InterruptGuard::requested() const {
  return interrupted != 0;
}

}  // namespace fieldscope
