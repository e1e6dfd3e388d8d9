#include "sim/engine/flow.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "sim/engine/flow_groups.hpp"
#include "sim/engine/stage_program.hpp"
#include "topology/error.hpp"

namespace sim {

using units::Seconds;

namespace {

/// What a finished event was: packed into the network's 64-bit tag.
enum class Event : std::uint8_t { ComputeDone, SendDone, CollectiveDone, SyncDone, TailDone };
constexpr unsigned kIndexBits = 32;
constexpr unsigned kWorkerBits = 28;
std::uint64_t pack(Event e, WorkerId w, std::uint32_t index = 0) {
  return static_cast<std::uint64_t>(e) << (kIndexBits + kWorkerBits) |
         static_cast<std::uint64_t>(w) << kIndexBits | index;
}
std::uint32_t size_of(const SyncItems& items) {
  return static_cast<std::uint32_t>(items.size());
}

struct Worker {
  std::uint32_t position = 0;  ///< in its schedule
  std::uint32_t item = 0;      ///< network item of the running pass; 0 = the local part
  std::uint8_t waiting = 0;    ///< parts of the running item that are not done
  bool busy = false;
  bool gated = false;          ///< its pass is over but for the parameter gather beside it
  bool tail = false;           ///< its optimizer runs or has run
  std::uint32_t released = 0;  ///< items of the network stream that may run
  std::uint32_t synced = 0;    ///< ... that are done
  bool syncing = false;
  Seconds began;  ///< of the running pass
  Seconds sync_began;
  Seconds last_pass_end;
  Seconds finished;
  std::array<std::uint32_t, 2> flows{};  ///< under way, of the compute and the network stream
};

/// A collective that members of a group join one after the other; flows start when the last one
/// came.
struct Rendezvous {
  std::uint32_t arrived = 0;
  std::uint32_t pending = 0;
};

class Simulation {
 public:
  Simulation(const StepGraph& g, const Layout& layout, const topology::Cluster& cluster,
             const FlowOptions& o)
      : graph_(g),
        options_(o),
        cluster_(cluster),
        grid_(layout, g.groups, o.unfold || tensor_spans_domains(g)),
        routes_(cluster, grid_, o.routing),
        network_(make_network(o.backend)) {
    for (topology::LinkId i = 0; i < cluster.channel_count(); ++i) {
      network_->add_link(cluster.capacity(i, {.routing = o.routing}));
    }
    for (int p = 0; p < g.pp; ++p) {
      programs_.push_back(stage_program(g, p));
    }
    workers_.resize(grid_.count());
    passes_ = static_cast<std::uint32_t>(g.micro_batches * g.virtual_stages * 2);
    ready_.assign(static_cast<std::size_t>(grid_.count()) * passes_, false);
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      compute_groups_[axis].resize(grid_.group_count(static_cast<Axis>(axis)));
      network_groups_[axis].resize(grid_.group_count(static_cast<Axis>(axis)));
    }
    waited_.resize(static_cast<std::size_t>(g.pp));
  }

  FlowResult run() {
    start();
    network_->run([this](std::uint64_t tag) { handle(tag); });
    topology::expects(done_ == workers_.size(),
                      "flow simulation: workers wait for each other for ever");
    return result();
  }

 private:
  static bool tensor_spans_domains(const StepGraph& g) {
    const Group& t = g.groups.of(Axis::Tensor);
    return t.per_domain < t.ranks;
  }

  [[nodiscard]] const StageProgram& program(WorkerId w) const {
    return programs_[static_cast<std::size_t>(grid_.stage(w))];
  }
  [[nodiscard]] std::uint32_t index_of(const PassRef& p) const {
    return static_cast<std::uint32_t>(
        (p.micro_batch * graph_.virtual_stages + p.virtual_stage) * 2 + (p.forward ? 0 : 1));
  }
  [[nodiscard]] std::vector<bool>::reference ready(WorkerId w, std::uint32_t index) {
    return ready_[static_cast<std::size_t>(w) * passes_ + index];
  }
  [[nodiscard]] const Pass& pass_of(WorkerId w, const PassRef& p) const {
    const ChunkClass& chunk = graph_.chunk(grid_.stage(w), p.virtual_stage);
    return p.forward ? chunk.forward : chunk.backward;
  }
  [[nodiscard]] bool first_chunk(WorkerId w, const PassRef& p) const {
    return grid_.stage(w) == 0 && p.virtual_stage == 0;
  }
  [[nodiscard]] bool last_chunk(WorkerId w, const PassRef& p) const {
    return grid_.stage(w) == graph_.pp - 1 && p.virtual_stage == graph_.virtual_stages - 1;
  }
  [[nodiscard]] bool last_backward(const PassRef& p) const {
    return !p.forward && p.micro_batch == graph_.micro_batches - 1;
  }
  /// The worker whose times the report shows.
  [[nodiscard]] bool reported(WorkerId w) const {
    return grid_.replica(w) == 0 && w % static_cast<WorkerId>(grid_.planes()) == 0;
  }

  void start() {
    for (WorkerId w = 0; w < workers_.size(); ++w) {
      const StageProgram& p = program(w);
      workers_[w].released = graph_.overlap_gather ? p.gather_end.back() : 0;
      if (grid_.stage(w) == 0) {
        for (int mb = 0; mb < graph_.micro_batches; ++mb) {
          ready(w, index_of({.micro_batch = mb, .virtual_stage = 0, .forward = true})) = true;
        }
      }
    }
    for (WorkerId w = 0; w < workers_.size(); ++w) {
      advance_network(w);
      try_start(w);
    }
  }

  void handle(std::uint64_t tag) {
    const auto event = static_cast<Event>(tag >> (kIndexBits + kWorkerBits));
    const auto w = static_cast<WorkerId>(tag >> kIndexBits & ((1U << kWorkerBits) - 1U));
    const auto index = static_cast<std::uint32_t>(tag);
    switch (event) {
      case Event::ComputeDone:
        return part_done(w);
      case Event::SendDone:
        return arrived(w, index);
      case Event::CollectiveDone:
        return flow_done(w, index);
      case Event::SyncDone:
        return sync_done(w);
      case Event::TailDone:
        return tail_done(w);
    }
  }

  // ---- the compute stream

  void try_start(WorkerId w) {
    Worker& k = workers_[w];
    const StageProgram& program_of_stage = program(w);
    if (k.busy || k.position == program_of_stage.schedule.size()) {
      return;
    }
    const PassRef& p = program_of_stage.schedule[k.position];
    if (!ready(w, index_of(p))) {
      return;
    }
    const auto v = static_cast<std::size_t>(p.virtual_stage);
    const bool first_forward = p.forward && p.micro_batch == 0;
    if (first_forward && k.synced < program_of_stage.gather_begin[v]) {
      return;
    }
    k.busy = true;
    k.item = 0;
    k.waiting = 1;
    k.began = network_->now();
    const ChunkClass& chunk = graph_.chunk(grid_.stage(w), p.virtual_stage);
    Seconds local = pass_of(w, p).local;
    if (first_forward) {
      local += gather_tax(graph_, chunk);
    }
    if (last_backward(p)) {
      local += reduce_tax(graph_, chunk);
      if (graph_.overlap_reduce) {
        release(w, program_of_stage.reduce_hide[v]);
      }
    }
    network_->after(local, pack(Event::ComputeDone, w));
  }

  void part_done(WorkerId w) {
    Worker& k = workers_[w];
    if (--k.waiting > 0) {
      return;
    }
    const PassRef& p = program(w).schedule[k.position];
    const std::vector<ForkJoin>& items = pass_of(w, p).network;
    if (k.item < items.size()) {
      start_item(w, items[k.item++]);
      return;
    }
    if (p.forward && p.micro_batch == 0 &&
        k.synced < program(w).gather_end[static_cast<std::size_t>(p.virtual_stage)]) {
      k.waiting = 1;  // ends with the gather it ran beside; advance_network comes back here
      k.gated = true;
      return;
    }
    pass_done(w, p);
  }

  void start_item(WorkerId w, const ForkJoin& item) {
    Worker& k = workers_[w];
    k.waiting = item.compute > Seconds{} ? 2 : 1;
    if (item.compute > Seconds{}) {
      network_->after(item.compute, pack(Event::ComputeDone, w));
    }
    join(w, item.collective, compute_groups_, 0);
  }

  void pass_done(WorkerId w, const PassRef& p) {
    Worker& k = workers_[w];
    const Seconds now = network_->now();
    if (reported(w)) {
      add_wait(w, p, now - k.began);
      record({.begin = k.began,
              .end = now,
              .stage = grid_.stage(w),
              .micro_batch = p.micro_batch,
              .virtual_stage = p.virtual_stage,
              .kind = p.forward ? SpanKind::Forward : SpanKind::Backward});
    }
    if (last_backward(p) && graph_.overlap_reduce) {
      release(w, program(w).reduce_all[static_cast<std::size_t>(p.virtual_stage)]);
    }
    report_progress();
    const bool sent = send_on(w, p);
    if (sent && graph_.blocking_sends) {
      return;  // arrived() at the receiver frees this worker
    }
    next_pass(w);
  }

  void next_pass(WorkerId w) {
    Worker& k = workers_[w];
    k.busy = false;
    ++k.position;
    if (k.position == program(w).schedule.size()) {
      k.last_pass_end = network_->now();
      release(w, program(w).before_tail);
      try_tail(w);
      return;
    }
    try_start(w);
  }

  // ---- pipeline sends

  /// Hands the result of `p` to the stage that needs it next. True if that takes a send.
  bool send_on(WorkerId w, const PassRef& p) {
    PassRef next = p;
    if (p.forward && last_chunk(w, p)) {
      next.forward = false;
      ready(w, index_of(next)) = true;
      return false;
    }
    if (!p.forward && first_chunk(w, p)) {
      return false;
    }
    const int step = p.forward ? 1 : -1;
    const bool wraps = p.forward ? grid_.stage(w) == graph_.pp - 1 : grid_.stage(w) == 0;
    next.virtual_stage = static_cast<std::int16_t>(p.virtual_stage + (wraps ? step : 0));
    const WorkerId to = grid_.neighbour(w, step);
    if (to == w) {  // one stage with several chunks
      ready(w, index_of(next)) = true;
      return false;
    }
    const CollectiveCost& cost = graph_.boundary.cost;
    const std::uint64_t tag = pack(Event::SendDone, to, index_of(next));
    if (graph_.boundary.on_network()) {
      network_->start_flow(cost.wire_bytes, cost.latency, routes_.between(w, to), cost.rate, tag);
    } else {
      network_->after(cost.time, tag);
    }
    return true;
  }

  void arrived(WorkerId w, std::uint32_t index) {
    ready(w, index) = true;
    if (graph_.blocking_sends) {
      const bool forward = index % 2 == 0;
      next_pass(grid_.neighbour(w, forward ? -1 : 1));
    }
    try_start(w);
  }

  // ---- the network stream: data-parallel collectives

  void release(WorkerId w, std::uint32_t until) {
    workers_[w].released = std::max(workers_[w].released, until);
    advance_network(w);
  }

  void advance_network(WorkerId w) {
    Worker& k = workers_[w];
    if (k.syncing || k.synced >= k.released) {
      return;
    }
    k.syncing = true;
    k.sync_began = network_->now();
    const TimedCollective& c = *program(w).network[k.synced];
    if (c.on_network()) {
      join(w, c, network_groups_, 1);
    } else {
      network_->after(c.cost.time, pack(Event::SyncDone, w));
    }
  }

  void sync_done(WorkerId w) {
    Worker& k = workers_[w];
    k.syncing = false;
    const TimedCollective& c = *program(w).network[k.synced];
    if (reported(w)) {
      record({.begin = k.sync_began,
              .end = network_->now(),
              .stage = grid_.stage(w),
              .stream = Stream::Network,
              .kind = SpanKind::Collective,
              .part = c.part});
    }
    ++k.synced;
    advance_network(w);
    if (k.gated) {
      k.gated = false;
      part_done(w);
    } else {
      try_start(w);
    }
    if (k.tail) {
      try_finish(w);
    } else {
      try_tail(w);
    }
  }

  // ---- collectives over links

  using GroupTables = std::array<std::vector<Rendezvous>, kAxes>;

  void join(WorkerId w, const TimedCollective& c, GroupTables& groups, std::uint32_t stream) {
    const WorkerGrid::Members m = grid_.members(w, c.axis);
    Rendezvous& r = groups[static_cast<std::size_t>(c.axis)][m.group];
    if (++r.arrived < m.size) {
      return;
    }
    r.arrived = 0;
    r.pending = m.size;
    for (std::uint32_t i = 0; i < m.size; ++i) {
      start_member(grid_.member(w, c.axis, i), c, stream);
    }
  }

  /// A ring (or tree) keeps every member's NIC busy towards the next domain; an all-to-all towards
  /// all others.
  void start_member(WorkerId w, const TimedCollective& c, std::uint32_t stream) {
    const WorkerGrid::Members m = grid_.members(w, c.axis);
    const std::uint32_t domains = std::max(1U, m.size / m.per_domain);
    const std::uint32_t targets = c.op == Collective::AllToAll ? std::max(1U, domains - 1) : 1;
    const auto aux = static_cast<std::uint32_t>(c.axis) << 1U | stream;
    workers_[w].flows[stream] = targets;
    for (std::uint32_t t = 1; t <= targets; ++t) {
      const WorkerId to = grid_.member(w, c.axis, (m.index + t * m.per_domain) % m.size);
      network_->start_flow(c.cost.wire_bytes / static_cast<double>(targets), c.cost.latency,
                           routes_.between(w, to), c.cost.rate / static_cast<double>(targets),
                           pack(Event::CollectiveDone, w, aux));
    }
  }

  void flow_done(WorkerId w, std::uint32_t aux) {
    const std::uint32_t stream = aux & 1U;
    const auto axis = static_cast<Axis>(aux >> 1U);
    if (--workers_[w].flows[stream] > 0) {
      return;
    }
    const WorkerGrid::Members m = grid_.members(w, axis);
    Rendezvous& r =
        (stream == 0 ? compute_groups_ : network_groups_)[static_cast<std::size_t>(axis)][m.group];
    if (--r.pending > 0) {
      return;
    }
    for (std::uint32_t i = 0; i < m.size; ++i) {
      const WorkerId member = grid_.member(w, axis, i);
      if (stream == 0) {
        part_done(member);
      } else {
        sync_done(member);
      }
    }
  }

  // ---- the end of the step

  void try_tail(WorkerId w) {
    Worker& k = workers_[w];
    if (k.tail || k.position != program(w).schedule.size() || k.synced < program(w).before_tail) {
      return;
    }
    k.tail = true;
    const Seconds duration = graph_.tails[static_cast<std::size_t>(grid_.stage(w))].parts.total();
    network_->after(duration, pack(Event::TailDone, w));
    if (reported(w)) {
      const Seconds now = network_->now();
      record({.begin = now,
              .end = now + duration,
              .stage = grid_.stage(w),
              .kind = SpanKind::Optimizer,
              .part = Part::Optimizer});
    }
  }

  void tail_done(WorkerId w) {
    release(w, size_of(program(w).network));
    try_finish(w);
  }

  void try_finish(WorkerId w) {
    Worker& k = workers_[w];
    if (k.tail && k.synced == size_of(program(w).network)) {
      k.finished = network_->now();
      ++done_;
    }
  }

  // ---- what the caller sees

  void record(const Span& span) {
    if (options_.record_timeline) {
      timeline_.spans.push_back(span);
    }
  }

  void report_progress() {
    constexpr std::uint64_t kEvery = 1U << 16U;
    if (++passes_done_ % kEvery == 0 && options_.progress) {
      const double all = static_cast<double>(workers_.size()) * passes_;
      options_.progress(network_->now(), static_cast<double>(passes_done_) / all);
    }
  }

  /// What a pass took beyond its uncontended time: contention of its collectives, or the gather it
  /// ran beside.
  void add_wait(WorkerId w, const PassRef& p, Seconds took) {
    const Pass& pass = pass_of(w, p);
    const ChunkClass& chunk = graph_.chunk(grid_.stage(w), p.virtual_stage);
    Seconds alone = pass.duration;
    if (p.forward && p.micro_batch == 0) {
      alone += gather_tax(graph_, chunk);
    }
    if (last_backward(p)) {
      alone += reduce_tax(graph_, chunk);
    }
    const Part part = pass.network.empty() ? Part::DpComm : pass.network.front().collective.part;
    waited_[static_cast<std::size_t>(grid_.stage(w))][part] += took - alone;
  }

  FlowResult result() {
    FlowResult r;
    r.time.step = network_->now() + graph_.step_host;
    r.time.busiest_stage = closed_form(graph_).busiest_stage;
    const auto stage = static_cast<std::size_t>(r.time.busiest_stage);
    const Worker& k = workers_[stage * (workers_.size() / static_cast<std::size_t>(graph_.pp))];
    r.time.parts = stage_parts(graph_, r.time.busiest_stage);
    r.time.parts += waited_[stage];
    r.time.parts[Part::DpComm] += k.finished - k.last_pass_end - graph_.tails[stage].parts.total();
    r.time.parts[Part::Bubble] += r.time.step - r.time.parts.total();
    r.events = network_->events();
    r.timeline = std::move(timeline_);
    add_link_loads(r);
    add_folding(r);
    return r;
  }

  void add_link_loads(FlowResult& r) const {
    for (topology::LinkId i = 0; i < cluster_.link_count(); ++i) {
      const units::Bytes carried = network_->carried(i);
      if (carried > units::Bytes{}) {
        r.busiest.push_back({.link = i,
                             .carried = carried,
                             .utilisation = carried / (cluster_.link(i).bandwidth * r.time.step)});
      }
    }
    constexpr std::size_t kShown = 10;
    const std::size_t shown = std::min(kShown, r.busiest.size());
    std::partial_sort(r.busiest.begin(), r.busiest.begin() + static_cast<std::ptrdiff_t>(shown),
                      r.busiest.end(), [](const LinkLoad& a, const LinkLoad& b) {
                        return a.utilisation != b.utilisation ? a.utilisation > b.utilisation
                                                              : a.link < b.link;
                      });
    r.busiest.resize(shown);
  }

  void add_folding(FlowResult& r) const {
    if (grid_.ranks_per_worker() > 1) {
      r.folded.push_back(
          fmt::format("{} tensor-parallel ranks of a group run as one worker: they do the same at "
                      "the same time",
                      grid_.ranks_per_worker()));
    }
    if (tensor_spans_domains(graph_) && !options_.unfold) {
      r.folded.emplace_back(
          "tensor-parallel ranks are not folded: their group spans scale-up domains");
    }
  }

  const StepGraph& graph_;
  const FlowOptions& options_;
  const topology::Cluster& cluster_;
  WorkerGrid grid_;
  WorkerRoutes routes_;
  std::unique_ptr<Network> network_;
  std::vector<StageProgram> programs_;
  std::vector<Worker> workers_;
  std::vector<bool> ready_;
  std::uint32_t passes_ = 0;
  GroupTables compute_groups_, network_groups_;
  std::vector<PartTimes>
      waited_;  ///< [stage] beyond what passes take alone, of the reported worker
  std::size_t done_ = 0;
  std::uint64_t passes_done_ = 0;
  Timeline timeline_;
};

}  // namespace

FlowResult simulate_flow(const StepGraph& graph, const Layout& layout,
                         const topology::Cluster& cluster, const FlowOptions& options) {
  return Simulation(graph, layout, cluster, options).run();
}

}  // namespace sim
