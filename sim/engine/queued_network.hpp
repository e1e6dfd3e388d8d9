#pragma once
// What both backends share: links and routes, the event queue, the table of transfers, byte
// counters, and delivery in order of creation. A backend only moves the bytes. Internal to
// sim/engine.
#include <cstdint>
#include <exception>
#include <vector>

#include "sim/engine/event_queue.hpp"
#include "sim/engine/lease.hpp"
#include "sim/engine/network.hpp"
#include "sim/engine/route_table.hpp"

namespace sim {

class QueuedNetwork : public Network {
 public:
  std::uint32_t add_link(units::BytesPerSecond capacity) override;
  [[nodiscard]] units::Seconds now() const override { return units::seconds(clock_s_); }
  void after(units::Seconds delay, std::uint64_t tag) override;
  using Network::add_route;
  RouteId add_route(std::span<const std::span<const Hop>> ways) override;
  FlowId start_flow(units::Bytes size, units::Seconds latency, RouteId route,
                    units::BytesPerSecond rate_cap, std::uint64_t tag) override;
  void reroute(FlowId flow, RouteId route, units::Seconds delay) override;
  [[nodiscard]] bool under_way(FlowId flow) const override {
    return flow < transfers_.size() && transfers_[flow].under_way;
  }
  void run(const Handler& handler) override;
  [[nodiscard]] std::uint64_t events() const override { return events_; }
  [[nodiscard]] units::Bytes carried(std::uint32_t link) const override;
  void carried_by_route(std::uint32_t link,
                        const std::function<void(RouteId, units::Bytes)>& see) const override;

 protected:
  static constexpr std::uint32_t kNone = ~0U;

  /// The flows of a route from the call of start_flow() to the end of the last one. Slots are used
  /// again.
  struct Transfer {
    double size_bytes = 0.0;
    double rate_cap = 0.0;  ///< bytes/s, 0 = none
    std::uint64_t tag = 0;
    std::uint64_t sequence = 0;
    RouteId route = 0;
    std::uint32_t to_come = 0;                     ///< flows that have not ended
    std::uint32_t previous = kNone, next = kNone;  ///< of those that flow on the same route
    bool under_way = false;                        ///< between start_flow() and its end
    bool flowing = false;  ///< its latency is over; until then its start is in the queue
  };

  /// Runs the simulation; called on a deep stack. Ends when next_event_s() is infinite and no bytes
  /// move.
  virtual void simulate() = 0;
  /// Lets the bytes of a transfer flow, from clock_s() on. Its latency is over.
  virtual void begin(std::uint32_t slot) = 0;
  /// Takes a flowing transfer of one way off its links. @throws std::logic_error where the backend
  /// cannot.
  virtual void halt(std::uint32_t slot) = 0;
  /// Bytes per unit of weight that a flowing transfer has sent on one of its ways.
  [[nodiscard]] virtual double sent_bytes(std::uint32_t slot, std::uint32_t way) const = 0;

  [[nodiscard]] double clock_s() const { return clock_s_; }
  void set_clock_s(double time_s) { clock_s_ = time_s; }
  [[nodiscard]] const RouteTable& routes() const { return routes_; }
  [[nodiscard]] const Transfer& transfer(std::uint32_t slot) const { return transfers_[slot]; }
  /// The first transfer that flows on a route; go on with Transfer::next until kNone.
  [[nodiscard]] std::uint32_t flowing_on(RouteId route) const { return first_on_[route]; }

  /// Time of the next timer or start of a flow.
  [[nodiscard]] double next_event_s() const { return queue_.next_time_s(); }
  /// Takes all events up to now: flows begin, timers wait for deliver().
  void take_due_events();
  /// The last bytes of so many flows of a transfer have arrived. With the last flow the transfer
  /// ends, and its slot is free.
  void arrive(std::uint32_t slot, std::uint32_t flows);
  /// Hands what is due to the handler in order of creation. A failing handler ends the simulation.
  void deliver();
  [[nodiscard]] bool failed() const { return failure_ != nullptr; }

 private:
  struct Due {
    std::uint64_t sequence;
    std::uint64_t tag;
  };

  template <class See>
  void see_carried(std::uint32_t link, const See& see) const;
  std::uint32_t take_slot();
  void enlist(std::uint32_t slot);
  void strike(std::uint32_t slot);

  Lease lease_;
  RouteTable routes_;
  std::vector<double> sent_;  // bytes per way and unit of weight by route, of ended flows
  std::vector<std::uint32_t> first_on_;  // by route
  std::vector<Transfer> transfers_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t flowing_ = 0;
  EventQueue queue_;
  std::vector<Due> due_;
  double clock_s_ = 0.0;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  const Handler* handler_ = nullptr;
  std::exception_ptr failure_;
};

}  // namespace sim
