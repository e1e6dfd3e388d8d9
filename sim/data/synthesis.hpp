#pragma once
// Training data that a language model writes: an inference job on the accelerators of the run.
#include "sim/rollout/post_training.hpp"
#include "sim/workload/model.hpp"

namespace sim {

/// How synthetic text is made.
struct Synthesis {
  ModelSpec generator{};
  int prompt_length = 0;    ///< tokens
  int response_length = 0;  ///< tokens, mean
  int tp = 1;               ///< tensor-parallel degree of a generating replica
  double kept = 1;          ///< share of what is written that passes the filters
};

/// Time and power of writing on all accelerators of a cluster.
struct SynthesisRate {
  Generation batch{};          ///< what a full replica does at a time, many rounds of it
  double tokens_per_second = 0;  ///< kept, by the whole cluster; 0: a replica's memory is too small
  units::Watts power{};          ///< IT equipment, while writing
};

/// Replicas stay full: a sequence that ends is replaced, and nobody waits for the longest. See
/// generation().
SynthesisRate synthesis_rate(const TrainingJob& job, const Profiles& profiles,
                             const Synthesis& synthesis);

}  // namespace sim
