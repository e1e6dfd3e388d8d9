#pragma once
// Runs the traces of all ranks to the end.
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/engine/network.hpp"
#include "sim/trace/machine.hpp"
#include "sim/trace/matching.hpp"
#include "sim/trace/trace_set.hpp"
#include "topology/units.hpp"

namespace sim {

/// Where the time of one rank went; all but `finish` add up to the end of the last rank.
struct RankTime {
  units::Seconds finish;   ///< of its last operation
  units::Seconds compute;  ///< a kernel runs
  units::Seconds exposed;  ///< no kernel, but a send or collective, from its start on this rank (it
                           ///< may wait for others), or a message to it moves
  units::Seconds cpu;      ///< neither, but a CPU operator
  units::Seconds idle;     ///< nothing
  units::Seconds communication;  ///< sends and collectives, hidden or not; not part of the sum
};

struct TraceRun {
  units::Seconds total;
  std::vector<RankTime> ranks;
  std::uint64_t nodes = 0;   ///< run
  std::uint64_t events = 0;  ///< of the network
};

struct TraceRunOptions {
  /// Sends and collectives that a rank runs side by side. Receives do not count.
  int communications = 1;
  /// Called now and then with the share of nodes done.
  std::function<void(double)> progress{};
};

/// A node is ready when all it depends on is done. A rank runs one CPU operator, one kernel and
/// `communications` sends or collectives at a time, ready ones in the order of their ids
/// (communication: program order). A send needs no posted receive. Memory: 4 bytes per rank and
/// node beside the traces.
/// @throws topology::InputError if ranks wait for each other for ever, with who waits for whom.
TraceRun run_traces(const TraceSet& traces, const Matching& matching, TraceMachine& machine,
                    Network& network, const TraceRunOptions& options = {});

}  // namespace sim
