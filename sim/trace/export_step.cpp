#include "sim/trace/export_step.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace sim {

using units::Seconds;

namespace {

TraceCollective counterpart(Collective op) {
  switch (op) {
    case Collective::AllReduce:
      return TraceCollective::AllReduce;
    case Collective::AllGather:
      return TraceCollective::AllGather;
    case Collective::ReduceScatter:
      return TraceCollective::ReduceScatter;
    case Collective::AllToAll:
      return TraceCollective::AllToAll;
    case Collective::Reduce:
      return TraceCollective::Reduce;
    case Collective::Barrier:
      return TraceCollective::Barrier;
    case Collective::Broadcast:
    case Collective::SendRecv:
      break;
  }
  return TraceCollective::Broadcast;
}

std::string_view axis_name(Axis axis) {
  constexpr std::array<std::string_view, kAxes> kNames{"tp", "cp",    "ep",      "pp",
                                                       "dp", "shard", "replica", "expert-dp"};
  return kNames[static_cast<std::size_t>(axis)];
}

/// Builds the trace of one rank. Invariant: ids count from 0 in program order.
class RankExport {
 public:
  RankExport(const StepGraph& graph, const WorkerGrid& grid, const StageProgram& program, int rank)
      : graph_(graph),
        grid_(grid),
        program_(program),
        worker_(grid.seat(rank).worker),
        plane_(grid.seat(rank).tp),
        stage_(grid.stage(worker_)),
        builder_(fmt::format("rank {}", rank)) {}

  ExecutionTrace run() {
    builder_.set_version("0.0.4");
    add({.work = TraceWork::Metadata}, "process groups", {});
    if (graph_.overlap_gather) {
      sync_until(program_.gather_end.back(), {});
    }
    for (const PassRef& pass : program_.schedule) {
      add_pass(pass);
    }
    add_tail();
    return builder_.finish();
  }

 private:
  using Ids = std::vector<std::uint64_t>;

  std::uint64_t add(TraceNode node, const std::string& name, const Ids& after) {
    node.id = next_id_++;
    builder_.add(node, name, after);
    return node.id;
  }

  std::uint64_t compute(Seconds duration, const std::string& name, const Ids& after) {
    return add({.work = TraceWork::Compute, .duration = duration}, name, after);
  }

  std::uint64_t collective(const TimedCollective& c, const std::string& name, const Ids& after) {
    const std::uint32_t known = builder_.group_count();
    Communicator group = communicator(c.axis);
    const auto ranks = static_cast<double>(group.members.size());
    TraceNode node{.work = TraceWork::Collective,
                   .op = counterpart(c.op),
                   .group = builder_.group(group.name),
                   .size = c.size};
    if (node.group == known) {
      builder_.define_group(group.name, std::move(group.members));
    }
    if (c.op == Collective::AllGather) {
      node.size = c.size / ranks;
    }
    return add(node, name, after);
  }

  struct Communicator {
    std::string name;
    std::vector<int> members;
  };

  /// The ranks of this one's group on an axis: like ranks of other workers, or those of its own.
  [[nodiscard]] Communicator communicator(Axis axis) const {
    Communicator c;
    const int planes = grid_.ranks_per_worker();
    if (axis == Axis::Tensor) {
      c.name = fmt::format("{}-{}", axis_name(axis), worker_);
      for (int plane = 0; plane < planes; ++plane) {
        c.members.push_back(grid_.rank(worker_, plane));
      }
      return c;
    }
    const WorkerGrid::Members m = grid_.members(worker_, axis);
    c.name = fmt::format(
        "{}-{}", axis_name(axis),
        m.group * static_cast<std::uint32_t>(planes) + static_cast<std::uint32_t>(plane_));
    for (std::uint32_t i = 0; i < m.size; ++i) {
      c.members.push_back(grid_.rank(grid_.member(worker_, axis, i), plane_));
    }
    return c;
  }

  // ---- passes

  [[nodiscard]] std::int64_t index_of(const PassRef& p) const {
    return (std::int64_t{p.micro_batch} * graph_.virtual_stages + p.virtual_stage) * 2 +
           (p.forward ? 0 : 1);
  }
  [[nodiscard]] int chunk_of(const PassRef& p) const {
    return p.virtual_stage * graph_.pp + stage_;
  }
  [[nodiscard]] int chunks() const { return graph_.pp * graph_.virtual_stages; }

  /// The rank that hands this pass its input, if that takes a message.
  [[nodiscard]] std::optional<int> source(const PassRef& p) const {
    const bool first = p.forward ? chunk_of(p) == 0 : chunk_of(p) == chunks() - 1;
    return first || p.weight || graph_.pp == 1 ? std::nullopt
                                               : std::optional(neighbour(p.forward ? -1 : 1));
  }
  [[nodiscard]] std::optional<int> destination(const PassRef& p) const {
    const bool last = p.forward ? chunk_of(p) == chunks() - 1 : chunk_of(p) == 0;
    return last || p.weight || graph_.pp == 1 ? std::nullopt
                                              : std::optional(neighbour(p.forward ? 1 : -1));
  }
  [[nodiscard]] int neighbour(int step) const {
    return grid_.rank(grid_.neighbour(worker_, step), plane_);
  }

  void add_pass(const PassRef& p) {
    const ChunkClass& chunk = graph_.chunk(stage_, p.virtual_stage);
    const Pass& pass = p.weight ? chunk.weight : p.forward ? chunk.forward : chunk.backward;
    const auto v = static_cast<std::size_t>(p.virtual_stage);
    const bool first_forward = p.forward && p.micro_batch == 0;
    const bool last_backward = !p.forward && p.weight == graph_.splits_backward() &&
                               p.micro_batch == graph_.micro_batches - 1;
    const std::string name = fmt::format("{} micro-batch {} chunk {}",
                                         p.weight    ? "weight gradient"
                                         : p.forward ? "forward"
                                                     : "backward",
                                         p.micro_batch, chunk_of(p));
    Ids begin = done_;
    if (const auto from = source(p)) {
      begin.push_back(add({.work = TraceWork::Receive,
                           .peer = *from,
                           .tag = index_of(p),
                           .size = graph_.boundary.size},
                          "receive for " + name, {}));
    }
    Seconds local = pass.local;
    if (first_forward) {
      local += gather_tax(graph_, chunk);
      append_sync(begin, program_.gather_begin[v]);
    }
    if (last_backward) {
      local += reduce_tax(graph_, chunk);
      if (graph_.overlap_reduce) {
        sync_until(program_.reduce_hide[v], begin);
      }
    }
    done_ = {compute(local, name, begin)};
    for (const ForkJoin& item : pass.network) {
      add_item(item, name);
    }
    if (first_forward) {
      append_sync(done_, program_.gather_end[v]);
    }
    if (last_backward && graph_.overlap_reduce) {
      sync_until(program_.reduce_all[v], done_);
    }
    hand_on(p, name);
  }

  void add_item(const ForkJoin& item, const std::string& pass) {
    const Ids after = done_;
    done_.clear();
    if (item.compute > Seconds{}) {
      done_.push_back(compute(item.compute, pass + " beside", after));
    }
    done_.push_back(collective(item.collective, pass, after));
  }

  void hand_on(const PassRef& p, const std::string& name) {
    const auto to = destination(p);
    if (!to) {
      return;
    }
    PassRef next = p;
    const bool wraps = p.forward ? stage_ == graph_.pp - 1 : stage_ == 0;
    next.virtual_stage =
        static_cast<std::int16_t>(p.virtual_stage + (wraps ? (p.forward ? 1 : -1) : 0));
    const std::uint64_t send = add(
        {.work = TraceWork::Send, .peer = *to, .tag = index_of(next), .size = graph_.boundary.size},
        "send of " + name, done_);
    if (graph_.blocking_sends) {
      done_ = {send};
    }
  }

  // ---- data-parallel collectives

  /// Adds the collectives of the network stream up to `until`; they may begin after `release`.
  void sync_until(std::uint32_t until, const Ids& release) {
    while (synced_.size() < until) {
      const TimedCollective& c = *program_.network[synced_.size()];
      Ids after = release;
      if (!synced_.empty()) {
        after.push_back(synced_.back());
      }
      synced_.push_back(collective(c, fmt::format("parameters {}", synced_.size()), after));
    }
  }

  /// Waits in `ids` for the first `count` collectives of the network stream.
  void append_sync(Ids& ids, std::uint32_t count) const {
    if (count > 0) {
      ids.push_back(synced_[count - 1]);
    }
  }

  void add_tail() {
    sync_until(program_.before_tail, done_);
    append_sync(done_, program_.before_tail);
    const Seconds tail = graph_.tails[static_cast<std::size_t>(stage_)].parts.total();
    done_ = {compute(tail, "optimizer", done_)};
    sync_until(static_cast<std::uint32_t>(program_.network.size()), done_);
    append_sync(done_, static_cast<std::uint32_t>(program_.network.size()));
    if (graph_.step_host > Seconds{}) {
      add({.work = TraceWork::Compute, .on_cpu = true, .duration = graph_.step_host}, "host",
          done_);
    }
  }

  const StepGraph& graph_;
  const WorkerGrid& grid_;
  const StageProgram& program_;
  WorkerId worker_;
  int plane_;  ///< of its tensor-parallel group
  int stage_;
  TraceBuilder builder_;
  std::uint64_t next_id_ = 0;
  Ids done_;    // what ended last on the compute stream
  Ids synced_;  // collectives of the network stream, in order
};

}  // namespace

StepExport::StepExport(const StepGraph& graph, const Layout& layout)
    : graph_(graph), grid_(layout, graph.groups) {
  for (int stage = 0; stage < graph.pp; ++stage) {
    programs_.push_back(stage_program(graph, stage));
  }
}

ExecutionTrace StepExport::trace(int rank) const {
  topology::expects(rank >= 0 && rank < ranks(), "export: there is no such rank");
  const auto stage = static_cast<std::size_t>(grid_.stage(grid_.seat(rank).worker));
  return RankExport(graph_, grid_, programs_[stage], rank).run();
}

}  // namespace sim
