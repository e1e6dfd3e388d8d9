#include "topology/routing.hpp"

namespace topology {

namespace {
std::uint64_t flow_hash(int from, int to, std::uint64_t flow) {
  const auto ends = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(from)) << 32) |
                    static_cast<std::uint32_t>(to);
  return mix64(mix64(ends) ^ flow);
}
}  // namespace

PathChoice::PathChoice(Routing routing, int from, int to, std::uint64_t flow, int digit)
    : routing_(routing),
      state_(routing == Routing::Static ? static_cast<std::uint64_t>(digit)
                                        : flow_hash(from, to, flow)) {}

int PathChoice::pick(int ways) {
  const auto n = static_cast<std::uint64_t>(ways);
  if (routing_ == Routing::Static) {
    const std::uint64_t digit = state_ % n;
    state_ /= n;
    return static_cast<int>(digit);
  }
  const std::uint64_t high =
      state_ >> 32;  // multiply-shift maps 32 good bits on [0, n) without a division
  state_ = mix64(state_);
  return static_cast<int>((high * n) >> 32);
}

}  // namespace topology
