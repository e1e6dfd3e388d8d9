#include "real_runner/rank_env.hpp"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/error.hpp"

namespace real_runner {
namespace {

Environment environment(const std::map<std::string, std::string>& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(RankPlace, IsAloneWhereNobodySaysAnything) {
  const RankPlace place = rank_place(environment({}));
  EXPECT_EQ(place.world_size, 1);
  EXPECT_EQ(place.launcher, "alone");
}

TEST(RankPlace, ReadsOpenMpi) {
  const RankPlace place = rank_place(environment({{"OMPI_COMM_WORLD_RANK", "9"},
                                                  {"OMPI_COMM_WORLD_SIZE", "16"},
                                                  {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                                  {"OMPI_COMM_WORLD_LOCAL_SIZE", "8"},
                                                  {"MASTER_ADDR", "first"}}));
  EXPECT_EQ(place.rank, 9);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.nodes(), 2);
  EXPECT_EQ(place.master_address, "first");
  EXPECT_EQ(place.master_port, 29500);
}

TEST(RankPlace, FindsTheFirstNodeAndAPortOfAStepOfSlurm) {
  const RankPlace place = rank_place(environment({{"SLURM_PROCID", "3"},
                                                  {"SLURM_NTASKS", "4"},
                                                  {"SLURM_LOCALID", "1"},
                                                  {"SLURM_STEP_TASKS_PER_NODE", "2(x2)"},
                                                  {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                                                  {"SLURM_JOB_ID", "123456"}}));
  EXPECT_EQ(place.launcher, "Slurm");
  EXPECT_EQ(place.local_size, 2);
  EXPECT_EQ(place.master_address, "gpu07");
  EXPECT_EQ(place.master_port, 23456);
}

TEST(RankPlace, TakesNoNoticeOfABatchScriptOutsideAStep) {
  const RankPlace place = rank_place(environment({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}));
  EXPECT_EQ(place.world_size, 1);
}

TEST(RankPlace, PrefersWhatWasSaidByHand) {
  const RankPlace place = rank_place(environment({{"RANK", "1"},
                                                  {"WORLD_SIZE", "2"},
                                                  {"OMPI_COMM_WORLD_RANK", "0"},
                                                  {"OMPI_COMM_WORLD_SIZE", "1"}}));
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.world_size, 2);
}

TEST(RankPlace, RefusesNumbersThatCannotBe) {
  EXPECT_THROW((void)rank_place(environment({{"RANK", "2"}, {"WORLD_SIZE", "2"}})),
               topology::InputError);
  EXPECT_THROW((void)rank_place(environment({{"RANK", "one"}, {"WORLD_SIZE", "2"}})),
               topology::InputError);
}

TEST(RankPlace, AsksForTheAddressOfRankZeroOnSeveralNodes) {
  try {
    (void)rank_place(environment({{"PMI_RANK", "0"},
                                  {"PMI_SIZE", "4"},
                                  {"MPI_LOCALRANKID", "0"},
                                  {"MPI_LOCALNRANKS", "2"}}));
    FAIL() << "expected an error";
  } catch (const topology::InputError& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("MASTER_ADDR is not set"));
  }
}

TEST(FirstNode, UnderstandsSlurmsLists) {
  EXPECT_EQ(first_node("node[003-007,9],other"), "node003");
  EXPECT_EQ(first_node("alone"), "alone");
  EXPECT_EQ(first_node("a,b"), "a");
  EXPECT_EQ(first_node("rack[1-2]-gpu"), "rack1-gpu");
}

}  // namespace
}  // namespace real_runner
