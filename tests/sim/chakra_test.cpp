// sim/trace: reading and writing Chakra files, and what a trace must be.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/some_trace.hpp"

namespace sim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Encodes protobuf by hand, so that the reader is tested against the format, not against our
/// writer.
std::string varint(std::uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7U) {
    out += static_cast<char>(v | 0x80);
  }
  return out + static_cast<char>(v);
}
std::string field(unsigned number, std::uint64_t v) {
  return varint(number << 3U) + varint(v);
}
std::string field(unsigned number, const std::string& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}
std::string message(const std::string& bytes) {
  return varint(bytes.size()) + bytes;
}
std::string attribute(const std::string& name, const std::string& value = "") {
  return field(10, field(1, name) + value);
}
const std::string kHeader = message(field(1, "0.0.4"));

std::string collective(const std::string& attributes) {
  return kHeader + message(field(2, "ar") + field(3, 7) + attributes);
}

TEST(Chakra, ReadsANodeByTheNumbersOfTheFormat) {
  const ExecutionTrace t = trace_of(
      kHeader +
      message(field(1, 5) + field(2, "mm") + field(3, 4) + field(7, 12) +
              attribute("num_ops", field(9, 1000)) + attribute("tensor_size", field(13, 64))) +
      message(field(1, 9) + field(2, "ar") + field(3, 7) + field(4, 5) +
              attribute("comm_type", field(9, 2)) + attribute("comm_size", field(9, 1 << 20)) +
              attribute("pg_name", field(29, "tp"))));
  ASSERT_EQ(t.size(), 2U);
  EXPECT_EQ(t.version(), "0.0.4");
  EXPECT_EQ(t.node(0).duration.in(units::microseconds(1)), 12.0);
  EXPECT_EQ(t.node(0).operations.base(), 1000.0);
  EXPECT_EQ(t.node(0).traffic.base(), 64.0);
  EXPECT_EQ(t.node(1).op, TraceCollective::AllGather);
  EXPECT_EQ(t.node(1).size.base(), 1048576.0);
  EXPECT_EQ(t.groups().at(t.node(1).group).name, "tp");
  EXPECT_THAT(t.dependencies(1), ElementsAre(0));
  EXPECT_THAT(t.dependents(0), ElementsAre(1));
}

TEST(Chakra, TakesIntegersOfAnyWidthAndSign) {
  const std::string size_8 = "\x08" + std::string(7, '\0');
  const std::vector<std::string> eights{
      field(7, 8),                                                     // int32
      field(9, 8),                                                     // int64
      field(11, 8),                                                    // uint32
      field(13, 8),                                                    // uint64
      field(15, 16),                                                   // sint32: zigzag
      field(17, 16),                                                   // sint64
      varint(19U << 3U | 5U) + size_8.substr(0, 4),                    // fixed32
      varint(21U << 3U | 1U) + size_8,                                 // fixed64
      varint(23U << 3U | 5U) + size_8.substr(0, 4),                    // sfixed32
      varint(25U << 3U | 1U) + size_8,                                 // sfixed64
      varint(3U << 3U | 1U) + std::string("\0\0\0\0\0\0\x20\x40", 8),  // double 8.0
      varint(5U << 3U | 5U) + std::string("\0\0\0\x41", 4)};           // float 8.0
  for (const std::string& eight : eights) {
    const ExecutionTrace t =
        trace_of(collective(attribute("comm_type", field(7, 0)) + attribute("comm_size", eight)));
    EXPECT_EQ(t.node(0).size.base(), 8.0);
  }
}

TEST(Chakra, BearsWhatRealFilesLeaveOut) {
  // No version, no id, comm_type without a value (0: all-reduce), is_cpu_op as int32, no pg_name, a
  // field that the format does not have.
  const ExecutionTrace t = trace_of(message("") + message(field(3, 7) + attribute("comm_type") +
                                                          attribute("is_cpu_op", field(7, 0)) +
                                                          field(99, "new") + field(8, "")));
  ASSERT_EQ(t.size(), 1U);
  EXPECT_EQ(t.node(0).id, 0U);
  EXPECT_EQ(t.node(0).op, TraceCollective::AllReduce);
  EXPECT_FALSE(t.node(0).on_cpu);
  EXPECT_EQ(t.groups().at(0).name, "");
}

TEST(Chakra, TakesIdsOutOfOrderAndDependenciesOnLaterIds) {
  const ExecutionTrace t =
      trace_of(kHeader + message(field(1, 70) + field(2, "b") + field(3, 4) + field(4, 900)) +
               message(field(1, 900) + field(2, "c") + field(3, 4)) +
               message(field(1, 7) + field(2, "a") + field(3, 4) + field(5, 70) + field(5, 900)));
  EXPECT_EQ(t.node_name(0), "a");
  EXPECT_EQ(t.node_name(2), "c");
  EXPECT_THAT(t.dependencies(0), ElementsAre(1, 2));
  EXPECT_THAT(t.dependencies(1), ElementsAre(2));
}

TEST(Chakra, ReadsProcessGroupsOfAMetadataNode) {
  const std::string list = R"([{"pg_name": "7", "ranks": [0, 2]}, {"pg_name": "0", "ranks": []}])";
  const std::string escaped =
      R"([["[{\"pg_name\": \"7\", \"ranks\": [0, 2]}, {\"pg_name\": \"0\", \"ranks\": []}]"]])";
  for (const std::string& operands : {list, "['" + list + "']", "[[" + list + "]]", escaped}) {
    const ExecutionTrace t =
        trace_of(kHeader + message(field(2, "## process_group:init ##") + field(3, 1) +
                                   field(8, field(1, operands))));
    ASSERT_EQ(t.groups().size(), 2U) << operands;
    EXPECT_EQ(t.groups()[0].name, "7");
    EXPECT_THAT(t.groups()[0].members, ElementsAre(0, 2));
    EXPECT_TRUE(t.groups()[1].given);
  }
}

TEST(Chakra, WritesWhatItReads) {
  SomeTrace some;
  some.metadata(0).group("dp", {0, 3}).compute(1, 15).cpu(2, 3, {1});
  some.collective(3, TraceCollective::ReduceScatter, 1e9, {1, 2}, "dp").send(8, 3, 77, {3}, 5);
  some.receive(11, 3, 77, {}, -6);
  const std::string bytes = bytes_of(some.finish());
  const ExecutionTrace t = trace_of(bytes);
  ASSERT_EQ(t.size(), 6U);
  EXPECT_EQ(t.node(1).duration.in(units::microseconds(1)), 15.0);
  EXPECT_TRUE(t.node(2).on_cpu);
  EXPECT_EQ(t.node(3).op, TraceCollective::ReduceScatter);
  EXPECT_EQ(t.node(3).size.base(), 1e9);
  EXPECT_THAT(t.groups()[t.node(3).group].members, ElementsAre(0, 3));
  EXPECT_EQ(t.node(4).peer, 3);
  EXPECT_EQ(t.node(5).tag, -6);
  EXPECT_THAT(t.dependencies(3), ElementsAre(1, 2));
  EXPECT_EQ(bytes_of(t), bytes);
}

TEST(Chakra, AHugeLengthIsRefusedWithFileAndOffset) {
  EXPECT_EQ(
      refusal([] { (void)trace_of(kHeader + varint(1ULL << 30U) + "abc"); }),
      "trace.0.et (rank 0): byte 8: a message claims 1073741824 bytes, more than the 67108864 "
      "that any real one has; this is no Chakra trace, or it is damaged");
  EXPECT_THAT(refusal([] { (void)trace_of(kHeader + std::string(11, '\xff')); }),
              HasSubstr("byte 8: the length of a message has more than 10 bytes"));
}

TEST(Chakra, ATruncatedFileIsRefusedWhereverItIsCut) {
  const std::string whole = bytes_of(SomeTrace().compute(1, 5).all_reduce(2, 64, {1}).finish());
  int refused = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string message = refusal([&] { (void)trace_of(whole.substr(0, length)); });
    // A cut between two messages leaves a shorter, valid trace.
    refused += message.empty() ? 0 : 1;
  }
  EXPECT_EQ(refused, static_cast<int>(whole.size()) - 2);
  EXPECT_THAT(refusal([&] { (void)trace_of(whole.substr(0, whole.size() - 1)); }),
              HasSubstr("the file ends inside a message"));
}

TEST(Chakra, OtherFilesAreRefused) {
  EXPECT_THAT(refusal([] { (void)trace_of(""); }), HasSubstr("is empty"));
  EXPECT_THAT(refusal([] { (void)trace_of("{\"nodes\": [1, 2, 3], \"schema\": \"1.0\"}"); }),
              HasSubstr("trace.0.et"));
  // The id as text: a known field with the wrong wire type.
  EXPECT_THAT(refusal([] { (void)trace_of(kHeader + message(field(1, "five") + field(3, 4))); }),
              HasSubstr("byte 8: this is a protobuf message, but no node of a Chakra trace"));
}

TEST(Chakra, BadNodesAreNamed) {
  EXPECT_THAT(refusal([] { (void)trace_of(kHeader + message(field(1, 3) + field(2, "x"))); }),
              HasSubstr("node 3 \"x\": has node type 0; expected 1 (metadata)"));
  EXPECT_THAT(refusal([] { (void)trace_of(collective("")); }),
              HasSubstr("node 0 \"ar\": is a collective whose attribute comm_type is missing"));
  EXPECT_THAT(refusal([] { (void)trace_of(collective(attribute("comm_type", field(9, 10)))); }),
              HasSubstr("comm_type is 10; expected 0 (all-reduce) to 9 (barrier)"));
  EXPECT_THAT(refusal([] {
                (void)trace_of(collective(attribute("comm_type", field(9, 0)) +
                                          attribute("comm_size", field(17, 1))));
              }),
              HasSubstr("attribute comm_size is -1; expected 0 or more"));
  EXPECT_THAT(refusal([] {
                (void)trace_of(collective(attribute("comm_type", field(9, 0)) +
                                          attribute("comm_size", field(13, ~0ULL))));
              }),
              HasSubstr("attribute comm_size is not a whole number of at most 63 bits"));
  EXPECT_THAT(refusal([] { (void)trace_of(kHeader + message(field(3, 5))); }),
              HasSubstr("has no attribute comm_dst, so its partner is unknown"));
}

TEST(ExecutionTrace, RefusesDuplicateIds) {
  EXPECT_EQ(
      refusal([] { (void)SomeTrace("rank 1").compute(4, 1).cpu(4, 1).finish(); }),
      "rank 1: node 4 \"launch\": has the id of node 4 \"mm\"; every node of a rank needs an id "
      "of its own");
}

TEST(ExecutionTrace, RefusesADependencyOnAMissingNode) {
  EXPECT_EQ(refusal([] { (void)SomeTrace("rank 1").compute(4, 1, {99}).finish(); }),
            "rank 1: node 4 \"mm\": depends on node 99, which the trace does not have");
}

TEST(ExecutionTrace, RefusesCyclesAndSaysWhoIsInThem) {
  EXPECT_THAT(refusal([] { (void)SomeTrace("r").compute(4, 1, {4}).finish(); }),
              HasSubstr("r: node 4 \"mm\": is part of a dependency cycle: it waits for itself"));
  const std::string two = refusal([] {
    (void)SomeTrace("r").compute(1, 1, {2}).compute(2, 1, {1}).compute(3, 1, {2}).finish();
  });
  EXPECT_THAT(two, HasSubstr("node 1 \"mm\": is part of a dependency cycle: it waits for node 2 "
                             "\"mm\", which waits for node 1 \"mm\""));
}

TEST(ExecutionTrace, CommunicationsComeInProgramOrder) {
  SomeTrace t;
  t.all_reduce(1, 8, {5}).compute(5, 1, {9}).all_reduce(9, 8).send(12, 1, 8);
  const ExecutionTrace trace = t.finish();
  std::vector<std::uint64_t> ids;
  for (const NodeIndex i : trace.communications()) {
    ids.push_back(trace.node(i).id);
  }
  EXPECT_THAT(ids, ElementsAre(9, 1, 12));  // 1 waits for 5, which waits for 9
}

TEST(GroupFile, ReadsMembersByName) {
  const GroupFile g = parse_group_file(R"({"tp": [0, 1], "3": [2]})", "g.json");
  EXPECT_THAT(g.at("tp"), ElementsAre(0, 1));
  EXPECT_THAT(g.at("3"), ElementsAre(2));
}

TEST(GroupFile, RefusesWhatIsNoList) {
  for (const char* bad : {"", "[1]", R"({"tp": 3})", R"({"tp": []})", R"({"tp": [-1]})",
                          R"({"tp": [0.5]})", R"({"tp": [99999999999]})"}) {
    EXPECT_THAT(refusal([&] { (void)parse_group_file(bad, "g.json"); }), HasSubstr("g.json: "))
        << bad;
  }
}

}  // namespace
}  // namespace sim::test
