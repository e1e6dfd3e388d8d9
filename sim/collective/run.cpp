#include "sim/collective/run.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "sim/engine/fold.hpp"
#include "topology/routing.hpp"

namespace sim {

namespace {

using topology::LinkId;
using units::Seconds;

/// The flows of one phase over the links that they use, numbered from 0.
struct Flows {
  Lists<Hop> hops;               ///< over used links
  std::vector<double> size;      ///< bytes per unit of weight
  std::vector<LinkId> used;      ///< channel by used link
  std::vector<double> capacity;  ///< by used link
};

class Numbering {
 public:
  Numbering(const Ways& ways, Flows& flows)
      : ways_(ways), flows_(flows), number_(ways.cluster().channel_count(), kNone) {}
  std::uint32_t of(LinkId channel) {
    if (number_[channel] == kNone) {
      number_[channel] = static_cast<std::uint32_t>(flows_.used.size());
      flows_.used.push_back(channel);
      flows_.capacity.push_back(ways_.capacity(channel).base());
    }
    return number_[channel];
  }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  const Ways& ways_;
  Flows& flows_;
  std::vector<std::uint32_t> number_;
};

Flows flows_of(const Phase& phase, const Ways& ways) {
  Flows flows;
  Numbering numbering(ways, flows);
  const std::size_t count = phase.edges.size() + phase.activities.size();
  flows.size.reserve(count);
  flows.hops.begin.reserve(count + 1);
  flows.hops.items.reserve(count * 6);
  std::vector<Hop> way;
  const auto add = [&](units::Bytes size, const std::vector<Hop>& hops) {
    for (const Hop& hop : hops) {
      flows.hops.items.push_back({numbering.of(hop.link), hop.weight});
    }
    flows.hops.close();
    flows.size.push_back(size.base());
  };
  for (std::size_t i = 0; i < phase.edges.size(); ++i) {
    ways.way(phase.edges[i].from, phase.edges[i].to, way, i);
    add(phase.edges[i].size, way);
  }
  for (const Activity& activity : phase.activities) {
    add(activity.size, activity.hops);
  }
  return flows;
}

/// How long the slowest flow takes when each has the links to itself.
double alone_s(const Flows& flows) {
  double longest = 0.0;
  for (std::size_t f = 0; f < flows.size.size(); ++f) {
    for (const Hop& hop : flows.hops[f]) {
      longest = std::max(longest, flows.size[f] * hop.weight / flows.capacity[hop.link]);
    }
  }
  return longest;
}

FoldProblem fold_problem(const Flows& flows) {
  FoldProblem problem;
  for (const double capacity : flows.capacity) {
    problem.link_colour.push_back(topology::mix64(std::bit_cast<std::uint64_t>(capacity)));
  }
  for (const double size : flows.size) {
    problem.flow_colour.push_back(topology::mix64(std::bit_cast<std::uint64_t>(size)));
  }
  problem.hops = flows.hops;
  return problem;
}

struct PhaseRun {
  Seconds time;
  std::uint64_t simulated = 0, events = 0;
};

/// @param cap_s how long the bytes of every flow take at least; 0: no cap.
PhaseRun run_phase(const Flows& flows, double cap_s, const RunOptions& options) {
  const FoldProblem problem = fold_problem(flows);
  const Folding folding = options.unfold ? fold_nothing(problem) : fold(problem);
  const auto network = make_network(options.backend);
  for (const std::uint32_t link : folding.links.first) {
    network->add_link(units::bytes_per_second(flows.capacity[link]));
  }
  for (std::uint32_t c = 0; c < folding.flows.size(); ++c) {
    const double size = flows.size[folding.flows.first[c]];
    const double cap = cap_s > 0.0 ? size / cap_s : 0.0;
    const Network::RouteId route = network->add_route(folded_hops(problem, folding, c));
    network->start_flow(units::bytes(size), {}, route, units::bytes_per_second(cap), c);
  }
  network->run([](std::uint64_t) {});
  return {network->now(), folding.flows.size(), network->events()};
}

}  // namespace

std::vector<LinkLoad> busiest_links(const Ways& ways, const std::vector<double>& bytes_by_channel,
                                    Seconds time) {
  std::vector<LinkLoad> loads;
  for (LinkId i = 0; i < bytes_by_channel.size(); ++i) {
    if (bytes_by_channel[i] > 0.0 && time > Seconds{}) {
      const units::Bytes carried = units::bytes(bytes_by_channel[i]);
      loads.push_back(
          {.link = i, .carried = carried, .utilisation = carried / (ways.capacity(i) * time)});
    }
  }
  constexpr std::size_t kShown = 10;
  const std::size_t shown = std::min(kShown, loads.size());
  // A trace of rounding must not decide which of many equal links are shown.
  constexpr double kEqual = 1e-9;
  std::partial_sort(loads.begin(), loads.begin() + static_cast<std::ptrdiff_t>(shown), loads.end(),
                    [](const LinkLoad& a, const LinkLoad& b) {
                      return std::abs(a.utilisation - b.utilisation) > kEqual
                                 ? a.utilisation > b.utilisation
                                 : a.link < b.link;
                    });
  loads.resize(shown);
  for (LinkLoad& load : loads) {
    load.label = ways.cluster().channel_label(load.link);
  }
  return loads;
}

CollectiveRun run_fluid(const CollectiveTask& task, const Generator& generator,
                        const RunOptions& options) {
  CollectiveTask wanted = task;
  wanted.with_latency = !options.pace.has_value();
  std::vector<Phase> phases;
  generator.fluid(wanted, [&](Phase&& phase) { phases.push_back(std::move(phase)); });
  return run_phases(task.ways, std::move(phases), options);
}

CollectiveRun run_phases(const Ways& ways, std::vector<Phase> phases, const RunOptions& options) {
  std::vector<double> alone;
  if (options.pace && phases.size() > 1) {
    for (const Phase& phase : phases) {
      alone.push_back(alone_s(flows_of(phase, ways)));
    }
  }
  const double all_alone = std::accumulate(alone.begin(), alone.end(), 0.0);
  CollectiveRun run;
  run.latency = options.pace ? options.pace->latency : Seconds{};
  std::vector<double> carried(ways.cluster().channel_count(), 0.0);
  for (std::size_t p = 0; p < phases.size(); ++p) {
    const Flows flows = flows_of(phases[p], ways);
    const double share = all_alone > 0.0 ? alone[p] / all_alone : 1.0;
    const PhaseRun done =
        run_phase(flows, options.pace ? options.pace->transfer.base() * share : 0.0, options);
    for (std::size_t f = 0; f < flows.size.size(); ++f) {
      for (const Hop& hop : flows.hops[f]) {
        carried[flows.used[hop.link]] += hop.weight * flows.size[f];
      }
    }
    run.phases.push_back(done.time);
    run.flows += flows.size.size();
    run.simulated += done.simulated;
    run.events += done.events;
    run.time += done.time;
    if (!options.pace) {
      run.latency += phases[p].latency;
    }
    phases[p] = {};
  }
  run.time += run.latency;
  run.busiest = busiest_links(ways, carried, run.time);
  return run;
}

}  // namespace sim
