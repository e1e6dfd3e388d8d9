#include "sim/collective/msccl.hpp"

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/error.hpp"

#include "tests/sim/some_team.hpp"

namespace sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// One step of a thread block.
std::string step(int s, const std::string& type, const std::string& from, const std::string& to,
                 int count = 1, const std::string& more = "") {
  return fmt::format(
      R"(<step s="{}" type="{}" srcbuf="{}" srcoff="{}" dstbuf="{}" dstoff="{}" cnt="{}" {}/>)", s,
      type, from.substr(0, 1), from.substr(1), to.substr(0, 1), to.substr(1), count, more);
}

std::string algorithm(const std::string& coll, const std::string& gpus, int count = 2) {
  return fmt::format(R"(<algo name="test" proto="Simple" ngpus="{}" coll="{}">{}</algo>)", count,
                     coll, gpus);
}

std::string gpu(int id, int in, int out, const std::string& blocks) {
  return fmt::format(R"(<gpu id="{}" i_chunks="{}" o_chunks="{}" s_chunks="2">{}</gpu>)", id, in,
                     out, blocks);
}

std::string block(int id, int send, int receive, const std::string& steps) {
  return fmt::format("<tb id=\"{}\" send=\"{}\" recv=\"{}\" chan=\"0\">\n{}</tb>", id, send,
                     receive, steps);
}

/// Two GPUs exchange their inputs and add the other's to their own.
std::string exchange(const std::string& last = "rrc") {
  std::string gpus;
  for (const int g : {0, 1}) {
    gpus +=
        gpu(g, 1, 1, block(0, 1 - g, 1 - g, step(0, "s", "i0", "o0") + step(1, last, "i0", "o0")));
  }
  return algorithm("allreduce", gpus);
}

std::string refusal(const std::string& text) {
  try {
    (void)schedule_of(read_msccl_text(text, "x.xml"), units::gigabytes(1));
  } catch (const topology::InputError& e) {
    return e.what();
  }
  return "accepted";
}

TEST(Msccl, AnExchangeIsAnAllReduceOfTwo) {
  const CollectiveSchedule schedule =
      schedule_of(read_msccl_text(exchange(), "x.xml"), units::gigabytes(1));
  ASSERT_EQ(schedule.size(), 2U);
  EXPECT_EQ(schedule[0].size, units::gigabytes(1));
  const testing::Stage stage(testing::single_gpu_nodes(2, 2, 1));
  const CollectiveRun run =
      run_steps(stage.task(Collective::AllReduce, units::gigabytes(1)), schedule, {});
  // 2 us for the NICs, 250 ns for the leaf (dgx() in specs.hpp), 1 GB at 50 GB/s.
  EXPECT_NEAR(run.time.base(), 2.25e-6 + 0.02, 1e-12);
}

TEST(Msccl, EveryKindOfStepDoesWhatItsNameSays) {
  // A chain 0 -> 1 -> 2 adds up (rrs forwards without storing), 2 stores the sum (rrc, then a copy
  // over scratch), and it comes back (rcs forwards and stores).
  const std::string gpus =
      gpu(0, 1, 1,
          block(0, 1, -1, step(0, "s", "i0", "o0")) +
              block(1, -1, 1, step(0, "nop", "i0", "o0") + step(1, "r", "i0", "o0"))) +
      gpu(1, 1, 1,
          block(0, 2, 0, step(0, "rrs", "i0", "o0")) + block(1, 0, 2, step(0, "rcs", "i0", "o0"))) +
      gpu(2, 1, 1,
          block(0, -1, 1,
                step(0, "r", "i0", "s0") + step(1, "cpy", "i0", "s1") + step(2, "re", "s0", "s1")) +
              block(1, 1, -1,
                    step(0, "cpy", "s1", "o0", 1, R"(depid="0" deps="2")") +
                        step(1, "s", "o0", "o0")));
  EXPECT_EQ(refusal(algorithm("allreduce", gpus, 3)), "accepted");
}

TEST(Msccl, AWrongResultIsFound) {
  EXPECT_THAT(refusal(exchange("r")), AllOf(HasSubstr("GPU 0"), HasSubstr("output chunk 0")));
}

TEST(Msccl, AStepThatWaitsForEverIsNamed) {
  // Both receive before they send.
  std::string gpus;
  for (const int g : {0, 1}) {
    gpus += gpu(g, 1, 1, block(0, 1 - g, 1 - g, step(0, "rrcs", "i0", "o0")));
  }
  EXPECT_THAT(refusal(algorithm("allreduce", gpus)),
              AllOf(HasSubstr("x.xml:2"), HasSubstr("GPU 0, thread block 0, step 0"),
                    HasSubstr("waits for ever")));
}

TEST(Msccl, StepsThatWaitForEachOtherAreNamed) {
  const std::string blocks =
      block(0, -1, -1, step(0, "nop", "i0", "o0", 1, R"(depid="1" deps="0")")) +
      block(1, -1, -1, step(0, "nop", "i0", "o0", 1, R"(depid="0" deps="0")"));
  EXPECT_THAT(refusal(algorithm("allreduce", gpu(0, 1, 1, blocks), 1)),
              HasSubstr("waits for ever for step 0 of thread block 1"));
}

TEST(Msccl, AMessageThatNobodyReceivesIsNamed) {
  const std::string gpus =
      gpu(0, 1, 1, block(0, 1, -1, step(0, "s", "i0", "o0"))) + gpu(1, 1, 1, "");
  EXPECT_THAT(refusal(algorithm("allreduce", gpus)), HasSubstr("never receives"));
}

TEST(Msccl, WhatCannotBeIsRefusedWithItsPlace) {
  EXPECT_THAT(refusal("<algo"), HasSubstr("not well-formed XML"));
  EXPECT_THAT(refusal("<a/>"), HasSubstr("<algo>"));
  EXPECT_THAT(refusal(algorithm("allsum", "")), HasSubstr("allsum"));
  EXPECT_THAT(refusal(algorithm("allreduce", gpu(0, 1, 1, ""))), HasSubstr("GPU 1 of 2"));
  EXPECT_THAT(refusal(algorithm("allreduce", gpu(0, 1, 1, "") + gpu(0, 1, 1, ""))),
              HasSubstr("twice"));
  const auto one = [](const std::string& steps) {
    return refusal(algorithm("allreduce", gpu(0, 1, 1, block(3, -1, -1, steps)), 1));
  };
  EXPECT_THAT(one(step(0, "dance", "i0", "o0")), HasSubstr("thread block 3, step 0: type"));
  EXPECT_THAT(one(step(0, "cpy", "i0", "o1")), HasSubstr("outside the buffer's 1 chunks"));
  EXPECT_THAT(one(step(0, "cpy", "i0", "x0")), HasSubstr("expected i, o or s"));
  EXPECT_THAT(one(step(0, "s", "i0", "o0")), HasSubstr("no peer to send to"));
  EXPECT_THAT(one(step(7, "cpy", "i0", "o0")), HasSubstr("numbered from 0 on"));
  EXPECT_THAT(one(step(0, "cpy", "i0", "o0", 1, R"(depid="9" deps="0")")),
              HasSubstr("which is not there"));
}

TEST(Msccl, LongSchedulesAreReadInOnePass) {
  // A place in the file is known without counting its lines anew for each of the steps.
  constexpr int kSteps = 100'000;
  std::string steps;
  for (int s = 0; s < kSteps; ++s) {
    steps += step(s, "nop", "i0", "o0") + "\n";
  }
  const MscclProgram program =
      read_msccl_text(algorithm("allreduce", gpu(0, 1, 1, block(0, -1, -1, steps)), 1), "x.xml");
  ASSERT_EQ(program.gpus[0].blocks[0].steps.size(), std::size_t{kSteps});
  EXPECT_EQ(program.gpus[0].blocks[0].steps.back().line, kSteps + 1);  // <tb> stands on line 1
}

TEST(Msccl, WhatTheFormatDoesNotKnowIsPassedOver) {
  const std::string more = "<note><gpu id=\"7\"/><tb/></note>";
  EXPECT_EQ(refusal(algorithm(
                "allreduce",
                more + gpu(0, 1, 1, more + block(0, -1, -1, step(0, "cpy", "i0", "o0"))), 1)),
            "accepted");
}

TEST(Msccl, TheSampleOfTheFormatIsAnAllGather) {
  const auto sample = std::filesystem::path(GPUPLAN_SOURCE_DIR).parent_path() /
                      "shared/formats/msccl/ncv4_ag_hier_4_LL.xml";
  if (!std::filesystem::exists(sample)) {
    GTEST_SKIP() << "no sample at " << sample;
  }
  const MscclProgram program = read_msccl(sample);
  EXPECT_EQ(program.op, Collective::AllGather);
  EXPECT_EQ(program.protocol, Protocol::Ll);
  const CollectiveSchedule schedule = schedule_of(program, units::gigabytes(1));
  // Each of 4 GPUs sends 4 chunks of 16 directly, 4 more on both its ways in: 3/4 arrive in all.
  double received = 0;
  for (const Transfer& t : schedule.transfers()) {
    received += t.size.base();
  }
  EXPECT_NEAR(received, 4 * 0.75e9, 1.0);
}

}  // namespace
}  // namespace sim
