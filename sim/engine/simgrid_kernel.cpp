// The fast backend: one model of our own in SimGrid's main loop. SimGrid drives and shares the
// links; timers, latencies and the ends of flows are kept in our heaps. No hosts, no actors, no
// routes.
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
  double left_bytes = 0.0;  ///< at since_s
  double rate = 0.0;        ///< bytes/s per unit of weight, since since_s
  double since_s = 0.0;
};

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
  [[nodiscard]] double sent_bytes(std::uint32_t slot) const override;

  double next_step_s() override;
  void take_step() override;

  [[nodiscard]] lmm::Constraint* constraint(std::uint32_t link);
  void share_links();
  void settle(Flow& flow);
  void end_flows();

  std::shared_ptr<FlowModel> model_;
  std::vector<lmm::Constraint*> links_;  // null until a flow crosses the link
  std::deque<Flow> flows_;               // by slot; destroyed before the model
  CompletionHeap ends_;
  bool shares_are_stale_ = false;
};

void KernelNetwork::simulate() {
  links_.resize(capacities().size(), nullptr);
  SimgridSession session;
  session.add_model(model_);
  session.run();
}

/// Links that no flow crosses never meet the solver: in a large cluster, most of them.
lmm::Constraint* KernelNetwork::constraint(std::uint32_t link) {
  if (links_[link] == nullptr) {
    links_[link] = model_->system().constraint_new(nullptr, capacities()[link]);
  }
  return links_[link];
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
  flow.left_bytes = data.size_bytes;
  flow.rate = 0.0;
  flow.since_s = clock_s();
  // Every constraint is marked as changed while the variable is built, because its penalty is
  // positive from the start. (Enabling a variable later marks only its first one: stale shares, up
  // to 1 % off in 3.32 to 4.1.)
  lmm::System& system = model_->system();
  lmm::Variable* variable =
      system.variable_new(&flow, 1.0, data.rate_cap > 0.0 ? data.rate_cap : -1.0, data.hops.size());
  flow.set_variable(variable);
  for (const Hop& hop : data.hops) {
    system.expand(constraint(hop.link), variable, static_cast<double>(hop.weight),
                  /*force_creation=*/true);
  }
  shares_are_stale_ = true;
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
      settle(flow);
    }
  }
}

/// Takes over the new rate of a flow. An unchanged rate keeps the time of its end, free of
/// rounding.
void KernelNetwork::settle(Flow& flow) {
  const double rate = flow.get_rate();
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
    model_->system().variable_free(flow.get_variable());
    flow.set_variable(nullptr);
    finish(flow.slot);
    shares_are_stale_ = true;
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
