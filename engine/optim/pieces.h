// Pieces of the parameter vector side by side in a buffer of their own, for optimizers that treat
// some tensors in another way than the rest.
#pragma once

#include <vector>

#include "engine/field/objective.h"

namespace fieldscope {

class Pieces {
 public:
  /// A piece of a [P] buffer: [rows][columns] from `offset` on.
  void add(std::size_t offset, std::size_t rows, std::size_t columns) {
    list_.push_back({offset, size_, rows, columns});
    size_ += rows * columns;
  }
  /// The rest: every parameter that is in none of `others`.
  static Pieces without(const Pieces& others, std::size_t parameters);

  std::size_t size() const { return size_; }  ///< numbers in all pieces
  std::size_t count() const { return list_.size(); }

  /// Piece i of the compact buffer.
  Matrix in(Buffer& compact, std::size_t i) const {
    return matrix_in(compact, list_[i].to, list_[i].rows, list_[i].columns);
  }
  void gather(Backend& backend, Buffer& from, Buffer& compact) const;
  void scatter(Backend& backend, Buffer& compact, Buffer& to) const;

 private:
  struct Piece {
    std::size_t from, to, rows, columns;
  };
  std::vector<Piece> list_;
  std::size_t size_ = 0;
};

}  // namespace fieldscope
