// Reference files made elsewhere, replayed by the engine: how far its numbers are from theirs. Used
// by verify and by tests; one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend/backend.h"

namespace fieldscope {

class ThreadPool;

/// One file in one precision.
struct FixtureRow {
  enum class Outcome { passed, failed, not_yet };
  struct Error {
    std::string what;      ///< "gradient"
    double relative = 0;   ///< norm of the difference over the norm of the reference
    double tolerance = 0;  ///< what it may be at most
  };
  std::string file;  ///< name without folder and ending
  Precision precision = Precision::f64;
  Outcome outcome = Outcome::not_yet;
  std::vector<Error> errors;
  std::string reason;  ///< why it failed or is not replayed; empty otherwise
};

/// The reference files of a folder, sorted. Throws DataError when there is none.
std::vector<std::filesystem::path> find_fixtures(const std::filesystem::path& folder);

/// A row for each precision; a single one if this version cannot replay the file. A file that is
/// damaged or does not fit gives a failed row with the reason.
std::vector<FixtureRow> check_fixture(const std::filesystem::path& file,
                                      const std::shared_ptr<ThreadPool>& pool);

/// |a - b| / |b| over all numbers; |a - b| where b is zero; infinity when the sizes differ or a
/// number is not finite.
double relative_error(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace fieldscope
