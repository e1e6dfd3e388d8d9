// The backend on SimGrid's documented interface: a one-sided communication per flow over an
// explicit route, and a small model that wakes up for timers. Slower than simgrid_kernel, and
// independent of the solver's inner interface.
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/s4u.hpp>

#include "sim/engine/backends.hpp"
#include "sim/engine/queued_network.hpp"
#include "sim/engine/simgrid_session.hpp"
#include "topology/error.hpp"

namespace sim {

namespace {

namespace kr = simgrid::kernel::resource;
namespace s4u = simgrid::s4u;

/// A payload is a whole number of bytes in SimGrid. Counting in 1/65536 bytes keeps fractions (a
/// ring sends 2(n-1)/n of a buffer) and leaves room for 2^48 bytes in a flow.
constexpr double kUnitsPerByte = 65536.0;

/// A flow's name in SimGrid's user data: the slot below, the way above.
constexpr unsigned kSlotBits = 32;
static_assert(sizeof(std::uintptr_t) == 8);

/// Relative error of SimGrid's clock after a few additions.
constexpr double kClockRounding = 8 * std::numeric_limits<double>::epsilon();

class PublicNetwork final : public QueuedNetwork {
 public:
  PublicNetwork();
  RouteId add_route(std::span<const std::span<const Hop>> ways) override;

 private:
  /// Takes part in SimGrid's main loop for the sake of timers and the order of delivery.
  class Pacer final : public kr::Model {
   public:
    explicit Pacer(PublicNetwork& network) : Model("gpuplan pacer"), network_(network) {}
    double next_occurring_event(double now) override { return network_.next_step_s(now); }
    void update_actions_state(double now, double delta) override { network_.take_step(now, delta); }

   private:
    PublicNetwork& network_;
  };

  void simulate() override;
  void begin(std::uint32_t slot) override;
  void halt(std::uint32_t /*slot*/) override {
    topology::expects(false, "SimGrid's public interface cannot route a flow anew");
  }
  [[nodiscard]] double sent_bytes(std::uint32_t slot, std::uint32_t way) const override;

  double next_step_s(double now);
  void take_step(double now, double delta);
  void build_platform();
  SimgridSession::Link* cap_link(double capacity);
  static void on_completion(const s4u::Activity& activity);
  void begin(std::uint32_t slot, std::uint32_t way);

  /// A flow of a transfer.
  struct Live {
    s4u::CommPtr comm;
    SimgridSession::Link* cap = nullptr;
  };

  /// The receiver of SimGrid's static signal.
  static PublicNetwork*& running() {
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): signals know no receiver
    static PublicNetwork* network = nullptr;
    return network;
  }
  SimgridSession* session_ = nullptr;
  double origin_s_ = 0.0;  ///< our time zero on SimGrid's clock
  s4u::Host* source_ = nullptr;
  s4u::Host* destination_ = nullptr;
  std::vector<SimgridSession::Link*> links_;
  std::multimap<double, SimgridSession::Link*> idle_caps_;  // by capacity
  std::uint64_t caps_made_ = 0;
  using FlowName = std::pair<std::uint32_t, std::uint32_t>;  // slot and way
  std::vector<std::vector<Live>> live_;                      // by slot and way
  std::vector<FlowName> arrived_;
  std::vector<SimgridSession::Link*> route_;
};

PublicNetwork::PublicNetwork() {
  static std::once_flag connected;  // SimGrid's signals are static and never forget a callback
  std::call_once(connected, [] { s4u::Activity::on_completion_cb(on_completion); });
}

Network::RouteId PublicNetwork::add_route(std::span<const std::span<const Hop>> ways) {
  for (const std::span<const Hop> hops : ways) {
    for (const Hop& hop : hops) {
      topology::expects(
          hop.weight == std::floor(hop.weight),
          "SimGrid's public interface knows whole weights only; use the kernel backend");
    }
  }
  return QueuedNetwork::add_route(ways);
}

void PublicNetwork::simulate() {
  SimgridSession session;
  session_ = &session;
  running() = this;
  origin_s_ = s4u::Engine::get_clock() - clock_s();
  build_platform();
  session.add_model(std::make_shared<Pacer>(*this));
  session.run();
  running() = nullptr;
  for (const std::vector<Live>& flows : live_) {  // left over only where the handler failed
    for (const Live& live : flows) {
      if (live.comm != nullptr) {
        live.comm->cancel();
      }
    }
  }
  live_.clear();
  session_ = nullptr;
}

void PublicNetwork::build_platform() {
  source_ = session_->add_host("source");
  destination_ = session_->add_host("destination");
  links_.clear();
  idle_caps_.clear();
  for (std::size_t id = 0; id < routes().capacities().size(); ++id) {
    links_.push_back(session_->add_link("link " + std::to_string(id),
                                        routes().capacities()[id] * kUnitsPerByte));
  }
}

/// SimGrid 3.32 ignores set_rate() on one-sided communications, so a cap is a private link.
SimgridSession::Link* PublicNetwork::cap_link(double capacity) {
  if (const auto idle = idle_caps_.find(capacity); idle != idle_caps_.end()) {
    auto* link = idle->second;
    idle_caps_.erase(idle);
    return link;
  }
  return session_->add_link("cap " + std::to_string(caps_made_++), capacity * kUnitsPerByte);
}

double PublicNetwork::next_step_s(double now) {
  if (failed()) {
    return -1.0;
  }
  if (!arrived_.empty()) {
    return 0.0;
  }
  const double next = next_event_s();
  return next == std::numeric_limits<double>::infinity() ? -1.0
                                                         : std::max(0.0, origin_s_ + next - now);
}

/// SimGrid tells of arrivals only after all models have stepped. So the first step at a new time
/// does nothing, and the next one, without delay, delivers arrivals and timers together.
void PublicNetwork::take_step(double now, double delta) {
  // The time of an event is exact, SimGrid's is rounded: what is due but for that is due.
  const bool event_is_due = origin_s_ + next_event_s() <= now * (1.0 + kClockRounding);
  set_clock_s(std::max(clock_s(), event_is_due ? next_event_s() : now - origin_s_));
  if (delta > 0.0) {
    return;
  }
  for (const auto& [slot, way] : arrived_) {
    Live& live = live_[slot][way];
    live.comm = nullptr;
    if (live.cap != nullptr) {
      idle_caps_.emplace(transfer(slot).rate_cap, std::exchange(live.cap, nullptr));
    }
    arrive(slot, 1);
  }
  arrived_.clear();
  take_due_events();
  deliver();
}

void PublicNetwork::begin(std::uint32_t slot) {
  if (live_.size() <= slot) {
    live_.resize(slot + std::size_t{1});
  }
  const std::uint32_t ways = routes().way_count(transfer(slot).route);
  live_[slot].resize(ways);
  for (std::uint32_t way = 0; way < ways; ++way) {
    begin(slot, way);
  }
}

void PublicNetwork::begin(std::uint32_t slot, std::uint32_t way) {
  const Transfer& data = transfer(slot);
  route_.clear();
  const std::uint32_t id = routes().first_way(data.route) + way;
  for (std::uint32_t hop = 0; hop < routes().links(id).size(); ++hop) {
    route_.insert(route_.end(), static_cast<std::size_t>(routes().weight(id, hop)),
                  links_[routes().links(id)[hop]]);
  }
  Live& live = live_[slot][way];
  if (data.rate_cap > 0.0) {
    live.cap = cap_link(data.rate_cap);
    route_.push_back(live.cap);
  }
  session_->set_route(route_);
  live.comm = s4u::Comm::sendto_init();
  live.comm->set_payload_size(std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::llround(data.size_bytes * kUnitsPerByte))));
  const std::uintptr_t name = (std::uintptr_t{way} << kSlotBits | slot) + 1;
  live.comm->set_data(reinterpret_cast<void*>(name));  // NOLINT: SimGrid's user data
  live.comm->set_source(source_);
  live.comm->set_destination(destination_);
}

void PublicNetwork::on_completion(const s4u::Activity& activity) {
  const auto* comm = dynamic_cast<const s4u::Comm*>(&activity);
  if (running() != nullptr && comm != nullptr) {
    const auto name = reinterpret_cast<std::uintptr_t>(comm->get_data<void>()) - 1;  // NOLINT
    running()->arrived_.emplace_back(static_cast<std::uint32_t>(name),
                                     static_cast<std::uint32_t>(name >> kSlotBits));
  }
}

double PublicNetwork::sent_bytes(std::uint32_t slot, std::uint32_t way) const {
  if (slot >= live_.size() || way >= live_[slot].size()) {
    return 0.0;
  }
  const s4u::CommPtr& comm = live_[slot][way].comm;
  const double left = comm == nullptr ? 0.0 : comm->get_remaining() / kUnitsPerByte;
  return transfer(slot).size_bytes - left;
}

}  // namespace

std::unique_ptr<Network> make_public_network() {
  return std::make_unique<PublicNetwork>();
}

}  // namespace sim
