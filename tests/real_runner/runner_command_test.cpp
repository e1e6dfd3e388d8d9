// gpuplan-runner as a program, where no device is needed.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace {

struct Ended {
  int code = -1;
  std::string out;  // and err
};

/// Without a device: none is visible to it.
Ended run(const std::string& arguments, const std::string& environment = "") {
  const std::string command =
      environment + " CUDA_VISIBLE_DEVICES= " + GPUPLAN_RUNNER + " " + arguments + " 2>&1";
  Ended ended;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    ended.out.push_back(static_cast<char>(c));
  }
  const int status = ::pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

TEST(RunnerCommand, StartsWithoutADriver) {
  EXPECT_EQ(run("--help").code, 0);
  EXPECT_THAT(run("--version").out, testing::StartsWith("gpuplan-runner "));
}

TEST(RunnerCommand, PlansWithoutADevice) {
  const Ended ended = run("--dry-run");
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, testing::HasSubstr("figures"));
  const auto json = nlohmann::json::parse(run("--dry-run --json --processes 8").out);
  EXPECT_EQ(json["ranks"], 8);
  EXPECT_LT(json["estimate_s"], 600);
}

TEST(RunnerCommand, SaysInASentenceThatThereIsNoDevice) {
  const Ended ended = run("--out /dev/null");
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.out, testing::ContainsRegex("no (CUDA device|NVIDIA driver).*--dry-run"));
}

TEST(RunnerCommand, RefusesBadUsage) {
  const Ended ended = run("--only everything");
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.out, testing::HasSubstr("is not a part"));
}

TEST(RunnerCommand, RefusesAnEnvironmentThatContradictsItself) {
  const Ended ended = run("--dry-run", "RANK=4 WORLD_SIZE=2");
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.out, testing::HasSubstr("expected a rank below the size"));
}

TEST(RunnerCommand, ReportsTheWorstOfItsProcesses) {
  EXPECT_EQ(run("--processes 2 --out /dev/null").code, 3);
}

}  // namespace
