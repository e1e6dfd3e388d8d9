#include "sim/trace/execution_trace.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>
#include <queue>

#include "topology/error.hpp"

namespace sim {

namespace {

/// Row starts of a table whose row i has counts[i] entries.
std::vector<std::uint32_t> row_starts(const std::vector<std::uint32_t>& counts) {
  std::vector<std::uint32_t> begin(counts.size() + 1, 0);
  std::partial_sum(counts.begin(), counts.end(), begin.begin() + 1);
  return begin;
}

std::span<const NodeIndex> row(const std::vector<NodeIndex>& all,
                               const std::vector<std::uint32_t>& begin, NodeIndex i) {
  return std::span(all).subspan(begin[i], begin[i + 1] - begin[i]);
}

bool communicates(TraceWork work) {
  return work == TraceWork::Send || work == TraceWork::Receive || work == TraceWork::Collective;
}

}  // namespace

std::string_view name(TraceCollective op) {
  static constexpr std::array<std::string_view, kTraceCollectives> kNames{
      "all-reduce", "reduce",         "all-gather",           "gather", "scatter", "broadcast",
      "all-to-all", "reduce-scatter", "reduce-scatter block", "barrier"};
  return kNames[static_cast<std::size_t>(op)];
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    const bool plain = c >= ' ' && c <= '~' && c != '"';
    out += plain ? c : '?';
  }
  return text.size() > kLongest ? out + "..." : out;
}

std::string_view ExecutionTrace::node_name(NodeIndex i) const {
  return std::string_view(names_).substr(name_begin_[i], name_begin_[i + 1] - name_begin_[i]);
}

std::string ExecutionTrace::label(NodeIndex i) const {
  return fmt::format("node {} \"{}\"", nodes_[i].id, printable(node_name(i)));
}

std::span<const NodeIndex> ExecutionTrace::dependencies(NodeIndex i) const {
  return row(dependencies_, dependency_begin_, i);
}

std::span<const NodeIndex> ExecutionTrace::dependents(NodeIndex i) const {
  return row(dependents_, dependent_begin_, i);
}

std::uint32_t TraceBuilder::group(std::string_view name) {
  const auto [known, fresh] = group_index_.try_emplace(
      std::string(name), static_cast<std::uint32_t>(trace_.groups_.size()));
  if (fresh) {
    trace_.groups_.push_back({.name = known->first, .given = false, .members = {}});
  }
  return known->second;
}

void TraceBuilder::define_group(std::string_view name, std::vector<int> members) {
  TraceGroup& g = trace_.groups_[group(name)];
  g.given = true;
  g.members = std::move(members);
}

void TraceBuilder::add(const TraceNode& node, std::string_view name,
                       std::span<const std::uint64_t> dependencies) {
  constexpr std::size_t kMost = kNone;
  if (trace_.nodes_.size() + 1 >= kMost || trace_.names_.size() + name.size() >= kMost ||
      wanted_.size() + dependencies.size() >= kMost) {
    throw topology::InputError(
        {.file = origin_}, "",
        "has more than 2^32 nodes, dependencies or bytes of names; cut the trace to one step");
  }
  if (trace_.name_begin_.empty()) {
    trace_.name_begin_.push_back(0);
  }
  trace_.nodes_.push_back(node);
  trace_.names_ += name;
  trace_.name_begin_.push_back(static_cast<std::uint32_t>(trace_.names_.size()));
  const auto first = static_cast<std::ptrdiff_t>(wanted_.size());
  wanted_.insert(wanted_.end(), dependencies.begin(), dependencies.end());
  std::sort(wanted_.begin() + first, wanted_.end());
  wanted_.erase(std::unique(wanted_.begin() + first, wanted_.end()), wanted_.end());
  wanted_begin_.push_back(static_cast<std::uint32_t>(wanted_.size()));
}

ExecutionTrace TraceBuilder::finish() {
  if (trace_.name_begin_.empty()) {
    trace_.name_begin_.push_back(0);
  }
  sort_by_id();
  link();
  order();
  return std::move(trace_);
}

void TraceBuilder::sort_by_id() {
  std::vector<TraceNode>& nodes = trace_.nodes_;
  const auto by_id = [](const TraceNode& a, const TraceNode& b) { return a.id < b.id; };
  if (!std::is_sorted(nodes.begin(), nodes.end(), by_id)) {
    std::vector<NodeIndex> at(nodes.size());
    std::iota(at.begin(), at.end(), 0U);
    std::stable_sort(at.begin(), at.end(),
                     [&](NodeIndex a, NodeIndex b) { return nodes[a].id < nodes[b].id; });
    TraceBuilder sorted(origin_);
    std::swap(sorted.trace_.version_, trace_.version_);
    std::swap(sorted.trace_.groups_, trace_.groups_);
    std::swap(sorted.group_index_, group_index_);
    for (const NodeIndex i : at) {
      sorted.add(
          nodes[i], trace_.node_name(i),
          std::span(wanted_).subspan(wanted_begin_[i], wanted_begin_[i + 1] - wanted_begin_[i]));
    }
    *this = std::move(sorted);
  }
  for (NodeIndex i = 1; i < trace_.nodes_.size(); ++i) {
    if (trace_.nodes_[i].id == trace_.nodes_[i - 1].id) {
      refuse(i, fmt::format("has the id of {}; every node of a rank needs an id of its own",
                            trace_.label(i - 1)));
    }
  }
}

void TraceBuilder::link() {
  const std::vector<TraceNode>& nodes = trace_.nodes_;
  std::vector<std::uint32_t> dependents(nodes.size(), 0);
  trace_.dependencies_.reserve(wanted_.size());
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    for (std::uint32_t k = wanted_begin_[i]; k < wanted_begin_[i + 1]; ++k) {
      const auto found =
          std::lower_bound(nodes.begin(), nodes.end(), wanted_[k],
                           [](const TraceNode& n, std::uint64_t id) { return n.id < id; });
      if (found == nodes.end() || found->id != wanted_[k]) {
        refuse(i, fmt::format("depends on node {}, which the trace does not have", wanted_[k]));
      }
      const auto on = static_cast<NodeIndex>(found - nodes.begin());
      trace_.dependencies_.push_back(on);
      ++dependents[on];
    }
  }
  trace_.dependency_begin_ = std::move(wanted_begin_);
  std::vector<std::uint64_t>().swap(wanted_);
  trace_.dependent_begin_ = row_starts(dependents);
  trace_.dependents_.resize(trace_.dependencies_.size());
  std::vector<std::uint32_t> next = trace_.dependent_begin_;
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    for (const NodeIndex on : trace_.dependencies(i)) {
      trace_.dependents_[next[on]++] = i;
    }
  }
}

void TraceBuilder::order() {
  std::vector<TraceNode>& nodes = trace_.nodes_;
  std::vector<std::uint32_t> waiting(nodes.size());
  std::priority_queue<NodeIndex, std::vector<NodeIndex>, std::greater<>> ready;
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    waiting[i] = static_cast<std::uint32_t>(trace_.dependencies(i).size());
    if (waiting[i] == 0) {
      ready.push(i);
    }
  }
  std::size_t done = 0;
  for (; !ready.empty(); ++done) {
    const NodeIndex i = ready.top();
    ready.pop();
    if (communicates(nodes[i].work)) {
      nodes[i].sequence = static_cast<std::uint32_t>(trace_.communications_.size());
      trace_.communications_.push_back(i);
    }
    for (const NodeIndex next : trace_.dependents(i)) {
      if (--waiting[next] == 0) {
        ready.push(next);
      }
    }
  }
  if (done != nodes.size()) {
    refuse_cycle(waiting);
  }
}

void TraceBuilder::refuse(NodeIndex node, std::string_view message) const {
  throw topology::InputError({.file = origin_}, trace_.label(node), message);
}

/// A node that waits has a dependency that waits; walking back must come round.
void TraceBuilder::refuse_cycle(const std::vector<std::uint32_t>& waiting) const {
  const auto blocked = [&](NodeIndex i) { return waiting[i] > 0; };
  NodeIndex at = 0;
  while (!blocked(at)) {
    ++at;
  }
  const auto back = [&](NodeIndex i) {
    const auto on = trace_.dependencies(i);
    return *std::find_if(on.begin(), on.end(), blocked);
  };
  std::vector<bool> seen(trace_.size(), false);
  while (!seen[at]) {
    seen[at] = true;
    at = back(at);
  }
  constexpr int kShown = 4;
  std::string way;
  NodeIndex i = back(at);
  for (int n = 0; n < kShown && i != at; ++n, i = back(i)) {
    way += trace_.label(i) + ", which waits for ";
  }
  refuse(at, fmt::format("is part of a dependency cycle: it waits for {}{}{}; remove one of these "
                         "dependencies",
                         way, i == at ? "" : "others, which wait for ",
                         back(at) == at ? "itself" : trace_.label(at)));
}

}  // namespace sim
