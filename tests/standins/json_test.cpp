// The stand-in for nlohmann/json: what it reads, refuses and makes. That it writes the same bytes
// is json_dump.cpp's to show.
#include <cstdint>
#include <limits>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

bool refused(const std::string& text) {
  try {
    json::parse(text);
  } catch (const json::exception& error) {
    EXPECT_STRNE(error.what(), "");
    return true;
  }
  return false;
}

TEST(StandInJson, ListsOfPairsAreObjectsAndOthersArrays) {
  EXPECT_TRUE((json{{"a", 1}, {"b", 2}}).is_object());
  EXPECT_TRUE((json{{"a", 1}}).is_object());
  EXPECT_TRUE((json{"a", 1}).is_array());
  EXPECT_TRUE((json{{"a", 1}, {2, "b"}}).is_array());
  EXPECT_TRUE((json{{"a", 1, 2}}).is_array());
  EXPECT_EQ((ordered_json{{"z", {"x"}}, {"a", {{"k", nullptr}}}}).dump(),
            R"({"z":["x"],"a":{"k":null}})");
}

TEST(StandInJson, ContainersAndEnumerations) {
  enum class Number { three = 3 };
  EXPECT_EQ(json(std::vector<std::vector<int>>{{1}, {}}).dump(), "[[1],[]]");
  EXPECT_EQ(json(std::map<std::string, double>{{"b", 1}, {"a", 0.5}}).dump(),
            R"({"a":0.5,"b":1.0})");
  EXPECT_EQ(json(Number::three).dump(), "3");
  EXPECT_EQ(json(std::string_view("x")).dump(), "\"x\"");
}

TEST(StandInJson, ReadsEveryKindOfValue) {
  const json j = json::parse(
      "\xef\xbb\xbf \n{\"a\": [true, false, null, -1, 2, 3.5, 1E2], \"b\": "
      "{}, \"c\": \"x\"}\t");
  const json& a = j.at("a");
  ASSERT_EQ(a.size(), 7u);
  EXPECT_TRUE(a[0].get<bool>());
  EXPECT_TRUE(a[2].is_null());
  EXPECT_TRUE(a[3].is_number_integer());
  EXPECT_FALSE(a[3].is_number_unsigned());
  EXPECT_TRUE(a[4].is_number_unsigned());
  EXPECT_TRUE(a[6].is_number_float());
  EXPECT_EQ(a[6], 100);
  EXPECT_EQ(j.at("b").size(), 0u);
  EXPECT_EQ(j.at("c"), "x");
  EXPECT_STREQ(a.type_name(), "array");
  EXPECT_TRUE(j.contains("c"));
  EXPECT_FALSE(j.contains("d"));
}

TEST(StandInJson, WholeNumbersKeepAllTheirBits) {
  EXPECT_EQ(json::parse("18446744073709551615").get<std::uint64_t>(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(json::parse("-9223372036854775808").get<std::int64_t>(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(json::parse("18446744073709551616").is_number_float());
  EXPECT_EQ(json::parse("1e-400").get<double>(), 0);
}

TEST(StandInJson, EscapesAndSurrogates) {
  EXPECT_EQ(json::parse(R"("\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00")").get<std::string>(),
            "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(StandInJson, WhatIsNoJsonIsRefused) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:2}",
                           "01",
                           "-",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "0x1",
                           "nul",
                           "True",
                           "NaN",
                           "Infinity",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\ud800x\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "\"\xff\"",
                           "\"\xc3\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xc0\x80\"",
                           "1 2",
                           "[1] x",
                           "1e999",
                           "-1e999",
                           "'a'",
                           "//",
                           "[,1]"})
    EXPECT_TRUE(refused(text)) << text;
  EXPECT_TRUE(refused(std::string("\"\0\"", 3)));
  EXPECT_TRUE(refused(std::string("1\0", 2)));
  EXPECT_TRUE(json::parse("[1", nullptr, false).is_discarded());
}

TEST(StandInJson, DepthIsLimited) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += open;
    EXPECT_TRUE(refused(text));
  }
  EXPECT_FALSE(refused(std::string(900, '[') + std::string(900, ']')));
}

TEST(StandInJson, ErrorsSayWhere) {
  try {
    json::parse("{\"a\": 1,\n x}");
    FAIL();
  } catch (const json::parse_error& error) {
    EXPECT_EQ(error.byte, 11u);
  }
}

TEST(StandInJson, EveryTruncationIsRefused) {
  const std::string text =
      R"({"a": [1, -2.5e3, "x\u00e9\ud83d\ude00", true, null], "b": {"c": [[]]}})";
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_TRUE(refused(text.substr(0, length))) << length;
}

/// Whatever one byte is, the text is read or refused.
TEST(StandInJson, EveryChangedByteIsReadOrRefused) {
  const std::string text = R"({"a": [1, -2.5e3, "x\u00e9"], "b": true})";
  int readable = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      const json j = json::parse(changed, nullptr, false);
      if (j.is_discarded()) continue;
      ++readable;
      EXPECT_EQ(json::parse(j.dump()), j) << changed;
    }
  EXPECT_GT(readable, 500);
}

TEST(StandInJson, WrongTypesAndPlacesThrow) {
  const json j = {{"text", "x"}, {"list", {1, 2}}, {"number", 1.5}};
  EXPECT_THROW(j.at("none"), json::out_of_range);
  EXPECT_THROW(j.at("list").at(2), json::out_of_range);
  EXPECT_THROW(j.at("list").at(-1), json::out_of_range);
  EXPECT_THROW(j.at(0), json::type_error);
  EXPECT_THROW(j.at("text").at("x"), json::type_error);
  EXPECT_THROW(j.at("text").get<double>(), json::type_error);
  EXPECT_THROW(j.at("number").get<std::string>(), json::type_error);
  EXPECT_THROW(j.at("number").get<std::vector<int>>(), json::type_error);
  EXPECT_THROW(j.at("list").get<std::vector<std::string>>(), json::type_error);
  EXPECT_THROW((j.at("list").get<std::array<int, 3>>()), json::exception);
  EXPECT_THROW(json(1e300).get<int>(), json::out_of_range);
  EXPECT_THROW(j.at("text").items(), json::type_error);
  json text = "x";
  EXPECT_THROW(text["key"], json::type_error);
  EXPECT_THROW(text.push_back(1), json::type_error);
  EXPECT_THROW(json("\xff").dump(), json::type_error);
}

TEST(StandInJson, ChangesInPlace) {
  ordered_json j;
  j["list"].push_back(1);
  j["list"].push_back({{"k", 2}});
  j["object"]["b"] = {"x"};
  j["object"]["a"] = j["list"][1];
  EXPECT_EQ(j.dump(), R"({"list":[1,{"k":2}],"object":{"b":["x"],"a":{"k":2}}})");
  j["list"].erase(0);
  EXPECT_EQ(j["object"].erase("b"), 1u);
  EXPECT_EQ(j["object"].erase("b"), 0u);
  EXPECT_EQ(j.dump(), R"({"list":[{"k":2}],"object":{"a":{"k":2}}})");
  for (ordered_json& element : j["list"]) element["k"] = 3;
  EXPECT_EQ(j["list"].back().at("k"), 3.0);
  for (const auto& [key, value] : j["object"].items()) EXPECT_EQ(key, "a") << value;
}

TEST(StandInJson, EqualityIsByValue) {
  EXPECT_EQ(json(1), json(1u));
  EXPECT_EQ(json(1), json(1.0));
  EXPECT_NE(json(1), json("1"));
  EXPECT_NE(json(0), json(nullptr));
  EXPECT_EQ(json::parse(R"({"a":1,"b":[2]})"), json::parse(R"({"b":[2.0],"a":1})"));
  EXPECT_NE(ordered_json::parse(R"({"a":1,"b":2})"), ordered_json::parse(R"({"b":2,"a":1})"));
}

}  // namespace
