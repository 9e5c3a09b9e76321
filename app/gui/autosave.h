// Keeps the comparison without being asked: once a minute, into a folder of its own under
// state_folder(). A few are kept, and the next start offers the newest. UI thread only; the writing
// itself happens beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "engine/experiment/experiment.h"

namespace fieldscope::gui {

class Autosave {
 public:
  static constexpr std::size_t kept = 5;  // earlier sessions
  static constexpr double interval = 60;  // seconds from one to the next

  struct Session {
    std::filesystem::path folder;
    std::string dataset;  // "lighthouse"
    std::string when;     // "today 12:04", "21 Nov 12:04"
  };

  // Looks for earlier sessions in `folder` and deletes the oldest beyond `kept`.
  explicit Autosave(std::filesystem::path folder);

  // Newest first: those of earlier windows, and what this one has left behind.
  const std::vector<Session>& earlier() const { return earlier_; }

  // Saves when it is time and something has changed. `state`: any number that changes with the
  // experiment; `now`: seconds on a clock that never goes back. True when a save has just ended.
  // Throws DataError once when saving has become impossible; the next try is a minute later.
  bool tick(Experiment& experiment, std::uint64_t state, double now);
  // Another dataset comes: what there is goes to its folder, what follows to a new one. Does not
  // wait. Gives the folder, empty if it was not worth keeping.
  std::filesystem::path begin_another(Experiment& experiment, std::uint64_t state, double now);
  // The window closes: the last state of a session that is worth keeping. Waits for the files.
  void finish(Experiment& experiment, std::uint64_t state, double now);

 private:
  bool worth_keeping(double now) const;
  void save(Experiment& experiment, std::uint64_t state, double now);

  std::filesystem::path folder_, session_;  // session_: empty until the first save
  std::vector<Session> earlier_;
  std::future<std::filesystem::path> saving_;
  std::vector<std::future<std::filesystem::path>> left_;  // of sessions that another has followed
  std::optional<double> last_;                            // when the last one began, or the session
  std::uint64_t saved_state_ = 0;
  bool told_ = false;
};

}  // namespace fieldscope::gui
