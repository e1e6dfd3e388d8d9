#include "calib/records.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "calib/record_writer.hpp"
#include "topology/error.hpp"

#include "tests/calib/some_records.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kRun =
    R"({"type":"run","schema":"gpuplan.records/1","run":"a","source":"test","started":"2026-11-21","machine":{}})"
    "\n";
const std::string kGemm =
    R"({"type":"gemm","run":"a","precision":"bf16","m":1,"n":2,"k":3,"time_s":1e-6})"
    "\n";
const std::string kEnd = R"({"type":"end","run":"a","complete":true})"
                         "\n";

std::string refusal(const std::string& text) {
  try {
    (void)calib::parse_records(text, "r.jsonl");
  } catch (const topology::InputError& e) {
    return e.what();
  }
  return "accepted";
}

/// kRun and a GEMM line with `from` replaced by `to`.
std::string refused_gemm(const std::string& from, const std::string& to) {
  std::string line = kGemm;
  line.replace(line.find(from), from.size(), to);
  return refusal(kRun + line);
}

TEST(Records, EveryTypeComesBackAsItWasWritten) {
  const std::string text = calib::record_lines({some_run()});
  const calib::Records records = calib::parse_records(text, "r.jsonl");
  EXPECT_EQ(calib::record_lines(records.runs), text);
  ASSERT_EQ(records.runs.size(), 1U);
  EXPECT_EQ(records.runs[0].lines.size(), std::variant_size_v<calib::Measurement>);
  EXPECT_EQ(records.runs[0].lines[0].line, 2);
  EXPECT_FALSE(records.runs[0].complete());
  EXPECT_TRUE(records.warnings.empty());
  const auto& attention =
      std::get<calib::AttentionMeasurement>(records.runs[0].lines[1].measurement);
  EXPECT_EQ(attention.shape.key_length, 4096);
  EXPECT_EQ(attention.shape.mask, calib::Mask::Full);
}

TEST(Records, NullIsTheSameAsLeftOut) {
  const calib::Records records = calib::parse_records(
      kRun +
          R"({"type":"collective","run":"a","op":"alltoall","bytes":8,"ranks":2,"nodes":1,"algorithm":null,"protocol":null,"noise":null,"time_s":1e-5})"
          "\n" +
          kEnd,
      "r.jsonl");
  const auto& c = std::get<calib::CollectiveMeasurement>(records.runs[0].lines[0].measurement);
  EXPECT_FALSE(c.algorithm.has_value());
  EXPECT_EQ(c.op, calib::Collective::AllToAll);
}

TEST(Records, ALineThatWasCutOffIsLeftOutAndItsRunIsIncomplete) {
  const calib::Records records =
      calib::parse_records(kRun + kGemm + kGemm.substr(0, 30), "r.jsonl");
  EXPECT_EQ(records.runs[0].lines.size(), 1U);
  EXPECT_FALSE(records.runs[0].complete());
  EXPECT_THAT(records.warnings,
              ElementsAre("r.jsonl:3: the last line was cut off and is left out",
                          "r.jsonl: run a has no end line: it was cut off after 1 records"));
}

TEST(Records, UnknownTypesAreLeftOutWithAWarning) {
  const calib::Records records =
      calib::parse_records(kRun + R"({"type":"quantum","run":"a"})" + "\n" + kEnd, "r.jsonl");
  EXPECT_THAT(records.warnings,
              ElementsAre("r.jsonl:2: a record of unknown type \"quantum\" is left out"));
}

TEST(Records, ConcatenatedFilesAreSeveralRuns) {
  std::string other = kRun + kGemm + kEnd;
  for (std::size_t at = 0; (at = other.find("\"a\"", at)) != std::string::npos; at += 3) {
    other.replace(at, 3, "\"b\"");
  }
  const calib::Records records = calib::parse_records(kRun + kGemm + kEnd + other, "r.jsonl");
  ASSERT_EQ(records.runs.size(), 2U);
  EXPECT_EQ(records.runs[1].lines[0].line, 5);
}

TEST(Records, MistakesAreSentencesWithFileLineAndKey) {
  EXPECT_EQ(refused_gemm("\"k\":3", "\"kk\":3"), "r.jsonl:2: k: is missing; see docs/records.md");
  EXPECT_EQ(refused_gemm("\"k\":3", "\"k\":3,\"layuot\":\"forward\""),
            "r.jsonl:2: layuot: unknown key, did you mean \"layout\"?");
  EXPECT_EQ(refused_gemm("\"bf16\"", "\"bf61\""),
            "r.jsonl:2: precision: found \"bf61\", expected \"fp32\", \"tf32\", \"bf16\", "
            "\"fp16\", \"fp8\", \"fp4\" or \"int8\"");
  EXPECT_EQ(refused_gemm("\"k\":3", "\"k\":0"),
            "r.jsonl:2: k: found 0, expected a number from 1 to 1099511627776");
  EXPECT_EQ(refused_gemm("\"k\":3", "\"k\":3.5"),
            "r.jsonl:2: k: found 3.5, expected a whole number");
  EXPECT_EQ(refused_gemm("1e-6", "1e999"),
            "r.jsonl:2: is not a JSON object; expected one record per line");
  EXPECT_EQ(refused_gemm("1e-6", "0"),
            "r.jsonl:2: time_s: found 0, expected a number from 1e-12 to 1e+18");
  EXPECT_EQ(refused_gemm("\"run\":\"a\"", "\"run\":\"c\""),
            "r.jsonl:2: run: \"c\" was not opened by a run line above; add it");
  EXPECT_THAT(refusal(kRun + kEnd + kGemm), HasSubstr("r.jsonl:3: run: \"a\" was closed"));
  EXPECT_THAT(refusal(kRun + kRun), HasSubstr("r.jsonl:2: run: \"a\" was opened above already"));
  EXPECT_THAT(refusal(""), HasSubstr("r.jsonl: holds no records"));
  EXPECT_THAT(refusal("[1]\n"), HasSubstr("r.jsonl:1: expected an object"));
  EXPECT_THAT(refusal("m,n,k\n"), HasSubstr("r.jsonl:1: is not a JSON object"));
  std::string newer = kRun;
  newer.replace(newer.find("records/1"), 9, "records/2");
  EXPECT_THAT(refusal(newer), HasSubstr("expected \"gpuplan.records/1\""));
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(RecordWriter, EveryLineIsOnDiskAtOnceAndAnUnfinishedRunIsClosedAsInterrupted) {
  const TemporaryFiles files;
  const auto file = files.directory() / "r.jsonl";
  {
    calib::RecordWriter writer(file, some_header());
    for (const calib::Measurement& m : some_measurements()) {
      writer.write(m);
    }
    EXPECT_EQ(calib::read_records(file).runs[0].lines.size(), some_measurements().size());
  }
  EXPECT_EQ(text_of(file), calib::record_lines({some_run()}));
}

TEST(RecordWriter, AppendsARunAndRemovesTheLineThatWasCutOff) {
  const TemporaryFiles files;
  const auto file = files.write("r.jsonl", kRun + kGemm + "{\"type\":\"ge");
  {
    calib::RecordWriter writer(file, some_header());
    writer.finish();
  }
  const calib::Records records = calib::read_records(file);
  ASSERT_EQ(records.runs.size(), 2U);
  EXPECT_FALSE(records.runs[0].complete());
  EXPECT_TRUE(records.runs[1].complete());
}

TEST(RecordWriter, SaysWhereItCannotWrite) {
  EXPECT_THROW(calib::RecordWriter("/nowhere/r.jsonl", some_header()), topology::RuntimeFailure);
}

}  // namespace
