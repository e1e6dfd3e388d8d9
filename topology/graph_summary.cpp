#include "topology/graph_summary.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>

namespace topology {

namespace {

/// Who can be reached over one cable, in compressed sparse rows.
class Neighbours {
 public:
  explicit Neighbours(const DeviceGraph& graph) : begin_(graph.devices.size() + 1) {
    for (const auto& cable : graph.cables) {
      ++begin_[cable.from + 1];
      begin_[cable.to + 1] += cable.one_way ? 0U : 1U;
    }
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    to_.resize(begin_.back());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (const auto& cable : graph.cables) {
      to_[next[cable.from]++] = cable.to;
      if (!cable.one_way) {
        to_[next[cable.to]++] = cable.from;
      }
    }
  }
  /// Hops from `start` to every device, -1 where there is no way.
  [[nodiscard]] std::vector<int> hops_from(std::size_t start) const {
    std::vector<int> hops(begin_.size() - 1, -1);
    std::vector<std::size_t> queue{start};
    hops[start] = 0;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const std::size_t at = queue[i];
      for (std::size_t e = begin_[at]; e < begin_[at + 1]; ++e) {
        if (hops[to_[e]] < 0) {
          hops[to_[e]] = hops[at] + 1;
          queue.push_back(to_[e]);
        }
      }
    }
    return hops;
  }

 private:
  std::vector<std::size_t> begin_;
  std::vector<std::uint32_t> to_;
};

std::vector<std::size_t> gpus_of(const DeviceGraph& graph) {
  std::vector<std::size_t> gpus;
  for (std::size_t i = 0; i < graph.devices.size(); ++i) {
    if (graph.devices[i].kind == VertexKind::Gpu) {
      gpus.push_back(i);
    }
  }
  return gpus;
}

void count_parts(const DeviceGraph& graph, GraphSummary& out) {
  std::vector<std::uint32_t> root(graph.devices.size());
  std::iota(root.begin(), root.end(), 0U);
  const auto find = [&](std::uint32_t v) {
    while (root[v] != v) {
      v = root[v] = root[root[v]];
    }
    return v;
  };
  out.parts = graph.devices.size();
  for (const auto& cable : graph.cables) {
    const std::uint32_t a = find(cable.from);
    const std::uint32_t b = find(cable.to);
    out.parts -= a == b ? 0U : 1U;
    root[a] = b;
  }
}

void measure_diameter(const DeviceGraph& graph, const std::vector<std::size_t>& gpus,
                      GraphSummary& out) {
  const Neighbours neighbours(graph);
  int widest = 0;
  /// The GPU farthest from `start`; nothing where one cannot be reached.
  const auto sweep = [&](std::size_t start) -> std::optional<std::size_t> {
    const std::vector<int> hops = neighbours.hops_from(start);
    std::size_t farthest = start;
    for (const std::size_t gpu : gpus) {
      if (hops[gpu] < 0) {
        return std::nullopt;
      }
      farthest = hops[gpu] > hops[farthest] ? gpu : farthest;
    }
    widest = std::max(widest, hops[farthest]);
    return farthest;
  };
  constexpr int kSweeps = 8;
  out.diameter_is_exact = gpus.size() <= kMostExactGpus;
  std::optional<std::size_t> at = gpus.front();
  if (out.diameter_is_exact) {
    for (std::size_t i = 0; i < gpus.size() && at; ++i) {
      at = sweep(gpus[i]);
    }
  } else {
    for (int i = 0; i < kSweeps && at; ++i) {
      at = sweep(*at);
    }
  }
  if (at) {
    out.diameter = widest;
  }
}

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<
        boost::edge_capacity_t, long,
        boost::property<boost::edge_residual_capacity_t, long,
                        boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;

/// Adds one direction of a cable, with the empty reverse edge that Boost's algorithm asks for.
void add_pipe(FlowGraph& graph, std::size_t from, std::size_t to, long rate) {
  const auto forth = boost::add_edge(from, to, graph).first;
  const auto reverse = boost::add_edge(to, from, graph).first;
  boost::put(boost::edge_capacity, graph, forth, rate);
  boost::put(boost::edge_capacity, graph, reverse, 0L);
  boost::put(boost::edge_reverse, graph, forth, reverse);
  boost::put(boost::edge_reverse, graph, reverse, forth);
}

/// Nothing where the rates are too many or too large to be added up without rounding.
std::optional<units::BytesPerSecond> minimum_cut(const DeviceGraph& graph,
                                                 const std::vector<std::size_t>& gpus) {
  const std::size_t source = graph.devices.size();
  const std::size_t sink = source + 1;
  FlowGraph pipes(sink + 1);
  std::vector<long> around(graph.devices.size());  // what the cables of a device carry
  double all = 0;
  for (const auto& cable : graph.cables) {
    // Whole megabytes per second: with fractions the push-relabel method may never come to an end.
    const double rate = std::max(1.0, std::round(cable.bandwidth.base() * 1e-6));
    all += 2 * rate;
    if (all > 0x1p52) {
      return std::nullopt;
    }
    const long whole = std::lround(rate);
    add_pipe(pipes, cable.from, cable.to, whole);
    if (!cable.one_way) {
      add_pipe(pipes, cable.to, cable.from, whole);
    }
    around[cable.from] += whole;
    around[cable.to] += whole;
  }
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const bool first_half = i < gpus.size() / 2;
    add_pipe(pipes, first_half ? source : gpus[i], first_half ? gpus[i] : sink, around[gpus[i]]);
  }
  const long cut = boost::push_relabel_max_flow(pipes, source, sink);
  return units::BytesPerSecond::from_base(static_cast<double>(cut) * 1e6);
}

}  // namespace

GraphSummary summarise(const DeviceGraph& graph) {
  GraphSummary out;
  std::map<VertexKind, std::size_t> devices;
  for (const auto& device : graph.devices) {
    ++devices[device.kind];
  }
  for (const auto& [kind, count] : devices) {
    out.devices.push_back({kind, count});
  }
  using Alike = std::tuple<VertexKind, VertexKind, double, double, bool>;
  std::map<Alike, std::size_t> cables;
  for (const auto& cable : graph.cables) {
    VertexKind from = graph.devices[cable.from].kind;
    VertexKind to = graph.devices[cable.to].kind;
    if (!cable.one_way && to < from) {
      std::swap(from, to);
    }
    const units::Seconds latency = std::max(cable.latency, cable.latency_back);
    cables[{from, to, (cable.bandwidth / cable.count).base(), latency.base(), cable.one_way}] +=
        static_cast<std::size_t>(cable.count);
  }
  for (const auto& [alike, count] : cables) {
    const auto& [from, to, bandwidth, latency, one_way] = alike;
    out.cables.push_back({from, to, count, units::BytesPerSecond::from_base(bandwidth),
                          units::Seconds::from_base(latency), one_way});
  }
  count_parts(graph, out);
  const std::vector<std::size_t> gpus = gpus_of(graph);
  if (!gpus.empty()) {
    measure_diameter(graph, gpus, out);
  }
  if (gpus.size() > 1 && graph.cables.size() <= kMostCutCables) {
    out.bisection = minimum_cut(graph, gpus);
  }
  return out;
}

}  // namespace topology
