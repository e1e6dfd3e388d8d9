#pragma once
// Says who waits for whom when traces cannot go on. Internal to sim/trace.
#include <vector>

#include "sim/trace/matching.hpp"
#include "sim/trace/trace_set.hpp"

namespace sim {

/// Where a rank stands when nothing moves any more.
struct StuckRank {
  bool finished = false;
  std::vector<NodeIndex> running;   ///< collectives that it has joined
  std::vector<NodeIndex> receives;  ///< posted, without a message
};

/// @throws topology::InputError with a chain of ranks, each with the node at which it waits for the
/// next.
[[noreturn]] void refuse_deadlock(const TraceSet& traces, const Matching& matching,
                                  const std::vector<StuckRank>& ranks, int communications);

}  // namespace sim
