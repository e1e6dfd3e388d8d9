#pragma once
// A heap of flows by the time at which they end, in which a flow can be moved when its rate
// changes. Internal to sim/engine.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace sim {

class CompletionHeap {
 public:
  static constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

  /// Infinity when empty.
  [[nodiscard]] double next_time_s() const {
    return heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().time_s;
  }
  /// Inserts a flow or gives it another time.
  void set(std::uint32_t flow, double time_s) {
    if (flow >= position_.size()) {
      position_.resize(flow + std::size_t{1}, kAbsent);
    }
    if (position_[flow] == kAbsent) {
      heap_.push_back({time_s, flow});
      rise(heap_.size() - 1, {time_s, flow});
      return;
    }
    const std::size_t at = position_[flow];
    if (time_s < heap_[at].time_s) {
      rise(at, {time_s, flow});
    } else {
      sink(at, {time_s, flow});
    }
  }
  /// Removes a flow, if it is here.
  void remove(std::uint32_t flow) {
    if (flow < position_.size() && position_[flow] != kAbsent) {
      rise(position_[flow], {-std::numeric_limits<double>::infinity(), flow});
      pop();
    }
  }
  /// Removes and returns the flow that ends first. @pre not empty
  std::uint32_t pop() {
    const std::uint32_t first = heap_.front().flow;
    position_[first] = kAbsent;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) {
      sink(0, last);
    }
    return first;
  }

 private:
  struct Entry {
    double time_s;
    std::uint32_t flow;
  };
  static constexpr std::size_t kArity = 4;  // a node's children share a cache line

  void place(std::size_t at, const Entry& entry) {
    heap_[at] = entry;
    position_[entry.flow] = static_cast<std::uint32_t>(at);
  }
  void rise(std::size_t at, Entry entry) {
    while (at > 0 && entry.time_s < heap_[(at - 1) / kArity].time_s) {
      place(at, heap_[(at - 1) / kArity]);
      at = (at - 1) / kArity;
    }
    place(at, entry);
  }
  void sink(std::size_t at, Entry entry) {
    for (;;) {
      const std::size_t first = at * kArity + 1;
      std::size_t best = first;
      for (std::size_t child = first; child < first + kArity && child < heap_.size(); ++child) {
        best = heap_[child].time_s < heap_[best].time_s ? child : best;
      }
      if (first >= heap_.size() || heap_[best].time_s >= entry.time_s) {
        break;
      }
      place(at, heap_[best]);
      at = best;
    }
    place(at, entry);
  }

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> position_;  // in heap_, by flow
};

}  // namespace sim
