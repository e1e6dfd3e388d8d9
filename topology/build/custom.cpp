// A fabric that is given as a graph: drawn as it stands, routed along shortest ways.
#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "topology/build/builder.hpp"
#include "topology/build/shortest_paths.hpp"
#include "topology/device_graph.hpp"
#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace topology::build {

namespace {

/// Costs to one GPU from wherever a way to it may lead; see ShortestPaths.
class Way {
 public:
  Way(const ShortestPaths& paths, VertexId from, VertexId to)
      : paths_(paths),
        source_(paths.region(from)),
        target_(paths.region(to)),
        field_(paths.to(to)) {
    if (source_ == target_) {
      return;
    }
    for (const auto& gate : paths.entries(target_)) {
      const Cost rest = sum(gate.arc.cost, field_[gate.arc.to]);
      if (rest != kUnreachable) {
        entries_.push_back({rest, &paths.to(gate.arc.from), gate.arc, gate.port});
      }
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Gate& a, const Gate& b) { return a.rest < b.rest; });
    for (const auto& gate : paths.exits(source_)) {
      const Cost rest = sum(gate.arc.cost, over_fabric(gate.arc.to));
      if (rest != kUnreachable) {
        exits_.push_back({rest, &paths.to(gate.arc.from), gate.arc, gate.port});
      }
    }
  }

  [[nodiscard]] bool may_pass(VertexId v) const {
    const std::uint32_t region = paths_.region(v);
    return region == source_ || region == target_ ||
           (region == ShortestPaths::kFabric && source_ != target_);
  }
  /// The same where links are lost: then two GPUs of one node may also meet over the fabric.
  [[nodiscard]] bool may_detour(VertexId v) const {
    return may_pass(v) || paths_.region(v) == ShortestPaths::kFabric;
  }
  Cost operator()(VertexId v) const {
    if (paths_.region(v) == target_) {
      return field_[v];
    }
    return paths_.region(v) == source_ ? least(exits_, v) : over_fabric(v);
  }
  /// The neighbours of `at` that lie on a shortest way, appended to `steps`.
  void next(VertexId at, std::vector<VertexId>& steps) const {
    if (paths_.region(at) != ShortestPaths::kFabric) {
      const Cost here = (*this)(at);
      for (const auto& arc : paths_.out(at)) {
        if (may_pass(arc.to) && sum(arc.cost, (*this)(arc.to)) == here) {
          steps.push_back(arc.to);
        }
      }
      return;
    }
    const Cost here = over_fabric(at);
    for (const Gate& gate : entries_) {
      if (gate.rest > here) {
        break;
      }
      if (at == gate.arc.from && gate.rest == here) {
        add(steps, gate.arc.to);
      } else if (sum((*gate.field)[at], gate.rest) == here) {
        for (const VertexId next : paths_.next(gate.arc.from, at)) {
          add(steps, next);
        }
      }
    }
  }
  /// The destination's number among those behind its edge switch.
  [[nodiscard]] int digit() const {
    return entries_.empty() ? 0 : static_cast<int>(entries_.front().port);
  }

 private:
  struct Gate {
    Cost rest;                          ///< from the near side of the gate on
    const ShortestPaths::Field* field;  ///< costs to the near side
    ShortestPaths::Arc arc;
    std::uint32_t port;
  };
  static void add(std::vector<VertexId>& steps, VertexId next) {
    if (std::find(steps.begin(), steps.end(), next) == steps.end()) {
      steps.push_back(next);
    }
  }
  static Cost least(const std::vector<Gate>& gates, VertexId v) {
    Cost best = kUnreachable;
    for (const Gate& gate : gates) {
      best = std::min(best, sum((*gate.field)[v], gate.rest));
    }
    return best;
  }
  [[nodiscard]] Cost over_fabric(VertexId v) const {
    Cost best = kUnreachable;
    for (const Gate& gate : entries_) {  // sorted: the rest alone is too much from some gate on
      if (gate.rest >= best) {
        break;
      }
      best = std::min(best, sum((*gate.field)[v], gate.rest));
    }
    return best;
  }

  const ShortestPaths& paths_;
  std::uint32_t source_, target_;
  const ShortestPaths::Field& field_;
  std::vector<Gate> entries_, exits_;
};

/// Costs to one GPU without lost links, by a search of its own: for the few pairs whose equally
/// short ways have all lost one.
std::unordered_map<VertexId, Cost> detour_costs(const ShortestPaths& paths, const Way& way,
                                                const Walk& walk, VertexId to) {
  std::unordered_map<VertexId, Cost> costs{{to, 0}};
  std::multimap<Cost, VertexId> queue{{0, to}};
  while (!queue.empty()) {
    const auto [cost, v] = *queue.begin();
    queue.erase(queue.begin());
    if (cost > costs[v]) {
      continue;
    }
    for (const auto& arc : paths.in(v)) {
      const Cost better = sum(cost, arc.cost);
      if (!way.may_detour(arc.from) || !walk.up(arc.from, v)) {
        continue;
      }
      const auto known = costs.emplace(arc.from, kUnreachable).first;
      if (better < known->second) {
        known->second = better;
        queue.emplace(better, arc.from);
      }
    }
  }
  return costs;
}

class CustomRouter final : public Router {
 public:
  CustomRouter(ShortestPaths paths, std::vector<std::string> gpu_names)
      : paths_(std::move(paths)), gpu_names_(std::move(gpu_names)) {}

  bool route(Walk& walk, int from, int to, const RouteRequest& request) const override {
    const std::lock_guard guard(mutex_);  // the tables are made on demand
    paths_.forget_some();
    const auto start = static_cast<VertexId>(from);
    const auto end = static_cast<VertexId>(to);
    const Way way(paths_, start, end);
    if (way(start) == kUnreachable) {
      const auto name = [this](int gpu) { return gpu_names_[static_cast<std::size_t>(gpu)]; };
      throw InputError({}, "cluster.graph",
                       fmt::format("there is no way from {} to {} (through switches; a node does "
                                   "not forward for others)",
                                   name(from), name(to)));
    }
    PathChoice choice(request, from, to, way.digit());
    if (walk.all_up()) {
      follow(walk, end, request, choice, [&](VertexId at, std::vector<Step>& next) {
        for (const VertexId step : shortest_steps(way, at)) {
          next.push_back({step, 1.0});
        }
      });
      return true;
    }
    return route_around(walk, start, end, request, choice, way);
  }

 private:
  struct Step {
    VertexId to;
    double share;
  };

  static std::vector<VertexId> shortest_steps(const Way& way, VertexId at) {
    std::vector<VertexId> steps;
    way.next(at, steps);
    return steps;
  }

  /// Walks along what `steps(at, next)` offers, over one of them or over all.
  template <class Steps>
  void follow(Walk& walk, VertexId end, const RouteRequest& request, PathChoice& choice,
              const Steps& steps) const {
    std::vector<Step> next;
    if (request.routing == Routing::Static || request.routing == Routing::Ecmp) {
      while (walk.at() != end) {
        next.clear();
        steps(walk.at(), next);
        expects(!next.empty(), "a shortest way goes on until it arrives");
        const int chosen = next.size() == 1 ? 0 : choice.pick(static_cast<int>(next.size()));
        walk.to(next[static_cast<std::size_t>(chosen)].to);
      }
      return;
    }
    spread(walk, end, request, steps);
  }

  /// Splits the flow at every switch over all equally short ways.
  template <class Steps>
  void spread(Walk& walk, VertexId end, const RouteRequest& request, const Steps& steps) const {
    std::unordered_map<VertexId, std::vector<Step>> ahead;
    std::vector<VertexId> order;
    visit(walk.at(), end, steps, ahead, order);
    std::unordered_map<VertexId, std::pair<double, units::Seconds>> load{
        {walk.at(), {1.0, units::Seconds{}}}};
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      const auto [share, latency] = load[*at];
      std::vector<Step>& next = ahead[*at];
      double all = 0;
      for (Step& step : next) {
        step.share = request.routing == Routing::Spray ? 1.0 : walk.bandwidth_left(*at, step.to);
        all += step.share;
      }
      for (const Step& step : next) {
        const units::Seconds hop = walk.load(*at, step.to, share * step.share / all);
        auto& into = load[step.to];
        into.first += share * step.share / all;
        into.second = std::max(into.second, latency + hop);
      }
    }
    walk.arrive(end, load[end].second);
  }

  /// Post-order of the ways from `start`: who comes last leads to all others. Without recursion, as
  /// ways may be long.
  template <class Steps>
  static void visit(VertexId start, VertexId end, const Steps& steps,
                    std::unordered_map<VertexId, std::vector<Step>>& ahead,
                    std::vector<VertexId>& order) {
    std::vector<std::pair<VertexId, std::size_t>> stack;
    const auto enter = [&](VertexId v) {
      std::vector<Step>& next = ahead[v];
      if (v != end) {
        steps(v, next);
      }
      stack.emplace_back(v, 0);
    };
    enter(start);
    while (!stack.empty()) {
      auto& [v, at] = stack.back();
      const std::vector<Step>& next = ahead[v];
      if (at == next.size()) {
        order.push_back(v);
        stack.pop_back();
      } else if (const VertexId into = next[at++].to; !ahead.contains(into)) {
        enter(into);
      }
    }
  }

  /// Lost links are avoided among the equally short ways; where all of them have lost one, a longer
  /// way is searched.
  bool route_around(Walk& walk, VertexId start, VertexId end, const RouteRequest& request,
                    PathChoice& choice, const Way& way) const {
    std::unordered_map<VertexId, bool> open{{end, true}};
    const auto shortest = [&](VertexId at, std::vector<Step>& next) {
      for (const VertexId step : shortest_steps(way, at)) {
        if (walk.up(at, step)) {
          next.push_back({step, 1.0});
        }
      }
    };
    std::unordered_map<VertexId, std::vector<Step>> ahead;
    std::vector<VertexId> order;
    visit(start, end, shortest, ahead, order);
    for (const VertexId v : order) {  // whoever is behind v comes before it
      std::erase_if(ahead[v], [&](const Step& step) { return !open[step.to]; });
      open[v] = v == end || !ahead[v].empty();
    }
    if (open[start]) {
      follow(walk, end, request, choice,
             [&](VertexId at, std::vector<Step>& next) { next = ahead[at]; });
      return true;
    }
    const auto costs = detour_costs(paths_, way, walk, end);
    const auto cost = [&](VertexId v) {
      const auto known = costs.find(v);
      return known == costs.end() ? kUnreachable : known->second;
    };
    if (cost(start) == kUnreachable) {
      return false;
    }
    follow(walk, end, request, choice, [&](VertexId at, std::vector<Step>& next) {
      for (const auto& arc : paths_.out(at)) {
        if (cost(arc.to) != kUnreachable && sum(arc.cost, cost(arc.to)) == cost(at) &&
            walk.up(at, arc.to)) {
          next.push_back({arc.to, 1.0});
        }
      }
    });
    return true;
  }

  mutable std::mutex mutex_;
  ShortestPaths paths_;
  std::vector<std::string> gpu_names_;
};

/// Kinds in the order of their numbers; GPUs come first.
constexpr std::array kOtherKinds{
    VertexKind::Nic,    VertexKind::ScaleUpSwitch, VertexKind::PcieSwitch, VertexKind::Host,
    VertexKind::Leaf,   VertexKind::Spine,         VertexKind::Core,       VertexKind::Router,
    VertexKind::Border, VertexKind::Other};

void check_joined(const ShortestPaths& paths, const std::vector<std::string>& names, int gpus) {
  std::vector<bool> joined(names.size());
  std::vector<VertexId> stack{0};
  joined[0] = true;
  while (!stack.empty()) {
    const VertexId v = stack.back();
    stack.pop_back();
    for (const auto& arcs : {paths.out(v), paths.in(v)}) {
      for (const auto& arc : arcs) {
        for (const VertexId next : {arc.from, arc.to}) {
          if (!joined[next]) {
            joined[next] = true;
            stack.push_back(next);
          }
        }
      }
    }
  }
  for (int gpu = 0; gpu < gpus; ++gpu) {
    if (!joined[static_cast<std::size_t>(gpu)]) {
      throw InputError({}, "cluster.graph",
                       fmt::format("no cable leads from {} to {}", names[0],
                                   names[static_cast<std::size_t>(gpu)]));
    }
  }
}

}  // namespace

std::unique_ptr<Router> build_custom(const ClusterSpec& spec, Draft& draft) {
  expects(spec.graph != nullptr, "a custom fabric needs its graph");
  const DeviceGraph& graph = *spec.graph;
  const std::size_t gpus = graph.count(VertexKind::Gpu);
  if (gpus != static_cast<std::size_t>(spec.gpus)) {
    throw InputError({}, "cluster.gpus",
                     fmt::format("found {}, but the graph has {} GPUs", spec.gpus, gpus));
  }
  std::vector<VertexId> vertex(graph.devices.size());
  std::vector<std::string> names(graph.devices.size());
  std::vector<VertexKind> kinds(graph.devices.size());
  const auto place = [&](VertexKind kind, VertexId next) {
    for (std::size_t i = 0; i < graph.devices.size(); ++i) {
      if (graph.devices[i].kind == kind) {
        names[next] = graph.devices[i].name;
        kinds[next] = kind;
        vertex[i] = next++;
      }
    }
  };
  place(VertexKind::Gpu, 0);
  for (const VertexKind kind : kOtherKinds) {
    place(kind, draft.add(kind, graph.count(kind)));
  }
  for (const auto& cable : graph.cables) {
    const VertexId from = vertex[cable.from];
    const VertexId to = vertex[cable.to];
    if (cable.one_way) {
      draft.one_way(from, to, cable.bandwidth, cable.latency, cable.count);
    } else {
      draft.cable(from, to, cable.bandwidth, cable.latency, cable.latency_back, cable.count);
    }
  }
  ShortestPaths paths(kinds, {draft.links().begin(), draft.links().end()});
  check_joined(paths, names, spec.gpus);
  std::vector<std::string> gpu_names(names.begin(),
                                     names.begin() + static_cast<std::ptrdiff_t>(gpus));
  draft.label(std::move(names));
  return std::make_unique<CustomRouter>(std::move(paths), std::move(gpu_names));
}

}  // namespace topology::build
