#include "app/headless/names.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/curvature/study.h"
#include "engine/math/error.h"
#include "engine/optim/registry.h"
#include "engine/train/config.h"

namespace fieldscope {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
int typing_errors(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// 10000000, not 1e+07.
std::string range_end(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) {
    return std::to_string(static_cast<long long>(value));
  }
  return exact_number(value);
}

template <class Entry>
std::vector<std::string> ids_of(std::span<const Entry> entries) {
  std::vector<std::string> ids;
  for (const Entry& entry : entries) ids.emplace_back(entry.id);
  return ids;
}

struct NamedKnobs {
  std::string name;
  std::vector<std::pair<std::string, std::string>> knobs;
};

NamedKnobs parse_named_knobs(std::string_view what, std::string_view text,
                             std::span<const std::string> valid) {
  const std::vector<std::string> pieces = split(text, ':');
  NamedKnobs named{pieces.empty() ? "" : pieces[0], {}};
  if (std::find(valid.begin(), valid.end(), named.name) == valid.end()) {
    refuse_name(what, named.name, valid);
  }
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const std::size_t equals = pieces[i].find('=');
    if (equals == std::string::npos) {
      throw UsageError(named.name + ": '" + pieces[i] + "' is not a knob; write " + named.name +
                       ":knob=value");
    }
    named.knobs.emplace_back(split(pieces[i].substr(0, equals) + " ", '=')[0],
                             pieces[i].substr(equals + 1));
  }
  return named;
}

KnobValues parse_knobs(const NamedKnobs& named, std::span<const Knob> knobs) {
  KnobValues values;
  for (const auto& [id, text] : named.knobs) {
    const Knob* knob = find_knob(knobs, id);
    if (!knob) {
      std::vector<std::string> ids;
      for (const Knob& other : knobs) ids.emplace_back(other.id);
      refuse_name("knob of " + named.name, id, ids);
    }
    values[id] = parse_knob(named.name, *knob, text);
  }
  return values;
}

std::string knobs_text(const KnobValues& values, std::span<const Knob> knobs) {
  std::string text;
  for (const Knob& knob : knobs) {  // in the registry's order
    const auto value = values.find(knob.id);
    if (value == values.end()) continue;
    const bool named = knob.scale == KnobScale::choice || knob.scale == KnobScale::toggle;
    text += ":" + std::string(knob.id) + "=" +
            (named ? format_knob(knob, value->second) : exact_number(value->second));
  }
  return text;
}

/// Without the first colon.
std::string only_knobs_text(const KnobValues& values, std::span<const Knob> knobs) {
  const std::string text = knobs_text(values, knobs);
  return text.empty() ? text : text.substr(1);
}

}  // namespace

std::string exact_number(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "0";
}

std::string nearest_name(std::string_view given, std::span<const std::string> valid) {
  std::string nearest;
  int fewest = std::numeric_limits<int>::max();
  const std::string typed = lower(given);
  for (const std::string& name : valid) {
    const std::string word = lower(name);
    // A beginning counts as near: "wave" means "wavelet".
    const bool begins = typed.size() >= 2 && word.starts_with(typed);
    const int errors = begins ? 1 : typing_errors(typed, word);
    if (errors < fewest) {
      fewest = errors;
      nearest = name;
    }
  }
  const std::size_t bearable = given.size() < 4 ? 1 : std::max<std::size_t>(2, given.size() / 3);
  return fewest <= static_cast<int>(bearable) ? nearest : "";
}

void refuse_name(std::string_view what, std::string_view given,
                 std::span<const std::string> valid) {
  std::string message = "unknown " + std::string(what) + " '" + std::string(given) + "'";
  const std::string nearest = nearest_name(given, valid);
  if (!nearest.empty()) message += "; did you mean '" + nearest + "'?";
  if (valid.empty()) throw UsageError(message + "; it has none");
  message += nearest.empty() ? "; choose one of " : " Valid: ";
  for (std::size_t i = 0; i < valid.size(); ++i) message += (i ? ", " : "") + valid[i];
  throw UsageError(message);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  if (text.empty()) return pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    std::string_view piece = text.substr(0, end);
    while (!piece.empty() && piece.front() == ' ') piece.remove_prefix(1);
    while (!piece.empty() && piece.back() == ' ') piece.remove_suffix(1);
    pieces.emplace_back(piece);
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

double parse_number(std::string_view what, std::string_view text, double low, double high) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || value < low || value > high) {
    throw UsageError(std::string(what) + " '" + std::string(text) +
                     "' is not valid; give a number from " + range_end(low) + " to " +
                     range_end(high));
  }
  return value;
}

std::uint64_t parse_whole(std::string_view what, std::string_view text, std::uint64_t low,
                          std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < low || value > high) {
    throw UsageError(std::string(what) + " '" + std::string(text) +
                     "' is not valid; give a whole number from " + std::to_string(low) + " to " +
                     std::to_string(high));
  }
  return value;
}

OptimizerSpec parse_optimizer(std::string_view text) {
  const NamedKnobs named = parse_named_knobs("optimizer", text, optimizer_ids());
  return {named.name, parse_knobs(named, find_optimizer(named.name).knobs)};
}

FieldSpec parse_activation(std::string_view text) {
  const NamedKnobs named = parse_named_knobs("activation", text, activation_ids());
  FieldSpec spec;
  spec.activation = named.name;
  spec.knobs = parse_knobs(named, find_activation(named.name).knobs);
  return spec;
}

namespace {

/// Knobs of something that has no other names.
KnobValues parse_only_knobs(const std::string& of, std::string_view text,
                            std::span<const Knob> knobs) {
  return parse_knobs(parse_named_knobs("", of + ":" + std::string(text), std::span(&of, 1)), knobs);
}

}  // namespace

KnobValues parse_curvature(std::string_view text) {
  return parse_only_knobs("curvature", text, curvature_knobs());
}

KnobValues parse_training(TaskKind task, std::string_view text) {
  return parse_only_knobs("training", text, training_knobs(task));
}

std::string curvature_text(const KnobValues& values) {
  return only_knobs_text(values, curvature_knobs());
}

std::string training_text(TaskKind task, const KnobValues& values) {
  return only_knobs_text(values, training_knobs(task));
}

std::string optimizer_text(const OptimizerSpec& spec) {
  KnobValues telling = spec.knobs;  // without knobs that mean nothing here
  std::erase_if(telling, [&](const auto& knob) { return !schedule_uses(spec.knobs, knob.first); });
  return spec.id + knobs_text(telling, find_optimizer(spec.id).knobs);
}

std::string activation_text(const FieldSpec& spec) {
  const ActivationEntry& entry = find_activation(spec.activation);
  KnobValues telling = spec.knobs;  // without knobs that mean nothing here
  std::erase_if(telling, [&](const auto& knob) {
    const auto& [id, value] = knob;
    return !encoding_uses(spec.knobs, id) ||
           (id == "encoding" && value == find_knob(entry.knobs, id)->default_value);
  });
  return spec.activation + knobs_text(telling, entry.knobs);
}

std::vector<std::string> optimizer_ids() {
  return ids_of(optimizers());
}
std::vector<std::string> activation_ids() {
  return ids_of(activations());
}

}  // namespace fieldscope
