#pragma once
// The order in which the dimensions of parallelism are laid onto accelerators.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

enum class Dimension : std::uint8_t { Tensor, Context, Data, Pipeline };

/// Which dimension neighbouring accelerators differ in first, which next, and so on: the first of
/// `inner_first` shares nodes before the others do. Groups of experts take consecutive replicas
/// (data- and context-parallel ranks), or every n-th one, so that replicas of one expert are
/// neighbours instead. Written as Megatron's RankGenerator does, "tp-cp-ep-dp-pp", which is its
/// default too (megatron/core/parallel_state.py).
struct RankOrder {
  std::array<Dimension, 4> inner_first{Dimension::Tensor, Dimension::Context, Dimension::Data,
                                       Dimension::Pipeline};
  bool experts_before_data = true;
  [[nodiscard]] bool context_before_data() const;
  bool operator==(const RankOrder&) const = default;
};

std::string name(const RankOrder& order);
/// All of tp, cp, ep, dp and pp once, innermost first, with ep beside dp.
std::optional<RankOrder> rank_order_from_name(std::string_view name);
/// Every order there is (48), the default first.
const std::vector<RankOrder>& rank_orders();

}  // namespace sim
