#pragma once
// Fits the in-domain part of a collective profile to measured times.
#include <functional>
#include <span>
#include <string>

#include "calib/collective_profile.hpp"
#include "calib/collective_time.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

/// One measured collective inside one scale-up domain.
struct CollectiveObservation {
  Collective op = Collective::AllReduce;
  int ranks = 2;
  units::Bytes size;  ///< largest buffer, as in collective_time.hpp
  units::Seconds time;
  Allowed allowed =
      {};               ///< what the library could choose from, e.g. no in-switch reduction of int8
  double weight = 1.0;  ///< of its residual; less for a noisy measurement
  std::string where{};  ///< file and line, for messages
};

/// Fits rings, pairwise transport, the tiers of a PCIe tree and, where `observations` has groups
/// large enough for it, in-switch reduction; the other coefficients stay as `start` has them.
/// Relative errors count, softly (calib/fit/robust.hpp); a weak prior holds what the data do not
/// tell at `start`'s values. Fills `parameters` and `residuals`: "all", one entry by collective and
/// ranks, and "cross-validated" with each (collective, ranks) group predicted by a fit that has not
/// seen it.
/// @throws topology::InputError if there are no observations, or a time, size or number of ranks is
/// impossible.
CollectiveProfile fit_collectives(std::span<const CollectiveObservation> observations,
                                  const topology::ScaleUp& scale_up, CollectiveProfile start);

/// Time of the i-th observation under a profile, in a cluster that the caller knows.
using PredictedTime =
    std::function<units::Seconds(const CollectiveProfile& profile, std::size_t observation)>;

/// Fits how the library drives one kind of network: `profile.network(kind)`. Everything inside
/// domains stays as `profile` has it. The same loss and prior as fit_collectives; what the records
/// do not tell (a latency of LL where LL is never chosen) stays near its documented default. Fills
/// residuals "KIND", "KIND cross-validated" (every fourth size held out in turn) and bands
/// "across".
/// @throws topology::InputError if there are no observations.
CollectiveProfile fit_network(std::span<const CollectiveObservation> observations,
                              topology::NetworkKind kind, const PredictedTime& predicted,
                              CollectiveProfile profile);

}  // namespace calib
