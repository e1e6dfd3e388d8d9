#include "topology/import/edge_list.hpp"

#include <sstream>
#include <string>
#include <vector>

#include "topology/cluster.hpp"

#include "tests/scenarios/messages.hpp"

namespace topology {
namespace {

using testing::HasSubstr;

DeviceGraph parse(const std::string& text) {
  return parse_edge_list(text, "net.edges");
}
std::string message(const std::string& text) {
  return refusal([&] { (void)parse(text); });
}

TEST(EdgeList, ReadsCablesWithUnitsInOneWordOrTwo) {
  const DeviceGraph graph = parse("gpu0 leaf0 400Gbit/s 1us\ngpu0 leaf1 50 GB/s 2 us 4\n");
  ASSERT_EQ(graph.cables.size(), 2U);
  EXPECT_EQ(graph.cables[0].bandwidth, units::gigabits_per_second(400));
  EXPECT_EQ(graph.cables[0].count, 1);
  EXPECT_EQ(graph.cables[1].bandwidth, units::gigabytes_per_second(200));  // 4 x 50 GB/s
  EXPECT_EQ(graph.cables[1].count, 4);
  EXPECT_DOUBLE_EQ(graph.cables[1].latency.in(units::microseconds(1)), 2.0);
  EXPECT_EQ(graph.cables[1].latency_back, graph.cables[1].latency);
}

TEST(EdgeList, DeviceLinesGiveKindsAndOrder) {
  const DeviceGraph graph = parse(
      "device \"big switch\" tor # the only one\ndevice x7 nvswitch\nx7 \"big switch\" 1 GB/s 0 "
      "s\n");
  ASSERT_EQ(graph.devices.size(), 2U);
  EXPECT_EQ(graph.devices[0].name, "big switch");
  EXPECT_EQ(graph.devices[0].kind, VertexKind::Leaf);
  EXPECT_EQ(graph.devices[1].kind, VertexKind::ScaleUpSwitch);
}

TEST(EdgeList, UndeclaredDevicesAreWhatTheirNamesBeginWith) {
  const DeviceGraph graph = parse("GPU-3 spine_1 1GB/s 1us\nhca0 pcie-switch2 1GB/s 1us\n");
  EXPECT_EQ(graph.devices[0].kind, VertexKind::Gpu);
  EXPECT_EQ(graph.devices[1].kind, VertexKind::Spine);
  EXPECT_EQ(graph.devices[2].kind, VertexKind::Nic);
  EXPECT_EQ(graph.devices[3].kind, VertexKind::PcieSwitch);
}

TEST(EdgeList, AnArrowMakesACableOneWay) {
  EXPECT_TRUE(parse("gpu0 -> gpu1 50 GB/s 1 us\n").cables[0].one_way);
  EXPECT_FALSE(parse("gpu0 gpu1 50 GB/s 1 us\n").cables[0].one_way);
}

TEST(EdgeList, RefusesWithFileAndLine) {
  EXPECT_THAT(message("gpu0 leaf0 400Gbit/s 1us\n\ngpu0 laef1 50 GB/s 2 us\n"),
              HasSubstr("net.edges:3: there is no device \"laef1\""));
  EXPECT_THAT(message("gpu0 leaf0 400 1us\n"),
              HasSubstr("net.edges:1: bandwidth: \"400\" has no unit"));
  EXPECT_THAT(message("gpu0 leaf0 400Gbps 1us\n"), HasSubstr("write \"Gbit/s\" or \"GB/s\""));
  EXPECT_THAT(message("gpu0 leaf0 400Gbit/s\n"), HasSubstr("the latency is missing"));
  EXPECT_THAT(message("gpu0\n"), HasSubstr("the line ends too early"));
  EXPECT_THAT(message("gpu0 leaf0 1GB/s 1us 2 3\n"), HasSubstr("\"3\" is too much"));
  EXPECT_THAT(message("gpu0 leaf0 1GB/s 1us 99999999999\n"), HasSubstr("no number of cables"));
  EXPECT_THAT(message("gpu0 leaf0 1GB/s 1us 0\n"), HasSubstr("0 parallel cables"));
  EXPECT_THAT(message("gpu0 gpu0 1GB/s 1us\n"), HasSubstr("from a device to itself"));
  EXPECT_THAT(message("gpu0 leaf0 0GB/s 1us\n"), HasSubstr("bandwidth of 0 GB/s"));
  EXPECT_THAT(message("gpu0 leaf0 1e9GB/s 1us 1000\n"), HasSubstr("expected more than 0"));
  EXPECT_THAT(message("gpu0 leaf0 1GB/s 2s\n"), HasSubstr("latency of 2 s"));
  EXPECT_THAT(message("gpu0 \"leaf0 1GB/s 2s\n"), HasSubstr("a quote is opened"));
  EXPECT_THAT(message("device leaf0 leef\n"), HasSubstr("did you mean \"leaf\""));
  EXPECT_THAT(message("gpu0 leaf0 1GB/s 1us\ndevice gpu0 gpu\n"), HasSubstr("already there"));
  EXPECT_THAT(message("gpu0 leaf\x01 1GB/s 1us\n"), HasSubstr("control character"));
  EXPECT_THAT(message("gpu0 leaf\xC3( 1GB/s 1us\n"), HasSubstr("not UTF-8"));
  EXPECT_THAT(message("# nothing\n"), HasSubstr("there is no cable"));
  EXPECT_THAT(message("gpu0 " + std::string(5000, 'x') + " 1GB/s 1us\n"),
              HasSubstr("4096 letters"));
}

TEST(EdgeList, WhatIsWrittenReadsBackTheSame) {
  DeviceGraph graph = parse("gpu0 leaf0 400Gbit/s 1us 3\nleaf0 -> gpu1 123456789.25 B/s 333 ns\n");
  graph.devices.push_back({"leaf0", VertexKind::Leaf});  // a name twice, as GraphML may have it
  graph.cables.push_back(
      {0, 3, 1, units::gigabytes_per_second(1), units::microseconds(1), units::microseconds(2)});
  std::ostringstream out;
  write_edge_list(graph, out);
  const DeviceGraph again = parse(out.str());
  ASSERT_EQ(again.devices.size(), 4U);
  EXPECT_EQ(again.devices[1].name, "leaf0#1");
  ASSERT_EQ(again.cables.size(), 4U);  // the last cable as two of one way each
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again.cables[i].from, graph.cables[i].from);
    EXPECT_EQ(again.cables[i].to, graph.cables[i].to);
    EXPECT_EQ(again.cables[i].count, graph.cables[i].count);
    EXPECT_DOUBLE_EQ(again.cables[i].bandwidth.base(), graph.cables[i].bandwidth.base());
    EXPECT_EQ(again.cables[i].latency, graph.cables[i].latency);
  }
  EXPECT_DOUBLE_EQ(again.cables[3].latency.in(units::microseconds(1)), 2.0);
  EXPECT_TRUE(again.cables[3].one_way);
}

// Found by the fuzzer: both names became gpu? in the file.
TEST(EdgeList, NamesThatOnlyDifferInWhatCannotBeWrittenStayApart) {
  std::ostringstream out;
  write_edge_list(parse("gpu? gpu\" 1GB/s 1us\n"), out);
  EXPECT_EQ(parse(out.str()).devices.size(), 2U);
  const std::vector<std::string> names = distinct_names({"a", "a#0", "a", "a#2#2"});
  EXPECT_EQ(names, (std::vector<std::string>{"a#0#0", "a#0", "a#2", "a#2#2"}));
}

}  // namespace
}  // namespace topology
