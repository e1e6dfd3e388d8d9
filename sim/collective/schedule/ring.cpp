// Rings through all ranks, one per NIC of a domain: channel c enters and leaves every domain by NIC
// c, so that what crosses between domains stays on its rail. Source: Patarasuk and Yuan, JPDC
// 69(2), 2009; the order of ranks is NCCL's.
#include <algorithm>
#include <map>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

std::uint32_t as_u32(std::size_t v) {
  return static_cast<std::uint32_t>(v);
}

/// All ranks in the order in which channel `c` passes them.
std::vector<std::uint32_t> order_of(const Team& team, int c) {
  std::vector<std::uint32_t> order;
  order.reserve(static_cast<std::size_t>(team.ranks()));
  for (int d = 0; d < team.domains(); ++d) {
    const auto members = team.domain(d);
    for (std::size_t i = 0; i < members.size(); ++i) {
      order.push_back(members[(static_cast<std::size_t>(c) + i) % members.size()]);
    }
  }
  return order;
}

/// The same for streams: starts behind the root for a reduce, at the root for a broadcast.
std::vector<std::uint32_t> chain_of(const CollectiveTask& task, int c) {
  std::vector<std::uint32_t> order = order_of(task.team, c);
  auto start = std::find(order.begin(), order.end(), task.root);
  if (task.op == Collective::Reduce) {
    ++start;
  }
  std::rotate(order.begin(), start, order.end());
  return order;
}

bool streams(Collective op) {
  return op == Collective::Broadcast || op == Collective::Reduce;
}

bool can(const CollectiveTask& task) {
  return task.op != Collective::AllToAll && task.op != Collective::SendRecv &&
         task.op != Collective::Barrier;
}

// ---- step by step

CollectiveSchedule stream_steps(const CollectiveTask& task) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const int channels = task.team.channels();
  CollectiveSchedule schedule(n, task.pieces * static_cast<std::uint32_t>(channels));
  CollectiveSchedule::check_size(static_cast<double>(n) * channels * task.pieces);
  const units::Bytes piece = task.size / (static_cast<double>(channels) * task.pieces);
  for (int c = 0; c < channels; ++c) {
    const auto order = chain_of(task, c);
    for (std::uint32_t i = 0; i < task.pieces; ++i) {
      const std::uint32_t slot = static_cast<std::uint32_t>(c) * task.pieces + i;
      std::vector<TransferId> after;
      for (std::uint32_t p = 0; p + 1 < n; ++p) {
        after = {schedule.add({.from = order[p],
                               .to = order[p + 1],
                               .source = slot,
                               .target = slot,
                               .channel = static_cast<std::uint16_t>(c),
                               .action = task.op == Collective::Reduce ? Action::Add : Action::Copy,
                               .size = piece},
                              after)};
      }
    }
  }
  return schedule;
}

CollectiveSchedule steps(const CollectiveTask& task) {
  if (streams(task.op)) {
    return stream_steps(task);
  }
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const auto channels = static_cast<std::uint32_t>(task.team.channels());
  CollectiveSchedule::check_size(static_cast<double>(n) *
                                 calib::ring_steps(task.op, task.team.ranks()) * channels);
  CollectiveSchedule schedule(n, n * channels);
  for (std::uint32_t c = 0; c < channels; ++c) {
    RingPass pass{.order = order_of(task.team, static_cast<int>(c)),
                  .first = 0,
                  .count = 1,
                  .chunk = task.size / (static_cast<double>(n) * channels),
                  .channel = static_cast<std::uint16_t>(c)};
    Entries entries(n);
    pass.first = c * n;
    for (std::uint32_t p = 0; p < n; ++p) {
      schedule.set_owner(pass.first + p, pass.order[p]);
    }
    if (task.op != Collective::AllGather) {
      add_ring_pass(schedule, pass, entries);
    }
    if (task.op != Collective::ReduceScatter) {
      pass.action = Action::Copy;
      add_ring_pass(schedule, pass, entries);
    }
  }
  return schedule;
}

// ---- fluid

using Between = std::pair<std::uint32_t, std::uint32_t>;

/// Edges inside a domain of k carry all channels but those that leave the domain there.
void add_inner_edges(const CollectiveTask& task, units::Bytes each,
                     const std::map<Between, int>& missing, Phase& phase) {
  const Team& team = task.team;
  const int channels = team.channels();
  for (int d = 0; d < team.domains(); ++d) {
    const auto members = team.domain(d);
    const int k = static_cast<int>(members.size());
    for (int i = 0; i < k && k > 1; ++i) {
      const int next = (i + 1) % k;
      // Channels c with c % k == next begin at `next`, so they do not come from i.
      const bool closes = team.domains() == 1;
      const int begin_there = closes ? 0 : channels / k + (next < channels % k ? 1 : 0);
      const Between ends{members[static_cast<std::size_t>(i)],
                         members[static_cast<std::size_t>(next)]};
      const auto left_out = missing.empty() ? missing.end() : missing.find(ends);
      const int carried =
          channels - begin_there - (left_out == missing.end() ? 0 : left_out->second);
      if (carried > 0) {
        phase.edges.push_back(
            {task.end(ends.first), task.end(ends.second), each * static_cast<double>(carried)});
      }
    }
  }
}

void add_outer_edges(const CollectiveTask& task, units::Bytes each,
                     const std::map<Between, int>& missing, Phase& phase) {
  const Team& team = task.team;
  for (int d = 0; d < team.domains() && team.domains() > 1; ++d) {
    const auto here = team.domain(d);
    const auto there = team.domain((d + 1) % team.domains());
    std::map<Between, int> carried;  // uneven domains: two channels may share an edge
    for (int c = 0; c < team.channels(); ++c) {
      const auto from = (static_cast<std::size_t>(c) + here.size() - 1) % here.size();
      const auto to = static_cast<std::size_t>(c) % there.size();
      ++carried[{here[from], there[to]}];
    }
    for (const auto& [ends, count] : carried) {
      const auto left_out = missing.empty() ? missing.end() : missing.find(ends);
      const int left = count - (left_out == missing.end() ? 0 : left_out->second);
      if (left > 0) {
        phase.edges.push_back(
            {task.end(ends.first), task.end(ends.second), each * static_cast<double>(left)});
      }
    }
  }
}

/// The longest way of a chunk: around the ring once or twice, less the links at its end.
units::Seconds longest_way(const CollectiveTask& task, const std::vector<std::uint32_t>& order) {
  if (!task.with_latency) {
    return {};
  }
  const std::size_t n = order.size();
  std::vector<units::Seconds> hop(n);
  units::Seconds circle;
  for (std::size_t p = 0; p < n; ++p) {
    hop[p] = task.latency(order[p], order[(p + 1) % n]);
    circle += hop[p];
  }
  if (streams(task.op)) {
    return circle - hop[n - 1];
  }
  const bool twice = task.op == Collective::AllReduce;
  units::Seconds least = circle + circle;
  for (std::size_t p = 0; p < n; ++p) {
    least = std::min(least, hop[p] + (twice ? hop[(p + 1) % n] : units::Seconds{}));
  }
  return circle * (twice ? 2.0 : 1.0) - least;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  const int channels = task.team.channels();
  const units::Bytes each =
      streams(task.op)
          ? task.size / static_cast<double>(channels)
          : units::bytes(calib::ring_bytes(task.op, task.size.base(), task.team.ranks())) /
                static_cast<double>(channels);
  std::map<Between, int> missing;  // a stream does not pass the link behind its last rank
  for (int c = 0; c < channels && streams(task.op); ++c) {
    const auto chain = chain_of(task, c);
    ++missing[{chain.back(), chain.front()}];
  }
  Phase phase;
  phase.edges.reserve(static_cast<std::size_t>(task.team.ranks()) * 2);
  add_inner_edges(task, each, missing, phase);
  add_outer_edges(task, each, missing, phase);
  phase.latency = longest_way(task, streams(task.op) ? chain_of(task, 0) : order_of(task.team, 0));
  sink(std::move(phase));
}

}  // namespace

void add_ring_pass(CollectiveSchedule& schedule, const RingPass& pass, Entries& entries) {
  const std::size_t n = pass.order.size();
  const bool adds = pass.action == Action::Add;
  std::vector<TransferId> previous(n), current(n);
  for (std::size_t step = 0; step + 1 < n; ++step) {
    for (std::size_t p = 0; p < n; ++p) {
      // A reduce-scatter starts one chunk ahead, so that position p ends with chunk p.
      const std::size_t behind = adds ? step + 1 : step;
      const std::uint32_t chunk = as_u32((p + n - behind) % n);
      const std::uint32_t slot = pass.first + chunk * pass.count;
      // What is passed on when it is reduced holds the rank's own part too.
      std::vector<TransferId> after;
      if (step == 0 || adds) {
        after = entries[pass.order[p]];
      }
      if (step > 0) {
        after.push_back(previous[(p + n - 1) % n]);
      }
      current[p] = schedule.add({.from = pass.order[p],
                                 .to = pass.order[(p + 1) % n],
                                 .source = slot,
                                 .target = slot,
                                 .count = pass.count,
                                 .channel = pass.channel,
                                 .phase = pass.phase,
                                 .action = pass.action,
                                 .size = pass.chunk},
                                after);
    }
    previous = current;
  }
  for (std::size_t p = 0; p < n && n > 1; ++p) {
    entries[pass.order[(p + 1) % n]].push_back(current[p]);
  }
}

Generator ring() {
  return {Algorithm::Ring, can, steps, fluid};
}

}  // namespace sim::schedule
