// `gpuplan report`, as a user calls it: one page with what the other commands print.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";

/// The page of an example, as a file.
struct Written {
  Outcome outcome;
  std::string page;
};
Written written(const std::string& arguments) {
  const TemporaryFiles files;
  const std::string file = (files.directory() / "page").string();
  Written w{gpuplan("report " + kExamples + arguments + " --out " + file), {}};
  w.page = contents(file);
  return w;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++n;
  }
  return n;
}

/// Every tag that opens is closed in its order; void elements and comments aside.
void expect_balanced(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '!' || tag.back() == '/' || name == "meta") {
      continue;
    }
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty()) << tag;
      ASSERT_EQ("/" + open.back(), tag);
      open.pop_back();
    } else {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty()) << open.back();
}

TEST(ReportCommand, TakesTheTextOfAnEditorPlannedOrNot) {
  for (const std::string name : {"llama3-8b-8xh100-fsdp.yaml", "plan-15t-60days.yaml"}) {
    const TemporaryFiles files;
    std::string text = contents(kExamples + name);
    const std::size_t at = text.find("\nname: ");
    ASSERT_NE(at, std::string::npos) << name;
    text.replace(at, text.find('\n', at + 1) - at, "\nname: Not saved yet");
    const auto edited = files.write("edited.yaml", text);
    const Outcome o = gpuplan("report " + kExamples + name +
                              " --stdin --format markdown --fidelity closed-form < " +
                              edited.string());
    EXPECT_LE(o.code, 1) << o.err;
    EXPECT_TRUE(o.out.starts_with("# Not saved yet")) << o.out.substr(0, 200);
  }
}

TEST(ReportCommand, SaysOfTheFlagshipWhatTheOtherCommandsSay) {
  const auto [o, page] = written("llama3-405b-16k.yaml");
  EXPECT_EQ(o.code, 1) << o.err;  // its budget is missed
  const auto step = nlohmann::json::parse(
      gpuplan("simulate " + kExamples + "llama3-405b-16k.yaml --fidelity flow --json").out);
  const auto run =
      nlohmann::json::parse(gpuplan("run " + kExamples + "llama3-405b-16k.yaml --json").out);
  char mfu[16], days[16];
  std::snprintf(mfu, sizeof mfu, ">%.1f %%<", 100 * step.at("mfu").get<double>());
  std::snprintf(days, sizeof days, "%.2f days in", run.at("days").get<double>());
  EXPECT_THAT(page, HasSubstr(mfu));
  EXPECT_THAT(page, HasSubstr(days));
  for (const auto& missed : run.at("missed_limits")) {
    EXPECT_THAT(page, HasSubstr(missed.get<std::string>()));
  }
  for (const auto& link : step.at("busiest_links")) {
    const std::string name = link.at("link").get<std::string>();
    EXPECT_THAT(page, HasSubstr(name.substr(0, name.find(' '))));
  }
}

TEST(ReportCommand, FillsEverySectionOfTheFlagship) {
  const std::string page = written("llama3-405b-16k.yaml").page;
  for (const char* id :
       {"summary", "limits", "step", "roofline", "memory", "timeline", "topology", "layouts",
        "sensitivity", "power", "run", "data", "cost", "warnings", "sources"}) {
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
    EXPECT_THAT(page, HasSubstr("href=\"#" + std::string(id) + "\""));
  }
  // Waterfall, parts, roofline, memory, timeline, tiers, Pareto, tornado, power, run.
  EXPECT_EQ(count(page, "<svg "), 10U);
  EXPECT_THAT(page, HasSubstr("stage 15</text>"));
  EXPECT_THAT(page, HasSubstr("512 leaf switches"));
  EXPECT_THAT(page, HasSubstr("this layout</text>"));
  EXPECT_THAT(page, HasSubstr("800 Gbit/s: +"));
  EXPECT_THAT(page, HasSubstr("silent-corruption"));
  EXPECT_THAT(page, HasSubstr("compute network: leaf qm9700"));
  EXPECT_THAT(page, HasSubstr("cluster.accelerator.peak.bf16"));
  EXPECT_THAT(page, HasSubstr("assumption in the catalog"));
}

TEST(ReportCommand, IsOneWellFormedFileThatLoadsNothing) {
  const std::string page = written("llama3-405b-16k.yaml").page;
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  for (const char* number : {"\"nan", ">nan", " nan", "inf ", "\"inf"}) {
    EXPECT_THAT(page, Not(HasSubstr(number)));
  }
  EXPECT_LT(page.size(), 300U * 1024);
  expect_balanced(page);
}

TEST(ReportCommand, IsTheSameTwice) {
  EXPECT_EQ(written("mixtral-8x7b-64-h100.yaml --threads 1").page,
            written("mixtral-8x7b-64-h100.yaml --threads 3").page);
}

TEST(ReportCommand, SectionsThatCannotBeFilledSayWhy) {
  const auto [o, page] = written("llama2-70b-qlora-1-node.yaml --fidelity closed-form");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(page, HasSubstr("says nothing of the whole run"));
  EXPECT_THAT(page, HasSubstr("Only flow simulation has a timeline"));
  expect_balanced(page);
}

TEST(ReportCommand, AJobThatDoesNotFitIsReportedAndIsOne) {
  const auto [o, page] =
      written("llama3-8b-8xh100-fsdp.yaml --set training.sequence_length=131072");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_THAT(page, HasSubstr("DOES NOT FIT"));
}

TEST(ReportCommand, AFabricThatCannotBeDrawnIsReportedByClosedForm) {
  // 96 pods, but switches of 64 ports join 64.
  const auto [o, page] = written(
      "llama3-405b-16k.yaml --set cluster.gpus=98304 --set layout.dp=768 --set "
      "training.global_batch=12288");
  EXPECT_EQ(o.code, 1) << o.err;  // limits
  EXPECT_THAT(page, HasSubstr("The network cannot be simulated: "));
  EXPECT_THAT(page, HasSubstr("98,304 accelerators (h100-sxm)"));
}

TEST(ReportCommand, TellsProgramsWhatItWrote) {
  const auto [o, page] = written("mixtral-8x7b-64-h100.yaml --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const auto j = nlohmann::json::parse(o.out);
  EXPECT_EQ(j.at("bytes"), page.size());
  EXPECT_EQ(j.at("fits"), true);
  EXPECT_EQ(j.at("sections").size(), 15U);
  const Outcome bare = gpuplan("report " + kExamples + "mixtral-8x7b-64-h100.yaml --json");
  EXPECT_EQ(bare.code, 2);
  EXPECT_THAT(bare.err, HasSubstr("--out"));
}

TEST(ReportCommand, AFileThatEndsInMdIsMarkdown) {
  const TemporaryFiles files;
  const std::string file = (files.directory() / "page.md").string();
  const Outcome o = gpuplan("report " + kExamples +
                            "mixtral-8x7b-64-h100.yaml --fidelity closed-form --out " + file);
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(contents(file), testing::StartsWith("# "));
}

TEST(ReportCommand, WritesMarkdown) {
  const auto [o, page] = written("mixtral-8x7b-64-h100.yaml --format markdown");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_TRUE(page.starts_with("# Mixtral 8x7B on 64 H100\n"));
  EXPECT_THAT(page, HasSubstr("\n## Where the time goes\n"));
  EXPECT_THAT(page, HasSubstr("| cause | lost, TFLOP/s |"));
  EXPECT_THAT(page, Not(HasSubstr("<svg")));
}

TEST(ReportCommand, APlanIsChosenAndReported) {
  const auto [o, page] = written(
      "plan-15t-60days.yaml --set plan.fabrics=[superpod-b200] --set plan.gpus=[1536] --set "
      "plan.terms=[on-premises]");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(page, HasSubstr("<section id=\"plan\">"));
  EXPECT_THAT(page, HasSubstr("1,536 superpod-b200, on-premises"));
  EXPECT_THAT(page, HasSubstr("What the limits hold back"));
  EXPECT_THAT(page, HasSubstr("1,536 accelerators (b200-sxm)"));
  expect_balanced(page);
}

TEST(ReportCommand, WithoutAPlanThatMeetsTheLimitsItSaysWhichWouldHaveToGo) {
  const auto [o, page] = written(
      "plan-15t-60days.yaml --set plan.fabrics=[superpod-h100] --set plan.gpus=[512] --set "
      "plan.terms=[on-premises]");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_THAT(page, HasSubstr("Without limits.deadline (60 days) there would be one."));
}

/// The store of an example's sweep.
std::string swept(const TemporaryFiles& files, const std::string& example) {
  const std::string store = (files.directory() / "s.sqlite").string();
  const Outcome o = gpuplan("sweep " + kExamples + "sweep/" + example + " --store " + store);
  EXPECT_EQ(o.code, 0) << o.err;
  return store;
}

TEST(ReportCommand, ASweepHasItsFrontAndWhatMovesIt) {
  const TemporaryFiles files;
  const std::string store = swept(files, "tornado.yaml");
  const std::string out = (files.directory() / "page.html").string();
  const Outcome o = gpuplan("report " + store + " --out " + out + " --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const std::string page = contents(out);
  EXPECT_EQ(nlohmann::json::parse(o.out).at("bytes"), page.size());
  expect_balanced(page);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  for (const char* id : {"summary", "pareto", "sensitivity", "points", "reasons"}) {
    EXPECT_THAT(page, HasSubstr("<section id=\"" + std::string(id) + "\">"));
  }
  EXPECT_EQ(count(page, "<svg "), 2U);  // front, tornado
  // The widest bar first, as gpuplan sensitivity has it.
  const std::string bars = page.substr(page.find("<section id=\"sensitivity\">"));
  EXPECT_LT(bars.find("training.sequence_length"), bars.find("cluster.overrides.nic.bandwidth"));
  const Outcome markdown = gpuplan("report " + store + " --format markdown --metric mfu");
  EXPECT_EQ(markdown.code, 0) << markdown.err;
  EXPECT_THAT(markdown.out, HasSubstr("\n## What moves it\n"));
  EXPECT_THAT(markdown.out, HasSubstr("mfu, one value at a time"));
}

TEST(ReportCommand, AGridOfPointsTellsTheFigureByValueAndWhyPointsAreMissing) {
  const TemporaryFiles files;
  const Outcome o = gpuplan("report " + swept(files, "layouts.yaml") + " --format markdown");
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("layout.tp 8"));
  EXPECT_THAT(o.out, HasSubstr("do not fit"));
  EXPECT_THAT(o.out, HasSubstr("## Points without a result"));
}

TEST(ReportCommand, RefusesWhatAStoreCannotTell) {
  const TemporaryFiles files;
  const std::string store = swept(files, "power-caps.yaml");
  const Outcome set = gpuplan("report " + store + " --set layout.tp=4");
  EXPECT_EQ(set.code, 2);
  EXPECT_THAT(set.err, HasSubstr("sweep again with other values"));
  const Outcome metric = gpuplan("report " + store + " --metric speed");
  EXPECT_EQ(metric.code, 2);
  EXPECT_THAT(metric.err, HasSubstr("is no figure that a sweep keeps"));
  const Outcome scenario =
      gpuplan("report " + kExamples + "mixtral-8x7b-64-h100.yaml --metric mfu");
  EXPECT_EQ(scenario.code, 2);
  EXPECT_THAT(scenario.err, HasSubstr("leave it out for a scenario"));
}

TEST(ReportCommand, AFileThatCannotBeWrittenIsThree) {
  const Outcome o =
      gpuplan("report " + kExamples + "mixtral-8x7b-64-h100.yaml --out /nowhere/page.html");
  EXPECT_EQ(o.code, 3);
  EXPECT_THAT(o.err, HasSubstr("/nowhere/page.html"));
}

}  // namespace
