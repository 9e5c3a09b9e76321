// Decompositions of dense matrices on the CPU, always in double: inverse roots of badly conditioned
// matrices leave nothing of a float. One matrix a thread; the result does not depend on the number
// of threads.
#pragma once

#include <span>

#include "engine/backend/cpu/thread_pool.h"
#include "engine/backend/matrix.h"

namespace fieldscope::cpu {

template <class T>
void power(ThreadPool& pool, std::span<const MatrixPower> powers);

template <class T>
void eigenvectors(ThreadPool& pool, std::span<const Eigenvectors> problems);

template <class T>
void orthonormalise(ThreadPool& pool, std::span<const Matrix> matrices);

}  // namespace fieldscope::cpu
