// Reads JSON. Part of the stand-in for nlohmann/json.hpp.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json_text.hpp>

namespace nlohmann::detail {

struct exception : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct parse_error : exception {
  parse_error(std::size_t where, const std::string& reason)
      : exception("parse error at byte " + std::to_string(where) + ": " + reason), byte(where) {}
  std::size_t byte;  ///< counted from one, the last one that was read
};
struct type_error : exception {
  using exception::exception;
};
struct out_of_range : exception {
  using exception::exception;
};

/// Reads one document (RFC 8259), by recursive descent.
template <class Json>
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json document() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark
    Json json = value(0);
    skip_space();
    if (at_ < text_.size()) refuse("there is more behind the value");
    return json;
  }

 private:
  static constexpr int max_depth = 1000;  ///< each level takes a few hundred bytes of the stack

  [[noreturn]] void refuse(const char* reason) const { throw parse_error(at_ + 1, reason); }

  /// The next byte, 0 at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != text_.npos) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  Json value(int depth) {
    if (depth > max_depth) refuse("it nests too deeply");
    if (accept('{')) return object(depth);
    if (accept('[')) return array(depth);
    if (accept('"')) return Json(string());
    for (const auto& [word, json] : {std::pair<std::string_view, Json>{"true", Json(true)},
                                     {"false", Json(false)},
                                     {"null", Json(nullptr)}}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return json;
    }
    return number();
  }

  Json object(int depth) {
    Json result = Json::object();
    if (accept('}')) return result;
    do {
      if (!accept('"')) refuse("expected the name of a member");
      const std::string key = string();
      if (!accept(':')) refuse("expected ':'");
      result[key] = value(depth + 1);
    } while (accept(','));
    if (!accept('}')) refuse("expected ',' or '}'");
    return result;
  }

  Json array(int depth) {
    Json result = Json::array();
    if (accept(']')) return result;
    do {
      result.push_back(value(depth + 1));
    } while (accept(','));
    if (!accept(']')) refuse("expected ',' or ']'");
    return result;
  }

  /// The opening quote is read already.
  std::string string() {
    std::string result;
    while (peek() != '"' || at_ >= text_.size()) {
      if (at_ >= text_.size()) refuse("the text does not end");
      if (static_cast<unsigned char>(peek()) < 0x20) refuse("control character in a text");
      if (peek() == '\\') {
        ++at_;
        escape(result);
        continue;
      }
      const int length = utf8_character(text_.substr(at_));
      if (length < 0) refuse("text is not UTF-8");
      result += text_.substr(at_, static_cast<std::size_t>(length));
      at_ += static_cast<std::size_t>(length);
    }
    ++at_;
    return result;
  }

  void escape(std::string& to) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const std::size_t letter = letters.find(peek());
    if (letter != letters.npos) {
      to += meanings[letter];
      ++at_;
      return;
    }
    std::uint32_t c = code_unit();
    if (c >= 0xd800 && c < 0xdc00) {  // the first of two that make one character
      if (peek() != '\\') refuse("half a surrogate pair");
      ++at_;
      const std::uint32_t second = code_unit();
      if (second < 0xdc00 || second > 0xdfff) refuse("half a surrogate pair");
      c = 0x10000 + ((c - 0xd800) << 10) + (second - 0xdc00);
    } else if (c >= 0xdc00 && c <= 0xdfff) {
      refuse("half a surrogate pair");
    }
    append_utf8(to, c);
  }

  /// uXXXX
  std::uint32_t code_unit() {
    if (peek() != 'u') refuse("unknown escape");
    ++at_;
    std::uint32_t unit = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() < 4 || read.ptr != digits.data() + 4) refuse("'\\u' wants four hex digits");
    at_ += 4;
    return unit;
  }

  std::size_t skip_digits() {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - first;
  }

  Json number() {
    const std::size_t first = at_;
    const bool negative = peek() == '-';
    if (negative) ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (skip_digits() == 0) {
      refuse("expected a value");
    }
    const std::size_t whole_end = at_;
    if (peek() == '.') {
      ++at_;
      if (skip_digits() == 0) refuse("expected digits after '.'");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (skip_digits() == 0) refuse("expected digits in the exponent");
    }
    const char *begin = text_.data() + first, *end = text_.data() + at_;
    if (at_ == whole_end) {
      std::uint64_t whole = 0;
      std::int64_t below_zero = 0;
      if (negative && std::from_chars(begin, end, below_zero).ec == std::errc())
        return Json(below_zero);
      if (!negative && std::from_chars(begin, end, whole).ec == std::errc()) return Json(whole);
    }
    double result = 0;
    if (std::from_chars(begin, end, result).ec != std::errc()) {
      result = std::strtod(std::string(begin, end).c_str(), nullptr);  // tells 0 from infinity
      if (!std::isfinite(result))
        throw out_of_range("number " + std::string(begin, end) + " is too large");
    }
    return Json(result);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace nlohmann::detail
