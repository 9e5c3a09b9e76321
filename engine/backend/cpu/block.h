// What a thread is given to do, and the kernels that do it. A batch is worked off in blocks whose
// signals fit into the caches: first tiles of rows go through the whole network, forward, loss and
// backward (run_tile); then the weight gradient is summed up over the block's samples, each number
// of it by one thread and in one order (add_gradient). So no thread has sums of its own to be added
// up later, and results do not depend on the number of threads. The instruction set is chosen at
// run time (kernels.cpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/cpu/matrix_task.h"
#include "engine/backend/cpu/packed_network.h"
#include "engine/backend/cpu/panels.h"
#include "engine/backend/signals.h"

namespace fieldscope::cpu {

/// What run_tile does of a pass: a loss that couples samples stands between the two halves.
enum class Stage { all, forward, backward };

/// One block of one pass. Signals lie in panels [panel][row][32] of the block's rows.
template <class T>
struct Block {
  const Network* network = nullptr;
  const PackedNetwork* packed = nullptr;
  Pass pass = Pass::forward;
  Stage stage = Stage::all;
  LossKind loss_kind = LossKind::mse;
  Curvature curvature = Curvature::hessian;
  const T* weights = nullptr;      ///< packed
  const T* direction = nullptr;    ///< packed, for Pass::product
  const T* coordinates = nullptr;  ///< [count][d]
  const T* targets = nullptr;      ///< [count][m], unless Pass::forward
  std::size_t count = 0;           ///< samples in the block
  std::size_t unit = group_rows;   ///< groups (panels.h) are cut from the beginning of each unit
  std::size_t rows = 0;            ///< rows of the signals: count, rounded up to whole strips
  double scale = 0;                ///< 1 / (B m), the weight of each number in the loss
  T* outputs = nullptr;            ///< [count][m], for Pass::forward
  double* losses = nullptr;        ///< [rows / strip_rows]: each strip's share of the loss
  std::vector<Signals<T>> signals;

  // For add_gradient: sums packed by input, and where they go after the last block, [P].
  T* sums[2] = {nullptr, nullptr};  ///< of the gradient, of the product
  T* results[2] = {nullptr, nullptr};
  bool first = true, last = true;

  // For add_factor, where factors are wanted: their sums, and where they go after the last block.
  T* factor_sums = nullptr;
  T* factors = nullptr;
  double samples = 0;  ///< B

  std::size_t panel_stride() const { return rows * panel_columns; }

  /// body(first row, rows) for each group of the block's samples, in order.
  template <class Body>
  void for_groups(const Body& body) const {
    for (std::size_t begin = 0; begin < count; begin += unit) {
      const std::size_t end = std::min(count, begin + unit);
      for (std::size_t row = begin; row < end; row += group_rows)
        body(row, std::min(group_rows, end - row));
    }
  }
};

/// The vectorised kernels for one instruction set.
template <class T>
struct Kernels {
  /// `to` [packed.size] gets one panel of `parameters` [P].
  void (*pack)(const PackedNetwork& packed, const PackTask& task, const T* parameters, T* to);
  /// Rows [first, first + rows) of the block, whole strips, through the network.
  void (*run_tile)(const Block<T>& block, std::size_t first, std::size_t rows);
  void (*add_gradient)(const Block<T>& block, const GradientTask& task);
  void (*add_factor)(const Block<T>& block, const FactorTask& task);

  /// One panel of op(b), and one strip of c.
  void (*pack_matrix)(const MatrixTask<T>& task, std::size_t panel);
  void (*multiply_matrix)(const MatrixTask<T>& task, std::size_t strip);

  // Over n numbers.
  void (*update)(const UpdateRule& rule, T* weights, const T* gradient, T* const* state,
                 std::size_t n);
  double (*dot)(const T* x, const T* y, std::size_t n);
  void (*axpy)(T a, const T* x, T* y, std::size_t n);
  bool (*all_finite)(const T* x, std::size_t n);
  /// x[i] = random_sign(key, first + i).
  void (*random_signs)(std::uint64_t key, std::uint64_t first, T* x, std::size_t n);
};

/// Those for this machine.
template <class T>
const Kernels<T>& kernels();

}  // namespace fieldscope::cpu
