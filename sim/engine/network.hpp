#pragma once
// The discrete-event engine as the simulator sees it: a clock, timers, and flows that share links
// max-min. Two implementations give the same times: simgrid_kernel (fast, own models in SimGrid's
// main loop) and simgrid_public (S4U API only, cross-check and fallback).
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "topology/cluster.hpp"
#include "topology/units.hpp"

namespace sim {

/// A link that a flow crosses, `weight` times (k identical flows = weight k). The kernel backend
/// takes any positive weight, the public one whole numbers.
using topology::Hop;

/// One simulation. SimGrid keeps one engine per process, so create one Network per process at a
/// time; its clock starts at zero. Events at equal times are delivered in the order of their
/// creation; flows that end within 1e-12 of the clock end together. A link costs 40
/// bytes.
/// @throws std::logic_error (make_network) while another Network is alive.
class Network {
 public:
  using RouteId = std::uint32_t;
  using FlowId = std::uint32_t;
  static constexpr FlowId kNoFlow = ~0U;  ///< of a flow that crosses no link
  using Handler = std::function<void(std::uint64_t tag)>;

  virtual ~Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Adds a link of `capacity`; ids count from 0. Not while run() runs.
  virtual std::uint32_t add_link(units::BytesPerSecond capacity) = 0;
  /// Simulated time since the start.
  [[nodiscard]] virtual units::Seconds now() const = 0;
  /// Calls the handler with `tag` after `delay`.
  virtual void after(units::Seconds delay, std::uint64_t tag) = 0;
  /// Makes a route known, for any number of flows; ids count from 0. What takes a route with
  /// several ways is as many flows, one on each, that start together and are told of when the last
  /// one ends: the ranks of a tensor-parallel group. While nothing disturbs them they cost as
  /// little as one.
  virtual RouteId add_route(std::span<const std::span<const Hop>> ways) = 0;
  /// A route of one way.
  RouteId add_route(std::span<const Hop> hops) { return add_route(std::span(&hops, 1)); }
  /// Starts the flows of a route after `latency`; calls the handler with `tag` when their last byte
  /// arrived. `size` is per way and unit of weight; `rate_cap` bounds the rate of a unit of weight
  /// (0 = none). No hops and no cap: done after its latency.
  /// The id may be used until the handler is called.
  virtual FlowId start_flow(units::Bytes size, units::Seconds latency, RouteId route,
                            units::BytesPerSecond rate_cap, std::uint64_t tag) = 0;
  /// Gives a flow that has not ended another route, both of one way; what it has left starts there
  /// after `delay`. Only the kernel backend can.
  virtual void reroute(FlowId flow, RouteId route, units::Seconds delay) = 0;
  /// Whether a flow of this id has started and not ended. Ids are used again.
  [[nodiscard]] virtual bool under_way(FlowId flow) const = 0;
  /// Runs until nothing is left to happen; the handler may call after() and start_flow(). It is
  /// called on a thread with a deep stack while the caller waits; its exception ends the run and
  /// comes back to the caller. May be called again: the clock goes on.
  virtual void run(const Handler& handler) = 0;
  /// Timers fired and flows (of every way) finished so far.
  [[nodiscard]] virtual std::uint64_t events() const = 0;
  /// Bytes that crossed `link` so far, flows under way included. O(routes over it and flows on
  /// them).
  [[nodiscard]] virtual units::Bytes carried(std::uint32_t link) const = 0;
  /// The same by route: calls `see` with the bytes of each crossing of `link`, which add up to
  /// carried(). A route may cross a link several times.
  virtual void carried_by_route(std::uint32_t link,
                                const std::function<void(RouteId, units::Bytes)>& see) const = 0;

 protected:
  Network() = default;
};

enum class NetworkBackend { Kernel, Public };

/// The backend that was compiled in and is asked for; Kernel falls back to Public where CMake did
/// not find SimGrid's symbols (see kernel_backend_available).
std::unique_ptr<Network> make_network(NetworkBackend backend);
bool kernel_backend_available();
std::string_view simgrid_version();

}  // namespace sim
