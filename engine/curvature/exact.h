// The whole Hessian of a small field, its spectrum, and what diagonal and Kronecker preconditioners
// make of it. In double; the time grows with P^3, the memory with P^2.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/curvature/problem.h"

namespace fieldscope {

/// [P][P], column by column from products with unit vectors, made symmetric. `progress` is told the
/// share that is done.
std::vector<double> exact_matrix(FrozenProblem& problem, Curvature curvature,
                                 const std::function<void(double)>& progress = {});

/// Of the symmetric matrix a[n][n], rising. Throws std::runtime_error if a number is not finite.
std::vector<double> symmetric_eigenvalues(std::size_t n, const std::vector<double>& a);

/// Row norms of a[n][n] (Dauphin, de Vries, Bengio 2015), and |diagonal|.
std::vector<double> equilibration_diagonal(std::size_t n, std::span<const double> a);
std::vector<double> jacobi_diagonal(std::size_t n, std::span<const double> a);

/// D^-1/2 a D^-1/2; rows and columns where D is 0 become 0.
std::vector<double> preconditioned(std::size_t n, std::span<const double> a,
                                   std::span<const double> diagonal);

/// P^-1/2 a P^-1/2 for K-FAC's P: of each map (A + sqrt(damping) I) x (S + sqrt(damping) I), with
/// factors as FrozenProblem::factors() gives them.
std::vector<double> kfac_preconditioned(std::span<const double> a, const Network& network,
                                        std::span<const double> factors, double damping);

}  // namespace fieldscope
