#include "scenarios/yaml.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "tests/scenarios/messages.hpp"

namespace {

using scenarios::read_yaml_text;
using scenarios::read_yaml_value;
using testing::HasSubstr;
using testing::StartsWith;

std::string refused(const std::string& text) {
  return refusal([&] { read_yaml_text(text, "in.yaml"); });
}

TEST(Yaml, ValuesKeepTheirTypes) {
  const auto doc = read_yaml_text(
      "a: 1\nb: 1.5\nc: true\nd: text\ne: \"1\"\nf: [1, x]\ng: 15.6e12\nh: -3\ni: yes\nj: 400 "
      "Gbit/s\n",
      "in.yaml");
  EXPECT_EQ(
      doc.root.dump(),
      R"({"a":1,"b":1.5,"c":true,"d":"text","e":"1","f":[1,"x"],"g":15600000000000,"h":-3,"i":"yes","j":"400 Gbit/s"})");
}

TEST(Yaml, EveryValueKnowsItsPlace) {
  const auto doc = read_yaml_text("a: 1\nm:\n  k: [10,\n      20]\n", "in.yaml");
  const auto at = [&](const char* pointer) { return to_string(doc.place(pointer).value); };
  EXPECT_EQ(at("/a"), "in.yaml:1:4");
  EXPECT_EQ(at("/m/k/1"), "in.yaml:4:7");
  EXPECT_EQ(at("/m/k/9/none"), "in.yaml:3:6");  // the nearest value around it
  EXPECT_EQ(to_string(doc.place("/m/k").key), "in.yaml:3:3");
}

TEST(Yaml, DuplicateKeysAreRefused) {
  EXPECT_EQ(refused("x:\n  tp: 8\n  pp: 1\n  tp: 4\n"),
            "in.yaml:4:3: x.tp: the key is already given in line 2, remove one of the two");
}

TEST(Yaml, WhatTwoReadersCouldUnderstandDifferentlyIsRefused) {
  EXPECT_THAT(refused("a: 010\n"), HasSubstr("in.yaml:1:4: \"010\" begins with 0"));
  EXPECT_THAT(refused("a: 0x10\n"), HasSubstr("not a decimal number"));
  EXPECT_THAT(refused("a: 0o10\n"), HasSubstr("not a decimal number"));
  EXPECT_THAT(refused("a: 1_000\n"), HasSubstr("underscores"));
  EXPECT_THAT(refused("a: .inf\n"), HasSubstr("not a finite number"));
  EXPECT_THAT(refused("a: 1e999\n"), HasSubstr("out of range"));
  EXPECT_THAT(refused("a: !!int 3\n"), HasSubstr("tag"));
  EXPECT_THAT(refused("a: &x {b: 1}\nc: {<<: *x}\n"), HasSubstr("base: other.yaml"));
  EXPECT_THAT(refused("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
}

TEST(Yaml, RootMustBeAMap) {
  EXPECT_THAT(refused("- a\n- b\n"),
              HasSubstr("in.yaml:1:1: the file holds a list, expected keys and values"));
  EXPECT_THAT(refused("just words"), HasSubstr("holds a single value"));
  EXPECT_THAT(refused(""), HasSubstr("in.yaml: the file is empty"));
  EXPECT_THAT(refused("# only a comment\n"), HasSubstr("in.yaml"));
}

TEST(Yaml, SyntaxErrorsNameLineAndColumn) {
  EXPECT_THAT(refused("a: [1, 2\nb: 3\n"), StartsWith("in.yaml:2:"));
  EXPECT_THAT(refused("a: b: c\n"), StartsWith("in.yaml:1:"));
  EXPECT_THAT(refused("a: \"open\n"), HasSubstr("not valid YAML"));
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

TEST(Yaml, DeepNestingIsRefused) {
  const std::string says = "nested more than 100 levels deep";
  EXPECT_THAT(refused("x: " + repeated("[", 200) + repeated("]", 200)), HasSubstr(says));
  EXPECT_THAT(refused("x: " + repeated("{a: ", 150) + "1" + repeated("}", 150)), HasSubstr(says));
  EXPECT_THAT(refused("x:\n  " + repeated("- ", 200'000)), HasSubstr(says));
  EXPECT_NO_THROW(read_yaml_text("x: " + repeated("[", 90) + repeated("]", 90), "in.yaml"));
}

TEST(Yaml, OpenBracketsAreRefusedHoweverMany) {
  for (const char* level : {"[", "{a: ", "? ", "[{"}) {
    EXPECT_THAT(refused("x:\n  " + repeated(level, 200'000)), StartsWith("in.yaml:2:")) << level;
  }
}

TEST(Yaml, AliasesMayNotExplode) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last +
            ", " + last + ", " + last + "]\n";
  }
  EXPECT_THAT(refused(text), HasSubstr("aliases expand to more than"));
  EXPECT_THAT(refused("a: &a [*a]\n"), HasSubstr("in.yaml:1:8"));
  EXPECT_EQ(read_yaml_text("a: &a [1]\nb: *a\n", "in.yaml").root.dump(), R"({"a":[1],"b":[1]})");
}

TEST(Yaml, BinaryAndBrokenTextIsRefusedWithItsPlace) {
  EXPECT_THAT(refused(std::string("a: 1\nb: \0", 9)),
              HasSubstr("in.yaml:2:4: byte 0x00 is not text"));
  EXPECT_THAT(refused("a: \xff\xfe"), HasSubstr("byte 0xff is not text"));
  EXPECT_THAT(refused("a: \xc3("), HasSubstr("byte 0xc3 is not text"));
  EXPECT_EQ(read_yaml_text("\xEF\xBB\xBF"
                           "a: \xc3\xa9\n",
                           "in.yaml")
                .root.dump(),
            R"({"a":"é"})");  // with BOM
}

TEST(Yaml, TenMegabytesOfGarbageAreRefusedSoon) {
  std::mt19937 random(7);
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& alphabet :
       {std::string("abcdefgh \n"), std::string("[]{},:&*#?|-<>=!%@\\\"' \n\tab01"),
        std::string("a:\n"), std::string("- \n")}) {
    std::string text;
    for (int i = 0; i < 10'000'000; ++i) {
      text += alphabet[random() % alphabet.size()];
    }
    EXPECT_FALSE(refused(text).empty()) << alphabet;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(2));
}

TEST(Yaml, MissingFilesAndDirectoriesAreNamed) {
  EXPECT_EQ(refusal([] { scenarios::read_yaml("/nowhere/x.yaml"); }),
            "/nowhere/x.yaml: there is no such file");
  EXPECT_THAT(refusal([] { scenarios::read_yaml("/"); }), HasSubstr("directory"));
}

TEST(Yaml, TooLargeFilesAreRefused) {
  EXPECT_THAT(refused(std::string(17'000'000, 'a')), HasSubstr("larger than 16 MiB"));
}

TEST(YamlValue, IsTypedAsInAFile) {
  EXPECT_EQ(read_yaml_value("4", "--set").dump(), "4");
  EXPECT_EQ(read_yaml_value("bf16", "--set").dump(), "\"bf16\"");
  EXPECT_EQ(read_yaml_value("{layers: 4}", "--set").dump(), R"({"layers":4})");
  EXPECT_THAT(refusal([] { read_yaml_value("", "--set a"); }),
              HasSubstr("--set a: the value is empty"));
}

TEST(Document, OverlayMergesMapsAndMovesPlaces) {
  auto base = read_yaml_text("a: {x: 1, y: 2}\nb: [1, 2]\nc: 1\n", "base.yaml");
  scenarios::overlay(base, read_yaml_text("a:\n  y: 3\nb: [9]\nc: null\n", "top.yaml"));
  EXPECT_EQ(base.root.dump(), R"({"a":{"x":1,"y":3},"b":[9]})");
  EXPECT_EQ(to_string(base.place("/a/x").value), "base.yaml:1:8");
  EXPECT_EQ(to_string(base.place("/a/y").value), "top.yaml:2:6");
  EXPECT_EQ(to_string(base.place("/b/0").value), "top.yaml:3:5");
}

}  // namespace
