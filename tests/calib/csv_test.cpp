#include "calib/csv.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "topology/error.hpp"

namespace calib {
namespace {

using topology::InputError;

std::string complaint(const std::string& text) {
  try {
    parse_csv(text, "t.csv");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Csv, ReadsPlainAndQuotedFields) {
  const CsvTable t = parse_csv("a,b\n1,\"x, \"\"y\"\"\"\n,\"two\nlines\"\n", "t.csv");
  ASSERT_EQ(t.rows.size(), 2u);
  EXPECT_EQ(t.rows[0][1], "x, \"y\"");
  EXPECT_EQ(t.rows[1][0], "");
  EXPECT_EQ(t.rows[1][1], "two\nlines");
  EXPECT_EQ(t.lines[1], 3);
}

TEST(Csv, ReadsWindowsLineEndsByteOrderMarksAndALastLineWithoutEnd) {
  const CsvTable t = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"2\"\r\n\r\n3,4",
      "t.csv");
  EXPECT_EQ(t.header, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(t.rows.size(), 2u);
  EXPECT_EQ(t.rows[0], (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(t.rows[1], (std::vector<std::string>{"3", "4"}));
  EXPECT_EQ(t.lines[1], 4);
}

TEST(Csv, NamesFileAndLineOfWhatIsWrong) {
  EXPECT_EQ(complaint("a,b\n1,2\n3\n"), "t.csv:3: found 1 fields, expected 2 as in the header");
  EXPECT_NE(complaint("a\n\"x\n").find("t.csv:2: a quote is opened"), std::string::npos);
  EXPECT_NE(complaint("a\n\"x\"y\n").find("t.csv:2"), std::string::npos);
  EXPECT_NE(complaint(std::string("a\n\0\n", 4)).find("zero byte"), std::string::npos);
  EXPECT_NE(complaint("").find("empty"), std::string::npos);
  EXPECT_NE(complaint("\n \n").find("empty"), std::string::npos);
}

TEST(Csv, NumbersAreFiniteAndWhole) {
  const CsvTable t = parse_csv("a,b\n 1.5 ,\nnan,\n1e999,\n1x,\n7,\n,\n1e300,\n", "t.csv");
  EXPECT_EQ(t.number(0, 0), 1.5);
  EXPECT_THROW((void)t.number(1, 0), InputError);
  EXPECT_THROW((void)t.number(2, 0), InputError);
  EXPECT_THROW((void)t.number(3, 0), InputError);
  EXPECT_THROW((void)t.integer(0, 0), InputError);
  EXPECT_EQ(t.integer(4, 0), 7);
  EXPECT_FALSE(t.optional_number(5, 0));
  EXPECT_THROW((void)t.integer(6, 0), InputError);
}

TEST(Csv, AMissingColumnListsTheOnesThereAre) {
  const CsvTable t = parse_csv("a,b\n", "t.csv");
  try {
    (void)t.required_column("c");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "t.csv:1: c: column is missing; the table has a, b");
  }
}

TEST(Csv, SurvivesTenMegabytesOfGarbage) {
  std::mt19937 random(1);
  std::string noise(10'000'000, '\0');
  for (char& c : noise) {
    c = static_cast<char>(random());
  }
  EXPECT_NE(complaint(noise), "no error");
  for (char& c : noise) {
    c = static_cast<char>(c == 0 ? 'x' : c);
  }
  EXPECT_NE(complaint(noise), "no error");
  EXPECT_NE(complaint(std::string(10'000'000, ',')), "no error");
}

TEST(Csv, AMissingFileAndAFolderAreInputErrors) {
  EXPECT_THROW(read_csv("/no/such/file.csv"), InputError);
  EXPECT_THROW(read_csv("/"), InputError);
}

TEST(Csv, WritesWhatItCanRead) {
  const std::string odd = "a, \"b\"\nc";
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(parse_csv("h\n" + csv_field(odd) + "\n", "t.csv").rows[0][0], odd);
}

}  // namespace
}  // namespace calib
