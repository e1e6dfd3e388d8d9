// Every figure of an answer can say where it comes from, and what it says is there.
#include "scenarios/figure_sources.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "calib/profile.hpp"
#include "scenarios/figure_table.hpp"
#include "sim/step/parameters.hpp"
#include "topology/error.hpp"

#include "tests/scenarios/run_gpuplan.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace scenarios {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::filesystem::path kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples";

/// All of the examples that are scenarios: sweeps, queues and the like are not.
std::vector<Scenario> examples() {
  std::vector<Scenario> scenarios;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kExamples)) {
    if (entry.path().extension() == ".yaml") {
      try {
        scenarios.push_back(load_scenario(entry.path()));
      } catch (const topology::InputError&) {  // of another language
      }
    }
  }
  return scenarios;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      all.push_back(word);
      word.clear();
    }
  }
  return all;
}

std::vector<Figure> all_figures() {
  std::vector<Figure> all;
  for (const auto& table : {step_figures(), part_figures(), memory_figures(), run_figures()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

TEST(FigureSources, EveryRowSaysAllThatItHasToSay) {
  for (const Figure& f : all_figures()) {
    for (const std::string_view text :
         {f.title, f.unit, f.what, f.formula, f.from, f.inputs, f.uncertainty}) {
      EXPECT_FALSE(text.empty()) << f.name;
    }
  }
}

TEST(FigureSources, NameOnlyFittedParametersThatExist) {
  std::set<std::string> known;
  for (const sim::StepParameterInfo& info : sim::kStepParameters) {
    known.insert(std::string(info.name));
  }
  std::set<std::string> used;
  for (const Figure& f : all_figures()) {
    for (const std::string& name : words(f.fitted)) {
      EXPECT_TRUE(known.contains(name)) << f.name << ": " << name;
      used.insert(name);
    }
  }
  EXPECT_EQ(used, known);  // and each of them shows up somewhere
}

TEST(FigureSources, NameOnlyInputsThatTheExplanationHas) {
  std::set<std::string> paths;
  for (const Scenario& s : examples()) {
    for (const Explained& value : s.values) {
      for (std::size_t at = 0; at != std::string::npos;) {  // a path, and all that stand above it
        at = value.path.find('.', at + 1);
        paths.insert(value.path.substr(0, at));
      }
    }
  }
  for (const Figure& f : all_figures()) {
    for (std::string path : words(f.inputs)) {
      if (const auto at = path.find("{precision}"); at != std::string::npos) {
        path.replace(at, 11, "bf16");
      }
      EXPECT_TRUE(paths.contains(path)) << f.name << ": " << path;
    }
  }
}

/// Numbers of an answer by the name one asks with: rows of tables by what they are called.
void collect(const ordered_json& j, const std::string& name, std::set<std::string>& names) {
  const auto below = [&name](const std::string& key) {
    return name.empty() ? key : name + "." + key;
  };
  if (j.is_number()) {
    names.insert(name);
  } else if (j.is_object()) {
    for (const auto& [key, value] : j.items()) {
      if (!name.empty() || (key != "sources" && key != "bounds")) {
        collect(value, below(key), names);
      }
    }
  } else if (j.is_array()) {
    for (const ordered_json& row : j) {
      const bool named = row.is_object() && row.contains("what");
      collect(row, named ? below(row.at("what").get<std::string>()) : name, names);
    }
  }
}

void expect_sources(const ordered_json& answer) {
  const ordered_json& figures = answer.at("sources").at("figures");
  std::set<std::string> inputs;
  for (const ordered_json& input : answer.at("sources").at("inputs")) {
    inputs.insert(input.at("path").get<std::string>());
    EXPECT_THAT(input.at("source").get<std::string>(), Not(IsEmpty())) << input;
  }
  std::vector<FigureSource> sources;
  for (const auto& [name, figure] : figures.items()) {
    sources.emplace_back().name = name;
    for (const ordered_json& path : figure.at("inputs")) {
      EXPECT_TRUE(inputs.contains(path.get<std::string>())) << name << ": " << path;
    }
  }
  std::set<std::string> names;
  collect(answer, "", names);
  EXPECT_GT(names.size(), 40U);
  for (const std::string& name : names) {
    EXPECT_TRUE(source_of(sources, name)) << name << " has no source";
  }
  std::set<std::string> bounded;
  collect(answer.at("bounds"), "", bounded);
  for (const std::string& bound : bounded) {
    const std::string name = bound.substr(0, bound.rfind('.'));
    ASSERT_TRUE(figures.contains(name)) << name;
    const auto uncertainty = figures.at(name).at("uncertainty").get<std::string>();
    EXPECT_FALSE(uncertainty.starts_with("none")) << name;
  }
}

ordered_json answer(const std::string& arguments) {
  const Outcome o = gpuplan(arguments);
  EXPECT_LE(o.code, 1) << o.err;
  return ordered_json::parse(o.out);
}

TEST(FigureSources, CoverEveryNumberOfAStep) {
  for (const char* file : {"llama3-405b-16k.yaml", "llama2-70b-qlora-1-node.yaml",
                           "workloads/llama3-70b-ppo-split.yaml", "data/resnet50-waits.yaml"}) {
    SCOPED_TRACE(file);
    expect_sources(answer("simulate --json " + (kExamples / file).string()));
  }
}

TEST(FigureSources, CoverEveryNumberOfAFlowSimulation) {
  const auto j = answer("simulate --json --fidelity flow --power-trace power.csv " +
                        (kExamples / "network/neighbour.yaml").string());
  ASSERT_TRUE(j.contains("power_trace"));
  expect_sources(j);
}

TEST(FigureSources, CoverEveryNumberOfARun) {
  for (const char* file : {"llama3-405b-16k.yaml", "data/8b-part-synthetic.yaml",
                           "run/llama3-70b-64-nodes-spot.yaml"}) {
    SCOPED_TRACE(file);
    expect_sources(answer("run --json --runs 20 " + (kExamples / file).string()));
  }
}

TEST(FigureSources, ARowOfATableHasItsTablesSourceAndItsOwnInputs) {
  const Scenario s = load_scenario(kExamples / "llama3-405b-16k.yaml");
  const Catalog catalog = Catalog::open();
  ProfileStore store(catalog.directory());
  const auto sources = figure_sources(Answering::Run, s, store);
  const auto hbm = source_of(sources, "failures.hbm");
  ASSERT_TRUE(hbm);
  EXPECT_EQ(hbm->name, "failures.hbm");
  ASSERT_THAT(hbm->inputs, Not(IsEmpty()));
  for (const Explained& input : hbm->inputs) {
    EXPECT_THAT(input.path, HasSubstr(".hbm."));
  }
  EXPECT_EQ(source_of(sources, "cost_cluster.servers")->title, "servers");
  EXPECT_FALSE(source_of(sources, "nonsense"));
}

TEST(FigureSources, ThePeakThatCountsIsThatOfThePrecision) {
  const std::vector<std::string> sets{"training.precision=tf32"};
  const Scenario s = load_scenario(kExamples / "gpt3-175b-1024-a100.yaml", sets, Catalog::open());
  const Catalog catalog = Catalog::open();
  ProfileStore store(catalog.directory());
  const auto mfu = source_of(figure_sources(Answering::Simulate, s, store), "mfu");
  const auto peak = std::find_if(mfu->inputs.begin(), mfu->inputs.end(), [](const Explained& v) {
    return v.path.starts_with("cluster.accelerator.peak.");
  });
  ASSERT_NE(peak, mfu->inputs.end());
  EXPECT_EQ(peak->path, "cluster.accelerator.peak.tf32");
}

TEST(FigureSources, SayWhatTheDevicesOwnProfileMeasured) {
  const TemporaryFiles files;
  const Catalog catalog = Catalog::open();
  calib::DeviceProfile profile =
      calib::read_profile(catalog.directory() / "profiles" / "h100-sxm.json");
  profile.extras.gemm_beside_collective = 1.25;
  const std::filesystem::path file = files.directory() / "mine.json";
  calib::write_profile(profile, file);
  const Scenario s = load_scenario(kExamples / "llama3-405b-16k.yaml", {}, catalog);
  ProfileStore store(catalog.directory(), file);
  const auto source =
      source_of(figure_sources(Answering::Simulate, s, store), "breakdown_s.tp_comm");
  ASSERT_TRUE(source);
  EXPECT_THAT(source->measured, testing::Contains(HasSubstr("measured, profile h100-sxm: "
                                                            "overlap_tax 0.25 of hidden time")));
}

TEST(Why, TellsValueBandFormulaMeasurementsAndInputs) {
  const Outcome o = gpuplan("simulate --why mfu " + (kExamples / "llama3-405b-16k.yaml").string());
  ASSERT_EQ(o.code, 0) << o.err;
  for (const char* text : {"model FLOP/s utilisation (MFU) (mfu): ", " %, ", "arXiv 2204.02311",
                           "gemm bf16: ", "validation: of ", "cluster.accelerator.peak.bf16",
                           "989.4 TFLOP/s", "white paper"}) {
    EXPECT_THAT(o.out, HasSubstr(text));
  }
}

TEST(Why, FindsRowsOfTables) {
  const std::string file = (kExamples / "llama3-405b-16k.yaml").string();
  const auto bubble = answer("simulate --json --why waterfall.bubble " + file);
  const auto whole = answer("simulate --json " + file);
  const auto step = std::find_if(whole.at("waterfall").begin(), whole.at("waterfall").end(),
                                 [](const auto& s) { return s.at("what") == "bubble"; });
  EXPECT_EQ(bubble.at("value"), step->at("lost_flops_per_s"));
  const auto electricity = answer("run --json --runs 20 --why cost_cluster.electricity " + file);
  const auto run = answer("run --json --runs 20 " + file);
  const auto& lines = run.at("cost_cluster").at("lines");
  const auto line = std::find_if(lines.begin(), lines.end(),
                                 [](const auto& l) { return l.at("what") == "electricity"; });
  ASSERT_NE(line, lines.end());
  EXPECT_EQ(electricity.at("value"), line->at("usd"));
  EXPECT_EQ(electricity.at("unit"), "USD");
}

TEST(Why, NamesTheKnownFiguresWhereTheNameIsWrong) {
  const Outcome o = gpuplan("simulate --why mfuu " + (kExamples / "llama3-405b-16k.yaml").string());
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("\"mfuu\" is no figure of this answer; did you mean \"mfu\""));
  EXPECT_THAT(o.err, HasSubstr("tokens_per_s_per_gpu"));
}

}  // namespace
}  // namespace scenarios
