#pragma once
// What one rank does, operation by operation, as another tool recorded or generated it.
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "topology/units.hpp"

namespace sim {

using NodeIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class TraceWork : std::uint8_t { Metadata, Memory, Compute, Send, Receive, Collective };

/// In the order of the format's numbers.
enum class TraceCollective : std::uint8_t {
  AllReduce,
  Reduce,
  AllGather,
  Gather,
  Scatter,
  Broadcast,
  AllToAll,
  ReduceScatter,
  ReduceScatterBlock,
  Barrier
};
inline constexpr int kTraceCollectives = 10;
std::string_view name(TraceCollective op);  ///< "all-reduce"

/// One operation. Figures that a trace does not state are zero.
struct TraceNode {
  std::uint64_t id = 0;
  TraceWork work = TraceWork::Compute;
  bool on_cpu = false;
  TraceCollective op = TraceCollective::AllReduce;
  std::uint32_t group = 0;         ///< of a collective: index into ExecutionTrace::groups
  std::int32_t peer = -1;          ///< of a send or receive: the other rank
  std::uint32_t sequence = kNone;  ///< place in ExecutionTrace::communications
  std::int64_t tag = 0;
  /// Of a send the message; of an all-gather what this rank puts in; else the full buffer.
  units::Bytes size{};
  units::Seconds duration{};  ///< as recorded
  units::Flops operations{};
  units::Bytes traffic{};  ///< bytes that a kernel moves through memory
};

/// A process group as a trace names it.
struct TraceGroup {
  std::string name;          ///< "" is the world
  bool given = false;        ///< the trace itself lists the members
  std::vector<int> members;  ///< if given; empty: the world
};

/// The trace of one rank. Invariant (see finish): nodes are in order of their ids, which are
/// unique, and dependencies form no cycle. About 80 bytes per node, its name, and 8 per dependency.
class ExecutionTrace {
 public:
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const TraceNode& node(NodeIndex i) const { return nodes_[i]; }
  [[nodiscard]] std::span<const TraceNode> nodes() const { return nodes_; }
  [[nodiscard]] std::string_view node_name(NodeIndex i) const;
  /// `node 12 "aten::mm"`, with what is not printable replaced.
  [[nodiscard]] std::string label(NodeIndex i) const;
  [[nodiscard]] std::span<const NodeIndex> dependencies(NodeIndex i) const;
  [[nodiscard]] std::span<const NodeIndex> dependents(NodeIndex i) const;
  /// Sends, receives and collectives in program order: dependencies first, then by id.
  [[nodiscard]] std::span<const NodeIndex> communications() const { return communications_; }
  [[nodiscard]] const std::vector<TraceGroup>& groups() const { return groups_; }
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  friend class TraceBuilder;
  std::string version_;
  std::vector<TraceNode> nodes_;
  std::string names_;
  std::vector<std::uint32_t> name_begin_;
  std::vector<std::uint32_t> dependency_begin_, dependent_begin_;
  std::vector<NodeIndex> dependencies_, dependents_;
  std::vector<NodeIndex> communications_;
  std::vector<TraceGroup> groups_;
};

/// Collects nodes in any order.
class TraceBuilder {
 public:
  /// `origin`: how messages call this trace, say "rank 3 (trace.3.et)".
  explicit TraceBuilder(std::string origin) : origin_(std::move(origin)) {}
  void set_version(std::string version) { trace_.version_ = std::move(version); }
  /// Index of the group called `name`, made on first use.
  std::uint32_t group(std::string_view name);
  [[nodiscard]] std::uint32_t group_count() const {
    return static_cast<std::uint32_t>(trace_.groups_.size());
  }
  /// Lists the members of a group; the world if there are none.
  void define_group(std::string_view name, std::vector<int> members);
  /// `dependencies`: ids, also of nodes that come later; one that stands twice counts once.
  /// @throws topology::InputError if the trace gets larger than 32-bit numbers can count.
  void add(const TraceNode& node, std::string_view name,
           std::span<const std::uint64_t> dependencies);
  [[nodiscard]] std::size_t size() const { return trace_.nodes_.size(); }
  /// Sorts, links and checks.
  /// @throws topology::InputError naming the trace and the node: an id that two nodes have, a
  /// dependency on a node that is not there, or a cycle.
  ExecutionTrace finish();

 private:
  void sort_by_id();
  void link();
  void order();
  [[noreturn]] void refuse(NodeIndex node, std::string_view message) const;
  [[noreturn]] void refuse_cycle(const std::vector<std::uint32_t>& waiting) const;

  std::string origin_;
  ExecutionTrace trace_;
  std::unordered_map<std::string, std::uint32_t> group_index_;
  std::vector<std::uint64_t> wanted_;  // ids that nodes depend on
  std::vector<std::uint32_t> wanted_begin_{0};
};

/// `text` with bytes that a terminal could choke on replaced, cut where it is long.
std::string printable(std::string_view text);

}  // namespace sim
