#include "app/gui/autosave.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "app/gui/format.h"
#include "app/gui/future.h"

namespace fieldscope::gui {
namespace {

namespace fs = std::filesystem;

constexpr const char* extension = ".fieldscope";

// Session folders are called "<dataset> <date> <time>.fieldscope".
std::string dataset_of(const fs::path& folder) {
  std::string name = folder.stem().string();
  for (int word = 0; word < 2; ++word) name = name.substr(0, name.find_last_of(' '));
  return name;
}

std::string name_for(const Dataset& dataset) {
  const std::string stem = fs::path(dataset.name).stem().string();
  return stem + " " + format_now("%Y-%m-%d %H.%M.%S") + extension;
}

std::time_t seconds_since_1970(fs::file_time_type time) {
  // Clocks of files have no other way to the calendar in this standard library.
  const auto age = fs::file_time_type::clock::now() - time;
  return std::time(nullptr) - std::chrono::duration_cast<std::chrono::seconds>(age).count();
}

}  // namespace

Autosave::Autosave(fs::path folder) : folder_(std::move(folder)) {
  struct Found {
    fs::path folder;
    fs::file_time_type written;
  };
  std::vector<Found> found;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() != extension) continue;
    const auto written = fs::last_write_time(it->path() / "experiment.json", error);
    if (!error) found.push_back({it->path(), written});
    error.clear();
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.written > b.written; });
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i >= kept) {
      fs::remove_all(found[i].folder, error);
      continue;
    }
    earlier_.push_back({found[i].folder, dataset_of(found[i].folder),
                        format_day(seconds_since_1970(found[i].written), std::time(nullptr))});
  }
}

bool Autosave::tick(Experiment& experiment, std::uint64_t state, double now) {
  if (!last_) last_ = now;
  bool saved = false;
  std::erase_if(left_, ready<fs::path>);
  if (ready(saving_)) {
    try {
      saving_.get();
      told_ = false;
      saved = true;
    } catch (const std::exception&) {
      saved_state_ = 0;
      if (!std::exchange(told_, true)) throw;
    }
  }
  if (!saving_.valid() && state != saved_state_ && now - *last_ >= interval)
    save(experiment, state, now);
  return saved;
}

void Autosave::save(Experiment& experiment, std::uint64_t state, double now) {
  last_ = now;
  saved_state_ = state;
  if (session_.empty()) session_ = folder_ / name_for(*experiment.dataset());
  std::error_code error;  // writing says what is wrong
  fs::create_directories(folder_, error);
  saving_ = experiment.save(session_);
}

// What lived for less than a minute and was never saved is not worth a place in the list.
bool Autosave::worth_keeping(double now) const {
  return !session_.empty() || (last_ && now - *last_ >= interval);
}

fs::path Autosave::begin_another(Experiment& experiment, std::uint64_t state, double now) {
  if (!saving_.valid() && state != saved_state_ && worth_keeping(now)) save(experiment, state, now);
  if (saving_.valid()) left_.push_back(std::move(saving_));
  saving_ = {};
  saved_state_ = 0;
  last_ = now;
  const fs::path left = std::exchange(session_, {});
  if (!left.empty())
    earlier_.insert(earlier_.begin(), {left, dataset_of(left), "today " + format_clock_now()});
  return left;
}

void Autosave::finish(Experiment& experiment, std::uint64_t state, double now) {
  if (saving_.valid()) saving_.wait();
  if (state != saved_state_ && worth_keeping(now)) save(experiment, state, now);
  // Nobody is left to tell of a failure.
  if (saving_.valid()) saving_.wait();
  for (auto& save : left_) save.wait();
}

}  // namespace fieldscope::gui
