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
  expects(capacity.base() > 0.0 && std::isfinite(capacity.base()),
          "a link needs a positive capacity");
  capacity_.push_back(capacity.base());
  carried_.push_back(0.0);
  return static_cast<std::uint32_t>(capacity_.size() - 1);
}

void QueuedNetwork::after(units::Seconds delay, std::uint64_t tag) {
  expects(delay.base() >= 0.0 && std::isfinite(delay.base()), "a delay is finite and not negative");
  queue_.push({clock_s_ + delay.base(), sequence_++, tag, EventQueue::kTimer});
}

Network::FlowId QueuedNetwork::start_flow(units::Bytes size, units::Seconds latency,
                                          std::span<const Hop> hops, units::BytesPerSecond rate_cap,
                                          std::uint64_t tag) {
  expects(size.base() >= 0.0 && std::isfinite(size.base()), "a size is finite and not negative");
  expects(rate_cap.base() >= 0.0, "a rate cap is not negative; 0 means none");
  const double cap = rate_cap.base();
  if (hops.empty() || size.base() == 0.0) {
    after(latency + units::seconds(size.base() > 0.0 && cap > 0.0 ? size.base() / cap : 0.0), tag);
    return kNoFlow;
  }
  expects(latency.base() >= 0.0 && std::isfinite(latency.base()),
          "a latency is finite and not negative");
  check(hops);
  const std::uint32_t slot = take_slot();
  Transfer& transfer = transfers_[slot];
  transfer.size_bytes = size.base();
  transfer.rate_cap = cap;
  transfer.tag = tag;
  transfer.sequence = sequence_++;
  transfer.hops.assign(hops.begin(), hops.end());
  transfer.under_way = true;
  queue_.push({clock_s_ + latency.base(), transfer.sequence, tag, slot});
  return slot;
}

void QueuedNetwork::check(std::span<const Hop> hops) const {
  for (const Hop& hop : hops) {
    expects(hop.link < capacity_.size(), "a flow may only cross links that were added");
    expects(hop.weight > 0.0, "the weight of a hop is positive");
  }
}

void QueuedNetwork::reroute(FlowId flow, std::span<const Hop> hops, units::Seconds delay) {
  expects(under_way(flow), "only a flow that has not ended can be routed anew");
  expects(delay.base() >= 0.0 && std::isfinite(delay.base()), "a delay is finite and not negative");
  expects(!hops.empty(), "a flow that crosses links cannot be routed over none");
  check(hops);
  Transfer& transfer = transfers_[flow];
  if (transfer.flowing) {
    const double sent = std::clamp(sent_bytes(flow), 0.0, transfer.size_bytes);
    halt(flow);
    count(transfer, sent);
    transfer.size_bytes -= sent;
    transfer.flowing = false;
    --flowing_;
    queue_.push({clock_s_ + delay.base(), transfer.sequence, transfer.tag, flow});
  }  // else its latency still runs: it starts on the new links when that is over
  transfer.hops.assign(hops.begin(), hops.end());
}

void QueuedNetwork::count(const Transfer& transfer, double bytes) {
  for (const Hop& hop : transfer.hops) {
    carried_[hop.link] += hop.weight * bytes;
  }
}

void QueuedNetwork::run(const Handler& handler) {
  expects(handler_ == nullptr, "run() is not called from a handler");
  handler_ = &handler;
  failure_ = nullptr;
  const auto done = [this](const void*) { handler_ = nullptr; };
  const std::unique_ptr<const void, decltype(done)> guard(this, done);
  run_on_deep_stack(kStackBytes, [this] { simulate(); });
  if (failure_) {
    std::rethrow_exception(failure_);
  }
  expects(flowing_ == 0, "all flows end, because all links have a capacity");
}

units::Bytes QueuedNetwork::carried(std::uint32_t link) const {
  expects(link < carried_.size(), "no such link");
  double bytes = carried_[link];
  for (std::uint32_t slot = 0; flowing_ > 0 && slot < transfers_.size(); ++slot) {
    if (transfers_[slot].flowing) {
      for (const Hop& hop : transfers_[slot].hops) {
        bytes += hop.link == link ? hop.weight * sent_bytes(slot) : 0.0;
      }
    }
  }
  return units::bytes(bytes);
}

void QueuedNetwork::take_due_events() {
  while (queue_.next_time_s() <= clock_s_) {
    const EventQueue::Event event = queue_.pop();
    if (event.transfer == EventQueue::kTimer) {
      due_.push_back({event.sequence, event.tag});
    } else {
      transfers_[event.transfer].flowing = true;
      ++flowing_;
      begin(event.transfer);
    }
  }
}

void QueuedNetwork::finish(std::uint32_t slot) {
  Transfer& transfer = transfers_[slot];
  count(transfer, transfer.size_bytes);
  due_.push_back({transfer.sequence, transfer.tag});
  transfer.under_way = transfer.flowing = false;
  --flowing_;
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
