#include "sim/engine/queued_network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/engine/deep_stack.hpp"
#include "topology/error.hpp"

namespace sim {

using topology::expects;

namespace {
/// SimGrid's solver recurses over connected flows, ~170 bytes of stack each: a chain of 100,000
/// links overflows 8 MiB and a chain of a million passes in 1 GiB (measured with 3.32).
constexpr std::size_t kStackBytes = std::size_t{1} << 30;
}  // namespace

std::uint32_t QueuedNetwork::add_link(units::BytesPerSecond capacity) {
  expects(handler_ == nullptr, "links are added before run()");
  return routes_.add_link(capacity.base());
}

Network::RouteId QueuedNetwork::add_route(std::span<const std::span<const Hop>> ways) {
  sent_.push_back(0.0);
  first_on_.push_back(kNone);
  return routes_.add(ways);
}

void QueuedNetwork::after(units::Seconds delay, std::uint64_t tag) {
  expects(delay.base() >= 0.0 && std::isfinite(delay.base()), "a delay is finite and not negative");
  queue_.push({clock_s_ + delay.base(), sequence_++, tag, EventQueue::kTimer});
}

Network::FlowId QueuedNetwork::start_flow(units::Bytes size, units::Seconds latency, RouteId route,
                                          units::BytesPerSecond rate_cap, std::uint64_t tag) {
  expects(size.base() >= 0.0 && std::isfinite(size.base()), "a size is finite and not negative");
  expects(rate_cap.base() >= 0.0, "a rate cap is not negative; 0 means none");
  expects(route < routes_.size(), "a flow takes a route that was added");
  const double cap = rate_cap.base();
  const std::uint32_t ways = routes_.way_count(route);
  if (ways == 0 || size.base() == 0.0) {
    after(latency + units::seconds(size.base() > 0.0 && cap > 0.0 ? size.base() / cap : 0.0), tag);
    return kNoFlow;
  }
  expects(latency.base() >= 0.0 && std::isfinite(latency.base()),
          "a latency is finite and not negative");
  const std::uint32_t slot = take_slot();
  transfers_[slot] = {.size_bytes = size.base(),
                      .rate_cap = cap,
                      .tag = tag,
                      .sequence = sequence_++,
                      .route = route,
                      .to_come = ways,
                      .under_way = true};
  queue_.push({clock_s_ + latency.base(), transfers_[slot].sequence, tag, slot});
  return slot;
}

void QueuedNetwork::reroute(FlowId flow, RouteId route, units::Seconds delay) {
  expects(under_way(flow), "only a flow that has not ended can be routed anew");
  expects(delay.base() >= 0.0 && std::isfinite(delay.base()), "a delay is finite and not negative");
  Transfer& transfer = transfers_[flow];
  expects(route < routes_.size() && routes_.way_count(route) == 1 &&
              routes_.way_count(transfer.route) == 1,
          "a flow is routed anew from one way to one way");
  if (transfer.flowing) {
    const double sent = std::clamp(sent_bytes(flow, 0), 0.0, transfer.size_bytes);
    halt(flow);
    strike(flow);
    sent_[transfer.route] += sent;
    transfer.size_bytes -= sent;
    queue_.push({clock_s_ + delay.base(), transfer.sequence, transfer.tag, flow});
  }  // else its latency still runs: it starts on the new links when that is over
  transfer.route = route;
}

void QueuedNetwork::run(const Handler& handler) {
  expects(handler_ == nullptr, "run() is not called from a handler");
  handler_ = &handler;
  routes_.sort_crossings();
  failure_ = nullptr;
  const auto done = [this](const void*) { handler_ = nullptr; };
  const std::unique_ptr<const void, decltype(done)> guard(this, done);
  run_on_deep_stack(kStackBytes, [this] { simulate(); });
  if (failure_) {
    std::rethrow_exception(failure_);
  }
  expects(flowing_ == 0, "all flows end, because all links have a capacity");
}

template <class See>
void QueuedNetwork::see_carried(std::uint32_t link, const See& see) const {
  expects(link < routes_.capacities().size(), "no such link");
  for (std::uint32_t i = routes_.first_crossing(link); i != kNone; i = routes_.crossing(i).next) {
    const auto& [route, way, hop, next] = routes_.crossing(i);
    double sent = sent_[route];
    for (std::uint32_t slot = first_on_[route]; slot != kNone; slot = transfers_[slot].next) {
      sent += sent_bytes(slot, way);
    }
    see(route, routes_.weight(routes_.first_way(route) + way, hop) * sent);
  }
}

units::Bytes QueuedNetwork::carried(std::uint32_t link) const {
  double bytes = 0.0;
  see_carried(link, [&bytes](RouteId /*route*/, double sent) { bytes += sent; });
  return units::bytes(bytes);
}

void QueuedNetwork::carried_by_route(std::uint32_t link,
                                     const std::function<void(RouteId, units::Bytes)>& see) const {
  see_carried(link, [&see](RouteId route, double sent) { see(route, units::bytes(sent)); });
}

void QueuedNetwork::take_due_events() {
  while (queue_.next_time_s() <= clock_s_) {
    const EventQueue::Event event = queue_.pop();
    if (event.transfer == EventQueue::kTimer) {
      due_.push_back({event.sequence, event.tag});
    } else {
      enlist(event.transfer);
      begin(event.transfer);
    }
  }
}

/// From now on the transfer flows on its route.
void QueuedNetwork::enlist(std::uint32_t slot) {
  Transfer& transfer = transfers_[slot];
  transfer.flowing = true;
  ++flowing_;
  std::uint32_t& first = first_on_[transfer.route];
  transfer.previous = kNone;
  transfer.next = first;
  if (first != kNone) {
    transfers_[first].previous = slot;
  }
  first = slot;
}

void QueuedNetwork::strike(std::uint32_t slot) {
  Transfer& transfer = transfers_[slot];
  transfer.flowing = false;
  --flowing_;
  (transfer.previous == kNone ? first_on_[transfer.route] : transfers_[transfer.previous].next) =
      transfer.next;
  if (transfer.next != kNone) {
    transfers_[transfer.next].previous = transfer.previous;
  }
}

void QueuedNetwork::arrive(std::uint32_t slot, std::uint32_t flows) {
  Transfer& transfer = transfers_[slot];
  events_ += flows;
  transfer.to_come -= flows;
  if (transfer.to_come > 0) {
    return;
  }
  --events_;  // deliver() counts the last one
  strike(slot);
  sent_[transfer.route] += transfer.size_bytes;
  due_.push_back({transfer.sequence, transfer.tag});
  transfer.under_way = false;
  free_slots_.push_back(slot);
}

void QueuedNetwork::deliver() {
  const auto by_creation = [](const Due& a, const Due& b) { return a.sequence < b.sequence; };
  std::sort(due_.begin(), due_.end(), by_creation);
  try {
    for (const Due& due : due_) {  // the handler cannot add to due_: its events wait in the queue
      ++events_;
      (*handler_)(due.tag);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  due_.clear();
}

std::uint32_t QueuedNetwork::take_slot() {
  if (free_slots_.empty()) {
    transfers_.emplace_back();
    return static_cast<std::uint32_t>(transfers_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

}  // namespace sim
