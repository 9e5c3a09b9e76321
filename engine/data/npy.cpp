#include "engine/data/npy.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/data/whole_file.h"
#include "engine/math/error.h"

namespace fieldscope {
namespace {

constexpr std::uint64_t most_bytes = 64u << 20;
constexpr std::size_t most_axes = 32;  // NumPy's own limit
constexpr std::string_view magic = "\x93NUMPY";

[[noreturn]] void refuse(const std::string& reason) {
  throw DataError(reason + "; save it again with numpy.save");
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

/// The dictionary that the header is: a Python literal with three members, in any order.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Header parse() {
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        if (peek() == '[') {
          refuse("it holds a table with named columns, not numbers of one kind");
        }
        header_.descr = quoted();
        seen_ |= 1;
      } else if (key == "fortran_order") {
        header_.fortran_order = boolean();
        seen_ |= 2;
      } else if (key == "shape") {
        header_.shape = tuple();
        seen_ |= 4;
      } else {
        damaged();
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    if (seen_ != 7 || peek() != '\0') damaged();
    return header_;
  }

 private:
  [[noreturn]] static void damaged() { refuse("its header is damaged"); }

  char peek() {
    const std::size_t at = rest_.find_first_not_of(" \t\n");
    rest_.remove_prefix(std::min(at, rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (rest_.empty() || !take(c)) damaged();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') damaged();
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) damaged();
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    peek();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(std::strlen(word));
        return value;
      }
    }
    damaged();
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> numbers;
    expect('(');
    while (!take(')')) {
      numbers.push_back(number());
      take('L');  // as Python 2 wrote long integers
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    if (numbers.size() > most_axes)
      refuse("its shape has " + std::to_string(numbers.size()) + " axes");
    return numbers;
  }
  std::size_t number() {
    if (peek() < '0' || peek() > '9') damaged();
    std::size_t value = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      const auto digit = static_cast<std::size_t>(rest_.front() - '0');
      if (value > (SIZE_MAX - digit) / 10) refuse("its shape is too large");
      value = 10 * value + digit;
      rest_.remove_prefix(1);
    }
    return value;
  }

  std::string_view rest_;
  Header header_;
  int seen_ = 0;
};

/// What NumPy calls the kind of numbers: byte order, f, bytes.
struct Kind {
  std::size_t bytes = 0;
  bool swapped = false;
};

Kind kind_of(const std::string& descr) {
  constexpr bool little = std::endian::native == std::endian::little;
  const bool order = descr.size() == 3 && (descr[0] == '<' || descr[0] == '>' || descr[0] == '=');
  if (!order || descr[1] != 'f' || (descr[2] != '4' && descr[2] != '8')) {
    std::string safe = descr.substr(0, 20);
    std::replace_if(
        safe.begin(), safe.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
    refuse("it holds numbers of kind '" + safe + "', not floats of 4 or 8 bytes");
  }
  return {static_cast<std::size_t>(descr[2] - '0'), descr[0] == (little ? '>' : '<')};
}

template <class Number, class Bits>
double number_at(const char* bytes, bool swapped) {
  Bits bits;
  std::memcpy(&bits, bytes, sizeof bits);
  if (swapped) {
    Bits turned = 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      turned = static_cast<Bits>(turned << 8) | static_cast<Bits>((bits >> (8 * i)) & 0xff);
    }
    bits = turned;
  }
  return static_cast<double>(std::bit_cast<Number>(bits));
}

/// From the first index running fastest to the last one.
std::vector<double> in_c_order(const std::vector<double>& numbers,
                               const std::vector<std::size_t>& shape) {
  std::vector<double> result(numbers.size());
  std::vector<std::size_t> at(shape.size());
  for (double& number : result) {
    std::size_t from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + at[axis];
    number = numbers[from];
    for (std::size_t axis = shape.size(); axis-- > 0 && ++at[axis] == shape[axis];) at[axis] = 0;
  }
  return result;
}

/// Splits off the header; what is left are the numbers.
std::string_view take_header(std::string_view& bytes) {
  if (!bytes.starts_with(magic)) refuse("it is no NumPy file");
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  if (bytes.size() < 10) refuse("it ends inside its header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) {
    refuse("its format version is " + std::to_string(version) + ", known are 1 to 3");
  }
  const std::size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) refuse("it ends inside its header");
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - start) refuse("it ends inside its header");
  const std::string_view header = bytes.substr(start, length);
  bytes.remove_prefix(start + length);
  return header;
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "a single number" : text;
}

NpyArray parse_npy(std::string_view bytes) {
  const Header header = HeaderParser(take_header(bytes)).parse();
  const Kind kind = kind_of(header.descr);
  std::size_t count = 1;
  for (const std::size_t size : header.shape) {
    if (size > 0 && count > SIZE_MAX / size) refuse("its shape is too large");
    count *= size;
  }
  if (count != bytes.size() / kind.bytes || bytes.size() % kind.bytes != 0) {
    refuse("its header promises " + shape_text(header.shape) + " numbers of " +
           std::to_string(kind.bytes) + " bytes, and " + std::to_string(bytes.size()) +
           " bytes are there: it is truncated or damaged");
  }
  NpyArray array;
  array.shape = header.shape;
  array.numbers.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* at = bytes.data() + i * kind.bytes;
    array.numbers[i] = kind.bytes == 4 ? number_at<float, std::uint32_t>(at, kind.swapped)
                                       : number_at<double, std::uint64_t>(at, kind.swapped);
  }
  if (header.fortran_order) array.numbers = in_c_order(array.numbers, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_whole_file(path, "NumPy file", most_bytes);
  try {
    return parse_npy(bytes);
  } catch (const DataError& error) {
    throw DataError("cannot read NumPy file '" + path.string() + "': " + error.what());
  }
}

}  // namespace fieldscope
