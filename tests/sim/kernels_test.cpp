#include "sim/report/kernels.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/engine/closed_form.hpp"
#include "sim/step/build.hpp"

#include "some_job.hpp"

namespace sim {
namespace {

/// Without stragglers, whose waiting counts as part of what is recomputed.
Profiles even_profiles() {
  static const test::H100Profiles kProfiles;
  Profiles p = kProfiles.view();
  p.steps.speed_spread = 0.0;
  return p;
}

struct Found {
  StepGraph graph;
  Roofline roofline;
};
Found found(const TrainingJob& job, int stage) {
  Found f{build_step(job, even_profiles()), {}};
  f.roofline = roofline(job, even_profiles(), f.graph, stage);
  return f;
}

PartTimes sums(const Roofline& r) {
  PartTimes parts;
  for (const KernelRow& k : r.kernels) {
    parts[k.phase == KernelPhase::Recompute ? Part::Recompute : k.part] += k.time;
  }
  return parts;
}

constexpr Part kComputed[] = {Part::Gemm, Part::Attention, Part::MemoryBound, Part::Embedding,
                              Part::Loss, Part::Optimizer, Part::Recompute};

TEST(Roofline, KernelTimesAddUpToTheStepsParts) {
  for (const Recompute recompute : {Recompute::None, Recompute::Selective, Recompute::Full}) {
    TrainingJob job = test::job(test::small_llama(), {.tp = 2, .pp = 2, .dp = 2});
    job.training.recompute = recompute;
    for (const int stage : {0, 1}) {
      const Found f = found(job, stage);
      const PartTimes expected = stage_parts(f.graph, stage);
      const PartTimes got = sums(f.roofline);
      for (const Part part : kComputed) {
        EXPECT_NEAR(got[part].base(), expected[part].base(), 1e-9 * expected.total().base())
            << name(part) << " of stage " << stage;
      }
    }
  }
}

TEST(Roofline, MatrixFlopsAddUpToTheModelsWithoutRecomputation) {
  // One rank does all: the flash kernel multiplies the scores once more in its backward pass (five
  // products, of which the model's convention counts four), and nothing else differs.
  const TrainingJob job = test::job(test::small_llama(), {});
  const Found f = found(job, 0);
  double flops = 0.0;
  for (const KernelRow& k : f.roofline.kernels) {
    const bool again = k.part == Part::Attention && k.phase == KernelPhase::Backward;
    flops += k.flops.base() * (again ? 4.0 / 5.0 : 1.0);
  }
  EXPECT_NEAR(flops / f.graph.model_flops.base(), 1.0, 1e-6);
}

TEST(Roofline, NoMatrixKernelIsAboveItsRoofs) {
  const Found f = found(test::job(test::small_llama(), {.tp = 2, .dp = 4}), 0);
  ASSERT_EQ(f.roofline.roofs.size(), 1U);  // all in bf16
  EXPECT_EQ(f.roofline.roofs.front().peak, test::h100().peak_for(topology::Precision::Bf16));
  for (const KernelRow& k : f.roofline.kernels) {
    if (k.precision) {
      EXPECT_LT(k.rate(), f.roofline.roofs.front().peak) << k.name;
      EXPECT_GT(k.rate(), units::FlopsPerSecond{}) << k.name;
    } else {
      EXPECT_LT((k.bytes / k.time), f.roofline.memory_bandwidth) << k.name;
    }
  }
}

TEST(Roofline, BytesOfAProductAreItsOperandsOnce) {
  const Found f = found(test::job(test::small_llama(), {.dp = 8}), 0);
  const auto& kernels = f.roofline.kernels;
  const auto up = std::find_if(kernels.begin(), kernels.end(), [](const KernelRow& k) {
    return k.name == "MLP up" && k.phase == KernelPhase::Forward;
  });
  ASSERT_NE(up, kernels.end());
  const TrainingJob job = test::job(test::small_llama(), {.dp = 8});
  const double m = job.training.sequence_length * job.training.micro_batch;
  const double n = 2.0 * job.model.ffn_hidden;  // gate and up
  const double k = job.model.hidden;
  EXPECT_DOUBLE_EQ(up->bytes.base() / up->calls, 2.0 * (m * k + k * n + m * n));  // bf16
  EXPECT_DOUBLE_EQ(up->flops.base() / up->calls, 2.0 * m * n * k);
  EXPECT_DOUBLE_EQ(up->calls, job.model.layers * f.graph.micro_batches);
}

}  // namespace
}  // namespace sim
