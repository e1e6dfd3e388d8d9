#pragma once
// What both backends share: the event queue, the table of transfers, byte counters, and delivery in
// order of creation. A backend only moves the bytes. Internal to sim/engine.
#include <cstdint>
#include <exception>
#include <vector>

#include "sim/engine/event_queue.hpp"
#include "sim/engine/lease.hpp"
#include "sim/engine/network.hpp"

namespace sim {

class QueuedNetwork : public Network {
 public:
  std::uint32_t add_link(units::BytesPerSecond capacity) override;
  [[nodiscard]] units::Seconds now() const override { return units::seconds(clock_s_); }
  void after(units::Seconds delay, std::uint64_t tag) override;
  FlowId start_flow(units::Bytes size, units::Seconds latency, std::span<const Hop> hops,
                    units::BytesPerSecond rate_cap, std::uint64_t tag) override;
  void reroute(FlowId flow, std::span<const Hop> hops, units::Seconds delay) override;
  [[nodiscard]] bool under_way(FlowId flow) const override {
    return flow < transfers_.size() && transfers_[flow].under_way;
  }
  void run(const Handler& handler) override;
  [[nodiscard]] std::uint64_t events() const override { return events_; }
  [[nodiscard]] units::Bytes carried(std::uint32_t link) const override;

 protected:
  /// A flow from the call of start_flow() to its end. Slots are reused, with the storage of their
  /// hops.
  struct Transfer {
    double size_bytes = 0.0;
    double rate_cap = 0.0;  ///< bytes/s, 0 = none
    std::uint64_t tag = 0;
    std::uint64_t sequence = 0;
    std::vector<Hop> hops;
    bool under_way = false;  ///< between start_flow() and its end
    bool flowing = false;    ///< its latency is over; until then its start is in the queue
  };

  /// Runs the simulation; called on a deep stack. Ends when next_event_s() is infinite and no bytes
  /// move.
  virtual void simulate() = 0;
  /// Lets the bytes of a transfer flow, from clock_s() on. Its latency is over.
  virtual void begin(std::uint32_t slot) = 0;
  /// Takes a flowing transfer off its links. @throws std::logic_error where the backend cannot.
  virtual void halt(std::uint32_t slot) = 0;
  /// Bytes per unit of weight that a flowing transfer has sent.
  [[nodiscard]] virtual double sent_bytes(std::uint32_t slot) const = 0;

  [[nodiscard]] double clock_s() const { return clock_s_; }
  void set_clock_s(double time_s) { clock_s_ = time_s; }
  [[nodiscard]] const std::vector<double>& capacities() const { return capacity_; }
  [[nodiscard]] const Transfer& transfer(std::uint32_t slot) const { return transfers_[slot]; }
  [[nodiscard]] std::size_t slot_count() const { return transfers_.size(); }

  /// Time of the next timer or start of a flow.
  [[nodiscard]] double next_event_s() const { return queue_.next_time_s(); }
  /// Takes all events up to now: flows begin, timers wait for deliver().
  void take_due_events();
  /// Counts the bytes of a transfer whose last one has arrived, and frees its slot.
  void finish(std::uint32_t slot);
  /// Hands what is due to the handler in order of creation. A failing handler ends the simulation.
  void deliver();
  [[nodiscard]] bool failed() const { return failure_ != nullptr; }

 private:
  struct Due {
    std::uint64_t sequence;
    std::uint64_t tag;
  };

  std::uint32_t take_slot();
  void check(std::span<const Hop> hops) const;
  void count(const Transfer& transfer, double bytes);

  Lease lease_;
  std::vector<double> capacity_;  // bytes/s by link
  std::vector<double> carried_;   // bytes by link, of finished transfers
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
