#include "scenarios/astra_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/temporary_files.hpp"
#include "tests/sim/some_trace.hpp"

namespace scenarios {
namespace {

using sim::test::refusal;
using testing::HasSubstr;

constexpr const char* kNetwork =
    "topology: [ Switch ]\nnpus_count: [ 8 ]\nbandwidth: [ 400.0 ]  # GB/s\nlatency: [ 936.25 ]\n";

TEST(AstraConfig, AGigabyteOfItsNetworkHasTwoToTheThirtyBytes) {
  const sim::AstraNetwork n = parse_astra_network(kNetwork, "n.yml");
  EXPECT_EQ(n.topology, sim::AstraNetwork::Topology::Switch);
  EXPECT_EQ(n.npus, 8);
  EXPECT_DOUBLE_EQ(n.bandwidth.base(), 400.0 * 1073741824.0);
  EXPECT_DOUBLE_EQ(n.latency.in(units::nanoseconds(1)), 936.25);
}

TEST(AstraConfig, BadNetworksAreRefusedWithTheirPlace) {
  const auto message = [](const std::string& text) {
    return refusal([&] { (void)parse_astra_network(text, "n.yml"); });
  };
  const std::string rest = "npus_count: [ 8 ]\nbandwidth: [ 1 ]\nlatency: [ 1 ]\n";
  EXPECT_THAT(message("topology: [ Ring, Switch ]\n" + rest),
              HasSubstr("n.yml:1:11: topology: has 2 dimensions"));
  EXPECT_THAT(message("topology: [ Mobius ]\n" + rest), HasSubstr("\"Mobius\" is unknown"));
  EXPECT_THAT(message(rest), HasSubstr("topology: is missing"));
  EXPECT_THAT(message("topology: [ Ring ]\nnpus_count: [ 0 ]\nbandwidth: [ 1 ]\nlatency: [ 1 ]\n"),
              HasSubstr("npus_count: 0 is out of range"));
  EXPECT_THAT(message("topology: [ Ring ]\nspeed: 3\n" + rest), HasSubstr("speed: is unknown"));
  EXPECT_THAT(message("topology: Ring\n" + rest), HasSubstr("expected a list, say [ 8 ]"));
}

TEST(AstraConfig, ASystemKeepsItsDefaultsAndNotesWhatItDoesNotUse) {
  const AstraSystemFile f = parse_astra_system(
      R"({"preferred-dataset-splits": 4, "local-mem-bw": 1600, "mystery": 1})", "s.json");
  EXPECT_EQ(f.system.splits, 4);
  EXPECT_EQ(f.system.active_chunks, 1);
  EXPECT_DOUBLE_EQ(f.system.endpoint_delay.in(units::nanoseconds(1)), 10.0);
  EXPECT_DOUBLE_EQ(f.system.memory_bandwidth.base(), 1600e9);  // here GB are 1e9
  EXPECT_THAT(f.warnings, testing::ElementsAre("s.json: \"mystery\" is not used here"));
}

TEST(AstraConfig, BadSystemsAreRefused) {
  for (const char* bad :
       {"", "[]", "{", R"({"preferred-dataset-splits": 0})", R"({"endpoint-delay": "ten"})",
        R"({"local-mem-bw": -1})", R"({"all-reduce-implementation": "ring"})",
        R"({"all-reduce-implementation": ["ring", "ring"]})", R"({"peak-perf": 1e300})"}) {
    EXPECT_THAT(refusal([&] { (void)parse_astra_system(bad, "s.json"); }), HasSubstr("s.json: "))
        << bad;
  }
}

TEST(AstraConfig, ACustomCollectiveIsFoundByTheEndOfItsPath) {
  const TemporaryFiles files;
  files.write("algorithms/ring.0.et", "");
  const auto system = files.write("config/s.json", "{}");
  EXPECT_EQ(std::filesystem::weakly_canonical(
                find_custom_collective("examples/system/algorithms/ring", system)),
            std::filesystem::weakly_canonical(files.directory() / "algorithms/ring"));
  EXPECT_THAT(refusal([&] { (void)find_custom_collective("examples/tree", system); }),
              HasSubstr("there are no traces examples/tree.<rank>.et"));
}

}  // namespace
}  // namespace scenarios
