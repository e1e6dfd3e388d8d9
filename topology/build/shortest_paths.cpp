#include "topology/build/shortest_paths.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>
#include <utility>

#include <queue>

namespace topology::build {

namespace {

constexpr unsigned kHopBits = 12;
constexpr Cost kFarthest = Cost{1} << 62U;

/// Scale-out switches; everything else is a part of a node or a rack.
bool is_fabric(VertexKind kind) {
  switch (kind) {
    case VertexKind::Leaf:
    case VertexKind::Spine:
    case VertexKind::Core:
    case VertexKind::Router:
    case VertexKind::Border:
    case VertexKind::Other:
      return true;
    case VertexKind::Gpu:
    case VertexKind::Nic:
    case VertexKind::ScaleUpSwitch:
    case VertexKind::PcieSwitch:
    case VertexKind::Host:
      break;
  }
  return false;
}

}  // namespace

Cost cost_of(units::Seconds latency) {
  return (static_cast<Cost>(std::llround(latency.in(units::nanoseconds(1e-3)))) << kHopBits) + 1;
}

Cost sum(Cost a, Cost b) {
  return a >= kFarthest || b >= kFarthest || a + b >= kFarthest ? kUnreachable : a + b;
}

ShortestPaths::ShortestPaths(std::span<const VertexKind> kinds, std::vector<Link> links) {
  std::stable_sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  });
  links.erase(
      std::unique(links.begin(), links.end(),
                  [](const Link& a, const Link& b) { return a.from == b.from && a.to == b.to; }),
      links.end());
  const auto fill = [&](Rows& rows, VertexId Link::*key) {
    rows.begin.assign(kinds.size() + 1, 0);
    for (const Link& link : links) {
      ++rows.begin[link.*key + 1];
    }
    std::partial_sum(rows.begin.begin(), rows.begin.end(), rows.begin.begin());
    std::vector<std::size_t> next(rows.begin.begin(), rows.begin.end() - 1);
    rows.arcs.resize(links.size());
    for (const Link& link : links) {
      rows.arcs[next[link.*key]++] = {link.from, link.to, cost_of(link.latency)};
    }
  };
  fill(out_, &Link::from);
  fill(in_, &Link::to);
  find_regions(kinds);
  find_gates();
  fields_.resize(kinds.size());
}

std::span<const ShortestPaths::Arc> ShortestPaths::out(VertexId v) const {
  return std::span(out_.arcs).subspan(out_.begin[v], out_.begin[v + 1] - out_.begin[v]);
}
std::span<const ShortestPaths::Arc> ShortestPaths::in(VertexId v) const {
  return std::span(in_.arcs).subspan(in_.begin[v], in_.begin[v + 1] - in_.begin[v]);
}
std::span<const ShortestPaths::Gate> ShortestPaths::exits(std::uint32_t island) const {
  return std::span(exits_.gates)
      .subspan(exits_.begin[island], exits_.begin[island + 1] - exits_.begin[island]);
}
std::span<const ShortestPaths::Gate> ShortestPaths::entries(std::uint32_t island) const {
  return std::span(entries_.gates)
      .subspan(entries_.begin[island], entries_.begin[island + 1] - entries_.begin[island]);
}

void ShortestPaths::find_regions(std::span<const VertexKind> kinds) {
  constexpr std::uint32_t kNone = ~std::uint32_t{0};
  region_.assign(kinds.size(), kNone);
  local_.assign(kinds.size(), 0);
  sizes_ = {0};
  std::vector<VertexId> stack;
  const auto join = [&](VertexId v, std::uint32_t region) {
    region_[v] = region;
    local_[v] = sizes_[region]++;
  };
  for (VertexId v = 0; v < kinds.size(); ++v) {
    if (is_fabric(kinds[v])) {
      join(v, kFabric);
    }
  }
  for (VertexId start = 0; start < kinds.size(); ++start) {
    if (region_[start] != kNone) {
      continue;
    }
    const std::uint32_t island = region_count();
    sizes_.push_back(0);
    join(start, island);
    stack = {start};
    const auto visit = [&](VertexId next) {
      if (region_[next] == kNone) {
        join(next, island);
        stack.push_back(next);
      }
    };
    while (!stack.empty()) {
      const VertexId v = stack.back();
      stack.pop_back();
      for (const Arc& arc : out(v)) {
        visit(arc.to);
      }
      for (const Arc& arc : in(v)) {
        visit(arc.from);
      }
    }
  }
}

void ShortestPaths::find_gates() {
  const auto fill = [&](Gates& gates, bool into_island) {
    std::vector<std::pair<std::uint32_t, Gate>> found;
    for (VertexId v = 0; v < region_.size(); ++v) {
      std::uint32_t port = 0;
      if (region_[v] == kFabric) {
        for (const Arc& arc : into_island ? out(v) : in(v)) {
          const std::uint32_t other = region_[into_island ? arc.to : arc.from];
          if (other != kFabric) {
            found.push_back({other, {arc, port++}});
          }
        }
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    gates.begin.assign(region_count() + 1, 0);
    for (const auto& [island, gate] : found) {
      ++gates.begin[island + 1];
      gates.gates.push_back(gate);
    }
    std::partial_sum(gates.begin.begin(), gates.begin.end(), gates.begin.begin());
  };
  fill(entries_, true);
  fill(exits_, false);
}

const ShortestPaths::Field& ShortestPaths::to(VertexId target) const {
  if (fields_[target]) {
    return *fields_[target];
  }
  // Dijkstra's method; Boost's would clear arrays over the whole graph for each small island.
  const std::uint32_t region = region_[target];
  std::vector<Cost> costs(sizes_[region], kUnreachable);
  using Reached = std::pair<Cost, VertexId>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> queue;
  costs[local_[target]] = 0;
  queue.push({0, target});
  while (!queue.empty()) {
    const auto [cost, v] = queue.top();
    queue.pop();
    if (cost > costs[local_[v]]) {
      continue;
    }
    for (const Arc& arc : in(v)) {
      const Cost better = sum(cost, arc.cost);
      if (region_[arc.from] == region && better < costs[local_[arc.from]]) {
        costs[local_[arc.from]] = better;
        queue.push({better, arc.from});
      }
    }
  }
  table_bytes_ += costs.size() * sizeof(Cost) + sizeof(Field);
  fields_[target] =
      std::unique_ptr<Field>(new Field(std::move(costs), local_.data()));  // private constructor
  return *fields_[target];
}

const std::vector<VertexId>& ShortestPaths::next(VertexId target, VertexId at) const {
  const Field& field = to(target);
  const auto [entry, is_new] = field.next_.try_emplace(at);
  std::vector<VertexId>& steps = entry->second;
  if (is_new) {
    for (const Arc& arc : out(at)) {
      if (region_[arc.to] == region_[target] && sum(arc.cost, field[arc.to]) == field[at]) {
        steps.push_back(arc.to);
      }
    }
    steps.shrink_to_fit();
    constexpr std::size_t kEntry = 64;  // of the map, about
    table_bytes_ += kEntry + steps.size() * sizeof(VertexId);
  }
  return steps;
}

void ShortestPaths::forget_some() const {
  if (table_bytes_ > kMostTableBytes) {
    std::for_each(fields_.begin(), fields_.end(), [](auto& field) { field.reset(); });
    table_bytes_ = 0;
  }
}

}  // namespace topology::build
