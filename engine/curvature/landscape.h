// The loss along lines and planes through the weights (Li, Xu, Taylor, Studer, Goldstein,
// "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018), on the frozen batch.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/curvature/problem.h"

namespace fieldscope {

/// A direction [P] with what it is called: "random", "top eigenvector", "to Adam".
struct Direction {
  std::string name;
  std::vector<double> v;
};

/// Random normal, each output's weights (a "filter") and each bias scaled to the size of the ones
/// that are there: so that directions mean the same to networks of other scales.
Direction filter_normalised_direction(const FrozenLoss& loss, std::uint64_t key);

/// A direction made as long as the filter-normalised ones are: |v| = |w|.
Direction scaled_to_weights(const FrozenLoss& loss, Direction direction);

/// loss[j][i] = L(w + a_i d_1 + b_j d_2); of a line, d_2 is empty and there is one row.
struct Landscape {
  std::vector<std::string> directions;  ///< one or two names
  std::vector<double> a, b;             ///< b = {0} of a line
  std::vector<double> loss;             ///< [b][a]
};

/// `points` from -reach to reach (an odd number has the weights themselves among them).
/// `progress` is told the share that is done.
Landscape loss_line(FrozenProblem& problem, const Direction& along, double from, double to,
                    std::size_t points, const std::function<void(double)>& progress = {});
Landscape loss_plane(FrozenProblem& problem, const Direction& first, const Direction& second,
                     double reach, std::size_t points,
                     const std::function<void(double)>& progress = {});

/// Which directions a landscape shows.
enum class LandscapeKind {
  random,        ///< filter-normalised
  eigenvectors,  ///< of the eigenvalues of greatest size, as long as the weights
  path           ///< to the weights of another run; of a plane the second is random
};

struct LandscapeSettings {
  LandscapeKind kind = LandscapeKind::random;
  int dimensions = 2;
  std::size_t points = 25;   ///< along each direction
  double reach = 1;          ///< from -reach to reach; a path goes from -0.25 to 1.25 of its length
  std::size_t steps = 40;    ///< of Lanczos, for eigenvectors
  std::size_t batch = 1024;  ///< samples of the frozen batch

  bool operator==(const LandscapeSettings&) const = default;
};

/// `other`: weights [P] of the other end of a path; else empty. Throws UsageError if they belong to
/// another network.
Landscape study_landscape(FrozenProblem& problem, const LandscapeSettings& settings,
                          const std::vector<double>& other, std::uint64_t key,
                          const std::function<void(double, const std::string&)>& progress = {});

}  // namespace fieldscope
