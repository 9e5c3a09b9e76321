// Configurations, edits and curves as JSON and back, for saved experiments and for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/train/session.h"

namespace fieldscope {

nlohmann::json to_json(const RunConfig& config);
nlohmann::json to_json(const RecordedEdit& edit);
nlohmann::json to_json(const Progress& progress);
nlohmann::json to_json(const History& history);

/// The inverse. They throw nlohmann::json::exception on a missing or wrong member and UsageError on
/// a bad value.
RunConfig config_from_json(const nlohmann::json& json);
RecordedEdit edit_from_json(const nlohmann::json& json);
Progress progress_from_json(const nlohmann::json& json);
History history_from_json(const nlohmann::json& json);

}  // namespace fieldscope
