#include "engine/optim/pieces.h"

#include <algorithm>

namespace fieldscope {

Pieces Pieces::without(const Pieces& others, std::size_t parameters) {
  std::vector<Piece> taken = others.list_;
  std::sort(taken.begin(), taken.end(),
            [](const Piece& a, const Piece& b) { return a.from < b.from; });
  taken.push_back({parameters, 0, 0, 0});
  Pieces rest;
  std::size_t at = 0;
  for (const Piece& piece : taken) {
    if (piece.from > at) rest.add(at, 1, piece.from - at);
    at = piece.from + piece.rows * piece.columns;
  }
  return rest;
}

void Pieces::gather(Backend& backend, Buffer& from, Buffer& compact) const {
  std::vector<MatrixCopy> copies;
  for (const Piece& p : list_)
    copies.push_back(
        {matrix_in(from, p.from, p.rows, p.columns), matrix_in(compact, p.to, p.rows, p.columns)});
  backend.copy(copies);
}

void Pieces::scatter(Backend& backend, Buffer& compact, Buffer& to) const {
  std::vector<MatrixCopy> copies;
  for (const Piece& p : list_)
    copies.push_back(
        {matrix_in(compact, p.to, p.rows, p.columns), matrix_in(to, p.from, p.rows, p.columns)});
  backend.copy(copies);
}

}  // namespace fieldscope
