#include "app/gui/load_watch.h"

#include "engine/math/error.h"

namespace fieldscope::gui {

LoadProgress LoadWatch::progress() {
  return [this](double share, const char* stage) {
    if (cancelled_.load()) throw Cancelled();
    share_.store(share);
    stage_.store(stage);
    wake_();
  };
}

std::optional<double> LoadWatch::share() const {
  const double share = share_.load();
  if (share < 0) return std::nullopt;
  return share;
}

std::optional<double> LoadWatch::seconds_left(double now) const {
  constexpr double least_seconds = 0.7, least_share = 0.05;
  const double share = share_.load(), taken = now - began_;
  if (share < least_share || taken < least_seconds) return std::nullopt;
  return taken * (1 - share) / share;
}

}  // namespace fieldscope::gui
