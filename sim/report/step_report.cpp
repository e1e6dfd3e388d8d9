#include "sim/report/step_report.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

using units::FlopsPerSecond;
using units::Seconds;

namespace {

/// Largest 90th percentile among the residuals whose key starts with `prefix`; `otherwise` where
/// there is none.
template <class Residuals>
double worst_p90(const Residuals& residuals, std::string_view prefix, double otherwise) {
  double worst = -1.0;
  for (const auto& [key, residual] : residuals) {
    if (key.starts_with(prefix)) {
      worst = std::max(worst, residual.p90);
    }
  }
  return worst < 0.0 ? otherwise : worst;
}

/// What a step would take if its matrix products ran at the dense peak and nothing else took time;
/// then what each part adds. Losses are stated in model FLOP/s per accelerator.
std::vector<WaterfallStep> waterfall(const StepReport& r, const StepGraph& graph, int gpus) {
  const units::Flops work = graph.model_flops / static_cast<double>(gpus);
  const Seconds ideal = work / r.peak;
  std::vector<WaterfallStep> steps;
  Seconds elapsed = ideal;
  FlopsPerSecond left = r.peak;
  const auto lose = [&](std::string what, Seconds time) {
    if (time <= Seconds{}) {
      return;
    }
    elapsed += time;
    const FlopsPerSecond now = work / elapsed;
    steps.push_back({.what = std::move(what), .lost = left - now, .left = now});
    left = now;
  };
  lose("kernels below peak", r.parts[Part::Gemm] + r.parts[Part::Attention] - ideal);
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    if (part != Part::Gemm && part != Part::Attention) {
      lose(std::string(name(part)), r.parts[part]);
    }
  }
  return steps;
}

}  // namespace

double relative_uncertainty(const PartTimes& parts, Seconds step, const Profiles& profiles) {
  constexpr double kNoResidual = 0.25;  // assumed where a profile states none
  const double gemm = worst_p90(profiles.device.residuals, "gemm", kNoResidual);
  const double attention = worst_p90(profiles.device.residuals, "attention", kNoResidual);
  const double collectives = worst_p90(profiles.collectives.residuals, "all", kNoResidual);
  const auto share = [&](std::initializer_list<Part> kinds) {
    Seconds sum;
    for (const Part p : kinds) {
      sum += parts[p];
    }
    return sum / step;
  };
  const double g =
      gemm * share({Part::Gemm, Part::Recompute, Part::Loss, Part::MemoryBound, Part::Embedding});
  const double a = attention * share({Part::Attention});
  const double c =
      collectives * share({Part::TpComm, Part::CpComm, Part::EpComm, Part::PpComm, Part::DpComm});
  return std::sqrt(g * g + a * a + c * c);
}

StepReport step_report(const TrainingJob& job, const StepGraph& graph, const StepTime& time,
                       const Profiles& profiles) {
  StepReport r;
  const double gpus = job.cluster.gpus;
  const double u = relative_uncertainty(time.parts, time.step, profiles);
  r.step = {.value = time.step, .low = time.step / (1.0 + u), .high = time.step * (1.0 + u)};
  r.peak = job.cluster.accelerator.peak_for(job.training.precision);
  r.model_flops_rate = graph.model_flops / time.step / gpus;
  const double mfu = r.model_flops_rate / r.peak;
  r.mfu = {.value = mfu, .low = mfu / (1.0 + u), .high = mfu * (1.0 + u)};
  r.mfu_full_attention = graph.model_flops_full_attention / time.step / gpus / r.peak;
  r.hfu = graph.hardware_flops / time.step / gpus / r.peak;
  r.tokens_per_second = static_cast<double>(job.training.global_batch) *
                        job.training.sequence_length / time.step.in(units::seconds(1));
  r.parts = time.parts;
  r.busiest_stage = time.busiest_stage;
  r.micro_batches = graph.micro_batches;
  r.bubble_share = time.parts[Part::Bubble] / time.step;
  r.waterfall = waterfall(r, graph, job.cluster.gpus);
  r.memory = memory_use(job);
  r.power = step_power(job.cluster, time.parts, time.step);
  const ParameterCount count = parameters(job.model);
  r.parameters = count.total();
  r.active_parameters = count.active;
  for (const auto* list :
       {&profiles.device.warnings, &profiles.collectives.warnings, &job.cluster.assumptions}) {
    r.warnings.insert(r.warnings.end(), list->begin(), list->end());
  }
  return r;
}

}  // namespace sim
