#pragma once
// A collective as data: which rank sends which piece to which, and after what.
#include <cstdint>
#include <span>
#include <vector>

#include "topology/cluster.hpp"
#include "topology/units.hpp"

namespace sim {

/// What a transfer does to the slots that it arrives at.
enum class Action : std::uint8_t { Copy, Add };

/// One message. `from` and `to` are ranks, or ranks + i for switches[i] of the schedule. It reads
/// `count` slots of the sender from `source` on and writes those of the receiver from `target` on.
/// From a rank to itself: a copy in its memory, which takes no time.
struct Transfer {
  std::uint32_t from = 0, to = 0;
  std::uint32_t source = 0, target = 0, count = 1;
  std::uint16_t channel = 0;
  std::uint16_t phase = 0;  ///< transfers of one phase are paced alike
  Action action = Action::Copy;
  units::Bytes size{};
};

using TransferId = std::uint32_t;

/// Transfers in an order in which they could run one by one. A transfer starts when all that it
/// comes after have arrived; transfers of one channel between the same two ends leave in order.
class CollectiveSchedule {
 public:
  /// Every rank and switch has `slots` pieces of memory.
  CollectiveSchedule(std::uint32_t ranks, std::uint32_t slots) : ranks_(ranks), slots_(slots) {}

  /// @pre `after` holds earlier transfers.
  TransferId add(const Transfer& transfer, std::span<const TransferId> after);
  std::uint32_t add_switch(topology::VertexId vertex);  ///< its number as an end of transfers

  [[nodiscard]] std::uint32_t ranks() const { return ranks_; }
  [[nodiscard]] std::uint32_t slots() const { return slots_; }
  /// Ranks and switches.
  [[nodiscard]] std::uint32_t ends() const {
    return ranks_ + static_cast<std::uint32_t>(switches_.size());
  }
  [[nodiscard]] topology::VertexId switch_at(std::uint32_t end) const {
    return switches_[end - ranks_];
  }
  /// Whose result (reduce-scatter) or input (all-gather) a slot is; else slot % ranks.
  void set_owner(std::uint32_t slot, std::uint32_t rank);
  [[nodiscard]] std::uint32_t owner(std::uint32_t slot) const {
    return owner_.empty() ? slot % ranks_ : owner_[slot];
  }
  [[nodiscard]] std::size_t size() const { return transfers_.size(); }
  [[nodiscard]] const Transfer& operator[](TransferId id) const { return transfers_[id]; }
  [[nodiscard]] const std::vector<Transfer>& transfers() const { return transfers_; }
  [[nodiscard]] std::span<const TransferId> after(TransferId id) const {
    return std::span(after_).subspan(begin_[id], begin_[id + 1] - begin_[id]);
  }
  /// The transfer that has to leave before `id` on the same channel, or kNone. O(size).
  static constexpr TransferId kNone = ~0U;
  [[nodiscard]] std::vector<TransferId> queued_behind() const;

  /// @throws topology::InputError where a run event by event would need too much memory.
  static void check_size(double transfers);

 private:
  std::uint32_t ranks_, slots_;
  std::vector<Transfer> transfers_;
  std::vector<std::size_t> begin_{0};
  std::vector<TransferId> after_;
  std::vector<topology::VertexId> switches_;
  std::vector<std::uint32_t> owner_;
};

}  // namespace sim
