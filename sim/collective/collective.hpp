#pragma once
// What a collective costs a group of ranks when nothing else uses the network, with the algorithm
// and protocol that the library would choose.
#include <optional>
#include <vector>

#include "calib/collective_profile.hpp"
#include "calib/collective_time.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace sim {

using calib::Algorithm;
using calib::Allowed;
using calib::Collective;
using calib::name;
using calib::Protocol;

/// Where the ranks of a communicator sit. Ranks are spread evenly: `per_domain` of them in each of
/// ranks / per_domain scale-up domains.
struct Group {
  int ranks = 1;
  int per_domain = 1;
  bool operator==(const Group&) const = default;
};

/// `time` = `latency` + the transfer; the transfer takes max(scale-up part, scale-out part).
/// Flow simulation replays `wire_bytes` at `rate` over the links that the ranks really use.
struct CollectiveCost {
  units::Seconds time;      ///< uncontended total
  units::Seconds latency;   ///< the part that does not depend on bandwidth
  units::Bytes wire_bytes;  ///< that one rank sends through its own NIC; 0 inside a domain
  units::BytesPerSecond
      rate;  ///< at which it does so when uncontended: (time - latency) * rate = wire_bytes
  Algorithm algorithm = Algorithm::Ring;
  Protocol protocol = Protocol::Simple;
};

/// Cost of `op` on `size` bytes. `size` is nccl-tests' largest buffer: the buffer of a rank for
/// all-reduce, all-to-all, broadcast and send; the whole gathered (unscattered) buffer for
/// all-gather (reduce-scatter). A send goes to another domain if `group` has more than one, e.g.
/// {2, 1}; {2, 2} stays inside. One rank, or no bytes: zero. Source of the model: NCCL's own tuning
/// model with fitted plateaus, see calib/collective_profile.hpp; the formulas of each algorithm are
/// in sim/collective/impl. No allocation.
CollectiveCost collective_cost(const topology::ClusterSpec& cluster,
                               const calib::CollectiveProfile& profile, Collective op,
                               units::Bytes size, const Group& group);

/// The same with the choice restricted, or widened by an algorithm that the library has not;
/// nothing where no allowed algorithm can run on this group.
std::optional<CollectiveCost> collective_cost(const topology::ClusterSpec& cluster,
                                              const calib::CollectiveProfile& profile,
                                              Collective op, units::Bytes size, const Group& group,
                                              Allowed allowed);

/// All ways that could be taken, fastest first: one cost for each algorithm and protocol of
/// `allowed` that can run on this group.
std::vector<CollectiveCost> collective_candidates(const topology::ClusterSpec& cluster,
                                                  const calib::CollectiveProfile& profile,
                                                  Collective op, units::Bytes size,
                                                  const Group& group, Allowed allowed = {});

/// busbw = algbw times this factor, exactly as nccl-tests (doc/PERFORMANCE.md) defines it.
double busbw_factor(Collective op, int ranks);

}  // namespace sim
