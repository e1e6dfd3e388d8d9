#pragma once
// Coefficients of the collective cost model of one accelerator: its scale-up network, and the
// scale-out networks that its communication library drives. Plain values, read from and written to
// small JSON files; the formulas that use them are in calib/collective_time.hpp (inside a domain)
// and sim/collective (across domains).
//
// The shape of the model is that of NCCL's own tuning model (NCCL 2.30, src/graph/tuning.cc): per
// algorithm and protocol a base latency, a latency per step and a plateau bandwidth; the library
// takes the fastest.
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "calib/fitted.hpp"
#include "calib/shapes.hpp"
#include "calib/statistics.hpp"
#include "topology/cluster.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

inline constexpr int kCollectiveProfileSchema = 1;
inline constexpr std::size_t kProtocolCount = 3;
inline constexpr std::size_t kNetworkKindCount =
    static_cast<std::size_t>(topology::NetworkKind::Unknown) + 1;

/// A ring inside a domain with one protocol: base + steps * hop + bytes / (bandwidth * link rate).
struct RingCost {
  units::Seconds base;
  units::Seconds hop;
  double bandwidth = 0.8;  ///< plateau, as a fraction of the scale-up bandwidth
};

/// Reduction in the switch (NVLS): base + T + sqrt(T * ramp * ranks), T = (n+1)/n size / (bandwidth
/// * link rate). The square root is an empirical ramp: measured from 8 to 72 ranks, half the
/// plateau's excess time at a size that grows with the ranks.
struct InSwitchCost {
  int min_ranks =
      5;  ///< NCCL 2.26-2.29 prefer rings up to 4 ranks; 0: the library has no such algorithm
  units::Seconds base = units::microseconds(25);  ///< NCCL tuning.cc, NVLS over NVLink
  units::Seconds ramp = units::microseconds(3);
  double bandwidth = 0.68;
};

/// All pairs at once (all-to-all) and single messages inside a domain.
struct PairwiseCost {
  units::Seconds ll_base = units::microseconds(6);
  double ll_peer_bandwidth = 0.013;  ///< to one peer, as a fraction of the scale-up bandwidth
  units::Seconds simple_base = units::microseconds(13);
  units::Seconds step = units::microseconds(0.2);  ///< per further peer
  double bandwidth = 0.7;                          ///< plateau of all peers together
  double local_copy = 0.15;  ///< cost of the rank's own share against a sent one
};

/// Where a domain is a tree of slower and slower links (PCIe switch, socket, both sockets): the
/// fraction of the scale-up bandwidth that groups of more than `above_ranks` ranks get. Protocols
/// that flag every line (LL, LL128) need no ordered chunks through host memory and keep more of it,
/// by the factor `lines`.
struct RankTier {
  int above_ranks = 0;
  double bandwidth = 1.0;
  double lines = 1.0;
};

/// A scale-out network as the library drives it. Times per hop are software and protocol; the wire
/// itself (NIC and switch latency) comes from the cluster.
struct NetworkCost {
  double pair_efficiency = 0.9;  ///< of line rate between two domains
  double efficiency = 0.82;      ///< of line rate among more domains
  double ll_efficiency = 0.4;    ///< LL: half of each line is flags
  double ll128_efficiency = 0.35;
  units::Seconds ll_hop, ll128_hop, simple_hop;  ///< per network step of a ring
  /// A ring's step inside a domain takes at least this while the NIC's proxy paces it; 3 times as
  /// long for Simple.
  units::Seconds inside_hop;
  units::Seconds tree_hop;                    ///< per level of a tree, LL
  units::Seconds in_switch_tree_base;         ///< of a tree of in-switch domains
  units::Seconds in_switch_tree_hop;          ///< per level of a tree of in-switch domains
  units::Seconds message;                     ///< per further remote peer of an all-to-all
  units::BytesPerSecond tree_rate;            ///< cap per NIC of a tree, by its channels
  units::BytesPerSecond in_switch_tree_rate;  ///< cap per NIC of a tree of in-switch domains
  units::BytesPerSecond peer_channel_rate;    ///< of one point-to-point channel
};

/// The documented defaults of `kind`, see calib/network_cost.cpp for each source.
NetworkCost default_network_cost(topology::NetworkKind kind);
std::array<NetworkCost, kNetworkKindCount> default_network_costs();

/// Share of the line rate that flows together reach on a link between switches, where they contend:
/// what headers, congestion control and uneven queues leave. See calib/network_cost.cpp for the
/// measurements behind each figure.
struct FabricEfficiency {
  double share = 1.0;
  std::string source;
};
FabricEfficiency fabric_efficiency(topology::NetworkKind network, topology::Routing routing);

struct CollectiveProfile {
  std::string id;           ///< "collectives-h100-sxm"
  std::string accelerator;  ///< catalog name
  int schema = kCollectiveProfileSchema;

  struct Source {
    std::vector<std::string> tables;
    std::string date;
    std::string command;
    std::vector<std::string> runs{};  ///< of the records, with their dates
    std::string parent{};             ///< the profile that gave what was not measured; empty: none
    std::vector<std::string> transferred{};  ///< what came from the parent or from papers
  } source;

  topology::ScaleUpKind scale_up = topology::ScaleUpKind::Switched;
  units::BytesPerSecond reference_bandwidth;  ///< nominal, at which the fractions were fitted
  std::array<RingCost, kProtocolCount> ring{
      {{units::microseconds(4.7), units::microseconds(0.8), 0.035},
       {units::microseconds(5.3), units::microseconds(0.9), 0.39},
       {units::microseconds(18), units::microseconds(0.9), 0.80}}};
  /// A ring of n ranks passes n-1 chunks on and copies one of its own; that copy costs this share
  /// of a sent one.
  double ring_local_copy = 0.5;
  InSwitchCost in_switch;
  PairwiseCost pairwise;
  std::array<RankTier, 2> tiers{};  ///< by rising above_ranks; 0 ends the list
  std::array<NetworkCost, kNetworkKindCount> networks = default_network_costs();

  int parameters = 0;  ///< free coefficients that the fit chose
  std::map<std::string, Residual>
      residuals;                      ///< "all", "cross-validated", and by collective and ranks
  std::map<std::string, FittedParameters> fitted;  ///< "inside", "efa", "ethernet", ...
  BandsByKind bands;                  ///< "inside" a domain, "across" domains
  std::vector<std::string> warnings;  ///< sentences for reports

  [[nodiscard]] const NetworkCost& network(topology::NetworkKind kind) const {
    return networks[static_cast<std::size_t>(kind)];
  }
};

/// The profile of an accelerator whose collectives nobody measured: plateau fractions and latencies
/// of `nearest` carry over to the other link rate; adds a warning that says so.
CollectiveProfile transfer_collectives(const CollectiveProfile& nearest,
                                       const topology::Accelerator& to);

/// @throws topology::InputError naming file and key where the content is not a collective profile.
CollectiveProfile read_collective_profile(const std::filesystem::path& file);
/// Writes atomically (temporary file, then rename). Same profile, same bytes.
/// @throws topology::RuntimeFailure if the file cannot be written.
void write_collective_profile(const CollectiveProfile& profile, const std::filesystem::path& file);

}  // namespace calib
