// Built with nlohmann/json and with the stand-in for it: both print the same bytes.
//   json_dump FILE...    the files read and written again in several ways; also a few hard values
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>

#include <nlohmann/json.hpp>

using nlohmann::json;
using nlohmann::ordered_json;

template <class Json>
void print(const Json& j) {
  for (const int indent : {-1, 0, 2})
    std::printf("%s\n", j.dump(indent, ' ', false, Json::error_handler_t::replace).c_str());
}

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    std::ifstream in(arguments[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    print(json::parse(text));
    print(ordered_json::parse(text));
  }

  json numbers = json::array();
  for (int exponent = -30; exponent <= 30; ++exponent)
    for (const double digits : {1.0, 1.5, 123.0, 1.25, 9.875})
      numbers.push_back(digits *
                        (exponent < 0 ? 1 / std::pow(10.0, -exponent) : std::pow(10.0, exponent)));
  for (const double extreme : {0.0, -0.0, 0.1, -0.3, 1.0 / 3, 5e-324, 2.2250738585072014e-308,
                               std::numeric_limits<double>::max(), 123456789012345.0,
                               1234567890123456.0, 9007199254740993.0})
    numbers.push_back(extreme);
  numbers.push_back(std::numeric_limits<double>::infinity());
  numbers.push_back(std::numeric_limits<double>::quiet_NaN());
  numbers.push_back(0.1f);
  numbers.push_back(std::numeric_limits<std::uint64_t>::max());
  numbers.push_back(std::numeric_limits<std::int64_t>::min());
  print(numbers);

  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  print(json{every_byte, "\xe2\x82", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\xa0\x80",
             "\xf0\x90x", "\xf4\x90\x80\x80", "\xe2\x28\xa1", "\xc3"});
  print(
      ordered_json{{"b", ordered_json::array()}, {"a", ordered_json::object()}, {"\n\"", nullptr}});
  print(ordered_json::object());
}
