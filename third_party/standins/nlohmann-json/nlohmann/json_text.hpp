// How numbers and strings look in JSON. Part of the stand-in for nlohmann/json.hpp.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace nlohmann::detail {

/// How many bytes at the start of `text` are one well-formed character of UTF-8, or with a minus
/// sign how many are the part of one that is not (at least one).
inline int utf8_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte's range excludes longer forms than needed, surrogates and what is beyond
  // U+10FFFF (Unicode, table 3-7).
  unsigned char low = 0x80, high = 0xbf;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  for (int i = 1; i < length; ++i, low = 0x80, high = 0xbf) {
    const auto at = static_cast<std::size_t>(i);
    if (at >= text.size() || byte(at) < low || byte(at) > high) return -i;
  }
  return length;
}

/// Appends a Unicode character.
inline void append_utf8(std::string& text, std::uint32_t c) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xe0 | c >> 12);
    } else {
      add(0xf0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3f));
    }
    add(0x80 | (c >> 6 & 0x3f));
  }
  add(0x80 | (c & 0x3f));
}

/// The fewest digits that read back as the same number, and always a point or an exponent.
inline std::string number_text(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];  // d.ddde+xx
  const auto written =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific);
  const std::string_view scientific(text, static_cast<std::size_t>(written.ptr - text));
  const std::size_t e = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (e > 2) digits += scientific.substr(2, e - 2);
  int exponent = 0;
  std::from_chars(text + e + (text[e + 1] == '+' ? 2 : 1), written.ptr, exponent);

  const std::string sign = std::signbit(value) ? "-" : "";
  const int count = static_cast<int>(digits.size()), point = value == 0 ? 1 : exponent + 1;
  if (point > 15 || point <= -4) {
    if (count > 1) digits.insert(1, ".");
    return sign + digits + std::string(scientific.substr(e));
  }
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (count <= point)
    return sign + digits + std::string(static_cast<std::size_t>(point - count), '0') + ".0";
  return sign + digits.insert(static_cast<std::size_t>(point), ".");
}

/// Appends a string with its quotes. Bytes that are not UTF-8 become U+FFFD; false if there were
/// any.
inline bool append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  bool proper = true;
  out += '"';
  while (!text.empty()) {
    const char c = text[0];
    int length = 1;
    if (const std::size_t at = special.find(c); at != special.npos) {
      out += '\\';
      out += letters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else if (length = utf8_character(text); length > 0) {
      out += text.substr(0, static_cast<std::size_t>(length));
    } else {
      append_utf8(out, 0xfffd);
      proper = false;
    }
    text.remove_prefix(static_cast<std::size_t>(std::abs(length)));
  }
  out += '"';
  return proper;
}

}  // namespace nlohmann::detail
