// Short messages at the lower left of the centre: what happened, where, and one thing to do about
// it. UI thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "app/gui/theme.h"

namespace fieldscope::gui {

// `text` broken into lines of at most `width` pixels: at spaces, and within a word only where it is
// longer than a line, then after a slash if there is one. At most `most` lines, an ellipsis after
// the last if that was not enough.
std::vector<std::string> wrap_text(const ImFont* font, const std::string& text, float width,
                                   std::size_t most);

class Toasts {
 public:
  enum class Kind { saved, info, trouble };
  struct Toast {
    Kind kind = Kind::info;
    std::string title, text;
    std::string action;  // name of the button, empty for none
    std::function<void()> act;
    double seconds = 0;  // how long it stays; 0: as its kind needs
    std::uint64_t id = 0;
    double left = 0;
  };

  std::uint64_t add(Toast toast);
  void dismiss(std::uint64_t id);
  // Gives a toast its action, where that needs to know the toast.
  void act(std::uint64_t id, std::function<void()> act);
  // `corner`: lower left corner of the space they may take.
  void draw(Ui& ui, ImVec2 corner, double elapsed);
  const std::deque<Toast>& all() const { return toasts_; }
  // Every text so far, newest last, for tests.
  const std::vector<std::string>& log() const { return log_; }

 private:
  bool draw_one(Ui& ui, Toast& toast, float left, float& bottom, double elapsed);

  std::deque<Toast> toasts_;
  std::vector<std::string> log_;
  std::uint64_t next_id_ = 1;
};

}  // namespace fieldscope::gui
