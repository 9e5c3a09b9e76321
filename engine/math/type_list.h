// A closed list of types, its indices, and a switch over them.
#pragma once

#include <cstdlib>
#include <type_traits>
#include <utility>

namespace fieldscope {

template <class... Types>
struct TypeList {
  static constexpr int size = sizeof...(Types);
};

template <class Wanted, class List>
inline constexpr int index_in = -1;

template <class Wanted, class First, class... Rest>
inline constexpr int index_in<Wanted, TypeList<First, Rest...>> =
    std::is_same_v<Wanted, First> ? 0 : 1 + index_in<Wanted, TypeList<Rest...>>;

/// Calls visit(T{}) with T the type at `index`, which must be in range.
template <class First, class... Rest, class Visitor>
decltype(auto) with_type(TypeList<First, Rest...>, int index, Visitor&& visit) {
  if constexpr (sizeof...(Rest) == 0) {
    if (index != 0) std::abort();  // an index that no list gave out
    return visit(First{});
  } else {
    if (index == 0) return visit(First{});
    return with_type(TypeList<Rest...>{}, index - 1, std::forward<Visitor>(visit));
  }
}

}  // namespace fieldscope
