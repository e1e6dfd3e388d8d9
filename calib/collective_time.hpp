#pragma once
// Time of a collective inside one scale-up domain, by algorithm and protocol, from a profile's
// coefficients.
//
// S is nccl-tests' largest buffer (doc/PERFORMANCE.md): the buffer of a rank for all-reduce,
// all-to-all, broadcast and send, the whole gathered (unscattered) buffer for all-gather
// (reduce-scatter).
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "calib/collective_profile.hpp"
#include "calib/shapes.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

enum class Algorithm : std::uint8_t {
  Ring,
  Tree,
  Nvls,      ///< reduction in the scale-up switch
  NvlsTree,  ///< the same inside the domains, a tree between them
  Pairwise,
  Torus,
  Pat,
  CollNetDirect,    ///< reduction in the switches of the network (SHARP)
  CollNetChain,     ///< the same with chains inside the domains
  HalvingDoubling,  ///< not in NCCL: only when asked for
  Hierarchical      ///< not in NCCL: only when asked for
};
enum class Protocol : std::uint8_t { Ll, Ll128, Simple };
std::string_view name(Algorithm algorithm);    ///< "nvls-tree"
std::string_view name(Protocol protocol);      ///< "ll128"
std::string_view name(Collective collective);  ///< "all_reduce"; a message is "send"
std::optional<Algorithm> algorithm_from_name(std::string_view text);
std::optional<Protocol> protocol_from_name(std::string_view text);
/// Also knows nccl-tests' "alltoall" and "sendrecv".
std::optional<Collective> collective_from_name(std::string_view text);

inline constexpr std::array kAlgorithms{
    Algorithm::Ring,           Algorithm::Tree,         Algorithm::Nvls,  Algorithm::NvlsTree,
    Algorithm::Pairwise,       Algorithm::Torus,        Algorithm::Pat,   Algorithm::CollNetDirect,
    Algorithm::CollNetChain,   Algorithm::HalvingDoubling, Algorithm::Hierarchical};
inline constexpr std::array kProtocols{Protocol::Ll, Protocol::Ll128, Protocol::Simple};

/// Which algorithms and protocols a choice may fall on; from the start all that the library has.
class Allowed {
 public:
  constexpr Allowed() = default;
  [[nodiscard]] constexpr bool has(Algorithm a) const { return (algorithms_ & bit(a)) != 0; }
  [[nodiscard]] constexpr bool has(Protocol p) const { return (protocols_ & bit(p)) != 0; }
  [[nodiscard]] constexpr Allowed only(Algorithm a) const { return {bit(a), protocols_}; }
  [[nodiscard]] constexpr Allowed only(Protocol p) const { return {algorithms_, bit(p)}; }
  [[nodiscard]] constexpr Allowed without(Algorithm a) const {
    return {static_cast<std::uint16_t>(algorithms_ & ~bit(a)), protocols_};
  }

 private:
  constexpr Allowed(std::uint16_t algorithms, std::uint16_t protocols)
      : algorithms_(algorithms), protocols_(protocols) {}
  template <class Enum>
  static constexpr std::uint16_t bit(Enum value) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(value));
  }
  std::uint16_t algorithms_ = bit(Algorithm::HalvingDoubling) - 1, protocols_ = 0xFF;
};

/// Time of one way to run a collective: latency + transfer.
struct CollectiveTime {
  units::Seconds latency, transfer;
  Algorithm algorithm = Algorithm::Ring;
  Protocol protocol = Protocol::Simple;
  [[nodiscard]] units::Seconds total() const { return latency + transfer; }
};

/// The faster of two, where the second may be missing.
std::optional<CollectiveTime> faster(const std::optional<CollectiveTime>& a,
                                     const std::optional<CollectiveTime>& b);

/// Steps of a ring: 2(n-1) for all-reduce, n-1 otherwise. Source: Patarasuk and Yuan, JPDC 69(2),
/// 2009; NCCL tuning.cc (nsteps).
constexpr int ring_steps(Collective op, int ranks) {
  return (op == Collective::AllReduce ? 2 : 1) * (ranks - 1);
}

/// Whether all of the data passes every rank, from the root or to it.
constexpr bool is_stream(Collective op) {
  return op == Collective::Broadcast || op == Collective::Reduce;
}

/// Bytes that each rank sends in a ring of n: steps * S / n; a broadcast or reduce passes all of S
/// on.
constexpr double ring_bytes(Collective op, double size_bytes, int ranks) {
  return is_stream(op) ? size_bytes : size_bytes * ring_steps(op, ranks) / ranks;
}

/// The rate at which `ranks` ranks of a domain send at once, per rank and direction: the ports'
/// rate when switched, that of the links among them in a mesh, the tier's in a PCIe tree.
units::BytesPerSecond domain_rate(const CollectiveProfile& profile,
                                  const topology::ScaleUp& scale_up, int ranks);

/// Ring with `protocol`: base + steps * hop + (steps + copy) / n * S / (plateau * rate).
CollectiveTime ring_time(const CollectiveProfile& profile, units::BytesPerSecond rate,
                         Collective op, units::Bytes size, int ranks, Protocol protocol);

/// All-reduce in the switch: every GPU sends S(n+1)/n, its operands and its share of the multicast.
/// Where the domain has no in-switch reduction, or `ranks` are too few for the library to use it:
/// nothing.
std::optional<CollectiveTime> in_switch_time(const CollectiveProfile& profile,
                                             const topology::ScaleUp& scale_up,
                                             units::BytesPerSecond rate, units::Bytes size,
                                             int ranks);

/// All-to-all among `ranks`, or one message between two: the faster of low-latency and bulk
/// transport.
CollectiveTime pairwise_time(const CollectiveProfile& profile, units::BytesPerSecond rate,
                             Collective op, units::Bytes size, int ranks, Protocol protocol);

/// The fastest allowed way inside a domain that is not a torus; nothing if none is allowed.
/// @pre ranks >= 2.
std::optional<CollectiveTime> domain_time(const CollectiveProfile& profile,
                                          const topology::ScaleUp& scale_up, Collective op,
                                          units::Bytes size, int ranks, Allowed allowed = {});

}  // namespace calib
