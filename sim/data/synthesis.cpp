#include "sim/data/synthesis.hpp"

#include <algorithm>

#include "sim/power/power.hpp"

namespace sim {

SynthesisRate synthesis_rate(const TrainingJob& job, const Profiles& profiles,
                             const Synthesis& synthesis) {
  TrainingJob writer = job;
  writer.model = synthesis.generator;
  const PostTraining shape{.kind = TaskKind::Reinforcement,
                           .prompt_length = synthesis.prompt_length,
                           .response_length = synthesis.response_length,
                           .longest_response = synthesis.response_length,
                           .rollout_tp = synthesis.tp};
  // So many sequences for each replica that the share of full rounds no longer matters.
  constexpr int kSequencesPerReplica = 1 << 12;
  const int gpus = job.cluster.gpus;
  const int replicas = std::max(1, gpus / synthesis.tp);
  SynthesisRate rate;
  rate.batch = generation(writer, profiles, shape, replicas * kSequencesPerReplica, gpus);
  if (rate.batch.concurrent == 0) {
    return rate;
  }
  rate.tokens_per_second = synthesis.kept * rate.batch.tokens_per_second;
  PartTimes parts;
  parts[Part::Gemm] = rate.batch.prefill;
  parts[Part::MemoryBound] = rate.batch.decode;  // weights and cache are read for every token
  rate.power = step_power(job.cluster, parts, rate.batch.total()).cluster;
  return rate;
}

}  // namespace sim
