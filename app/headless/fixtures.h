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
  /// `undetermined`: a trajectory that agrees for as long as it is determined, but goes on to
  /// amplify the rounding of its start beyond the tolerance, so that no two programs end alike.
  enum class Outcome { passed, failed, not_yet, undetermined };
  struct Error {
    std::string what;      ///< "gradient"
    double relative = 0;   ///< norm of the difference over the norm of the reference
    double tolerance = 0;  ///< what it may be at most
    double rounding = 0;   ///< what rounding the start does to it; looked for where it is too large
  };
  std::string file;  ///< name without folder and ending
  Precision precision = Precision::f64;
  Outcome outcome = Outcome::not_yet;
  std::vector<Error> errors;
  std::string reason;  ///< why it failed, is not replayed or is undetermined; empty otherwise
};

/// The reference files of a folder, sorted. Throws DataError when there is none.
std::vector<std::filesystem::path> find_fixtures(const std::filesystem::path& folder);

/// A row for each precision; a single one if this version cannot replay the file. A file that is
/// damaged or does not fit gives a failed row with the reason.
/// `device` as find_device() names it.
std::vector<FixtureRow> check_fixture(const std::filesystem::path& file,
                                      const std::shared_ptr<ThreadPool>& pool,
                                      const std::string& device = "cpu");

/// |a - b| / |b| over all numbers; |a - b| where b is zero; infinity when the sizes differ or a
/// number is not finite.
double relative_error(const std::vector<double>& a, const std::vector<double>& b);

/// "2.4e-11"
std::string error_text(double error);

}  // namespace fieldscope
