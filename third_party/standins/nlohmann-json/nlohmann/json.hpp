// Stand-in for nlohmann/json.hpp, for machines that do not have it (package nlohmann-json3-dev): as
// much of its interface as this project uses, with the same text for the same values. What it lacks
// is listed in third_party/README.md.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <nlohmann/json_parser.hpp>
#include <nlohmann/json_text.hpp>

namespace nlohmann {
namespace detail {

enum class error_handler_t { strict, replace };  ///< of bytes that are not UTF-8

/// What basic_json::get can make: numbers, bool, text, and lists of those.
template <class T>
struct is_readable : std::bool_constant<std::is_arithmetic_v<T> || std::same_as<T, std::string>> {};
template <class T>
struct is_readable<std::vector<T>> : is_readable<T> {};
template <class T, std::size_t n>
struct is_readable<std::array<T, n>> : is_readable<T> {};

template <class T>
concept Text = std::convertible_to<const T&, std::string_view>;
template <class T>
concept Dictionary = std::ranges::range<T> && requires {
  typename T::mapped_type;
};

/// What a value is made of, besides other values.
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_null_pointer_v<T> ||
    Text<T> || std::ranges::range<T>;

}  // namespace detail

/// A JSON value of any type.
template <bool ordered>
class basic_json {
  using Array = std::vector<basic_json>;
  using Object = std::conditional_t<ordered, std::vector<std::pair<std::string, basic_json>>,
                                    std::map<std::string, basic_json, std::less<>>>;
  struct Discarded {};

  template <class T>
  static constexpr bool is_plain =
      !std::same_as<std::remove_cvref_t<T>, basic_json> && detail::Plain<std::remove_cvref_t<T>>;

 public:
  using exception = detail::exception;
  using parse_error = detail::parse_error;
  using type_error = detail::type_error;
  using out_of_range = detail::out_of_range;
  using error_handler_t = detail::error_handler_t;

  basic_json() = default;
  basic_json(const basic_json&) = default;
  basic_json& operator=(const basic_json&) = default;
  basic_json& operator=(basic_json&&) = default;
  // Never inlined: that would repeat nine cases everywhere, and has GCC 12 warn of reading members
  // of cases that are not the value's.
  [[gnu::noinline]] basic_json(basic_json&& other) noexcept : value_(std::move(other.value_)) {}
  [[gnu::noinline]] ~basic_json() = default;
  template <class T>
  requires(is_plain<T>) basic_json(T&& value) {
    using Value = std::remove_cvref_t<T>;
    if constexpr (std::is_null_pointer_v<Value>) {
    } else if constexpr (std::same_as<Value, bool>) {
      value_.template emplace<bool>(value);
    } else if constexpr (std::floating_point<Value>) {
      value_.template emplace<double>(static_cast<double>(value));
    } else if constexpr (std::unsigned_integral<Value>) {
      value_.template emplace<std::uint64_t>(value);
    } else if constexpr (std::integral<Value> || std::is_enum_v<Value>) {
      value_.template emplace<std::int64_t>(static_cast<std::int64_t>(value));
    } else if constexpr (detail::Text<Value>) {
      value_.template emplace<std::string>(std::forward<T>(value));
    } else if constexpr (detail::Dictionary<Value>) {
      value_.template emplace<Object>();
      for (const auto& [key, member] : value) (*this)[key] = member;
    } else {
      auto& array = value_.template emplace<Array>();
      for (const auto& element : value) array.emplace_back(element);
    }
  }
  /// A list of pairs that begin with a text is an object, any other list an array.
  basic_json(std::initializer_list<basic_json> list) {
    bool pairs = true;
    for (const basic_json& element : list)
      pairs = pairs && element.is_array() && element.size() == 2 && element[0].is_string();
    if (!pairs) {
      value_.template emplace<Array>(list);
      return;
    }
    value_.template emplace<Object>();
    for (const basic_json& element : list) (*this)[element[0].text()] = element[1];
  }
  static basic_json object() {
    basic_json result;
    result.value_.template emplace<Object>();
    return result;
  }
  static basic_json array() {
    basic_json result;
    result.value_.template emplace<Array>();
    return result;
  }

  /// The text must be one value and nothing else. Throws parse_error, or with
  /// allow_exceptions = false returns a value that is of no type at all.
  static basic_json parse(std::string_view text, std::nullptr_t = nullptr,
                          bool allow_exceptions = true) {
    try {
      return detail::Parser<basic_json>(text).document();
    } catch (const exception&) {
      if (allow_exceptions) throw;
      basic_json result;
      result.value_.template emplace<Discarded>();
      return result;
    }
  }
  template <std::contiguous_iterator Iterator>
  static basic_json parse(Iterator first, Iterator last, std::nullptr_t = nullptr,
                          bool allow_exceptions = true) {
    return parse(std::string_view(first, last), nullptr, allow_exceptions);
  }

  bool is_null() const { return holds<std::monostate>(); }
  bool is_boolean() const { return holds<bool>(); }
  bool is_number_unsigned() const { return holds<std::uint64_t>(); }
  bool is_number_integer() const { return holds<std::int64_t>() || is_number_unsigned(); }
  bool is_number_float() const { return holds<double>(); }
  bool is_number() const { return is_number_integer() || is_number_float(); }
  bool is_string() const { return holds<std::string>(); }
  bool is_array() const { return holds<Array>(); }
  bool is_object() const { return holds<Object>(); }
  bool is_structured() const { return is_array() || is_object(); }
  bool is_discarded() const { return holds<Discarded>(); }
  const char* type_name() const {
    constexpr const char* names[] = {"null",   "boolean", "number", "number",   "number",
                                     "string", "array",   "object", "discarded"};
    return names[value_.index()];
  }

  std::size_t size() const {
    if (is_array()) return std::get<Array>(value_).size();
    if (is_object()) return std::get<Object>(value_).size();
    return is_null() ? 0 : 1;
  }
  bool empty() const { return size() == 0; }

  /// Elements of an array; null has none.
  const basic_json* begin() const { return elements().data(); }
  const basic_json* end() const { return elements().data() + elements().size(); }
  basic_json* begin() { return const_cast<basic_json*>(std::as_const(*this).begin()); }
  basic_json* end() { return const_cast<basic_json*>(std::as_const(*this).end()); }
  const basic_json& front() const { return at(std::size_t{0}); }
  const basic_json& back() const { return at(size() - 1); }
  basic_json& front() { return at(std::size_t{0}); }
  basic_json& back() { return at(size() - 1); }

  /// Pairs of key and value of an object; null has none.
  const Object& items() const {
    static const Object none;
    return is_null() ? none : get_or_refuse<Object>("object");
  }

  bool contains(std::string_view key) const { return find(key) != nullptr; }

  template <detail::Text Key>
  const basic_json& at(const Key& key) const {
    get_or_refuse<Object>("object");
    const basic_json* found = find(key);
    if (!found) throw out_of_range("key '" + std::string(key) + "' not found");
    return *found;
  }
  template <std::integral Index>
  const basic_json& at(Index index) const {
    const Array& array = get_or_refuse<Array>("array");
    if (!std::in_range<std::size_t>(index) || static_cast<std::size_t>(index) >= array.size())
      throw out_of_range("array index " + std::to_string(index) + " is out of range");
    return array[static_cast<std::size_t>(index)];
  }
  template <class Place>
  basic_json& at(const Place& place) {
    return const_cast<basic_json&>(std::as_const(*this).at(place));
  }

  template <class Place>
  const basic_json& operator[](const Place& place) const {
    return at(place);
  }
  /// Makes what is not there yet, and null an object.
  template <detail::Text Key>
  basic_json& operator[](const Key& key) {
    if (is_null()) value_.template emplace<Object>();
    Object& object = get_or_refuse<Object>("object");
    if (basic_json* found = const_cast<basic_json*>(find(key))) return *found;
    if constexpr (ordered) {
      return object.emplace_back(std::string(key), basic_json()).second;
    } else {
      return object[std::string(key)];
    }
  }
  /// Of an array that is long enough.
  template <std::integral Index>
  basic_json& operator[](Index index) {
    return at(index);
  }

  void push_back(basic_json element) {
    if (is_null()) value_.template emplace<Array>();
    get_or_refuse<Array>("array").push_back(std::move(element));
  }
  template <std::integral Index>
  void erase(Index index) {
    at(index);
    Array& array = std::get<Array>(value_);
    array.erase(array.begin() + static_cast<std::ptrdiff_t>(index));
  }
  /// How many were there.
  template <detail::Text Key>
  std::size_t erase(const Key& key) {
    Object& object = get_or_refuse<Object>("object");
    return std::erase_if(object, [&](const auto& member) { return member.first == key; });
  }

  template <class T>
  T get() const {
    T result{};
    read(result);
    return result;
  }
  template <class T>
  requires(detail::is_readable<T>::value) operator T() const { return get<T>(); }

  /// With indent < 0 all on one line.
  std::string dump(int indent = -1, char indent_character = ' ', bool /*ensure_ascii*/ = false,
                   error_handler_t on_error = error_handler_t::strict) const {
    std::string out;
    write(out, indent, indent_character, 0, on_error);
    return out;
  }
  friend std::ostream& operator<<(std::ostream& out, const basic_json& value) {
    return out << value.dump(-1, ' ', false, error_handler_t::replace);
  }

  /// Numbers are equal by their values, whatever their types.
  friend bool operator==(const basic_json& a, const basic_json& b) {
    if (a.is_number() && b.is_number()) {
      if (a.is_number_float() || b.is_number_float()) return a.get<double>() == b.get<double>();
      return a.get<std::int64_t>() == b.get<std::int64_t>();
    }
    if (a.value_.index() != b.value_.index() || a.is_discarded()) return false;
    if (a.is_array()) return std::get<Array>(a.value_) == std::get<Array>(b.value_);
    if (a.is_object()) return std::get<Object>(a.value_) == std::get<Object>(b.value_);
    if (a.is_string()) return a.text() == b.text();
    return a.is_null() || std::get<bool>(a.value_) == std::get<bool>(b.value_);
  }
  template <class T>
  requires(is_plain<T>) friend bool operator==(const basic_json& a, const T& b) {
    return a == basic_json(b);
  }

 private:
  template <class T>
  bool holds() const {
    return std::holds_alternative<T>(value_);
  }
  const std::string& text() const { return std::get<std::string>(value_); }

  template <class T>
  const T& get_or_refuse(const char* wanted) const {
    if (const T* value = std::get_if<T>(&value_)) return *value;
    throw type_error(std::string("type must be ") + wanted + ", but is " + type_name());
  }
  template <class T>
  T& get_or_refuse(const char* wanted) {
    return const_cast<T&>(std::as_const(*this).template get_or_refuse<T>(wanted));
  }
  const Array& elements() const {
    static const Array none;
    return is_null() ? none : get_or_refuse<Array>("array");
  }
  const basic_json* find(std::string_view key) const {
    const Object* object = std::get_if<Object>(&value_);
    if (!object) return nullptr;
    if constexpr (ordered) {
      for (const auto& [name, member] : *object)
        if (name == key) return &member;
      return nullptr;
    } else {
      const auto found = object->find(key);
      return found != object->end() ? &found->second : nullptr;
    }
  }

  void read(bool& to) const { to = get_or_refuse<bool>("boolean"); }
  void read(std::string& to) const { to = get_or_refuse<std::string>("string"); }
  template <class Number>
  requires(std::is_arithmetic_v<Number>) void read(Number& to) const {
    if (const auto* whole = std::get_if<std::uint64_t>(&value_)) {
      to = static_cast<Number>(*whole);
    } else if (const auto* negative = std::get_if<std::int64_t>(&value_)) {
      to = static_cast<Number>(*negative);
    } else {
      const double number = get_or_refuse<double>("number");
      using Limits = std::numeric_limits<Number>;
      if (std::integral<Number> && !(number > static_cast<double>(Limits::lowest()) - 1 &&
                                     number < static_cast<double>(Limits::max())))
        throw out_of_range("number " + dump() + " is out of range");
      to = static_cast<Number>(number);
    }
  }
  template <class T>
  void read(std::vector<T>& to) const {
    to.clear();
    for (const basic_json& element : get_or_refuse<Array>("array"))
      to.push_back(element.template get<T>());
  }
  template <class T, std::size_t n>
  void read(std::array<T, n>& to) const {
    for (std::size_t i = 0; i < n; ++i) to[i] = at(i).template get<T>();
  }

  void write(std::string& out, int indent, char indent_character, int depth,
             error_handler_t on_error) const {
    const auto new_line = [&](int levels) {
      if (indent < 0) return;
      out += '\n';
      out.append(static_cast<std::size_t>(levels * indent), indent_character);
    };
    const auto quoted = [&](const std::string& unquoted) {
      if (!detail::append_quoted(out, unquoted) && on_error == error_handler_t::strict)
        throw type_error("text is not UTF-8");
    };
    if (const Array* array = std::get_if<Array>(&value_)) {
      out += '[';
      for (std::size_t i = 0; i < array->size(); ++i) {
        if (i > 0) out += ',';
        new_line(depth + 1);
        (*array)[i].write(out, indent, indent_character, depth + 1, on_error);
      }
      if (!array->empty()) new_line(depth);
      out += ']';
    } else if (const Object* object = std::get_if<Object>(&value_)) {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : *object) {
        if (!first) out += ',';
        first = false;
        new_line(depth + 1);
        quoted(key);
        out += indent < 0 ? ":" : ": ";
        member.write(out, indent, indent_character, depth + 1, on_error);
      }
      if (!object->empty()) new_line(depth);
      out += '}';
    } else if (is_string()) {
      quoted(text());
    } else if (const auto* boolean = std::get_if<bool>(&value_)) {
      out += *boolean ? "true" : "false";
    } else if (const auto* number = std::get_if<double>(&value_)) {
      out += detail::number_text(*number);
    } else if (const auto* whole = std::get_if<std::uint64_t>(&value_)) {
      out += std::to_string(*whole);
    } else if (const auto* negative = std::get_if<std::int64_t>(&value_)) {
      out += std::to_string(*negative);
    } else {
      out += is_discarded() ? "<discarded>" : "null";
    }
  }

  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object, Discarded>
      value_;
};

}  // namespace nlohmann
