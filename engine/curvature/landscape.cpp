#include "engine/curvature/landscape.h"

#include <algorithm>
#include <cmath>

#include "engine/curvature/lanczos.h"
#include "engine/math/error.h"
#include "engine/math/random.h"

namespace fieldscope {
namespace {

/// Scales v[first, first + size) to the length of w there.
void match_length(std::span<const double> w, std::span<double> v, std::size_t first,
                  std::size_t size) {
  double theirs = 0, ours = 0;
  for (std::size_t i = first; i < first + size; ++i) {
    theirs += w[i] * w[i];
    ours += v[i] * v[i];
  }
  const double factor = ours > 0 ? std::sqrt(theirs / ours) : 0;
  for (std::size_t i = first; i < first + size; ++i) v[i] *= factor;
}

std::vector<double> places(double from, double to, std::size_t points) {
  std::vector<double> at(points, from);
  for (std::size_t i = 1; i < points; ++i)
    at[i] = from + (to - from) * static_cast<double>(i) / static_cast<double>(points - 1);
  if (points % 2 == 1 && from == -to) at[points / 2] = 0;  // not nearly
  return at;
}

void fill(FrozenProblem& problem, Landscape& landscape, std::span<const double> first,
          std::span<const double> second, const std::function<void(double)>& progress) {
  const std::vector<double>& w = problem.loss().weights;
  std::vector<double> moved(w.size());
  landscape.loss.reserve(landscape.a.size() * landscape.b.size());
  for (const double b : landscape.b)
    for (const double a : landscape.a) {
      for (std::size_t i = 0; i < w.size(); ++i)
        moved[i] = w[i] + a * first[i] + (second.empty() ? 0 : b * second[i]);
      landscape.loss.push_back(problem.value(moved));
      if (progress)
        progress(static_cast<double>(landscape.loss.size()) /
                 static_cast<double>(landscape.a.size() * landscape.b.size()));
    }
}

}  // namespace

Direction filter_normalised_direction(const FrozenLoss& loss, std::uint64_t key) {
  Direction direction{"random", std::vector<double>(loss.weights.size())};
  for (std::size_t i = 0; i < direction.v.size(); ++i) direction.v[i] = random_normal(key, i);
  for (const LinearMap& map : layout_of(loss.network).maps)
    for (std::size_t o = 0; o < static_cast<std::size_t>(map.out); ++o) {
      const std::size_t in = static_cast<std::size_t>(map.in);
      match_length(loss.weights, direction.v, map.weight + o * in, in);
      match_length(loss.weights, direction.v, map.bias + o, 1);
    }
  return direction;
}

Direction scaled_to_weights(const FrozenLoss& loss, Direction direction) {
  match_length(loss.weights, direction.v, 0, direction.v.size());
  return direction;
}

Landscape loss_line(FrozenProblem& problem, const Direction& along, double from, double to,
                    std::size_t points, const std::function<void(double)>& progress) {
  Landscape landscape{{along.name}, places(from, to, points), {0}, {}};
  fill(problem, landscape, along.v, {}, progress);
  return landscape;
}

Landscape loss_plane(FrozenProblem& problem, const Direction& first, const Direction& second,
                     double reach, std::size_t points,
                     const std::function<void(double)>& progress) {
  Landscape landscape{
      {first.name, second.name}, places(-reach, reach, points), places(-reach, reach, points), {}};
  fill(problem, landscape, first.v, second.v, progress);
  return landscape;
}

Landscape study_landscape(FrozenProblem& problem, const LandscapeSettings& settings,
                          const std::vector<double>& other, std::uint64_t key,
                          const std::function<void(double, const std::string&)>& progress) {
  const FrozenLoss& loss = problem.loss();
  const auto told = [&](double share) {
    if (progress) progress(share, "loss landscape");
  };
  std::vector<Direction> directions;
  if (settings.kind == LandscapeKind::eigenvectors) {
    const SpectrumEnds ends =
        spectrum_ends(lanczos(
                          [&](std::span<const double> x, std::span<double> y) {
                            if (progress) progress(0, "top eigenvectors");
                            problem.multiply(Curvature::hessian, x, y);
                          },
                          random_sign_vector(key, loss.weights.size()), settings.steps),
                      2);
    std::vector<EigenPair> pairs = ends.largest;
    pairs.insert(pairs.end(), ends.smallest.begin(), ends.smallest.end());
    std::sort(pairs.begin(), pairs.end(), [](const EigenPair& a, const EigenPair& b) {
      return std::abs(a.value) > std::abs(b.value);
    });
    for (const char* name : {"first eigenvector", "second eigenvector"})
      directions.push_back(scaled_to_weights(
          loss, {name, std::move(pairs[std::min(directions.size(), pairs.size() - 1)].vector)}));
  } else if (settings.kind == LandscapeKind::path) {
    if (other.size() != loss.weights.size())
      throw UsageError("there is no path between networks of " +
                       std::to_string(loss.weights.size()) + " and " +
                       std::to_string(other.size()) + " parameters; choose runs of one shape");
    Direction path{"to the other run", other};
    for (std::size_t i = 0; i < other.size(); ++i) path.v[i] -= loss.weights[i];
    directions.push_back(std::move(path));
  }
  while (directions.size() < 2)
    directions.push_back(filter_normalised_direction(loss, mix_bits(key + directions.size())));
  if (settings.dimensions == 1) {
    const bool path = settings.kind == LandscapeKind::path;
    return loss_line(problem, directions[0], path ? -0.25 : -settings.reach,
                     path ? 1.25 : settings.reach, settings.points, told);
  }
  return loss_plane(problem, directions[0], directions[1], settings.reach, settings.points, told);
}

}  // namespace fieldscope
