// gpuplan import hf-config: shapes, counts and refusals. The configurations under hf/ were written
// by hand from the published ones, less what says nothing of the shape.
#include "scenarios/import_hf.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kConfigs = std::string(GPUPLAN_SOURCE_DIR) + "/tests/scenarios/hf/";

scenarios::HfModel read(const std::string& name) {
  const std::string file = kConfigs + name + ".json";
  return scenarios::read_hf_config(contents(file), file);
}

struct Published {
  const char* config;
  double parameters, active;  ///< active 0: all
  double tolerance;
};

void PrintTo(const Published& row, std::ostream* out) {
  *out << row.config;
}

class PublishedCounts : public testing::TestWithParam<Published> {};

TEST_P(PublishedCounts, AreMet) {
  const Published& row = GetParam();
  const sim::ParameterCount count = sim::parameters(read(row.config).model);
  EXPECT_NEAR(count.total() / row.parameters, 1.0, row.tolerance);
  if (row.active > 0) {
    EXPECT_NEAR(count.active / row.active, 1.0, 0.04);  // stated to two or three digits
  }
}

// Totals are those of the published weights (Hugging Face, safetensors), actives those of the
// papers. Left out: Qwen2's and Qwen1.5-MoE's biases, Qwen3's norms of queries and keys, all below
// 0.01 %.
INSTANTIATE_TEST_SUITE_P(
    ImportHf, PublishedCounts,
    testing::Values(Published{"llama-3.1-8b", 8030261248.0, 0, 1e-9},
                    Published{"mistral-7b", 7241732096.0, 0, 1e-9},
                    Published{"mixtral-8x7b", 46702792704.0, 12.9e9, 1e-9},
                    Published{"qwen2.5-7b", 7615616512.0, 0, 1e-4},
                    Published{"qwen3-0.6b", 596049920.0, 0, 1e-4},
                    Published{"qwen3-30b-a3b", 30532122624.0, 3.3e9, 1e-4},
                    Published{"qwen1.5-moe-a2.7b", 14315784192.0, 2.7e9, 1e-4},
                    Published{"gpt2", 124439808.0, 0, 1e-9},
                    // 671e9 without the multi-token prediction module, which the count includes.
                    Published{"deepseek-v3", 671e9, 37e9, 0.03}),
    [](const auto& row) {
      std::string name = row.param.config;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
      return name;
    });

TEST(ImportHf, AnswersAsTheCatalogWhereItHasTheModel) {
  const std::string rest =
      "cluster: {fabric: dgx-h100}\ntraining: {sequence_length: 4096, global_batch: 8}\n"
      "layout: {sharding: zero3}\n";
  const TemporaryFiles files;
  const auto block = gpuplan("import hf-config " + kConfigs + "llama-3.1-8b.json");
  ASSERT_EQ(block.code, 0) << block.err;
  EXPECT_THAT(block.out, HasSubstr("# 8.03 billion parameters"));
  const auto answer = [&](const std::string& model) {
    const auto file = files.write("s.yaml", model + rest);
    const auto outcome = gpuplan("simulate --json " + file.string());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    auto json = nlohmann::json::parse(outcome.out);
    json.erase("wall_s");
    json.erase("sources");  // of the one its file, of the other the catalog
    return json;
  };
  EXPECT_EQ(answer(block.out), answer("model: llama3.1-8b\n"));
}

TEST(ImportHf, EveryConfigurationMakesABlockThatSimulates) {
  const TemporaryFiles files;
  for (const char* name : {"mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v3", "gpt2"}) {
    const std::string block = (files.directory() / "block.yaml").string();
    ASSERT_EQ(gpuplan("import hf-config " + kConfigs + name + ".json --out " + block).code, 0);
    const auto scenario = files.write(
        "s.yaml",
        "base: block.yaml\ncluster: {fabric: superpod-h100, gpus: 2048}\n"
        "training: {sequence_length: 1024, global_batch: 2048}\nlayout: {sharding: zero3}\n");
    const auto outcome = gpuplan("simulate " + scenario.string());
    EXPECT_LE(outcome.code, 1) << name << ": " << outcome.err;  // 1: it does not fit
    EXPECT_THAT(outcome.out, HasSubstr("step time")) << name;
  }
}

TEST(ImportHf, ReadsWhatDecidesTheShape) {
  const sim::ModelSpec v3 = read("deepseek-v3").model;
  ASSERT_TRUE(v3.mla && v3.moe);
  EXPECT_EQ(v3.mla->kv_rank, 512);
  EXPECT_EQ(v3.moe->first_dense_layers, 3);
  EXPECT_EQ(v3.mtp_layers, 1);
  const sim::ModelSpec gpt2 = read("gpt2").model;
  EXPECT_EQ(gpt2.ffn_hidden, 4 * 768);
  EXPECT_TRUE(gpt2.tied_embeddings && gpt2.linear_bias && gpt2.dropout && !gpt2.rms_norm);
  EXPECT_EQ(read("mistral-7b").model.sliding_window, 4096);
  EXPECT_EQ(read("mistral-7b").model.full_attention_every, 0);
  EXPECT_EQ(read("qwen2.5-7b").model.sliding_window, 0);  // use_sliding_window is false
  EXPECT_EQ(read("qwen1.5-moe-a2.7b").model.moe->shared_ffn_hidden, 5632);
}

/// A small Llama with other values for some keys; "-key" takes it away.
std::string with(const nlohmann::json& changes) {
  nlohmann::json config = nlohmann::json::parse(contents(kConfigs + "llama-3.1-8b.json"));
  if (!changes.is_null()) {
    config.update(changes);
  }
  return config.dump(2);
}

std::string refused(const nlohmann::json& changes) {
  return refusal([&] { (void)scenarios::read_hf_config(with(changes), "config.json"); });
}

TEST(ImportHf, WindowsOfLayersAreReadOrRefused) {
  const auto window = [](const nlohmann::json& types) {
    return scenarios::read_hf_config(with({{"layer_types", types},
                                           {"num_hidden_layers", types.size()},
                                           {"sliding_window", 512}}),
                                     "c.json")
        .model;
  };
  const nlohmann::json s = "sliding_attention", f = "full_attention";
  EXPECT_EQ(window({s, s, f, s, s, f}).full_attention_every, 3);
  EXPECT_EQ(window({s, s, f, s, s, f}).sliding_window, 512);
  EXPECT_EQ(window({f, f}).sliding_window, 0);
  EXPECT_EQ(window({s, s}).full_attention_every, 0);
  EXPECT_THAT(refusal([&] {
                (void)window({s, f, f});
              }),
              HasSubstr("layer_types: layer 2 is \"full_attention\", but"));
  EXPECT_THAT(refusal([&] { (void)window({"chunked_attention"}); }),
              HasSubstr("layer 0 is \"chunked_attention\""));
  EXPECT_THAT(refused({{"layer_types", {s, f}}}), HasSubstr("has 2 entries for 32 layers"));
}

TEST(ImportHf, RefusalsNameFileLineAndKey) {
  EXPECT_THAT(refused({{"model_type", "bert"}}),
              HasSubstr("config.json:19:17: model_type: \"bert\" is none of the architectures that "
                        "are read here (deepseek_v2, deepseek_v3, gpt2,"));
  EXPECT_THAT(refused({{"hidden_size", "wide"}}),
              HasSubstr("hidden_size: found \"wide\", expected a "
                        "whole number, at least 1"));
  EXPECT_THAT(refused({{"num_key_value_heads", 5}}),
              HasSubstr("num_key_value_heads: 5 does not divide num_attention_heads = 32"));
  EXPECT_THAT(refused({{"num_attention_heads", 48}, {"num_key_value_heads", 8}}),
              HasSubstr("48 does not divide hidden_size = 4096, and there is no head_dim"));
  EXPECT_THAT(refused({{"vocab_size", nullptr}}), HasSubstr("vocab_size"));
  const std::string none = refusal([] { (void)scenarios::read_hf_config("{}", "config.json"); });
  EXPECT_THAT(none, HasSubstr("\"model_type\" is missing"));
  const std::string missing =
      refusal([] { (void)scenarios::read_hf_config(R"({"model_type": "llama"})", "config.json"); });
  EXPECT_THAT(missing, HasSubstr("config.json:1:1: \"hidden_size\" is missing"));
  const auto outcome = gpuplan("import hf-config /nowhere/config.json");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "gpuplan: /nowhere/config.json: there is no such file\n");
}

TEST(ImportHf, TheNameIsTheConfigurationsOrTheFolders) {
  const auto block = [](const std::string& text, const char* file) {
    return scenarios::model_block(scenarios::read_hf_config(text, file));
  };
  EXPECT_THAT(block(with({}), "Llama-3.1-8B/config.json"), HasSubstr("name: \"Llama-3.1-8B\""));
  EXPECT_THAT(block(with({{"_name_or_path", "meta/a \"b\""}}), "x/config.json"),
              HasSubstr(R"(name: "meta/a \"b\"")"));
  EXPECT_THAT(block(with({}), "config.json"), HasSubstr("name: \"llama\""));
}

TEST(ImportHf, ProgramsGetTheSameAsJson) {
  const auto outcome = gpuplan("import hf-config --json " + kConfigs + "mixtral-8x7b.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("model_type"), "mixtral");
  EXPECT_EQ(json.at("model").at("moe").at("experts"), 8);
  EXPECT_EQ(json.at("parameters"), 46702792704.0);
}

}  // namespace
