// Scripts that run a sweep in shards on a cluster's own scheduler.
#include <algorithm>

#include <fmt/format.h>

#include "scenarios/sweep/sweep.hpp"
#include "scenarios/sweep/sweep_plan.hpp"

namespace scenarios {

namespace {

/// A name that Kubernetes takes: lower case, digits and dashes.
std::string dashed(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    out += letter ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  out.erase(0, out.find_first_not_of('-'));
  out.resize(std::min<std::size_t>(out.size(), 40));
  out.erase(out.find_last_not_of('-') + 1);
  return out.empty() ? "sweep" : out;
}

std::string in_shell(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

std::string slurm(const SweepOptions& o, const SweepPlan& plan, std::uint64_t shards) {
  const std::string store = in_shell(o.store.string());
  return fmt::format(
      R"(#!/bin/bash
# {} in {} shards of about {} points. Submit with: sbatch FILE. A killed or failed element is run
# again with: sbatch --array=ELEMENT FILE; it goes on where it stopped. When all are done:
#   gpuplan merge {}.* --out {}
#SBATCH --job-name={}
#SBATCH --array=0-{}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={}
#SBATCH --requeue
exec gpuplan sweep {} --store {}.$SLURM_ARRAY_TASK_ID \
  --shard $SLURM_ARRAY_TASK_ID/{} --resume --jobs ${{SLURM_CPUS_PER_TASK:-1}}{}
)",
      plan.name(), shards, (plan.size() + shards - 1) / shards, store, store, dashed(plan.name()),
      shards - 1, std::max(1, o.jobs), in_shell(std::filesystem::absolute(o.sweep).string()), store,
      shards,
      o.profile.empty() ? ""
                        : " --profile " + in_shell(std::filesystem::absolute(o.profile).string()));
}

std::string kubernetes(const SweepOptions& o, const SweepPlan& plan, std::uint64_t shards) {
  return fmt::format(
      R"(# {} in {} shards. Fill in the image and the volume that holds the sweep, its scenario and
# the stores, then: kubectl apply -f FILE. When all are done: gpuplan merge {}.* --out {}
apiVersion: batch/v1
kind: Job
metadata:
  name: {}
spec:
  completionMode: Indexed
  completions: {}
  parallelism: {}
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: gpuplan
          image: gpuplan:latest
          workingDir: /work
          command: [sh, -c]
          args:
            - exec gpuplan sweep {} --store {}.$JOB_COMPLETION_INDEX --shard $JOB_COMPLETION_INDEX/{} --resume --jobs {}{}
          resources:
            requests: {{cpu: {}}}
          volumeMounts:
            - {{name: work, mountPath: /work}}
      volumes:
        - name: work
          persistentVolumeClaim: {{claimName: gpuplan-work}}
)",
      plan.name(), shards, o.store.filename().string(), o.store.filename().string(),
      dashed(plan.name()), shards, shards, o.sweep.filename().string(), o.store.filename().string(),
      shards, std::max(1, o.jobs),
      o.profile.empty() ? "" : " --profile " + in_shell(o.profile.filename().string()),
      std::max(1, o.jobs));
}

}  // namespace

int emit_sweep(const SweepOptions& options, ClusterScript script, std::uint64_t shards) {
  const SweepPlan plan(options.sweep);
  fmt::print("{}", script == ClusterScript::Slurm ? slurm(options, plan, shards)
                                                  : kubernetes(options, plan, shards));
  return 0;
}

}  // namespace scenarios
