#pragma once
// Whether reading and decoding keep up with the step.
#include "sim/data/dataset.hpp"

namespace sim {

/// What a cluster has for its input.
struct LoadingSupply {
  units::BytesPerSecond read{};  ///< from storage, by all nodes together
  double cores = 0;              ///< CPU cores that decode, of all nodes
};

/// Input of one step.
struct Loading {
  units::Bytes bytes{};       ///< read
  units::Seconds core_time{};  ///< to decode
  LoadingSupply supply{};
  units::Seconds read{}, decode{};  ///< with all of the supply
  units::Seconds wait{};            ///< that the accelerators wait, every step
  [[nodiscard]] bool stalls() const { return wait > units::Seconds{}; }
};

/// Loaders work ahead, reading and decoding at the same time as the accelerators compute, so in the
/// steady state a step takes as long as the slowest of the three. Source: Mohan et al., "Analyzing
/// and Mitigating Data Stalls in DNN Training", VLDB 2021, arXiv 2007.06775, section 3. Ranks of a
/// model-parallel group share what one of them reads.
/// @param step_units  tokens or samples of a step. Parts whose dataset does not say how many it
/// has take no part.
Loading loading(const Mixture& mixture, DataUnit unit, double step_units, units::Seconds step,
                const LoadingSupply& supply);

}  // namespace sim
