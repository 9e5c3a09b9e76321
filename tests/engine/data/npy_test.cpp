// NumPy's arrays: what numpy.save writes, and what is refused.
#include "engine/data/npy.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "engine/math/error.h"
#include "tests/engine/data/views_fixture.h"
#include "tests/engine/export/temporary_folder.h"

namespace fieldscope {
namespace {

using test::npy_bytes;

template <class Number>
std::string raw(const std::vector<Number>& numbers, bool swapped = false) {
  std::string bytes;
  for (const Number number : numbers) {
    std::string one(reinterpret_cast<const char*>(&number), sizeof number);
    if (swapped) one.assign(one.rbegin(), one.rend());
    bytes += one;
  }
  return bytes;
}

std::string refusal(const std::string& bytes) {
  try {
    parse_npy(bytes);
  } catch (const DataError& error) {
    return error.what();
  }
  return "(accepted)";
}

const std::vector<double> six = {0, -1.5, 2.25, 1e300, 4, 5};

TEST(Npy, EveryVersionAndOrder) {
  for (const int version : {1, 2, 3}) {
    const NpyArray c = parse_npy(npy_bytes("<f8", false, "(2, 3)", raw(six), version));
    EXPECT_EQ(c.shape, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(c.numbers, six);
    const NpyArray f = parse_npy(npy_bytes("<f8", true, "(2, 3)", raw(six), version));
    EXPECT_EQ(f.numbers, (std::vector<double>{0, 2.25, 4, -1.5, 1e300, 5}));
  }
}

TEST(Npy, BytesAndByteOrder) {
  const std::vector<float> floats = {0, -1.5f, 3e-20f, std::numeric_limits<float>::infinity()};
  const std::vector<double> expected(floats.begin(), floats.end());
  EXPECT_EQ(parse_npy(npy_bytes("<f4", false, "(4,)", raw(floats))).numbers, expected);
  EXPECT_EQ(parse_npy(npy_bytes(">f4", false, "(4,)", raw(floats, true))).numbers, expected);
  EXPECT_EQ(parse_npy(npy_bytes(">f8", false, "(6,)", raw(six, true))).numbers, six);
  EXPECT_EQ(parse_npy(npy_bytes("=f8", false, "(6,)", raw(six))).numbers, six);
}

TEST(Npy, Shapes) {
  EXPECT_TRUE(parse_npy(npy_bytes("<f8", false, "()", raw<double>({7}))).shape.empty());
  EXPECT_EQ(parse_npy(npy_bytes("<f8", false, "()", raw<double>({7}))).numbers.size(), 1u);
  EXPECT_TRUE(parse_npy(npy_bytes("<f8", false, "(0, 17)", "")).numbers.empty());
  EXPECT_EQ(parse_npy(npy_bytes("<f8", false, "(6L,)", raw(six))).numbers, six);
  // [i][j][k] = 100 i + 10 j + k, stored with i running fastest.
  std::vector<double> stored, wanted;
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) stored.push_back(100 * i + 10 * j + k);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) wanted.push_back(100 * i + 10 * j + k);
  EXPECT_EQ(parse_npy(npy_bytes("<f8", true, "(2, 3, 4)", raw(stored))).numbers, wanted);
  EXPECT_EQ(shape_text({20, 17}), "20 x 17");
  EXPECT_EQ(shape_text({}), "a single number");
}

TEST(Npy, MembersInAnyOrder) {
  const std::string header = "{\"shape\":(3,),'fortran_order' :True,\"descr\":'<f8'}\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  EXPECT_EQ(parse_npy(bytes + header + raw<double>({1, 2, 3})).numbers.size(), 3u);
}

TEST(Npy, WhatIsRefused) {
  const auto expect = [](const std::string& bytes, const char* reason) {
    EXPECT_NE(refusal(bytes).find(reason), std::string::npos) << refusal(bytes);
  };
  const std::string good = npy_bytes("<f8", false, "(2, 3)", raw(six));
  expect("", "it is no NumPy file");
  expect("PK\3\4", "it is no NumPy file");
  expect(good.substr(0, 9), "it ends inside its header");
  expect(good.substr(0, 40), "it ends inside its header");
  expect(good.substr(0, good.size() - 1), "it is truncated or damaged");
  expect(good + "x", "it is truncated or damaged");
  expect(npy_bytes("<f8", false, "(2, 4)", raw(six)), "promises 2 x 4 numbers of 8 bytes");
  expect(npy_bytes("<i8", false, "(6,)", raw(six)), "kind '<i8'");
  expect(npy_bytes("<f2", false, "(6,)", raw(six)), "kind '<f2'");
  expect(npy_bytes("|O", false, "(6,)", raw(six)), "kind '|O'");
  expect(npy_bytes("<f8", false, "(4294967296, 4294967296, 2)", raw(six)), "shape is too large");
  expect(npy_bytes("<f8", false, "(99999999999999999999999,)", raw(six)), "shape is too large");
  expect(npy_bytes("<f8", false, "(-6,)", raw(six)), "header is damaged");
  expect(npy_bytes("<f8", false, "6", raw(six)), "header is damaged");
  expect(npy_bytes("<f8", false, "(6,)", raw(six), 9), "version is 9");
  std::string many;
  for (int i = 0; i < 40; ++i) many += "1, ";
  expect(npy_bytes("<f8", false, "(" + many + ")", raw<double>({1})), "40 axes");
  std::string table = npy_bytes("<f8", false, "(6,)", raw(six));
  table.replace(table.find("'<f8'"), 5, "[('a'");
  expect(table, "a table with named columns");
}

class NpyFile : public TemporaryFolderTest {};

TEST_F(NpyFile, IsNamedWhenItIsRefused) {
  EXPECT_EQ(read_npy(file("a.npy", npy_bytes("<f8", false, "(6,)", raw(six)))).numbers, six);
  try {
    read_npy(file("b.npy", "text"));
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what()), "cannot read NumPy file '" + (folder_ / "b.npy").string() +
                                             "': it is no NumPy file; save it again with "
                                             "numpy.save");
  }
  EXPECT_THROW(read_npy(folder_ / "none.npy"), DataError);
  EXPECT_THROW(read_npy(folder_), DataError);
}

}  // namespace
}  // namespace fieldscope
