// Ctrl-C (and a polite kill) as a question that loops ask between two steps. The first is
// answered on standard error at once, a second one ends the program. One guard at a time; made and
// asked on the main thread.
#pragma once

namespace fieldscope {

class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether the person has asked for the end since the guard was made.
  bool requested() const;
};

}  // namespace fieldscope
