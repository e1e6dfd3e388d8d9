#include "topology/import/graphml.hpp"

#include <sstream>
#include <string>

#include "topology/cluster.hpp"

#include "tests/scenarios/messages.hpp"

namespace topology {
namespace {

using testing::HasSubstr;

const std::string kData = std::string(GPUPLAN_SOURCE_DIR) + "/tests/topology/data/";

/// A graph whose elements stand from line 3 on.
DeviceGraph parse(const std::string& inside) {
  return parse_graphml(
      "<graphml><key id=\"bandwidth\" for=\"edge\"/><key id=\"kind\" for=\"node\"/>\n"
      "<graph>\n" +
          inside + "</graph></graphml>",
      "net.graphml");
}
std::string message(const std::string& inside) {
  return refusal([&] { (void)parse(inside); });
}
std::string whole(const std::string& text) {
  return refusal([&] { (void)parse_graphml(text, "net.graphml"); });
}

TEST(Graphml, ReadsWhatNetworkxWrites) {
  const DeviceGraph graph = read_graphml(kData + "networkx.graphml");
  ASSERT_EQ(graph.devices.size(), 3U);
  EXPECT_EQ(graph.count(VertexKind::Gpu), 2U);
  EXPECT_EQ(graph.devices[2].name, "tor-1");
  EXPECT_EQ(graph.devices[2].kind, VertexKind::Leaf);  // by its name
  ASSERT_EQ(graph.cables.size(), 3U);
  EXPECT_TRUE(graph.cables[0].one_way);
  EXPECT_EQ(graph.cables[0].count, 2);
  EXPECT_EQ(graph.cables[0].bandwidth, units::gigabits_per_second(200));      // 2 x 100
  EXPECT_DOUBLE_EQ(graph.cables[0].latency.in(units::microseconds(1)), 1.0);  // the default
  EXPECT_FALSE(graph.cables[2].one_way);
  EXPECT_DOUBLE_EQ(graph.cables[2].latency.in(units::microseconds(1)), 3.0);
}

TEST(Graphml, ReadsWhatYedWrites) {
  const DeviceGraph graph = read_graphml(kData + "yed.graphml");
  ASSERT_EQ(graph.devices.size(), 3U);
  EXPECT_EQ(graph.devices[0].name, "host of both");
  EXPECT_EQ(graph.devices[0].kind, VertexKind::Host);  // its name begins so
  EXPECT_EQ(graph.devices[1].kind, VertexKind::Gpu);
  ASSERT_EQ(graph.cables.size(), 2U);
  EXPECT_EQ(graph.cables[0].bandwidth, units::gigabits_per_second(400));  // the default
  EXPECT_EQ(graph.cables[0].latency, units::Seconds{});                   // none given
  EXPECT_EQ(graph.cables[1].bandwidth, units::gigabytes_per_second(50));
  EXPECT_EQ(graph.cables[1].from, 2U);
}

TEST(Graphml, EdgesMayStandBeforeTheirNodes) {
  const DeviceGraph graph = parse(
      "<edge source=\"b\" target=\"a\"><data key=\"bandwidth\">1 GB/s</data></edge>\n"
      "<node id=\"a\"/><node id=\"b\"/>");
  EXPECT_EQ(graph.devices[0].name, "a");
  EXPECT_EQ(graph.cables[0].from, 1U);
  EXPECT_EQ(graph.cables[0].to, 0U);
}

TEST(Graphml, RefusesWithFileAndLine) {
  const std::string edge = "<edge source=\"a\" target=\"b\">";
  const std::string nodes = "<node id=\"a\"/>\n<node id=\"b\"/>\n";
  EXPECT_THAT(message("<node id=\"a\"/>\n" + edge + "<data key=\"bandwidth\">1 GB/s</data></edge>"),
              HasSubstr("net.graphml:4: edge: there is no node \"b\""));
  EXPECT_THAT(message("<node id=\"a\"/>\n<node id=\"a\"/>"),
              HasSubstr("net.graphml:4: node: the id \"a\" is there twice"));
  EXPECT_THAT(message(nodes + edge + "</edge>"),
              HasSubstr("net.graphml:5: edge: it has no bandwidth"));
  EXPECT_THAT(message(nodes + edge + "\n<data key=\"bandwidth\">12.5</data></edge>"),
              HasSubstr("net.graphml:6: bandwidth: \"12.5\" has no unit"));
  EXPECT_THAT(message("<node id=\"a\"><data key=\"kind\">splne</data></node>"),
              HasSubstr("did you mean \"spine\""));
  EXPECT_THAT(message("<node id=\"a\"/><edge source=\"a\" target=\"a\"><data key=\"bandwidth\">1 "
                      "GB/s</data></edge>"),
              HasSubstr("to itself"));
  EXPECT_THAT(message("<edge source=\"a\"/>"), HasSubstr("a source and a target"));
  EXPECT_THAT(message("<node/>"), HasSubstr("it has no id"));
  EXPECT_THAT(message("<hyperedge/>"), HasSubstr("hyperedges are not read"));
  EXPECT_THAT(message("<node id=\"a\">"), HasSubstr("not well-formed XML: mismatched tag"));
  EXPECT_THAT(message("<node id=\"" + std::string(5000, 'x') + "\"/>"),
              HasSubstr("more than 4096 letters"));
  EXPECT_THAT(
      message("<node id=\"a\"><data key=\"kind\">" + std::string(5000, 'x') + "</data></node>"),
      HasSubstr("more than 4096 letters"));
}

TEST(Graphml, RefusesWhatIsNoGraphml) {
  EXPECT_THAT(whole(""), HasSubstr("not well-formed XML: no element found"));
  EXPECT_THAT(whole("gpu0 leaf0 1GB/s 1us"), HasSubstr("not well-formed"));
  EXPECT_THAT(whole("<system/>"), HasSubstr("found <system>, expected <graphml>"));
  EXPECT_THAT(whole("<graphml/>"), HasSubstr("there is no <graph>"));
  EXPECT_THAT(whole("<!DOCTYPE a [<!ENTITY x \"y\">]><graphml/>"), HasSubstr("declares an entity"));
  std::string deep = "<graphml>";
  for (int i = 0; i < 100; ++i) {
    deep += "<graph>";
  }
  EXPECT_THAT(whole(deep), HasSubstr("nested more than 64 deep"));
}

TEST(Graphml, AFileThatIsNotThereOrADirectoryIsASentence) {
  EXPECT_THAT(refusal([] { (void)read_graphml("/nowhere.graphml"); }),
              HasSubstr("/nowhere.graphml: there is no such file"));
  EXPECT_THAT(refusal([] { (void)read_graphml("/tmp"); }), HasSubstr("this is a directory"));
}

TEST(Graphml, WhatIsWrittenReadsBackTheSame) {
  DeviceGraph graph;
  graph.devices = {{"a <&\"> b", VertexKind::Gpu}, {"a <&\"> b", VertexKind::Border}};
  graph.cables = {{0, 1, 3, units::gigabits_per_second(1000.0 / 3), units::nanoseconds(1.0 / 3),
                   units::microseconds(2), false},
                  {1, 0, 1, units::gigabits_per_second(400), {}, {}, true}};
  std::ostringstream out;
  write_graphml(graph, out);
  const DeviceGraph again = parse_graphml(out.str(), "again");
  ASSERT_EQ(again.devices.size(), 2U);
  EXPECT_EQ(again.devices[0].name, graph.devices[0].name);
  EXPECT_EQ(again.devices[1].kind, VertexKind::Border);
  ASSERT_EQ(again.cables.size(), 2U);
  EXPECT_DOUBLE_EQ(again.cables[0].bandwidth.base(), graph.cables[0].bandwidth.base());
  EXPECT_EQ(again.cables[0].latency, graph.cables[0].latency);
  EXPECT_EQ(again.cables[0].latency_back, graph.cables[0].latency_back);
  EXPECT_EQ(again.cables[0].count, 3);
  EXPECT_TRUE(again.cables[1].one_way);
  EXPECT_EQ(again.cables[1].bandwidth, graph.cables[1].bandwidth);
}

}  // namespace
}  // namespace topology
