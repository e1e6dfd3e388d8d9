#pragma once
// Events ordered by time, then by creation. Internal to sim/engine.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace sim {

class EventQueue {
 public:
  static constexpr std::uint32_t kTimer = std::numeric_limits<std::uint32_t>::max();

  struct Event {
    double time_s;
    std::uint64_t sequence;  ///< order of creation
    std::uint64_t tag;       ///< of a timer
    std::uint32_t transfer;  ///< the transfer that starts, or kTimer
  };

  void push(const Event& event) {
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  [[nodiscard]] const Event& top() const { return heap_.front(); }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  /// Infinity when empty.
  [[nodiscard]] double next_time_s() const {
    return heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().time_s;
  }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.time_s != b.time_s ? a.time_s > b.time_s : a.sequence > b.sequence;
  }

  std::vector<Event> heap_;
};

}  // namespace sim
