// The three ways in which a request can be refused. Each message is one line: what, where, and what
// to do about it. The command line maps them to its documented exit codes; a worker thread turns
// them into a failed run; the window shows them as toasts.
#pragma once

#include <stdexcept>
#include <string>

namespace fieldscope {

/// The request itself is wrong: unknown name, value out of range (exit code 2).
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A file cannot be read or written, or holds something else than it should (exit code 3).
struct DataError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The device asked for is not there or has too little memory (exit code 4).
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Not an error: work was given up because nobody wants it any more.
struct Cancelled : std::runtime_error {
  Cancelled() : std::runtime_error("cancelled") {}
};

}  // namespace fieldscope
