// fieldscope verify: the engine against reference files.

#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/headless/fixtures.h"
#include "app/headless/text.h"
#include "app/headless/verbs.h"
#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/devices.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

using Outcome = FixtureRow::Outcome;

const char* outcome_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "pass";
    case Outcome::failed:
      return "FAIL";
    case Outcome::not_yet:
      return "not yet";
    case Outcome::undetermined:
      return "open";
  }
  return "";
}

const char* precision_text(Precision precision) {
  return precision == Precision::f64 ? "float64" : "float32";
}

std::string row_text(const FixtureRow& row) {
  char head[96];
  const bool replayed = !row.errors.empty();
  std::snprintf(head, sizeof head, "%-8s%-38s%-9s", outcome_text(row.outcome), row.file.c_str(),
                replayed ? precision_text(row.precision) : "");
  std::string text = head;
  for (const FixtureRow::Error& error : row.errors) {
    text += error.what + " " + error_text(error.relative) +
            (error.relative <= error.tolerance ? " " : "!") + " ";
  }
  if (!replayed) return text + row.reason;
  text += "(at most " + error_text(row.errors.back().tolerance);
  for (const FixtureRow::Error& error : row.errors) {
    if (error.tolerance == row.errors.back().tolerance) continue;
    text += ", " + error.what + " " + error_text(error.tolerance);
  }
  text += ")";
  return row.outcome == Outcome::undetermined ? text + " " + row.reason : text;
}

nlohmann::ordered_json row_json(const FixtureRow& row) {
  nlohmann::ordered_json json = {{"file", row.file}, {"outcome", outcome_text(row.outcome)}};
  if (!row.reason.empty()) json["reason"] = row.reason;
  if (row.errors.empty()) return json;
  json["precision"] = precision_text(row.precision);
  for (const FixtureRow::Error& error : row.errors) {
    json["errors"][error.what] = {{"relative", error.relative}, {"tolerance", error.tolerance}};
  }
  return json;
}

}  // namespace

int run_verify(const Options& options) {
  if (options.fixtures.empty()) throw UsageError("verify needs --fixtures DIR");
  const auto pool = std::make_shared<ThreadPool>(options.threads);
  const std::string device = find_device(options.device);
  std::size_t counts[4] = {};
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const std::filesystem::path& file : find_fixtures(options.fixtures)) {
    for (const FixtureRow& row : check_fixture(file, pool, device)) {
      ++counts[static_cast<std::size_t>(row.outcome)];
      if (options.json) {
        rows.push_back(row_json(row));
      } else if (!options.quiet || row.outcome == Outcome::failed) {
        std::printf("%s\n", row_text(row).c_str());
      }
    }
  }
  if (options.json) {
    std::printf("%s\n", rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else if (!options.quiet) {
    std::printf("%zu passed, %zu failed, %zu not yet in this version", counts[0], counts[1],
                counts[2]);
    if (counts[3] > 0)
      std::printf(", %zu open: right for as long as rounding leaves them determined", counts[3]);
    std::printf("\n");
  }
  return counts[1] > 0 ? ExitCode::fell_short : ExitCode::done;
}

}  // namespace fieldscope
