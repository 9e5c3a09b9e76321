// How values look in the message of a failed check. Part of the stand-in for GoogleTest.
#pragma once

#include <concepts>
#include <cstddef>
#include <iomanip>
#include <limits>
#include <ostream>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace testing {

template <class T>
std::string PrintToString(const T& value);

namespace internal {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Pair = requires(const T& value) {
  value.first;
  value.second;
};

template <class T>
void print(std::ostream& out, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::is_null_pointer_v<T>) {
    out << "nullptr";
  } else if constexpr (std::convertible_to<const T&, const char*>) {
    const char* text = value;
    text ? out << std::quoted(text) : out << "NULL";
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    out << std::quoted(std::string_view(value));
  } else if constexpr (std::floating_point<T>) {
    out << std::setprecision(std::numeric_limits<T>::max_digits10) << value;
  } else if constexpr (Streamable<T>) {
    out << value;
  } else if constexpr (std::is_enum_v<T>) {
    out << +static_cast<std::underlying_type_t<T>>(value);
  } else if constexpr (Pair<T>) {
    out << '(' << PrintToString(value.first) << ", " << PrintToString(value.second) << ')';
  } else if constexpr (std::ranges::input_range<const T>) {
    constexpr int most = 32;
    int count = 0;
    out << '{';
    for (const auto& element : value) {
      out << (count > 0 ? ", " : " ");
      if (count++ == most) {
        out << "...";
        break;
      }
      out << PrintToString(element);
    }
    out << (count > 0 ? " }" : "}");
  } else {
    out << sizeof(T) << "-byte object";
  }
}

}  // namespace internal

template <class T>
std::string PrintToString(const T& value) {
  std::ostringstream out;
  internal::print(out, value);
  return out.str();
}

}  // namespace testing
