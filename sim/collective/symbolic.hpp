#pragma once
// Runs a schedule on symbols instead of numbers: who contributed to what, and how often.
#include <cstdint>
#include <string>
#include <vector>

#include "sim/collective/collective.hpp"
#include "sim/collective/schedule.hpp"

namespace sim {

/// How often each rank contributed to what lies in a slot.
using Contributions = std::vector<std::uint16_t>;

/// What lies in every slot of every end, after the transfers ran in one of the orders that their
/// dependencies allow, picked by `seed`.
class SymbolicRun {
 public:
  SymbolicRun(const CollectiveSchedule& schedule, Collective op, std::uint32_t root,
              std::uint64_t seed);
  [[nodiscard]] const Contributions& at(std::uint32_t end, std::uint32_t slot) const {
    return memory_[static_cast<std::size_t>(end) * schedule_.slots() + slot];
  }
  /// Empty if every rank ends up with what `op` promises, else a sentence about the first that does
  /// not.
  [[nodiscard]] std::string fault() const;

 private:
  void fill();
  void run(std::uint64_t seed);
  void apply(const Transfer& transfer);
  [[nodiscard]] bool promised(std::uint32_t rank, std::uint32_t slot) const;
  [[nodiscard]] Contributions expected(std::uint32_t slot) const;

  const CollectiveSchedule& schedule_;
  Collective op_;
  std::uint32_t root_;
  std::vector<Contributions> memory_;
};

/// Bytes that each end sends to others.
std::vector<double> bytes_sent(const CollectiveSchedule& schedule);

}  // namespace sim
