#include "app/headless/scene_record.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "app/headless/names.h"
#include "app/headless/text.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr double tolerance = 0.02;
constexpr const char *forward = "forward", *around = "around";

std::string numbers_text(std::initializer_list<Vec3> vectors) {
  std::string text;
  for (const Vec3& v : vectors)
    for (const float number : {v.x, v.y, v.z})
      text += (text.empty() ? "" : ",") + exact_number(number);
  return text;
}

/// The entries of a file, which must be there and what they should be.
class Entries {
 public:
  explicit Entries(const std::map<std::string, std::string>& said) : said_(said) {}

  const std::string& text(const char* key) const {
    const auto own = said_.find(key);
    if (own == said_.end()) throw UsageError(std::string("it does not say the ") + key + missing);
    return own->second;
  }

  std::vector<double> numbers(const char* key, std::size_t count) const {
    std::vector<double> numbers;
    for (const std::string& number : split(text(key), ','))
      numbers.push_back(parse_number(key, number, -most, most));
    if (numbers.size() != count)
      throw UsageError(std::string("its ") + key + " has " + std::to_string(numbers.size()) +
                       " numbers, not " + std::to_string(count));
    return numbers;
  }

  double positive(const char* key) const {
    return parse_number(key, text(key), std::numeric_limits<double>::min(), most);
  }

 private:
  static constexpr const char* missing = " of its scene";
  static constexpr double most = std::numeric_limits<float>::max();
  const std::map<std::string, std::string>& said_;
};

Vec3 vector_at(const std::vector<double>& numbers, std::size_t first) {
  return {static_cast<float>(numbers[first]), static_cast<float>(numbers[first + 1]),
          static_cast<float>(numbers[first + 2])};
}

/// How far off a ratio is from 1.
double apart(double a, double b) {
  return std::abs(std::log(a / b));
}

std::string shortly(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", number);
  return text;
}

}  // namespace

SceneRecord scene_record(const PosedViews& views) {
  SceneRecord record{views.frame, views.near, views.far, views.forward_facing.has_value(), 0, {}};
  for (const std::vector<PosedView>* part : {&views.training, &views.held_out})
    for (const PosedView& view : *part) {
      ++record.views;
      record.middle = record.middle + view.camera.pose.origin;
    }
  record.middle = record.middle * (1.0f / static_cast<float>(record.views));
  return record;
}

std::map<std::string, std::string> scene_metadata(const SceneRecord& record) {
  const Pose& frame = record.frame.frame;
  return {{"axes", numbers_text({frame.right, frame.up, frame.back})},
          {"centre", numbers_text({frame.origin})},
          {"scale", exact_number(record.frame.scale)},
          {"near", exact_number(record.near)},
          {"far", exact_number(record.far)},
          {"facing", record.forward_facing ? forward : around},
          {"views", std::to_string(record.views)},
          {"cameras", numbers_text({record.middle})}};
}

std::optional<SceneRecord> scene_of_metadata(const std::map<std::string, std::string>& said) {
  if (!said.contains("axes")) return std::nullopt;
  const Entries entries(said);
  const std::vector<double> axes = entries.numbers("axes", 9);
  SceneRecord record;
  record.frame.frame = {vector_at(axes, 0), vector_at(axes, 3), vector_at(axes, 6),
                        vector_at(entries.numbers("centre", 3), 0)};
  record.frame.scale = static_cast<float>(entries.positive("scale"));
  record.near = entries.positive("near");
  record.far = entries.positive("far");
  const std::string& facing = entries.text("facing");
  if (facing != forward && facing != around)
    throw UsageError("its facing is '" + facing + "', neither " + forward + " nor " + around);
  record.forward_facing = facing == forward;
  record.views = parse_whole("views", entries.text("views"), 1, 1u << 30);
  record.middle = vector_at(entries.numbers("cameras", 3), 0);
  return record;
}

std::string scene_difference(const SceneRecord& learned, const SceneRecord& dataset) {
  if (learned.forward_facing != dataset.forward_facing)
    return dataset.forward_facing ? "its views all look one way, those did not"
                                  : "its views look from around, those all looked one way";
  if (learned.views != dataset.views)
    return "it has " + std::to_string(dataset.views) + " views, not " +
           std::to_string(learned.views);
  if (apart(learned.frame.scale, dataset.frame.scale) > tolerance)
    return "its box is " + shortly(learned.frame.scale / dataset.frame.scale) +
           " times as large as that was";
  const Pose &was = learned.frame.frame, &is = dataset.frame.frame;
  for (const Vec3 turn : {is.right - was.right, is.up - was.up, is.back - was.back})
    if (length(turn) > tolerance) return "its axes are turned";
  const double moved = length(is.origin - was.origin) * learned.frame.scale;
  if (moved > tolerance)
    return "its box lies " + shortly(moved) + " times its half side away from where that was";
  if (length(dataset.middle - learned.middle) > tolerance) return "its cameras stand elsewhere";
  if (apart(learned.near, dataset.near) > tolerance || apart(learned.far, dataset.far) > tolerance)
    return "it lies from " + shortly(dataset.near) + " to " + shortly(dataset.far) +
           " before its cameras, not from " + shortly(learned.near) + " to " + shortly(learned.far);
  return "";
}

}  // namespace fieldscope
