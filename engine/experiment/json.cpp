#include "engine/experiment/json.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "engine/math/error.h"

namespace fieldscope {
namespace {

using nlohmann::json;

json knobs_to_json(const KnobValues& knobs) {
  json object = json::object();
  for (const auto& [id, value] : knobs) object[id] = value;
  return object;
}

KnobValues knobs_from_json(const json& object) {
  KnobValues knobs;
  for (const auto& [id, value] : object.items()) knobs[id] = value.get<double>();
  return knobs;
}

json field_to_json(const FieldSpec& field) {
  return {{"activation", field.activation},
          {"knobs", knobs_to_json(field.knobs)},
          {"hidden", field.hidden}};
}

FieldSpec field_from_json(const json& j) {
  FieldSpec field;
  field.activation = j.at("activation").get<std::string>();
  field.knobs = knobs_from_json(j.at("knobs"));
  field.hidden = j.at("hidden").get<std::vector<int>>();
  return field;
}

json optimizer_to_json(const OptimizerSpec& optimizer) {
  return {{"id", optimizer.id}, {"knobs", knobs_to_json(optimizer.knobs)}};
}

OptimizerSpec optimizer_from_json(const json& j) {
  return {j.at("id").get<std::string>(), knobs_from_json(j.at("knobs"))};
}

constexpr std::pair<SetKnob::Target, const char*> targets[] = {
    {SetKnob::Target::optimizer, "optimizer"},
    {SetKnob::Target::activation, "activation"},
    {SetKnob::Target::training, "training"}};

/// JSON has no NaN: null stands for it.
json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}
double number(const json& j) {
  return j.is_null() ? std::numeric_limits<double>::quiet_NaN() : j.get<double>();
}

}  // namespace

json to_json(const RunConfig& config) {
  return {{"field", field_to_json(config.field)},
          {"optimizer", optimizer_to_json(config.optimizer)},
          {"task", task_info(config.task).id},
          {"seed", config.seed},
          {"training", knobs_to_json(config.training)},
          {"device", config.device}};
}

RunConfig config_from_json(const json& j) {
  RunConfig config;
  if (j.contains("task")) config.task = find_task(j.at("task").get<std::string>()).kind;
  config.field = field_from_json(j.at("field"));
  config.optimizer = optimizer_from_json(j.at("optimizer"));
  config.seed = j.at("seed").get<std::uint64_t>();
  config.training = knobs_from_json(j.at("training"));
  if (j.contains("device")) config.device = j.at("device").get<std::string>();
  return resolve_config(config);
}

json to_json(const RecordedEdit& recorded) {
  json j = {{"step", recorded.step}};
  if (const auto* optimizer = std::get_if<SwitchOptimizer>(&recorded.edit)) {
    j["switch_optimizer"] = optimizer_to_json(optimizer->optimizer);
  } else if (const auto* activation = std::get_if<SwitchActivation>(&recorded.edit)) {
    j["switch_activation"] = field_to_json(activation->field);
  } else if (const auto* back = std::get_if<GoBack>(&recorded.edit)) {
    j["go_back"] = {{"to_step", back->step}, {"lr", back->lr}};
  } else if (const auto* move = std::get_if<MoveTo>(&recorded.edit)) {
    j["move_to"] = {{"device", move->device}};
  } else {
    const auto& set = std::get<SetKnob>(recorded.edit);
    for (const auto& [target, name] : targets)
      if (target == set.target)
        j["set_knob"] = {{"of", name}, {"knob", set.knob}, {"value", set.value}};
  }
  return j;
}

RecordedEdit edit_from_json(const json& j) {
  const auto step = j.at("step").get<std::uint64_t>();
  if (j.contains("switch_optimizer"))
    return {step, SwitchOptimizer{optimizer_from_json(j.at("switch_optimizer"))}};
  if (j.contains("switch_activation"))
    return {step, SwitchActivation{field_from_json(j.at("switch_activation"))}};
  if (j.contains("go_back")) {
    const json& back = j.at("go_back");
    return {step, GoBack{back.at("to_step").get<std::uint64_t>(), back.at("lr").get<double>()}};
  }
  if (j.contains("move_to")) return {step, MoveTo{j.at("move_to").at("device").get<std::string>()}};
  const json& set = j.at("set_knob");
  for (const auto& [target, name] : targets)
    if (set.at("of") == name)
      return {step,
              SetKnob{target, set.at("knob").get<std::string>(), set.at("value").get<double>()}};
  throw UsageError("unknown knob owner " + set.at("of").dump());
}

json to_json(const Progress& p) {
  return {p.step, p.epoch, p.train_seconds, p.gradient_evaluations};
}

Progress progress_from_json(const json& j) {
  for (int i = 0; i < 4; ++i)
    if (!j.at(i).is_number() || j.at(i).get<double>() < 0)
      throw UsageError("progress " + j.dump() + " is not one: it counts from 0");
  if (!j.at(0).is_number_integer())
    throw UsageError("step " + j.at(0).dump() + " is not a whole number");
  return {j.at(0).get<std::uint64_t>(), j.at(1).get<double>(), j.at(2).get<double>(),
          j.at(3).get<double>()};
}

json to_json(const History& history) {
  json loss = json::array(), quality = json::array(), events = json::array();
  for (const LossPoint& p : history.loss)
    loss.push_back({to_json(p.at), number(p.mean), number(p.min), number(p.max), p.steps});
  for (const QualityPoint& p : history.quality)
    quality.push_back({to_json(p.at), number(p.psnr), number(p.mse), number(p.epoch_loss),
                       number(p.lr), number(p.bce), number(p.iou), number(p.accuracy),
                       number(p.uniform_iou), number(p.ssim)});
  for (const EventMark& e : history.events) events.push_back({to_json(e.at), e.label});
  json result = {{"loss", loss}, {"quality", quality}, {"events", events}};
  for (const CurvaturePoint& p : history.curvature) {
    json kappa = json::array(), spread = json::array();
    for (std::size_t i = 0; i < CurvaturePoint::count; ++i) {
      kappa.push_back(number(p.kappa[i]));
      spread.push_back(number(p.spread[i]));
    }
    result["curvature"].push_back({to_json(p.at), p.exact, kappa, spread, number(p.rank),
                                   number(p.negative), number(p.largest), number(p.smallest),
                                   number(p.trace), number(p.trace_error), number(p.zero),
                                   number(p.near_zero), number(p.seconds)});
  }
  return result;
}

namespace {

QualityPoint quality_from_json(const json& j) {
  QualityPoint point;
  point.at = progress_from_json(j.at(0));
  double* const numbers[] = {&point.psnr,     &point.mse,         &point.epoch_loss,
                             &point.lr,       &point.bce,         &point.iou,
                             &point.accuracy, &point.uniform_iou, &point.ssim};
  // What was saved before there was occupancy has only the first four.
  for (std::size_t i = 0; i < std::size(numbers) && 1 + i < std::max<std::size_t>(j.size(), 5); ++i)
    *numbers[i] = number(j.at(1 + i));
  return point;
}

}  // namespace

History history_from_json(const json& j) {
  History history;
  for (const json& p : j.at("loss"))
    history.loss.push_back({progress_from_json(p.at(0)), number(p.at(1)), number(p.at(2)),
                            number(p.at(3)), p.at(4).get<std::uint32_t>()});
  for (const json& p : j.at("quality")) history.quality.push_back(quality_from_json(p));
  for (const json& e : j.at("events"))
    history.events.push_back({progress_from_json(e.at(0)), e.at(1).get<std::string>()});
  if (!j.contains("curvature")) return history;
  for (const json& p : j.at("curvature")) {
    CurvaturePoint point;
    point.at = progress_from_json(p.at(0));
    point.exact = p.at(1).get<bool>();
    for (std::size_t i = 0; i < CurvaturePoint::count; ++i) {
      point.kappa[i] = number(p.at(2).at(i));
      point.spread[i] = number(p.at(3).at(i));
    }
    double* const rest[] = {&point.rank,     &point.negative,  &point.largest,
                            &point.smallest, &point.trace,     &point.trace_error,
                            &point.zero,     &point.near_zero, &point.seconds};
    for (std::size_t i = 0; i < std::size(rest); ++i) *rest[i] = number(p.at(4 + i));
    history.curvature.push_back(point);
  }
  return history;
}

}  // namespace fieldscope
