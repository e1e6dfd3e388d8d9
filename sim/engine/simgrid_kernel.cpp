// The fast backend: one model of our own in SimGrid's main loop, and its solver. Timers, latencies
// and the ends of flows are kept in our heaps. No hosts, no actors, no routes.
//
// Only links that could bind are shared. A flow's rate is at most its cap, and at most what each of
// its links could give it alone; while these bounds of the flows on a link add up to no more than
// its capacity, the link limits nobody, and a flow without any other link runs at its bound: exact,
// and without solving anything. When a link gets more than that, its flows become a crowd that
// shares it (crowds.hpp). The flows of a transfer run as a convoy, with one rate and one end, until
// a crowd concerns one of them: then this one leaves the convoy.
#include <algorithm>
#include <limits>

#include <simgrid/kernel/resource/Model.hpp>

#include "sim/engine/backends.hpp"
#include "sim/engine/completion_heap.hpp"
#include "sim/engine/crowds.hpp"
#include "sim/engine/queued_network.hpp"
#include "sim/engine/simgrid_session.hpp"

namespace sim {

namespace {

namespace kr = simgrid::kernel::resource;
namespace lmm = simgrid::kernel::lmm;

/// Flows that end within this fraction of the clock end together: rounding in the shares must not
/// split them.
constexpr double kSimultaneous = 1e-12;

/// The flows of a transfer.
struct Convoy {
  double bound = 0.0;  ///< bytes/s per unit of weight of those that run together
  double since_s = 0.0;
  std::uint32_t together = 0;
  /// By way: kTogether, kDone or the number of the Flow that it has become. Empty: all together.
  std::vector<std::uint32_t> apart{};
};
constexpr std::uint32_t kTogether = ~0U, kDone = ~0U - 1;

/// A link that flows cross. Small: this is what a large simulation waits for.
struct LinkUse {
  double room = 0.0;  ///< capacity less the bounds of its flows, bytes/s
  std::uint32_t flows = 0;
  bool shared = false;  ///< all its flows are in the crowd on it
};

/// A link whose flows could want more than its capacity by less than this fraction is not crowded:
/// rounding.
constexpr double kCrowded = 1e-12;

constexpr double kNever = std::numeric_limits<double>::infinity();

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
  KernelNetwork()
      : model_(std::make_shared<FlowModel>(static_cast<Steps&>(*this))),
        crowds_(routes(), *model_, model_->system()) {}

 private:
  void simulate() override;
  void begin(std::uint32_t slot) override;
  void halt(std::uint32_t slot) override;
  [[nodiscard]] double sent_bytes(std::uint32_t slot, std::uint32_t way) const override;

  double next_step_s() override;
  void take_step() override;

  void settle(Flow& flow, double rate);
  void end_flows();
  void end_convoy(std::uint32_t slot);
  [[nodiscard]] double bound(const Transfer& transfer, std::uint32_t way) const;
  void enter_links(std::uint32_t way, double bound);
  void leave_links(std::uint32_t way, double bound);
  void meet_crowds(std::uint32_t slot, std::uint32_t way);
  void crowd_on(std::uint32_t link);
  Flow& set_apart(std::uint32_t slot, std::uint32_t way);
  void dismiss(Flow& flow);
  [[nodiscard]] bool crowded(std::uint32_t link) const {
    return links_[link].room < 0.0 && links_[link].room < -kCrowded * routes().capacities()[link];
  }
  // What ends: convoys by slot, flows that run by themselves by number.
  static std::uint32_t end_of_convoy(std::uint32_t slot) { return slot * 2; }
  static std::uint32_t end_of_flow(std::uint32_t number) { return number * 2 + 1; }

  std::shared_ptr<FlowModel> model_;
  std::vector<LinkUse> links_;
  std::vector<Convoy> convoys_;  // by slot
  Crowds crowds_;                // destroyed before the model
  CompletionHeap ends_;
};

void KernelNetwork::simulate() {
  const std::vector<double>& capacities = routes().capacities();
  links_.resize(capacities.size());
  for (std::size_t i = 0; i < links_.size(); ++i) {
    links_[i].room = capacities[i];
  }
  SimgridSession session;
  session.add_model(model_);
  session.run();
}

double KernelNetwork::next_step_s() {
  const double next = failed() ? kNever : std::min(next_event_s(), ends_.next_time_s());
  return next == kNever ? -1.0 : next - clock_s();
}

/// Goes from event to event to the end. What happens at one time changes the shares once.
void KernelNetwork::take_step() {
  while (!failed()) {
    if (next_event_s() > clock_s()) {
      crowds_.share([this](Flow& flow, double rate) { settle(flow, rate); });
    }
    const double ends = crowds_.stale() ? kNever : ends_.next_time_s();
    const double next = std::min(next_event_s(), ends);
    if (next == kNever) {
      return;
    }
    set_clock_s(next);
    if (!crowds_.stale()) {
      end_flows();
    }
    take_due_events();
    deliver();
  }
}

double KernelNetwork::bound(const Transfer& transfer, std::uint32_t way) const {
  const double reach = routes().reach(way);
  return transfer.rate_cap > 0.0 ? std::min(transfer.rate_cap, reach) : reach;
}

void KernelNetwork::begin(std::uint32_t slot) {
  if (convoys_.size() <= slot) {
    convoys_.resize(slot + std::size_t{1});
  }
  const Transfer& data = transfer(slot);
  const std::uint32_t first = routes().first_way(data.route);
  const std::uint32_t ways = routes().way_count(data.route);
  Convoy& convoy = convoys_[slot];
  convoy.bound = bound(data, first);
  convoy.since_s = clock_s();
  convoy.together = ways;
  convoy.apart.clear();
  ends_.set(end_of_convoy(slot), clock_s() + data.size_bytes / convoy.bound);
  for (std::uint32_t way = 0; way < ways; ++way) {
    for (const std::uint32_t link : routes().links(first + way)) {
      __builtin_prefetch(&links_[link], 1);
    }
  }
  for (std::uint32_t way = 0; way < ways; ++way) {
    const double its_bound = bound(data, first + way);
    enter_links(first + way, its_bound);
    if (its_bound != convoy.bound) {
      settle(set_apart(slot, way), its_bound);
    }
  }
  for (std::uint32_t way = 0; way < ways; ++way) {
    meet_crowds(slot, way);
  }
}

void KernelNetwork::enter_links(std::uint32_t way, double bound) {
  const std::span<const std::uint32_t> links = routes().links(way);
  for (std::uint32_t hop = 0; hop < links.size(); ++hop) {
    LinkUse& link = links_[links[hop]];
    link.room -= routes().weight(way, hop) * bound;
    ++link.flows;
  }
}

void KernelNetwork::leave_links(std::uint32_t way, double bound) {
  const std::span<const std::uint32_t> links = routes().links(way);
  for (std::uint32_t hop = 0; hop < links.size(); ++hop) {
    LinkUse& link = links_[links[hop]];
    link.room += routes().weight(way, hop) * bound;
    if (--link.flows == 0) {
      link.room = routes().capacities()[links[hop]];  // free of rounding
    }
  }
}

/// A flow that has just begun joins the crowds on its links.
void KernelNetwork::meet_crowds(std::uint32_t slot, std::uint32_t way) {
  const std::span<const std::uint32_t> links =
      routes().links(routes().first_way(transfer(slot).route) + way);
  for (std::uint32_t hop = 0; hop < links.size(); ++hop) {
    LinkUse& link = links_[links[hop]];
    if (!crowded(links[hop])) {
      link.shared = false;
    } else if (!link.shared) {
      crowd_on(links[hop]);
    } else {
      crowds_.join(set_apart(slot, way), hop);
    }
  }
}

/// Makes a crowd of all flows on a link.
void KernelNetwork::crowd_on(std::uint32_t link) {
  links_[link].shared = true;
  std::uint32_t unseen = links_[link].flows;
  for (std::uint32_t i = routes().first_crossing(link); unseen > 0; i = routes().crossing(i).next) {
    const auto& [route, way, hop, next] = routes().crossing(i);
    for (std::uint32_t slot = flowing_on(route); slot != QueuedNetwork::kNone;
         slot = transfer(slot).next) {
      const std::vector<std::uint32_t>& apart = convoys_[slot].apart;
      if (apart.empty() || apart[way] != kDone) {
        --unseen;
        crowds_.join(set_apart(slot, way), hop);
      }
    }
  }
}

/// The flow of a transfer on one of its ways, which from now on runs by itself.
Flow& KernelNetwork::set_apart(std::uint32_t slot, std::uint32_t way) {
  Convoy& convoy = convoys_[slot];
  const Transfer& data = transfer(slot);
  if (convoy.apart.empty()) {
    convoy.apart.assign(routes().way_count(data.route), kTogether);
  }
  if (convoy.apart[way] != kTogether) {
    return crowds_.flow(convoy.apart[way]);
  }
  const std::uint32_t id = routes().first_way(data.route) + way;
  Flow& flow = crowds_.add(slot, way, id);
  flow.bound = bound(data, id);
  flow.left_bytes = data.size_bytes;
  flow.rate = convoy.bound;
  flow.since_s = convoy.since_s;
  convoy.apart[way] = flow.number;
  ends_.set(end_of_flow(flow.number), convoy.since_s + data.size_bytes / convoy.bound);
  if (--convoy.together == 0) {
    ends_.remove(end_of_convoy(slot));
  }
  return flow;
}

/// Takes a flow that runs by itself off its links.
void KernelNetwork::dismiss(Flow& flow) {
  leave_links(flow.id, flow.bound);
  convoys_[flow.slot].apart[flow.way] = kDone;
  crowds_.remove(flow);
}

void KernelNetwork::halt(std::uint32_t slot) {
  Flow& flow = set_apart(slot, 0);
  ends_.remove(end_of_flow(flow.number));
  dismiss(flow);
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
  ends_.set(end_of_flow(flow.number), clock_s() + flow.left_bytes / rate);
}

void KernelNetwork::end_flows() {
  const double until = clock_s() * (1.0 + kSimultaneous);
  while (ends_.next_time_s() <= until) {
    const std::uint32_t end = ends_.pop();
    if (end % 2 == 0) {
      end_convoy(end / 2);
    } else {
      Flow& flow = crowds_.flow(end / 2);
      const std::uint32_t slot = flow.slot;
      dismiss(flow);
      arrive(slot, 1);
    }
  }
}

/// All that still run together have arrived.
void KernelNetwork::end_convoy(std::uint32_t slot) {
  Convoy& convoy = convoys_[slot];
  const std::uint32_t first = routes().first_way(transfer(slot).route);
  const std::uint32_t ways = routes().way_count(transfer(slot).route);
  for (std::uint32_t way = 0; way < ways; ++way) {
    if (convoy.apart.empty()) {
      leave_links(first + way, convoy.bound);
    } else if (convoy.apart[way] == kTogether) {
      leave_links(first + way, convoy.bound);
      convoy.apart[way] = kDone;
    }
  }
  arrive(slot, convoy.together);
}

double KernelNetwork::sent_bytes(std::uint32_t slot, std::uint32_t way) const {
  const Convoy& convoy = convoys_[slot];
  const std::uint32_t state = convoy.apart.empty() ? kTogether : convoy.apart[way];
  if (state == kTogether) {
    return convoy.bound * (clock_s() - convoy.since_s);
  }
  const double size = transfer(slot).size_bytes;
  if (state == kDone) {
    return size;
  }
  const Flow& flow = crowds_.flow(state);
  return size - flow.left_bytes + flow.rate * (clock_s() - flow.since_s);
}

}  // namespace

std::unique_ptr<Network> make_kernel_network() {
  return std::make_unique<KernelNetwork>();
}

}  // namespace sim
