#include "scenarios/row_choices.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "sim/memory/tensors.hpp"

namespace scenarios {

using sim::Recompute;
using sim::TrainingJob;

namespace {

bool fits(const TrainingJob& job) {
  const sim::MemoryUse use = sim::memory_use(job);
  return use.total <= use.capacity * kMemoryTolerance;
}

/// Layers of a stage that have to be recomputed; all of them where even that does not suffice.
int least_recomputed_layers(TrainingJob job) {
  const int most =
      (job.model.encoder_layers + job.model.layers + job.layout.pp - 1) / job.layout.pp;
  job.training.recompute = Recompute::Full;
  int low = 0;
  int high = most;
  while (low < high) {
    job.training.recompute_layers = (low + high) / 2;
    if (fits(job)) {
      high = job.training.recompute_layers;
    } else {
      low = job.training.recompute_layers + 1;
    }
  }
  return low;
}

void choose_recompute(TrainingJob& job) {
  if (fits(job)) {
    return;
  }
  const int layers = least_recomputed_layers(job);
  if (layers > 0) {
    job.training.recompute = Recompute::Full;
    job.training.recompute_layers = layers;
  }
}

/// Micro-batches worth trying: powers of two that divide what a rank has to do.
std::vector<int> micro_batches(const TrainingJob& job) {
  const int per_rank = std::max(1, job.training.global_batch / job.layout.dp);
  std::vector<int> sizes{1};
  for (int size = 2; size <= 16 && per_rank % size == 0; size *= 2) {
    sizes.push_back(size);
  }
  return sizes;
}

std::vector<int> interleavings(const MeasuredJob& m) {
  const int per_stage = m.job.model.layers / m.job.layout.pp;
  return m.unstated.virtual_stages && per_stage > 1 ? std::vector<int>{1, per_stage}
                                                    : std::vector<int>{m.job.layout.virtual_stages};
}

TrainingJob with(TrainingJob job, int micro_batch, int virtual_stages) {
  job.training.micro_batch = micro_batch;
  job.layout.virtual_stages = virtual_stages;
  if (virtual_stages > 1) {
    job.layout.schedule = sim::Schedule::Interleaved;
  }
  return job;
}

void choose_micro_batch(MeasuredJob& m, const StepTimer& time) {
  TrainingJob best;
  units::Seconds fastest;
  for (const int stages : interleavings(m)) {
    for (const int size : micro_batches(m.job)) {
      TrainingJob tried = with(m.job, size, stages);
      if (m.unstated.recompute) {
        choose_recompute(tried);
      }
      const bool allowed = size == 1 || fits(tried);
      const units::Seconds t = time(tried);
      if (fastest <= units::Seconds{} || (allowed && t < fastest)) {
        best = tried;
        fastest = t;
      }
    }
  }
  m.job = best;
  m.assumptions.push_back(fmt::format(
      "micro-batch not stated, the fastest that fits assumed ({}{})", best.training.micro_batch,
      m.unstated.virtual_stages ? fmt::format(", {} virtual stages", best.layout.virtual_stages)
                                : ""));
}

}  // namespace

void settle(MeasuredJob& m, const StepTimer& time) {
  if (m.unstated.micro_batch) {
    choose_micro_batch(m, time);
  } else if (m.unstated.recompute) {
    choose_recompute(m.job);
  }
  if (m.unstated.recompute) {
    m.assumptions.push_back(
        m.job.training.recompute == Recompute::None
            ? "recompute not stated, none is needed"
            : fmt::format("recompute not stated, {} layers of a stage have to be to fit in memory",
                          m.job.training.recompute_layers));
  }
}

}  // namespace scenarios
