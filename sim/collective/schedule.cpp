#include "sim/collective/schedule.hpp"

#include <unordered_map>

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace sim {

TransferId CollectiveSchedule::add(const Transfer& transfer, std::span<const TransferId> after) {
  const auto id = static_cast<TransferId>(transfers_.size());
  topology::expects(transfer.from < ends() && transfer.to < ends(), "no such end of a transfer");
  for (const TransferId earlier : after) {
    topology::expects(earlier < id, "a transfer comes after earlier ones");
  }
  transfers_.push_back(transfer);
  after_.insert(after_.end(), after.begin(), after.end());
  begin_.push_back(after_.size());
  return id;
}

std::uint32_t CollectiveSchedule::add_switch(topology::VertexId vertex) {
  switches_.push_back(vertex);
  return ends() - 1;
}

void CollectiveSchedule::set_owner(std::uint32_t slot, std::uint32_t rank) {
  owner_.resize(slots_, 0);
  owner_[slot] = rank;
}

std::vector<TransferId> CollectiveSchedule::queued_behind() const {
  std::vector<TransferId> before(transfers_.size(), kNone);
  std::unordered_map<std::uint64_t, TransferId> last;
  for (TransferId id = 0; id < transfers_.size(); ++id) {
    const Transfer& t = transfers_[id];
    const std::uint64_t ends = static_cast<std::uint64_t>(t.from) << 32U | t.to;
    const auto [it, is_first] = last.try_emplace(topology::mix64(ends) + t.channel, id);
    if (!is_first) {
      before[id] = it->second;
      it->second = id;
    }
  }
  return before;
}

void CollectiveSchedule::check_size(double transfers) {
  constexpr double kMost = 2e7;  // about 2 GiB with the events of the run
  if (transfers > kMost) {
    throw topology::InputError(fmt::format(
        "step by step this takes {:.3g} transfers, at most {:.0g} are run; use --fidelity flow",
        transfers, kMost));
  }
}

}  // namespace sim
