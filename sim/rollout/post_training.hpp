#pragma once
// Steps that are more than one pass over a batch: preference tuning and reinforcement learning of
// language models.
#include <optional>

#include "sim/engine/closed_form.hpp"
#include "sim/training_job.hpp"
#include "topology/units.hpp"

namespace sim {

enum class TaskKind {
  Preference,    ///< DPO: pairs of answers, and their likelihood under a frozen reference
  Reinforcement  ///< PPO, GRPO: answers are generated, scored and trained on
};
enum class RolloutPlacement {
  Colocated,  ///< one set of accelerators takes turns
  Split       ///< some generate the next batch while the others train on the last one
};

/// What a step does besides the training pass that the job describes. Its sequences are prompt plus
/// answer.
struct PostTraining {
  TaskKind kind = TaskKind::Preference;
  bool cached_reference = false;  ///< likelihoods under the reference were computed beforehand
  bool critic = false;            ///< PPO: a value model as large as the policy is trained along
  int prompt_length = 0;          ///< tokens
  int response_length = 0;        ///< tokens, mean
  int longest_response = 0;       ///< tokens; generation ends with it
  RolloutPlacement placement = RolloutPlacement::Colocated;
  int rollout_gpus = 0;    ///< Split: accelerators that only generate, besides the cluster's
  int rollout_tp = 1;      ///< tensor-parallel degree of a generating replica
  double kv_memory = 0.9;  ///< share of memory for weights and cache while generating
};

/// Generation of `sequences` answers on `gpus` accelerators.
struct Generation {
  int replicas = 0;
  int concurrent = 0;  ///< sequences that a replica decodes at a time; 0: the weights do not fit
  units::Seconds prefill;        ///< all prompts
  units::Seconds decode;         ///< until the mean answer's end
  units::Seconds tail;           ///< from there until the longest answer's end
  double tokens_per_second = 0;  ///< answers, over the whole phase
  [[nodiscard]] units::Seconds total() const { return prefill + decode + tail; }
};
Generation generation(const TrainingJob& job, const Profiles& profiles, const PostTraining& task,
                      int sequences, int gpus);

/// One step of the task.
struct PostTrainingStep {
  std::optional<Generation> generation;
  units::Seconds reference;                     ///< forward passes of the frozen reference
  units::Seconds training;                      ///< the job's own step, and the critic's
  units::Seconds handover;                      ///< new weights to those who generate
  units::Seconds step;                          ///< end to end
  double trainer_idle = 0, generator_idle = 0;  ///< shares of the step
  [[nodiscard]] bool runs() const { return !generation || generation->concurrent > 0; }
};

/// `training`: the time of the job's own step, whose forward passes the reference repeats.
/// @pre the model is a transformer with a causal mask
PostTrainingStep post_training_step(const TrainingJob& job, const Profiles& profiles,
                                    const PostTraining& task, const StepTime& training,
                                    units::Seconds forward);

}  // namespace sim
