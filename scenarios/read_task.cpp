// The part of a scenario that says what a step does besides its training pass.
#include <array>

#include <fmt/format.h>

#include "scenarios/scenario_parts.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {

using sim::RolloutPlacement;
using topology::Named;

constexpr std::array kPlacements{Named<RolloutPlacement>{RolloutPlacement::Colocated, "colocated"},
                                 Named<RolloutPlacement>{RolloutPlacement::Split, "split"}};

std::optional<RolloutPlacement> placement_from_name(std::string_view text) {
  return value_in(kPlacements, text);
}

void read_rollouts(const Values& in, const sim::ModelSpec& model, int sequence_length,
                   sim::PostTraining& task) {
  task.prompt_length = in.integer("prompt_length");
  task.response_length = in.integer("response_length");
  task.longest_response = in.integer("longest_response", sequence_length - task.prompt_length,
                                     "sequence_length less the prompt");
  if (task.response_length > task.longest_response) {
    in.refuse("response_length",
              fmt::format("a mean of {} tokens is longer than the longest answer of {}; raise "
                          "training.sequence_length or lower prompt_length",
                          task.response_length, task.longest_response));
  }
  task.placement = in.word("placement", task.placement, placement_from_name, "colocated");
  if (task.placement == RolloutPlacement::Split) {
    task.rollout_gpus = in.integer("rollout_gpus");
  } else if (in.has("rollout_gpus")) {
    in.refuse("rollout_gpus",
              "only a split placement has accelerators of its own; set placement: "
              "split, or leave rollout_gpus out");
  }
  task.rollout_tp = in.integer("rollout_tp", task.rollout_tp);
  task.kv_memory = in.number("kv_memory", task.kv_memory);
  if (model.heads % task.rollout_tp != 0) {
    in.refuse("rollout_tp",
              fmt::format("{} does not divide {} attention heads", task.rollout_tp, model.heads));
  }
}

}  // namespace

std::optional<sim::PostTraining> read_task(const Values& scenario, const sim::ModelSpec& model,
                                           const sim::Training& training) {
  if (!scenario.has("task")) {
    return std::nullopt;
  }
  const Values in = scenario.map("task");
  if (model.has_towers() || !model.causal) {
    in.refuse("kind",
              fmt::format("{} does not generate text; use a causal language model", model.name));
  }
  sim::PostTraining task;
  const std::string kind = in.text("kind");
  task.cached_reference = in.flag("cached_reference", task.cached_reference);
  if (kind == "dpo") {
    if (training.global_batch % 2 != 0) {
      in.refuse("kind", "dpo trains on pairs of answers, so training.global_batch has to be even");
    }
    return task;
  }
  task.kind = sim::TaskKind::Reinforcement;
  task.critic = kind == "ppo";
  read_rollouts(in, model, training.sequence_length, task);
  return task;
}

}  // namespace scenarios
