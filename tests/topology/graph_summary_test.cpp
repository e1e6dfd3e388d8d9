#include "topology/graph_summary.hpp"

#include <string>

#include <gtest/gtest.h>

#include "topology/import/edge_list.hpp"

namespace topology {
namespace {

GraphSummary of(const std::string& text) {
  return summarise(parse_edge_list(text, "net.edges"));
}

TEST(GraphSummary, CountsDevicesAndCablesThatAreAlike) {
  const GraphSummary s =
      of("gpu0 leaf0 10GB/s 1us 2\nleaf0 gpu1 10GB/s 1us\ngpu1 leaf0 20GB/s 1us\n");
  ASSERT_EQ(s.devices.size(), 2U);
  EXPECT_EQ(s.devices[0].count, 2U);
  ASSERT_EQ(s.cables.size(), 2U);
  EXPECT_EQ(s.cables[0].count, 3U);  // whichever end is named first
  EXPECT_EQ(s.cables[0].bandwidth, units::gigabytes_per_second(10));
  EXPECT_EQ(s.parts, 1U);
}

TEST(GraphSummary, TheDiameterIsTheFarthestPairOfGpus) {
  EXPECT_EQ(of("gpu0 leaf0 1GB/s 1us\nleaf0 leaf1 1GB/s 1us\nleaf1 gpu1 1GB/s 1us\n").diameter, 3);
}

TEST(GraphSummary, GpusThatCannotReachEachOtherHaveNoDiameter) {
  const GraphSummary s = of("gpu0 leaf0 1GB/s 1us\ngpu1 leaf1 1GB/s 1us\n");
  EXPECT_EQ(s.parts, 2U);
  EXPECT_FALSE(s.diameter.has_value());
  EXPECT_EQ(s.bisection, units::BytesPerSecond{});
  EXPECT_FALSE(of("gpu0 -> gpu1 1GB/s 1us\n").diameter.has_value());
}

// A ring of four: the cut between {0, 1} and {2, 3} goes through two cables.
TEST(GraphSummary, TheBisectionIsTheMinimumCut) {
  const GraphSummary ring =
      of("gpu0 gpu1 8GB/s 1us\ngpu1 gpu2 8GB/s 1us\ngpu2 gpu3 8GB/s 1us\ngpu3 gpu0 8GB/s 1us\n");
  EXPECT_EQ(ring.bisection, units::gigabytes_per_second(16));
  // Both GPUs send 10 GB/s, the cable in the middle lets 4 through.
  EXPECT_EQ(of("gpu0 leaf0 10GB/s 1us\nleaf0 leaf1 4GB/s 1us\nleaf1 gpu1 10GB/s 1us\n").bisection,
            units::gigabytes_per_second(4));
}

// A chain of 1,200 GPUs; sweeps find its ends.
TEST(GraphSummary, LargeGraphsAreSwept) {
  std::string text;
  for (int i = 0; i < 1199; ++i) {
    text += "gpu" + std::to_string(i) + " gpu" + std::to_string(i + 1) + " 1GB/s 1us\n";
  }
  const GraphSummary s = of(text);
  EXPECT_FALSE(s.diameter_is_exact);
  EXPECT_EQ(s.diameter, 1199);
}

}  // namespace
}  // namespace topology
