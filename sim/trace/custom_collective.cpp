#include <algorithm>

#include <fmt/format.h>

#include "sim/trace/astra.hpp"
#include "topology/error.hpp"

namespace sim {

using topology::InputError;

namespace {

/// One rank's trace with an algorithm's operations in place of its all-reduces. Node i gets the ids
/// [i * width, (i + 1) * width), the last of them its own: an all-reduce stays as a mark of its
/// end.
class Splice {
 public:
  Splice(const TraceSet& traces, const TraceSet& algorithm, int rank)
      : traces_(traces),
        trace_(traces.of(rank)),
        algorithm_(algorithm.of(rank)),
        rank_(rank),
        width_(algorithm.of(rank).size() + 1),
        builder_(fmt::format("rank {} with its custom all-reduce", rank)) {}

  ExecutionTrace run() {
    builder_.set_version(trace_.version());
    for (NodeIndex i = 0; i < trace_.size(); ++i) {
      TraceNode n = trace_.node(i);
      std::vector<std::uint64_t> after = own_ids(trace_.dependencies(i));
      if (n.work == TraceWork::Collective) {
        const TraceGroup group = trace_.groups()[n.group];
        n.group = builder_.group(group.name);
        if (group.given) {
          builder_.define_group(group.name, group.members);
        }
        if (n.op == TraceCollective::AllReduce) {
          check_world(i, group);
          after = insert(i, after);
          n.work = TraceWork::Metadata;
        }
      }
      n.id = own_id(i);
      builder_.add(n, trace_.node_name(i), after);
    }
    return builder_.finish();
  }

 private:
  [[nodiscard]] std::uint64_t own_id(NodeIndex i) const {
    return static_cast<std::uint64_t>(i) * width_ + width_ - 1;
  }
  [[nodiscard]] std::vector<std::uint64_t> own_ids(std::span<const NodeIndex> nodes) const {
    std::vector<std::uint64_t> ids;
    for (const NodeIndex i : nodes) {
      ids.push_back(own_id(i));
    }
    return ids;
  }

  /// Puts the algorithm where node i was; returns the ids of its last operations.
  std::vector<std::uint64_t> insert(NodeIndex i, const std::vector<std::uint64_t>& after) {
    const std::uint64_t base = static_cast<std::uint64_t>(i) * width_;
    std::vector<std::uint64_t> last;
    for (NodeIndex k = 0; k < algorithm_.size(); ++k) {
      TraceNode n = algorithm_.node(k);
      if (n.work == TraceWork::Collective) {
        throw InputError({}, fmt::format("rank {} {}", rank_, algorithm_.label(k)),
                         "is a collective inside a custom collective; only compute, sends and "
                         "receives can be");
      }
      n.id = base + k;
      std::vector<std::uint64_t> on;
      for (const NodeIndex d : algorithm_.dependencies(k)) {
        on.push_back(base + d);
      }
      builder_.add(n, algorithm_.node_name(k), on.empty() ? after : on);
      if (algorithm_.dependents(k).empty()) {
        last.push_back(n.id);
      }
    }
    return last;
  }

  void check_world(NodeIndex i, const TraceGroup& group) const {
    const bool world = group.name.empty() || group.name == "0";
    const bool all = static_cast<int>(group.members.size()) == traces_.ranks();
    if (!(group.given ? group.members.empty() || all : world)) {
      throw InputError({}, traces_.label(rank_, i),
                       fmt::format("is an all-reduce of process group \"{}\"; a custom collective "
                                   "is for all ranks",
                                   printable(group.name)));
    }
  }

  const TraceSet& traces_;
  const ExecutionTrace& trace_;
  const ExecutionTrace& algorithm_;
  int rank_;
  std::uint64_t width_;
  TraceBuilder builder_;
};

}  // namespace

TraceSet with_custom_all_reduce(const TraceSet& traces, const TraceSet& algorithm) {
  if (traces.ranks() != algorithm.ranks()) {
    throw InputError({}, "",
                     fmt::format("the custom all-reduce is written for {} ranks, and the traces "
                                 "have {}",
                                 algorithm.ranks(), traces.ranks()));
  }
  TraceSet set;
  for (int r = 0; r < traces.ranks(); ++r) {
    set.trace_of_rank.push_back(static_cast<std::uint32_t>(r));
    set.traces.push_back(Splice(traces, algorithm, r).run());
  }
  return set;
}

}  // namespace sim
