#include "sim/engine/flow.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "sim/engine/health_course.hpp"
#include "sim/engine/link_loads.hpp"
#include "sim/engine/stage_program.hpp"
#include "sim/engine/step_record.hpp"
#include "sim/engine/traffic.hpp"
#include "sim/engine/traffic_flows.hpp"
#include "topology/error.hpp"

namespace sim {

using units::Seconds;

namespace {

/// What a finished event was: packed into the network's 64-bit tag.
enum class Event : std::uint8_t {
  ComputeDone,
  SendDone,
  CollectiveDone,
  SyncDone,
  TailDone,
  HealthChange,
  StepStart
};
constexpr unsigned kIndexBits = 32;
constexpr unsigned kWorkerBits = 28;
std::uint64_t pack(Event e, WorkerId w, std::uint32_t index = 0) {
  return static_cast<std::uint64_t>(e) << (kIndexBits + kWorkerBits) |
         static_cast<std::uint64_t>(w) << kIndexBits | index;
}
std::uint32_t size_of(const SyncItems& items) {
  return static_cast<std::uint32_t>(items.size());
}

/// A worker class while it runs. See traffic.hpp for what it stands for.
struct Worker {
  const StageProgram* program = nullptr;
  std::uint32_t position = 0;  ///< in its schedule
  std::uint32_t item = 0;      ///< network item of the running pass; 0 = the local part
  std::uint8_t waiting = 0;    ///< parts of the running item that are not done
  bool busy = false;
  bool gated = false;          ///< its pass is over but for the parameter gather beside it
  bool tail = false;           ///< its optimizer runs or has run
  std::uint32_t released = 0;  ///< items of the network stream that may run
  std::uint32_t synced = 0;    ///< ... that are done
  bool syncing = false;
  std::size_t ready_begin = 0;  ///< of its passes in ready_ and coming_
  Seconds began;                ///< of the running pass
  Seconds sync_began;
  Seconds last_pass_end;
  Seconds finished;
};

/// A collective that members of a group join one after the other; flows start when the last one
/// came. Of the compute and of the network stream.
struct Rendezvous {
  std::uint32_t arrived = 0;
  std::uint32_t pending = 0;
};

/// A job while it runs, step after step.
struct RunningJob {
  const StepGraph* graph = nullptr;
  std::vector<WorkerId> workers;
  std::size_t done = 0;  ///< workers that have ended the step
  Seconds step_began;
  std::vector<Seconds> steps;  ///< durations
};

class Simulation {
 public:
  Simulation(std::span<const PlacedJob> jobs, const topology::Cluster& cluster,
             const FlowOptions& o)
      : options_(o),
        cluster_(cluster),
        course_(health_course(o.faults, cluster.link_count())),
        // The public backend knows whole weights only, so it takes every flow by itself.
        traffic_(cluster, jobs, o.routing, o.fabric_efficiency, course_.states,
                 o.unfold || o.backend == NetworkBackend::Public),
        network_(make_network(o.backend)),
        flows_(traffic_, course_, *network_, o.failover),
        record_(*jobs.front().graph,
                o.record_timeline ? StepRecord::Keep::PartsAndTimeline : StepRecord::Keep::Parts) {
    for (const PlacedJob& job : jobs) {
      jobs_.emplace_back().graph = job.graph;
    }
    add_workers();
  }

  FlowResult run() {
    start();
    network_->run([this](std::uint64_t tag) { handle(tag); });
    for (const RunningJob& job : jobs_) {
      topology::expects(!job.steps.empty(),
                        "flow simulation: workers wait for each other for ever");
    }
    return result();
  }

 private:
  // ---- putting it together

  void add_workers() {
    workers_.resize(traffic_.workers());
    std::size_t passes = 0;
    for (WorkerId w = 0; w < workers_.size(); ++w) {
      const Traffic::Worker& who = traffic_.worker(w);
      auto& program = programs_[{who.graph, who.stage}];
      if (program == nullptr) {
        program = std::make_unique<StageProgram>(stage_program(*who.graph, who.stage));
      }
      workers_[w].program = program.get();
      workers_[w].ready_begin = passes;
      passes += passes_of(*who.graph);
      jobs_[who.job].workers.push_back(w);
    }
    ready_.assign(passes, false);
    coming_.assign(passes, 0);
    meetings_[0].resize(traffic_.groups());
    meetings_[1].resize(traffic_.groups());
  }

  static std::size_t passes_of(const StepGraph& g) {
    return static_cast<std::size_t>(g.micro_batches) * static_cast<std::size_t>(g.virtual_stages) *
           2;
  }
  [[nodiscard]] const StepGraph& graph(WorkerId w) const { return *traffic_.worker(w).graph; }
  [[nodiscard]] int stage(WorkerId w) const { return traffic_.worker(w).stage; }
  [[nodiscard]] const StageProgram& program(WorkerId w) const { return *workers_[w].program; }
  [[nodiscard]] std::uint32_t index_of(WorkerId w, const PassRef& p) const {
    return static_cast<std::uint32_t>(
        (p.micro_batch * graph(w).virtual_stages + p.virtual_stage) * 2 + (p.forward ? 0 : 1));
  }
  [[nodiscard]] std::vector<bool>::reference ready(WorkerId w, std::uint32_t index) {
    return ready_[workers_[w].ready_begin + index];
  }
  [[nodiscard]] const ChunkClass& chunk_of(WorkerId w, const PassRef& p) const {
    return graph(w).chunk(stage(w), p.virtual_stage);
  }
  [[nodiscard]] const Pass& pass_of(WorkerId w, const PassRef& p) const {
    const ChunkClass& chunk = chunk_of(w, p);
    return p.weight ? chunk.weight : p.forward ? chunk.forward : chunk.backward;
  }
  [[nodiscard]] bool first_chunk(WorkerId w, const PassRef& p) const {
    return stage(w) == 0 && p.virtual_stage == 0;
  }
  [[nodiscard]] bool last_chunk(WorkerId w, const PassRef& p) const {
    return stage(w) == graph(w).pp - 1 && p.virtual_stage == graph(w).virtual_stages - 1;
  }
  /// Whether the gradients of its chunk are whole after this pass.
  [[nodiscard]] bool last_gradient(WorkerId w, const PassRef& p) const {
    return !p.forward && p.weight == graph(w).splits_backward() &&
           p.micro_batch == graph(w).micro_batches - 1;
  }
  /// What collectives beside it take from a pass: from the first of a chunk and from the last.
  [[nodiscard]] Seconds taxes(WorkerId w, const PassRef& p) const {
    Seconds sum;
    if (p.forward && p.micro_batch == 0) {
      sum += gather_tax(graph(w), chunk_of(w, p));
    }
    if (last_gradient(w, p)) {
      sum += reduce_tax(graph(w), chunk_of(w, p));
    }
    return sum;
  }
  /// Whether the report shows the times of `w`: in the first step of the first job.
  [[nodiscard]] bool reported(WorkerId w) const {
    return traffic_.worker(w).reported && jobs_.front().steps.empty();
  }

  void start() {
    next_change();
    for (const RunningJob& job : jobs_) {
      start_step(job);
    }
  }

  void start_step(const RunningJob& job) {
    for (const WorkerId w : job.workers) {
      const StageProgram& p = program(w);
      Worker& k = workers_[w];
      k.position = 0;
      k.tail = false;
      k.synced = 0;
      k.released = graph(w).overlap_gather ? p.gather_end.back() : 0;
      const auto begin = ready_.begin() + static_cast<std::ptrdiff_t>(k.ready_begin);
      std::fill(begin, begin + static_cast<std::ptrdiff_t>(passes_of(graph(w))), false);
      for (int mb = 0; stage(w) == 0 && mb < graph(w).micro_batches; ++mb) {
        ready(w, index_of(w, {.micro_batch = mb, .virtual_stage = 0, .forward = true})) = true;
      }
    }
    for (const WorkerId w : job.workers) {
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
        return part_arrived(w, index);
      case Event::CollectiveDone:
        return flow_done(w, index);
      case Event::SyncDone:
        return sync_done(w);
      case Event::TailDone:
        return tail_done(w);
      case Event::HealthChange:
        return change_health();
      case Event::StepStart:
        return start_step(jobs_[index]);
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
    if (!p.weight && !ready(w, index_of(w, p))) {  // weight gradients follow in the schedule
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
    if (last_gradient(w, p) && graph(w).overlap_reduce) {
      release(w, program_of_stage.reduce_hide[v]);
    }
    network_->after(pass_of(w, p).local + taxes(w, p), pack(Event::ComputeDone, w));
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
    join(w, item.collective, 0);
  }

  void pass_done(WorkerId w, const PassRef& p) {
    Worker& k = workers_[w];
    const Seconds now = network_->now();
    if (reported(w)) {
      const Pass& pass = pass_of(w, p);
      record_.add_wait(stage(w), pass, now - k.began - (pass.duration + taxes(w, p)));
      record_.add({.begin = k.began,
                   .end = now,
                   .stage = stage(w),
                   .micro_batch = p.micro_batch,
                   .virtual_stage = p.virtual_stage,
                   .kind = p.forward ? SpanKind::Forward : SpanKind::Backward});
    }
    if (last_gradient(w, p) && graph(w).overlap_reduce) {
      release(w, program(w).reduce_all[static_cast<std::size_t>(p.virtual_stage)]);
    }
    report_progress();
    const bool sent = send_on(w, p);
    if (sent && graph(w).blocking_sends) {
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
    if (p.weight) {
      return false;
    }
    if (p.forward && last_chunk(w, p)) {
      next.forward = false;
      ready(w, index_of(w, next)) = true;
      return false;
    }
    if (!p.forward && first_chunk(w, p)) {
      return false;
    }
    const int step = p.forward ? 1 : -1;
    const bool wraps = p.forward ? stage(w) == graph(w).pp - 1 : stage(w) == 0;
    next.virtual_stage = static_cast<std::int16_t>(p.virtual_stage + (wraps ? step : 0));
    const WorkerId to = p.forward ? traffic_.worker(w).ahead : traffic_.worker(w).behind;
    if (to == w) {  // one stage with several chunks
      ready(w, index_of(w, next)) = true;
      return false;
    }
    const CollectiveCost& cost = graph(w).boundary.cost;
    const std::uint32_t index = index_of(to, next);
    const std::uint64_t tag = pack(Event::SendDone, to, index);
    std::uint16_t& coming = coming_[workers_[to].ready_begin + index];
    if (graph(w).boundary.on_network()) {
      const std::uint32_t role = p.forward ? Role::kForward : Role::kBackward;
      coming = flows_.start(w, role, cost, tag);
    } else {
      coming = 1;
      network_->after(cost.time, tag);
    }
    return true;
  }

  void part_arrived(WorkerId w, std::uint32_t index) {
    if (--coming_[workers_[w].ready_begin + index] > 0) {
      return;
    }
    ready(w, index) = true;
    if (graph(w).blocking_sends) {
      const bool forward = index % 2 == 0;
      next_pass(forward ? traffic_.worker(w).behind : traffic_.worker(w).ahead);
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
      join(w, c, 1);
    } else {
      network_->after(c.cost.time, pack(Event::SyncDone, w));
    }
  }

  void sync_done(WorkerId w) {
    Worker& k = workers_[w];
    k.syncing = false;
    const TimedCollective& c = *program(w).network[k.synced];
    if (reported(w)) {
      record_.add({.begin = k.sync_began,
                   .end = network_->now(),
                   .stage = stage(w),
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

  void join(WorkerId w, const TimedCollective& c, std::uint32_t stream) {
    const Traffic::Meeting meeting = traffic_.meeting(w, c.axis);
    Rendezvous& r = meetings_[stream][meeting.group];
    if (++r.arrived < meeting.workers.size()) {
      return;
    }
    r.arrived = 0;
    r.pending = 0;
    const std::uint32_t role = Role::collective(c.axis, c.op);
    const std::uint32_t aux = static_cast<std::uint32_t>(c.axis) << 1U | stream;
    for (const WorkerId member : meeting.workers) {
      r.pending += flows_.start(member, role, c.cost, pack(Event::CollectiveDone, member, aux));
    }
  }

  void flow_done(WorkerId w, std::uint32_t aux) {
    const std::uint32_t stream = aux & 1U;
    const Traffic::Meeting meeting = traffic_.meeting(w, static_cast<Axis>(aux >> 1U));
    if (--meetings_[stream][meeting.group].pending > 0) {
      return;
    }
    for (const WorkerId member : meeting.workers) {
      if (stream == 0) {
        part_done(member);
      } else {
        sync_done(member);
      }
    }
  }

  // ---- faults

  void next_change() {
    if (const auto when = flows_.next_change()) {
      network_->after(*when - network_->now(), pack(Event::HealthChange, 0));
    }
  }

  void change_health() {
    if (!all_done()) {
      flows_.change();
      next_change();
    }
  }

  // ---- the end of the step

  void try_tail(WorkerId w) {
    Worker& k = workers_[w];
    if (k.tail || k.position != program(w).schedule.size() || k.synced < program(w).before_tail) {
      return;
    }
    k.tail = true;
    const Seconds duration = graph(w).tails[static_cast<std::size_t>(stage(w))].parts.total();
    network_->after(duration, pack(Event::TailDone, w));
    if (reported(w)) {
      const Seconds now = network_->now();
      record_.add({.begin = now,
                   .end = now + duration,
                   .stage = stage(w),
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
      RunningJob& job = jobs_[traffic_.worker(w).job];
      if (++job.done == job.workers.size()) {
        step_done(job);
      }
    }
  }

  [[nodiscard]] bool all_done() const {
    return std::all_of(jobs_.begin(), jobs_.end(),
                       [](const RunningJob& job) { return !job.steps.empty(); });
  }

  /// A job goes on with its next step until every job has ended one.
  void step_done(RunningJob& job) {
    const Seconds host = job.graph->step_host;
    const Seconds end = network_->now() + host;
    job.steps.push_back(end - job.step_began);
    if (&job == &jobs_.front() && job.steps.size() == 1) {
      end_first_step();
    }
    job.done = 0;
    job.step_began = end;
    if (!all_done()) {
      network_->after(host,
                      pack(Event::StepStart, 0, static_cast<std::uint32_t>(&job - jobs_.data())));
    }
  }

  // ---- what the caller sees

  void report_progress() {
    constexpr std::uint64_t kEvery = 1U << 16U;
    if (++passes_done_ % kEvery == 0 && options_.progress) {
      const double share = static_cast<double>(passes_done_) / static_cast<double>(ready_.size());
      options_.progress(network_->now(), std::min(1.0, share));
    }
  }

  /// The times of the first job, as its first step ends.
  void end_first_step() {
    const Worker* shown = nullptr;
    for (const WorkerId w : jobs_.front().workers) {
      if (traffic_.worker(w).reported && stage(w) == record_.busiest_stage()) {
        shown = &workers_[w];
      }
    }
    topology::expects(shown != nullptr, "replica 0 of every stage is reported");
    record_.end(jobs_.front().steps.front(), shown->finished - shown->last_pass_end);
  }

  FlowResult result() {
    FlowResult r;
    r.time = record_.time();
    for (const RunningJob& job : jobs_) {
      Seconds sum;
      for (const Seconds step : job.steps) {
        sum += step;
      }
      StepTime time = &job == &jobs_.front() ? record_.time() : StepTime{};
      time.step = job.steps.front();
      r.jobs.push_back({.time = time,
                        .mean = sum / static_cast<double>(job.steps.size()),
                        .steps = static_cast<int>(job.steps.size())});
    }
    r.events = network_->events();
    r.timeline = record_.take_timeline();
    r.folded = traffic_.folded();
    add_link_loads(r);
    return r;
  }

  void add_link_loads(FlowResult& r) const {
    const LinkLoads loads(cluster_, traffic_, *network_, course_.states.size(), network_->now());
    r.busiest = loads.busiest();
    if (options_.record_link_loads) {
      r.loads = loads.all();
      add_load_kinds(r, loads);
    }
  }

  /// What a route is for: a role of the first job, or anything of the others.
  [[nodiscard]] std::uint32_t kind_of_route(Network::RouteId route) const {
    const Traffic::Owner owner =
        course_.changes.empty()
            ? Traffic::Owner{.worker = route / Role::kCount, .role = route % Role::kCount}
            : traffic_.owner(static_cast<std::uint32_t>(route / course_.states.size()));
    return traffic_.worker(owner.worker).job == 0 ? owner.role : Role::kCount;
  }

  void add_load_kinds(FlowResult& r, const LinkLoads& loads) const {
    LinkLoads::ByKind found =
        loads.by_kind(r.loads, [this](Network::RouteId route) { return kind_of_route(route); });
    for (const std::uint32_t kind : found.kinds) {
      r.load_kinds.names.push_back(kind < Role::kCount ? name_of_role(kind) : "neighbours");
    }
    r.load_kinds.bytes = std::move(found.bytes);
  }

  const FlowOptions& options_;
  const topology::Cluster& cluster_;
  HealthCourse course_;
  Traffic traffic_;
  std::unique_ptr<Network> network_;
  TrafficFlows flows_;
  StepRecord record_;
  std::map<std::pair<const StepGraph*, int>, std::unique_ptr<StageProgram>> programs_;
  std::vector<RunningJob> jobs_;
  std::vector<Worker> workers_;
  std::vector<bool> ready_;                          ///< passes whose input is there, by worker
  std::vector<std::uint16_t> coming_;                ///< flows of a pass's input that are under way
  std::array<std::vector<Rendezvous>, 2> meetings_;  ///< by stream and group
  std::uint64_t passes_done_ = 0;
};

}  // namespace

FlowResult simulate_flow(std::span<const PlacedJob> jobs, const topology::Cluster& cluster,
                         const FlowOptions& options) {
  topology::expects(!jobs.empty(), "a simulation needs a job");
  return Simulation(jobs, cluster, options).run();
}

FlowResult simulate_flow(const StepGraph& graph, const Layout& layout,
                         const topology::Cluster& cluster, const FlowOptions& options) {
  const PlacedJob job{.graph = &graph, .layout = &layout};
  return simulate_flow(std::span(&job, 1), cluster, options);
}

}  // namespace sim
