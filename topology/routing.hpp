#pragma once
// How one of several equal paths is chosen. Deterministic: no state, no random numbers.
#include <cstdint>

#include "topology/cluster.hpp"

namespace topology {

/// Bijective mixing of 64 bits in which every input bit flips every output bit with probability
/// ~1/2. Source: the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA 2014.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// Hands out the choices that one flow makes on its way, from the first switch to the last.
///
/// Static is destination-modulo ("D-mod-k"): choice i takes digit i of the destination's number in
/// the mixed radix of the fan-outs, so that shift permutations never collide in a full fat tree.
/// Source: Zahavi, "Fat-tree routing and node ordering providing contention free traffic for MPI
/// global collectives", JPDC 72(11), 2012. Ecmp hashes source, destination and flow, as switches
/// hash the five-tuple.
class PathChoice {
 public:
  /// `digit`: the destination's number for Static; callers give the node, where rails shall look
  /// alike.
  PathChoice(const RouteRequest& request, int from, int to, int digit);
  /// A number in [0, ways). @pre ways > 0
  int pick(int ways);
  /// The same among those for which `up(number)` holds, as switches re-hash over the ports that
  /// are left; -1 if there is none.
  template <class Up>
  int pick_of(int ways, const Up& up);

 private:
  Routing routing_;
  std::uint64_t state_;
};

template <class Up>
int PathChoice::pick_of(int ways, const Up& up) {
  int alive = 0;
  for (int i = 0; i < ways; ++i) {
    alive += up(i) ? 1 : 0;
  }
  if (alive == 0 || alive == ways) {
    return alive == 0 ? -1 : pick(ways);
  }
  int chosen = pick(alive);
  for (int i = 0;; ++i) {
    if (up(i) && chosen-- == 0) {
      return i;
    }
  }
}

}  // namespace topology
