#pragma once
// Fits the in-domain part of a collective profile to measured times.
#include <span>

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
      {};  ///< what the library could choose from, e.g. no in-switch reduction of int8
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

}  // namespace calib
