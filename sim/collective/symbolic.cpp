#include "sim/collective/symbolic.hpp"

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace sim {

SymbolicRun::SymbolicRun(const CollectiveSchedule& schedule, Collective op, std::uint32_t root,
                         std::uint64_t seed)
    : schedule_(schedule),
      op_(op),
      root_(root),
      memory_(static_cast<std::size_t>(schedule.ends()) * schedule.slots(),
              Contributions(schedule.ranks(), 0)) {
  fill();
  run(seed);
}

void SymbolicRun::fill() {
  const std::uint32_t n = schedule_.ranks();
  for (std::uint32_t rank = 0; rank < n; ++rank) {
    for (std::uint32_t slot = 0; slot < schedule_.slots(); ++slot) {
      const bool holds = op_ == Collective::AllGather   ? schedule_.owner(slot) == rank
                         : op_ == Collective::Broadcast ? rank == root_
                         : op_ == Collective::AllToAll  ? slot / n == rank
                                                        : true;
      memory_[static_cast<std::size_t>(rank) * schedule_.slots() + slot][rank] = holds ? 1 : 0;
    }
  }
}

void SymbolicRun::run(std::uint64_t seed) {
  const auto count = static_cast<TransferId>(schedule_.size());
  const auto queued = schedule_.queued_behind();
  std::vector<std::uint32_t> waiting(count, 0);
  std::vector<std::vector<TransferId>> frees(count);
  std::vector<TransferId> ready;
  for (TransferId id = 0; id < count; ++id) {
    for (const TransferId earlier : schedule_.after(id)) {
      frees[earlier].push_back(id);
      ++waiting[id];
    }
    if (queued[id] != CollectiveSchedule::kNone) {
      frees[queued[id]].push_back(id);
      ++waiting[id];
    }
    if (waiting[id] == 0) {
      ready.push_back(id);
    }
  }
  std::uint32_t done = 0;
  for (; !ready.empty(); ++done) {
    seed = topology::mix64(seed + done);
    std::swap(ready[seed % ready.size()], ready.back());
    const TransferId id = ready.back();
    ready.pop_back();
    apply(schedule_[id]);
    for (const TransferId later : frees[id]) {
      if (--waiting[later] == 0) {
        ready.push_back(later);
      }
    }
  }
  topology::expects(done == count, "transfers that come after earlier ones all run");
}

void SymbolicRun::apply(const Transfer& t) {
  for (std::uint32_t i = 0; i < t.count; ++i) {
    const Contributions sent = at(t.from, t.source + i);
    Contributions& kept =
        memory_[static_cast<std::size_t>(t.to) * schedule_.slots() + t.target + i];
    for (std::size_t r = 0; r < sent.size(); ++r) {
      kept[r] = static_cast<std::uint16_t>(t.action == Action::Add ? kept[r] + sent[r] : sent[r]);
    }
  }
}

bool SymbolicRun::promised(std::uint32_t rank, std::uint32_t slot) const {
  switch (op_) {
    case Collective::ReduceScatter:
      return schedule_.owner(slot) == rank;
    case Collective::Reduce:
      return rank == root_;
    case Collective::AllToAll:
      return slot % schedule_.ranks() == rank;
    default:
      return true;
  }
}

Contributions SymbolicRun::expected(std::uint32_t slot) const {
  const std::uint32_t n = schedule_.ranks();
  const bool reduces =
      op_ == Collective::AllReduce || op_ == Collective::ReduceScatter || op_ == Collective::Reduce;
  Contributions all(n, reduces ? 1 : 0);
  if (op_ == Collective::AllGather) {
    all[schedule_.owner(slot)] = 1;
  } else if (op_ == Collective::Broadcast) {
    all[root_] = 1;
  } else if (op_ == Collective::AllToAll) {
    all[slot / n] = 1;
  }
  return all;
}

std::string SymbolicRun::fault() const {
  for (std::uint32_t rank = 0; rank < schedule_.ranks(); ++rank) {
    for (std::uint32_t slot = 0; slot < schedule_.slots(); ++slot) {
      if (promised(rank, slot) && at(rank, slot) != expected(slot)) {
        return fmt::format("rank {} does not end up with all of slot {}", rank, slot);
      }
    }
  }
  return {};
}

std::vector<double> bytes_sent(const CollectiveSchedule& schedule) {
  std::vector<double> sent(schedule.ends(), 0.0);
  for (const Transfer& t : schedule.transfers()) {
    sent[t.from] += t.from == t.to ? 0.0 : t.size.base();
  }
  return sent;
}

}  // namespace sim
