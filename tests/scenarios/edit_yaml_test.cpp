#include "scenarios/edit_yaml.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/error.hpp"

namespace {

using scenarios::value_in_text;
using scenarios::with_value;

const std::string kText = R"(# A plan.
name: One   # shown in reports
model: gpt3-175b
cluster: {fabric: superpod-h100, gpus: 1024}   # rented

training:
  sequence_length: 2048
  global_batch: 64        # sequences
  recompute: none
layout:
  tp: 8
  # the rest is dp
framework: "megatron"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(EditYaml, ReadsValuesAsTheyAreWritten) {
  EXPECT_EQ(value_in_text(kText, "training.global_batch"), "64");
  EXPECT_EQ(value_in_text(kText, "cluster.gpus"), "1024");
  EXPECT_EQ(value_in_text(kText, "name"), "One");
  EXPECT_EQ(value_in_text(kText, "framework"), "\"megatron\"");
  EXPECT_EQ(value_in_text(kText, "layout.pp"), std::nullopt);
  EXPECT_EQ(value_in_text(kText, "cluster"), "{fabric: superpod-h100, gpus: 1024}");
}

TEST(EditYaml, ChangesOneValueAndKeepsComments) {
  EXPECT_EQ(with_value(kText, "training.global_batch", "128"),
            replaced(kText, "global_batch: 64 ", "global_batch: 128 "));
  EXPECT_EQ(with_value(kText, "cluster.gpus", "2048"), replaced(kText, "1024", "2048"));
  EXPECT_EQ(with_value(kText, "training.recompute", "{layers: 4}"),
            replaced(kText, "recompute: none", "recompute: {layers: 4}"));
}

TEST(EditYaml, AddsAValueAfterItsSiblings) {
  EXPECT_EQ(with_value(kText, "layout.pp", "4"),
            replaced(kText, "  tp: 8\n", "  tp: 8\n  pp: 4\n"));
  EXPECT_EQ(with_value(kText, "cluster.accelerator", "b200-sxm"),
            replaced(kText, "gpus: 1024}", "gpus: 1024, accelerator: b200-sxm}"));
  EXPECT_EQ(with_value(kText, "cluster.overrides.nic.bandwidth", "800 Gbit/s"),
            replaced(kText, "gpus: 1024}", "gpus: 1024, overrides: {nic.bandwidth: 800 Gbit/s}}"));
  EXPECT_EQ(with_value("model: a\n", "training.micro_batch", "2"),
            "model: a\ntraining: {micro_batch: 2}\n");
}

TEST(EditYaml, TakesAValueAwayWithItsLine) {
  EXPECT_EQ(with_value(kText, "training.recompute", std::nullopt),
            replaced(kText, "  recompute: none\n", ""));
  EXPECT_EQ(with_value(kText, "cluster.gpus", std::nullopt), replaced(kText, ", gpus: 1024", ""));
  EXPECT_EQ(with_value(kText, "cluster.fabric", std::nullopt),
            replaced(kText, "fabric: superpod-h100, ", ""));
}

TEST(EditYaml, TakesAnEmptiedMapAwayToo) {
  EXPECT_EQ(with_value("a: 1\nlayout:\n  tp: 8\nb: 2\n", "layout.tp", std::nullopt),
            "a: 1\nb: 2\n");
}

TEST(EditYaml, AValueBelowANameMakesItABase) {
  EXPECT_EQ(with_value(kText, "model.layers", "12"),
            replaced(kText, "model: gpt3-175b", "model: {base: gpt3-175b, layers: 12}"));
}

TEST(EditYaml, QuotesWhatYamlWouldReadOtherwise) {
  EXPECT_EQ(with_value("name: a\n", "name", "\"tp: 8 # and more\""),
            "name: \"tp: 8 # and more\"\n");
  EXPECT_EQ(with_value("m: {name: a}\n", "m.name", "b, c"), "m: {name: \"b, c\"}\n");
}

TEST(EditYaml, RefusesTextThatIsNotYaml) {
  EXPECT_THROW(with_value("a: [1\n", "a", "2"), topology::InputError);
}

TEST(EditYaml, ChangesOfEveryExampleComeBackToTheirText) {
  namespace fs = std::filesystem;
  for (const auto& file : fs::directory_iterator(GPUPLAN_SOURCE_DIR "/scenarios/examples")) {
    if (file.path().extension() != ".yaml") {
      continue;
    }
    std::ifstream in(file.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    for (const char* path : {"training.sequence_length", "training.global_batch", "cluster.fabric",
                             "name", "training.micro_batch"}) {
      SCOPED_TRACE(file.path().string() + " " + path);
      const auto value = value_in_text(text, path);
      if (!value) {
        continue;  // left to its default
      }
      const std::string changed = with_value(text, path, "7777");
      EXPECT_NE(changed, text);
      EXPECT_EQ(with_value(changed, path, *value), text);
    }
  }
}

}  // namespace
