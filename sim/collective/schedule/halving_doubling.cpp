// Recursive halving and doubling, the nearest partners first with the largest halves. Ranks beyond
// a power of two hand their data to a neighbour first and get the result last. Source:
// Rabenseifner, ICCS 2004; Thakur, Rabenseifner and Gropp, IJHPCA 19(1), 2005.
#include <algorithm>
#include <bit>
#include <utility>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

/// One exchange of a round: `from` sends the slots [first, first + count) to `to`.
struct Exchange {
  std::uint32_t from, to, first, count;
  Action action;
};
using Round = std::vector<Exchange>;

/// Which rank takes part as which, and which slots are whose. Of the first 2 * extra ranks the even
/// ones take part, then all. Halving leaves active rank i with the slots of position reverse(i):
/// its own and, behind it, its neighbour's.
class Fold {
 public:
  explicit Fold(std::uint32_t n) : active_(std::bit_floor(n)), extra_(n - active_) {
    for (std::uint32_t q = 0; q < active_; ++q) {
      begin_.push_back(begin_.back() + (reverse(q) < extra_ ? 2 : 1));
    }
  }
  [[nodiscard]] std::uint32_t active() const { return active_; }
  [[nodiscard]] std::uint32_t extra() const { return extra_; }
  [[nodiscard]] std::uint32_t rank(std::uint32_t i) const {
    return i < extra_ ? 2 * i : i + extra_;
  }
  /// First slot of a position.
  [[nodiscard]] std::uint32_t slot(std::uint32_t position) const { return begin_[position]; }
  /// The bits of i in reverse order.
  [[nodiscard]] std::uint32_t reverse(std::uint32_t i) const {
    std::uint32_t reversed = 0;
    for (std::uint32_t bit = 1; bit < active_; bit *= 2, i /= 2) {
      reversed = reversed * 2 + i % 2;
    }
    return reversed;
  }

 private:
  std::uint32_t active_, extra_;
  std::vector<std::uint32_t> begin_{0};
};

/// The round of partners at `distance`: before it everybody works on active / distance positions.
/// Halving sends the partner's half of them; doubling, the other way round, the own half.
Round round_at(const Fold& fold, std::uint32_t distance, Action action) {
  const std::uint32_t half = fold.active() / distance / 2;
  Round round;
  for (std::uint32_t i = 0; i < fold.active(); ++i) {
    const std::uint32_t partner = i ^ distance;
    const std::uint32_t kept = fold.reverse(action == Action::Add ? partner : i) / half * half;
    round.push_back({fold.rank(i), fold.rank(partner), fold.slot(kept),
                     fold.slot(kept + half) - fold.slot(kept), action});
  }
  return round;
}

std::vector<Round> rounds_of(Collective op, std::uint32_t n) {
  const Fold fold(n);
  std::vector<Round> rounds;
  Round in, out;
  const bool gathers = op == Collective::AllGather;
  for (std::uint32_t i = 0; i < fold.extra(); ++i) {
    const std::uint32_t even = 2 * i, odd = 2 * i + 1;
    const std::uint32_t own = fold.slot(fold.reverse(i)) + 1;
    in.push_back(gathers ? Exchange{odd, even, own, 1, Action::Copy}
                         : Exchange{odd, even, 0, n, Action::Add});
    out.push_back(op == Collective::ReduceScatter ? Exchange{even, odd, own, 1, Action::Copy}
                                                  : Exchange{even, odd, 0, n, Action::Copy});
  }
  if (!in.empty()) {
    rounds.push_back(in);
  }
  for (std::uint32_t d = 1; d < fold.active() && !gathers; d *= 2) {
    rounds.push_back(round_at(fold, d, Action::Add));
  }
  for (std::uint32_t d = fold.active() / 2; d > 0 && op != Collective::ReduceScatter; d /= 2) {
    rounds.push_back(round_at(fold, d, Action::Copy));
  }
  if (!out.empty()) {
    rounds.push_back(out);
  }
  return rounds;
}

bool can(const CollectiveTask& task) {
  return task.op == Collective::AllReduce || task.op == Collective::AllGather ||
         task.op == Collective::ReduceScatter;
}

CollectiveSchedule steps(const CollectiveTask& task) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  CollectiveSchedule schedule(n, n);
  const Fold fold(n);
  for (std::uint32_t i = 0; i < fold.active(); ++i) {
    schedule.set_owner(fold.slot(fold.reverse(i)), fold.rank(i));
    if (i < fold.extra()) {
      schedule.set_owner(fold.slot(fold.reverse(i)) + 1, fold.rank(i) + 1);
    }
  }
  std::vector<std::vector<TransferId>> arrived(n);
  std::uint16_t phase = 0;
  for (const Round& round : rounds_of(task.op, n)) {
    std::vector<std::pair<std::uint32_t, TransferId>> now;
    for (const Exchange& e : round) {
      now.emplace_back(e.to, schedule.add({.from = e.from,
                                           .to = e.to,
                                           .source = e.first,
                                           .target = e.first,
                                           .count = e.count,
                                           .phase = phase,
                                           .action = e.action,
                                           .size = task.size * (static_cast<double>(e.count) / n)},
                                          arrived[e.from]));
    }
    for (const auto& [rank, id] : now) {
      arrived[rank].push_back(id);
    }
    ++phase;
  }
  return schedule;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  for (const Round& round : rounds_of(task.op, n)) {
    Phase phase;
    for (const Exchange& e : round) {
      phase.edges.push_back(
          {task.end(e.from), task.end(e.to), task.size * (static_cast<double>(e.count) / n)});
      phase.latency = std::max(phase.latency, task.latency(e.from, e.to));
    }
    sink(std::move(phase));
  }
}

}  // namespace

Generator halving_doubling() {
  return {Algorithm::HalvingDoubling, can, steps, fluid};
}

}  // namespace sim::schedule
