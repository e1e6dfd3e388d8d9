#include "topology/routing.hpp"

#include <array>

#include "topology/names.hpp"

namespace topology {

namespace {
constexpr std::array kRoutings{
    Named<Routing>{Routing::Static, "static"}, Named<Routing>{Routing::Ecmp, "ecmp"},
    Named<Routing>{Routing::Adaptive, "adaptive"}, Named<Routing>{Routing::Spray, "spray"}};

std::uint64_t flow_hash(int from, int to, std::uint64_t flow) {
  const auto ends = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(from)) << 32) |
                    static_cast<std::uint32_t>(to);
  return mix64(mix64(ends) ^ flow);
}
}  // namespace

std::string_view name(Routing routing) {
  return name_in(kRoutings, routing);
}
std::optional<Routing> routing_from_name(std::string_view text) {
  return value_in(kRoutings, text);
}

Routing customary_routing(NetworkKind network) {
  switch (network) {
    case NetworkKind::Infiniband:
      return Routing::Adaptive;
    case NetworkKind::Roce:
    case NetworkKind::Ethernet:
      return Routing::Ecmp;
    case NetworkKind::Efa:
      return Routing::Spray;
    default:
      return Routing::Static;
  }
}

PathChoice::PathChoice(const RouteRequest& request, int from, int to, int digit)
    : routing_(request.routing),
      state_(request.routing == Routing::Static ? static_cast<std::uint64_t>(digit)
                                                : flow_hash(from, to, request.flow)) {}

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
