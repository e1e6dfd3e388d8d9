#pragma once
// What a collective costs a group of ranks when nothing else uses the network, with the algorithm and
// protocol that the library would choose.
#include "calib/collective_profile.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

#include <cstdint>
#include <string_view>

namespace sim {

using calib::Collective;

enum class Algorithm : std::uint8_t { Ring, Tree, Nvls, NvlsTree, Pairwise, Torus, Direct };
enum class Protocol : std::uint8_t { Ll, Ll128, Simple };
std::string_view name(Algorithm a);
std::string_view name(Protocol p);
std::string_view name(Collective c);

/// Where the ranks of a communicator sit. Ranks are spread evenly: `per_domain` of them in each of
/// ranks / per_domain scale-up domains.
struct Group {
  int ranks = 1;
  int per_domain = 1;
};

/// `time` = `latency` + the transfer; the transfer takes max(scale-up part, scale-out part).
/// Flow simulation replays `wire_bytes` at `rate` over the links that the ranks really use.
struct CollectiveCost {
  units::Seconds time;           ///< uncontended total
  units::Seconds latency;        ///< the part that does not depend on bandwidth
  units::Bytes wire_bytes;       ///< that one rank sends through its own NIC; 0 inside a domain
  units::BytesPerSecond rate;    ///< at which it does so when uncontended: (time - latency) * rate = wire_bytes
  Algorithm algorithm = Algorithm::Ring;
  Protocol protocol = Protocol::Simple;
};

/// Cost of `op` on `size` bytes. `size` is nccl-tests' largest buffer: the buffer of a rank for all-reduce,
/// all-to-all, broadcast and send; the whole gathered (unscattered) buffer for all-gather (reduce-scatter).
/// One rank, or no bytes: zero. Source of the model: NCCL's own tuning model with fitted plateaus, see
/// calib/collective_profile.hpp.
CollectiveCost collective_cost(const topology::ClusterSpec& cluster,
                               const calib::CollectiveProfile& profile, Collective op,
                               units::Bytes size, const Group& group);

/// busbw = algbw times this factor, exactly as nccl-tests (doc/PERFORMANCE.md) defines it.
double busbw_factor(Collective op, int ranks);

}  // namespace sim
