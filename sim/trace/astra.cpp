#include "sim/trace/astra.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace sim {

using topology::InputError;
using units::Bytes;
using units::Seconds;

namespace {

/// ASTRA-sim counts whole nanoseconds. A sum of doubles may fall a hair below the number it means.
Seconds cut(Seconds t) {
  constexpr double kHair = 1e-6;
  return units::nanoseconds(std::floor(t.in(units::nanoseconds(1)) + kHair));
}

struct RingShape {
  int steps = 0, reductions = 0;
  Bytes message;
};

RingShape shape_of(TraceCollective op, Bytes chunk, int ranks) {
  switch (op) {
    case TraceCollective::AllReduce:
      return {.steps = 2 * (ranks - 1), .reductions = ranks - 1, .message = chunk / ranks};
    case TraceCollective::ReduceScatter:
      return {.steps = ranks - 1, .reductions = ranks - 1, .message = chunk / ranks};
    default:
      return {.steps = ranks - 1, .reductions = 0, .message = chunk};
  }
}

}  // namespace

int AstraNetwork::hops(int from, int to) const {
  switch (topology) {
    case Topology::Ring: {
      const int way = std::abs(from - to);
      return std::min(way, npus - way);
    }
    case Topology::FullyConnected:
      return from == to ? 0 : 1;
    case Topology::Switch:
      break;
  }
  return from == to ? 0 : 2;
}

Seconds astra_message_time(const AstraNetwork& network, Bytes size, int hops) {
  return network.congestion_aware
             ? static_cast<double>(hops) * cut(network.latency + size / network.bandwidth)
             : cut(static_cast<double>(hops) * network.latency + size / network.bandwidth);
}

Seconds astra_ring_time(const AstraNetwork& network, const AstraSystem& system, TraceCollective op,
                        Bytes size, int ranks, int hops) {
  const RingShape ring = shape_of(op, size / system.splits, ranks);
  const Seconds wire = cut(ring.message / network.bandwidth);
  const int active = std::min(system.active_chunks, system.splits);
  const int rounds = (system.splits + active - 1) / active;
  Seconds step = astra_message_time(network, ring.message, hops) + system.endpoint_delay;
  Seconds behind;
  if (network.congestion_aware) {
    step = std::max(step, wire * active);
    behind = wire * (active - 1);
  }
  Seconds reduction;
  if (system.memory_bandwidth > units::BytesPerSecond{}) {
    constexpr double kAccesses = 3.0;
    reduction = kAccesses * cut(ring.message / system.memory_bandwidth);
  }
  const Seconds chunk = system.endpoint_delay + ring.steps * step + ring.reductions * reduction;
  return rounds * chunk + behind;
}

AstraMachine::AstraMachine(AstraNetwork astra, AstraSystem system, Network& network)
    : astra_(astra), system_(std::move(system)), network_(network) {}

Seconds AstraMachine::compute_time(int /*rank*/, const TraceNode& node) const {
  if (!system_.roofline || node.on_cpu || node.operations <= units::Flops{}) {
    return node.duration;
  }
  Seconds time;
  if (system_.peak > units::FlopsPerSecond{}) {
    time = node.operations / system_.peak;
  }
  if (system_.memory_bandwidth > units::BytesPerSecond{}) {
    time = std::max(time, node.traffic / system_.memory_bandwidth);
  }
  return cut(time);
}

std::uint32_t AstraMachine::start(const CollectiveCall& call, const TraceCommunicator& group,
                                  std::uint64_t tag) {
  const bool reduces = call.op == TraceCollective::AllReduce;
  const bool gathers = call.op == TraceCollective::AllGather;
  const bool known = reduces || gathers || call.op == TraceCollective::ReduceScatter;
  const std::string& algorithm = reduces   ? system_.all_reduce
                                 : gathers ? system_.all_gather
                                           : system_.reduce_scatter;
  if (!known || algorithm != "ring") {
    throw InputError({}, "",
                     fmt::format("the traces need {} by \"{}\", and ASTRA-sim's model is followed "
                                 "only for rings (all-reduce, all-gather, reduce-scatter); leave "
                                 "out --astra and give --cluster",
                                 name(call.op), known ? printable(algorithm) : "ring"));
  }
  const auto ranks = static_cast<int>(group.members.size());
  if (ranks < 2 || call.size <= Bytes{}) {
    network_.after(Seconds{}, tag);
    return 1;
  }
  int hops = 1;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const int next = group.members[(i + 1) % group.members.size()];
    hops = std::max(hops, astra_.hops(group.members[i], next));
  }
  network_.after(astra_ring_time(astra_, system_, call.op, call.size, ranks, hops), tag);
  return 1;
}

void AstraMachine::send(const Message& m, std::uint64_t tag) {
  network_.after(astra_message_time(astra_, m.size, astra_.hops(m.source, m.destination)), tag);
}

}  // namespace sim
