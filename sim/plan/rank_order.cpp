#include "sim/plan/rank_order.hpp"

#include <algorithm>

namespace sim {

namespace {

std::string_view name(Dimension d) {
  constexpr std::array<std::string_view, 4> kNames{"tp", "cp", "dp", "pp"};
  return kNames[static_cast<std::size_t>(d)];
}

}  // namespace

bool RankOrder::context_before_data() const {
  const auto at = [this](Dimension d) {
    return std::find(inner_first.begin(), inner_first.end(), d);
  };
  return at(Dimension::Context) < at(Dimension::Data);
}

std::string name(const RankOrder& order) {
  std::string text;
  for (const Dimension d : order.inner_first) {
    text += text.empty() ? "" : "-";
    text += d != Dimension::Data        ? std::string(name(d))
            : order.experts_before_data ? "ep-dp"
                                        : "dp-ep";
  }
  return text;
}

std::optional<RankOrder> rank_order_from_name(std::string_view text) {
  const std::vector<RankOrder>& all = rank_orders();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [text](const RankOrder& order) { return name(order) == text; });
  return found != all.end() ? std::optional(*found) : std::nullopt;
}

const std::vector<RankOrder>& rank_orders() {
  static const std::vector<RankOrder> all = [] {
    std::vector<RankOrder> list;
    RankOrder order;
    do {
      for (const bool experts_before_data : {true, false}) {
        order.experts_before_data = experts_before_data;
        list.push_back(order);
      }
    } while (std::next_permutation(order.inner_first.begin(), order.inner_first.end()));
    return list;
  }();
  return all;
}

}  // namespace sim
