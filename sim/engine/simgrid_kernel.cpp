// The fast backend: one model of our own in SimGrid's main loop. SimGrid drives and shares the
// links; timers, latencies and the ends of flows are kept in our heaps. No hosts, no actors, no
// routes.
//
// Only links that could bind meet the solver. A flow's rate is at most its cap, and at most what
// each of its links could give it alone; while these bounds of the flows on a link add up to no
// more than its capacity, the link limits nobody, and a flow without any other link runs at its
// bound: exact, and without solving anything. When a link gets more than that, all its flows become
// variables of the solver on it.
#include <algorithm>
#include <deque>
#include <limits>

#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>

#include "sim/engine/backends.hpp"
#include "sim/engine/completion_heap.hpp"
#include "sim/engine/queued_network.hpp"
#include "sim/engine/simgrid_lmm.hpp"
#include "sim/engine/simgrid_session.hpp"

namespace sim {

namespace {

namespace kr = simgrid::kernel::resource;
namespace lmm = simgrid::kernel::lmm;

/// Flows that end within this fraction of the clock end together: rounding in the shares must not
/// split them.
constexpr double kSimultaneous = 1e-12;

/// SimGrid's name for a flow while it shares links. One object per slot, used again and again; it
/// never changes its state, so SimGrid has nothing to clean up.
class Flow final : public kr::Action {
 public:
  Flow(kr::Model* model, std::uint32_t slot_number)
      : Action(model, 0.0, false), slot(slot_number) {}
  void update_remains_lazy(double /*now*/) override {}

  std::uint32_t slot;
  double bound = 0.0;       ///< bytes/s per unit of weight that it can reach at most
  double left_bytes = 0.0;  ///< at since_s
  double rate = 0.0;        ///< bytes/s per unit of weight, since since_s
  double since_s = 0.0;
  std::uint32_t passings = 0;  ///< the first of its entries in KernelNetwork::passings_
  std::uint32_t room = 0;      ///< entries that it may use there
};

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// A flow on a link, in the list of all that are on it.
struct Passing {
  std::uint32_t previous = kNone, next = kNone;
  std::uint32_t slot = 0;
  bool solved = false;  ///< whether the solver knows the flow here
};

/// A link that flows cross. Half a cache line: this is what a large simulation waits for.
struct LinkUse {
  double capacity = 0.0;
  double demand = 0.0;                    ///< sum of the bounds of its flows
  lmm::Constraint* constraint = nullptr;  ///< null until the link could bind
  std::uint32_t flows = kNone;            ///< the first Passing
};

/// A link whose demand is above its capacity by less than this fraction is not crowded: rounding.
constexpr double kCrowded = 1e-12;

/// What SimGrid's main loop asks a model.
class Steps {
 public:
  virtual double next_step_s() = 0;  ///< from now; negative if nothing is left
  virtual void take_step() = 0;

 protected:
  ~Steps() = default;
};

/// Passes the questions of SimGrid's main loop on. It counts no time of its own: SimGrid's clock is
/// static, and sums of differences would drift from the exact times of events.
class FlowModel final : public kr::Model {
 public:
  explicit FlowModel(Steps& steps) : Model("gpuplan flows"), steps_(steps) {
    system_ = lmm::System::build("maxmin", /*selective_update=*/true);
    set_maxmin_system(system_);
  }
  [[nodiscard]] lmm::System& system() { return *system_; }
  double next_occurring_event(double /*now*/) override { return steps_.next_step_s(); }
  void update_actions_state(double /*now*/, double /*delta*/) override { steps_.take_step(); }

 private:
  Steps& steps_;
  lmm::System* system_ = nullptr;  // owned by Model
};

class KernelNetwork final : public QueuedNetwork, private Steps {
 public:
  KernelNetwork() : model_(std::make_shared<FlowModel>(static_cast<Steps&>(*this))) {}

 private:
  void simulate() override;
  void begin(std::uint32_t slot) override;
  void halt(std::uint32_t slot) override;
  [[nodiscard]] double sent_bytes(std::uint32_t slot) const override;

  double next_step_s() override;
  void take_step() override;

  void share_links();
  void settle(Flow& flow, double rate);
  void end_flows();
  void enter_links(Flow& flow);
  void leave_links(Flow& flow);
  void solve_on(std::uint32_t link);
  void make_variable(Flow& flow);

  std::shared_ptr<FlowModel> model_;
  std::vector<LinkUse> links_;
  std::vector<Passing> passings_;
  std::deque<Flow> flows_;  // by slot; destroyed before the model
  CompletionHeap ends_;
  bool shares_are_stale_ = false;
};

void KernelNetwork::simulate() {
  links_.resize(capacities().size());
  for (std::size_t i = 0; i < links_.size(); ++i) {
    links_[i].capacity = capacities()[i];
  }
  SimgridSession session;
  session.add_model(model_);
  session.run();
}

double KernelNetwork::next_step_s() {
  if (failed()) {
    return -1.0;
  }
  share_links();
  const double next = std::min(next_event_s(), ends_.next_time_s());
  return next == std::numeric_limits<double>::infinity() ? -1.0 : next - clock_s();
}

/// Goes on from one event to the next for as long as the shares stay valid. What happens at one
/// time changes them once.
void KernelNetwork::take_step() {
  do {
    const double ends = shares_are_stale_ ? clock_s() : ends_.next_time_s();
    const double next = std::min(next_event_s(), ends);
    if (next == std::numeric_limits<double>::infinity()) {
      return;
    }
    set_clock_s(next);
    if (!shares_are_stale_) {
      end_flows();
    }
    take_due_events();
    deliver();
  } while (!failed() && (!shares_are_stale_ || next_event_s() <= clock_s()));
}

void KernelNetwork::begin(std::uint32_t slot) {
  while (flows_.size() <= slot) {
    flows_.emplace_back(model_.get(), static_cast<std::uint32_t>(flows_.size()));
  }
  const Transfer& data = transfer(slot);
  Flow& flow = flows_[slot];
  flow.bound = data.rate_cap > 0.0 ? data.rate_cap : std::numeric_limits<double>::infinity();
  for (const Hop& hop : data.hops) {
    flow.bound = std::min(flow.bound, links_[hop.link].capacity / hop.weight);
  }
  flow.left_bytes = data.size_bytes;
  flow.rate = 0.0;
  flow.since_s = clock_s();
  enter_links(flow);
  settle(flow, flow.bound);
  for (const Hop& hop : data.hops) {
    if (links_[hop.link].demand > links_[hop.link].capacity * (1.0 + kCrowded)) {
      solve_on(hop.link);
    }
  }
}

void KernelNetwork::enter_links(Flow& flow) {
  const std::vector<Hop>& hops = transfer(flow.slot).hops;
  if (flow.room < hops.size()) {
    flow.room = static_cast<std::uint32_t>(hops.size());
    flow.passings = static_cast<std::uint32_t>(passings_.size());
    passings_.resize(passings_.size() + flow.room);
  }
  for (std::uint32_t i = 0; i < hops.size(); ++i) {
    const std::uint32_t id = flow.passings + i;
    LinkUse& link = links_[hops[i].link];
    link.demand += hops[i].weight * flow.bound;
    passings_[id] = {.previous = kNone, .next = link.flows, .slot = flow.slot, .solved = false};
    if (link.flows != kNone) {
      passings_[link.flows].previous = id;
    }
    link.flows = id;
  }
}

/// Lets the solver share a crowded link among all its flows.
void KernelNetwork::solve_on(std::uint32_t link) {
  LinkUse& use = links_[link];
  if (use.constraint == nullptr) {
    use.constraint = model_->system().constraint_new(nullptr, use.capacity);
  }
  for (std::uint32_t id = use.flows; id != kNone; id = passings_[id].next) {
    if (!passings_[id].solved) {
      passings_[id].solved = true;
      make_variable(flows_[passings_[id].slot]);
    }
  }
}

/// Tells the solver of a flow, on the links where it has to know it. A variable that gets one link
/// more is made anew: the solver marks the links of a new one as changed, but of an old one only
/// the first, and stale shares would be left (up to 1 % off in 3.32 to 4.1). For the same reason
/// its penalty is positive from the start.
void KernelNetwork::make_variable(Flow& flow) {
  lmm::System& system = model_->system();
  if (flow.get_variable() != nullptr) {
    system.variable_free(flow.get_variable());
  }
  const std::vector<Hop>& hops = transfer(flow.slot).hops;
  flow.set_variable(system.variable_new(&flow, 1.0, flow.bound, hops.size()));
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (passings_[flow.passings + i].solved) {
      system.expand(links_[hops[i].link].constraint, flow.get_variable(), hops[i].weight,
                    /*force_creation=*/true);
    }
  }
  shares_are_stale_ = true;
}

/// Takes a flow off its links, and off the solver where that knows it.
void KernelNetwork::leave_links(Flow& flow) {
  const std::vector<Hop>& hops = transfer(flow.slot).hops;
  for (std::uint32_t i = 0; i < hops.size(); ++i) {
    LinkUse& link = links_[hops[i].link];
    const Passing& gone = passings_[flow.passings + i];
    (gone.previous == kNone ? link.flows : passings_[gone.previous].next) = gone.next;
    if (gone.next != kNone) {
      passings_[gone.next].previous = gone.previous;
    }
    link.demand = link.flows == kNone ? 0.0 : link.demand - hops[i].weight * flow.bound;
  }
  if (flow.get_variable() != nullptr) {
    model_->system().variable_free(flow.get_variable());
    flow.set_variable(nullptr);
    shares_are_stale_ = true;
  }
}

void KernelNetwork::halt(std::uint32_t slot) {
  Flow& flow = flows_[slot];
  ends_.remove(slot);
  leave_links(flow);
}

void KernelNetwork::share_links() {
  if (!shares_are_stale_) {
    return;
  }
  shares_are_stale_ = false;
  model_->system().solve();
  auto* changed = model_->get_modified_set();
  while (!changed->empty()) {
    auto& flow = static_cast<Flow&>(changed->front());
    changed->pop_front();
    if (flow.get_variable() != nullptr) {
      settle(flow, flow.get_rate());
    }
  }
}

/// Takes over the new rate of a flow. An unchanged rate keeps the time of its end, free of
/// rounding.
void KernelNetwork::settle(Flow& flow, double rate) {
  if (rate == flow.rate) {
    return;
  }
  flow.left_bytes = std::max(0.0, flow.left_bytes - flow.rate * (clock_s() - flow.since_s));
  flow.since_s = clock_s();
  flow.rate = rate;
  ends_.set(flow.slot, clock_s() + flow.left_bytes / rate);
}

void KernelNetwork::end_flows() {
  const double until = clock_s() * (1.0 + kSimultaneous);
  while (ends_.next_time_s() <= until) {
    Flow& flow = flows_[ends_.pop()];
    leave_links(flow);
    finish(flow.slot);
  }
}

double KernelNetwork::sent_bytes(std::uint32_t slot) const {
  const Flow& flow = flows_[slot];
  return transfer(slot).size_bytes - flow.left_bytes + flow.rate * (clock_s() - flow.since_s);
}

}  // namespace

std::unique_ptr<Network> make_kernel_network() {
  return std::make_unique<KernelNetwork>();
}

}  // namespace sim
