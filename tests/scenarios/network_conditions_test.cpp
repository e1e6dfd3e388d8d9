#include "scenarios/network_conditions.hpp"

#include "scenarios/scenario.hpp"

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace {

using scenarios::FaultWords;
using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path kCatalog =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";
const std::string kJob =
    "model: llama3.1-8b\n"
    "training: {sequence_length: 4096, global_batch: 512}\n"
    "layout: {tp: 8}\n";

scenarios::Scenario load(const std::string& text) {
  const TemporaryFiles files;
  return scenarios::load_scenario(files.write("s.yaml", text), {}, scenarios::Catalog(kCatalog));
}

TEST(NetworkConditions, RoutingIsWhatTheTechnologyDoesUnlessGiven) {
  const std::string ib = kJob + "cluster: {fabric: superpod-h100, gpus: 512}\n";
  EXPECT_EQ(load(ib).network.routing, topology::Routing::Adaptive);
  EXPECT_NEAR(load(ib).network.efficiency, 0.96, 1e-12);
  const std::string roce =
      kJob + "cluster: {fabric: superpod-h100, gpus: 512, overrides: {network: roce}}\n";
  EXPECT_EQ(load(roce).network.routing, topology::Routing::Ecmp);
  EXPECT_NEAR(load(roce).network.efficiency, 0.71, 1e-12);
  EXPECT_EQ(load(ib + "network: {routing: spray, efficiency: 0.5}\n").network.routing,
            topology::Routing::Spray);
}

TEST(NetworkConditions, FaultsNameDevicesAndLinksAsReportsDo) {
  const scenarios::Scenario s =
      load(kJob +
           "cluster: {fabric: superpod-h100, gpus: 512}\n"
           "network:\n"
           "  faults:\n"
           "    - {what: leaf 2 <-> spine 1, at: 1 s, for: 500 ms, left: 0.25}\n"
           "    - {what: spine 3}\n"
           "    - {what: nic 17, every: 1 s, for: 100 ms}\n");
  ASSERT_EQ(s.network.faults.size(), 3U);
  const topology::Cluster cluster = topology::Cluster::build(s.cluster);
  const auto faults = scenarios::link_faults(s.network.faults, cluster, units::seconds(3.5));
  // Two directions; a spine has 16 leaves under it (2 groups of 8 rails); a NIC has two cables and
  // flaps at 0, 1, 2 and 3 s.
  EXPECT_EQ(faults.size(), 2U + 2U * 16U + 4U * 4U);
  EXPECT_EQ(faults[0].begin, units::seconds(1));
  EXPECT_EQ(faults[0].end, units::seconds(1.5));
  EXPECT_FLOAT_EQ(faults[0].left, 0.25F);
  EXPECT_EQ(cluster.link(faults[0].link).from, cluster.link(faults[1].link).to);
}

struct BadFault {
  const char* text;
  const char* sentence;
};

TEST(NetworkConditions, AFaultThatNamesNothingIsASentence) {
  for (const BadFault& bad :
       {BadFault{"{what: spine 99}", "names \"spine 99\", which this cluster has not"},
        BadFault{"{what: spine 3 -> spine 4}", "spine 3 and spine 4 are not joined"},
        BadFault{"{what: the big switch}", "names \"the big switch\""},
        BadFault{"{what: nic 1, every: 1 s}", "lasts `for` a shorter time"},
        BadFault{"{what: nic 1, every: 1 us, for: 100 ns}", "more than 1000 faults"}}) {
    const scenarios::Scenario s =
        load(kJob + "cluster: {fabric: superpod-h100, gpus: 512}\nnetwork: {faults: [" + bad.text +
             "]}\n");
    const topology::Cluster cluster = topology::Cluster::build(s.cluster);
    const std::string message = refusal(
        [&] { (void)scenarios::link_faults(s.network.faults, cluster, units::seconds(10)); });
    EXPECT_THAT(message, AllOf(HasSubstr("s.yaml:5:"), HasSubstr(bad.sentence)));
  }
}

TEST(NetworkConditions, PlacementIsARuleOrAListOfNodes) {
  const std::string job = kJob + "cluster: {fabric: superpod-h100, gpus: 16, fabric_gpus: 512}\n";
  EXPECT_EQ(load(job).network.placement.rule, sim::PlacementRule::Packed);
  EXPECT_EQ(load(job + "placement: scattered\n").network.placement.rule,
            sim::PlacementRule::Scattered);
  const scenarios::Scenario listed = load(job + "placement: [7, 3]\n");
  EXPECT_EQ(listed.network.placement.rule, sim::PlacementRule::Listed);
  EXPECT_EQ(listed.network.placement.nodes, (std::vector{7, 3}));
  EXPECT_EQ(listed.network.fabric_gpus, 512);
  EXPECT_THAT(refusal([&] { (void)load(job + "placement: anywhere\n"); }),
              HasSubstr("packed, rail-aligned, scattered"));
}

}  // namespace
