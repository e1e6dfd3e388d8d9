#include "calib/textbook.hpp"

#include <limits>

namespace calib {

CollectiveProfile textbook_profile(const topology::ScaleUp& scale_up) {
  constexpr auto kNoCap = units::bytes_per_second(std::numeric_limits<double>::infinity());
  CollectiveProfile profile;
  profile.id = "textbook";
  profile.scale_up = scale_up.kind;
  profile.reference_bandwidth = scale_up.bandwidth;
  profile.ring.fill({.base = {}, .hop = scale_up.latency, .bandwidth = 1.0});
  profile.ring_local_copy = 0.0;
  profile.in_switch = {
      .min_ranks = 2, .base = scale_up.latency * 2.0, .ramp = {}, .bandwidth = 1.0};
  profile.pairwise = {.ll_base = {},
                      .ll_peer_bandwidth = 1.0,
                      .simple_base = scale_up.latency,
                      .step = {},
                      .bandwidth = 1.0,
                      .local_copy = 0.0};
  profile.networks.fill({.pair_efficiency = 1.0,
                         .efficiency = 1.0,
                         .ll_efficiency = 1.0,
                         .ll128_efficiency = 1.0,
                         .ll_hop = {},
                         .ll128_hop = {},
                         .simple_hop = {},
                         .inside_hop = {},
                         .tree_hop = {},
                         .in_switch_tree_base = {},
                         .in_switch_tree_hop = {},
                         .message = {},
                         .tree_rate = kNoCap,
                         .in_switch_tree_rate = kNoCap,
                         .peer_channel_rate = kNoCap});
  return profile;
}

}  // namespace calib
