#include "scenarios/schema.hpp"

#include <string>

#include "scenarios/yaml.hpp"

#include "tests/scenarios/messages.hpp"

namespace {

const std::string kSmall =
    "model: llama3-8b\ncluster: {fabric: dgx-h100}\ntraining: {sequence_length: 8192, "
    "global_batch: 8}\n";

std::string refused(const std::string& more) {
  const auto doc = scenarios::read_yaml_text(kSmall + more, "s.yaml");
  return refusal([&] { scenarios::check_schema(doc, "scenario"); });
}

TEST(Schema, AcceptsASmallScenario) {
  EXPECT_NO_THROW(scenarios::check_schema(scenarios::read_yaml_text(kSmall, "s.yaml"), "scenario"));
}

TEST(Schema, UnknownKeysGetTheNearestKnownOne) {
  EXPECT_EQ(refused("layout: {ttp: 3}\n"),
            "s.yaml:4:10: layout.ttp: unknown key \"ttp\", did you mean \"tp\"?");
  EXPECT_EQ(refused("framwork: megatron\n"),
            "s.yaml:4:1: framwork: unknown key \"framwork\", did you mean \"framework\"?");
}

TEST(Schema, WrongTypesAndWordsAreExplained) {
  EXPECT_EQ(refused("layout: {tp: eight}\n"),
            "s.yaml:4:14: layout.tp: found \"eight\", expected a whole number, at least 1");
  EXPECT_EQ(refused("layout: {sharding: zero4}\n"),
            "s.yaml:4:20: layout.sharding: found \"zero4\", expected \"ddp\", \"zero1\", \"zero2\" "
            "or \"zero3\"; did you mean \"zero1\"?");
  EXPECT_EQ(refused("layout: {sequence_parallel: yes}\n"),
            "s.yaml:4:29: layout.sequence_parallel: found \"yes\", expected true or false");
  EXPECT_EQ(refused("framework: [1]\n"),
            "s.yaml:4:12: framework: found a list, expected a framework's catalog name, or a map "
            "with base and values to change");
}

TEST(Schema, QuantitiesNeedTheirUnit) {
  EXPECT_EQ(refused("limits: {power: 20}\n"),
            "s.yaml:4:17: limits.power: \"20\" has no unit, expected a power such as \"700 W\"");
  EXPECT_EQ(refused("limits: {power: 20 MB}\n"),
            "s.yaml:4:17: limits.power: \"20 MB\" is a size, expected a power such as \"700 W\"");
}

TEST(Schema, MissingKeysAreNamed) {
  const auto doc = scenarios::read_yaml_text(
      "model: m\ncluster: {fabric: f}\ntraining: {sequence_length: 4}\n", "s.yaml");
  EXPECT_EQ(
      refusal([&] { scenarios::check_schema(doc, "scenario"); }),
      "s.yaml:3:11: training: \"global_batch\" is missing, expected a whole number, at least 1");
}

TEST(Schema, AlternativesAreAllListed) {
  const auto recompute = [](const std::string& value) {
    const auto doc = scenarios::read_yaml_text(
        "model: m\ncluster: {fabric: f}\ntraining: {sequence_length: 1, global_batch: 1, "
        "recompute: " +
            value + "}\n",
        "s.yaml");
    return refusal([&] { scenarios::check_schema(doc, "scenario"); });
  };
  EXPECT_THAT(
      recompute("ful"),
      testing::HasSubstr("training.recompute: found \"ful\", expected \"none\", \"selective\" or "
                         "\"full\" or {layers: N}; did you mean \"full\"?"));
  EXPECT_THAT(recompute("{layer: 3}"),
              testing::HasSubstr(
                  "training.recompute.layer: unknown key \"layer\", did you mean \"layers\"?"));
}

TEST(Schema, AllEmbeddedSchemasCompile) {
  for (const std::string& name : scenarios::schema_names()) {
    EXPECT_NO_FATAL_FAILURE(try {
      scenarios::check_schema(scenarios::read_yaml_text("zzz: 1\n", "s.yaml"), name);
    } catch (const topology::InputError&){})
        << name;
  }
}

}  // namespace
