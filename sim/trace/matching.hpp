#pragma once
// Which operations of different ranks belong together: the k-th collective of a group on one rank
// with the k-th on the others, the k-th send on a channel (source, destination, tag) with its k-th
// receive, in program order. What cannot belong together is found before anything runs.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/process_groups.hpp"
#include "sim/trace/trace_set.hpp"

namespace sim {

/// Ranks that communicate, in the order of the process group.
struct TraceCommunicator {
  std::string name;
  std::vector<int> members;
};

/// `process group "tp"`, or `all 8 ranks`.
std::string describe(const TraceCommunicator& group);

/// One collective of all members of a group.
struct CollectiveCall {
  std::uint32_t communicator = 0;
  TraceCollective op = TraceCollective::AllReduce;
  units::Bytes size;  ///< as TraceNode::size
  int rank = 0;       ///< the first member that reaches it, and its node there
  NodeIndex node = 0;
};

/// One send and its receive.
struct Message {
  int source = 0, destination = 0;
  std::int64_t tag = 0;
  units::Bytes size;
  NodeIndex send = kNone, receive = kNone;
};

struct Matching {
  std::vector<TraceCommunicator> communicators;  ///< the first one is the world
  std::vector<CollectiveCall> calls;
  std::vector<Message> messages;
  /// Of each rank, in the order of its ExecutionTrace::communications: index of the call or
  /// message.
  std::vector<std::uint32_t> partner;
  std::vector<std::uint64_t> partner_begin;  ///< [rank]
  std::vector<std::string> warnings;

  [[nodiscard]] std::uint32_t of(int rank, const TraceNode& node) const {
    return partner[partner_begin[static_cast<std::size_t>(rank)] + node.sequence];
  }
};

/// `groups`: members of the groups that the traces do not list themselves. Groups called "" or "0"
/// that nobody lists are the world. Linear in communications and in the sizes of the groups in use.
/// @throws topology::InputError naming rank and node: a group that nobody lists, with a rank that
/// has no trace or without the rank that uses it; a collective that a member never reaches, or
/// reaches with another type or size (all-to-all may be uneven); a send without its receive or the
/// other way round, or of another size.
Matching match(const TraceSet& traces, const GroupFile& groups);

}  // namespace sim
