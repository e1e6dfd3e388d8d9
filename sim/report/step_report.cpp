#include "sim/report/step_report.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

using units::FlopsPerSecond;
using units::Seconds;

namespace {

/// The mean band of a kind, over all lengths of calls: what a sum of many calls of it may be off
/// when all err the same way.
calib::Band typical(const calib::BandsByKind& bands, std::string_view prefix) {
  calib::Band mean{.low = 0.0, .high = 0.0};
  int count = 0;
  for (const auto& [kind, list] : bands) {
    for (const calib::Band& band : list) {
      if (kind.starts_with(prefix)) {
        mean.low += band.low;
        mean.high += band.high;
        ++count;
      }
    }
  }
  if (count == 0) {
    return calib::kUnknownBand;
  }
  mean.low /= count;
  mean.high /= count;
  return mean;
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

std::optional<calib::Band> part_band(Part part, const Profiles& profiles) {
  switch (part) {
    case Part::Gemm:
    case Part::Recompute:
    case Part::Loss:
    case Part::MemoryBound:
    case Part::Embedding:
      return typical(profiles.device.bands, "gemm");
    case Part::Attention:
      return typical(profiles.device.bands, "attention");
    case Part::TpComm:
    case Part::CpComm:
    case Part::EpComm:
    case Part::PpComm:
    case Part::DpComm:
      return typical(profiles.collectives.bands, "");
    case Part::Optimizer:
    case Part::Offload:
    case Part::Host:
    case Part::Bubble:
    case Part::Straggler:
    case Part::DataLoading:
      break;
  }
  return std::nullopt;
}

Bounded<double> step_band(const PartTimes& parts, Seconds step, const Profiles& profiles) {
  const auto share = [&](std::initializer_list<Part> kinds) {
    Seconds sum;
    for (const Part p : kinds) {
      sum += parts[p];
    }
    return sum / step;
  };
  const struct {
    calib::Band band;
    double share;
  } kinds[] = {{*part_band(Part::Gemm, profiles), share({Part::Gemm, Part::Recompute, Part::Loss,
                                                         Part::MemoryBound, Part::Embedding})},
               {*part_band(Part::Attention, profiles), share({Part::Attention})},
               {*part_band(Part::TpComm, profiles),
                share({Part::TpComm, Part::CpComm, Part::EpComm, Part::PpComm, Part::DpComm})}};
  double below = 0.0, above = 0.0;
  for (const auto& kind : kinds) {  // the kinds err independently of each other
    const double down = kind.share * (1.0 - kind.band.low),
                 up = kind.share * (kind.band.high - 1.0);
    below += down * down;
    above += up * up;
  }
  // Kernels are not all: frameworks, hosts and stragglers show in measured steps only.
  const calib::Band whole = profiles.device.bands.contains("step")
                                ? calib::band_of(profiles.device.bands, "step", step)
                                : calib::Band{};
  return {.value = 1.0,
          .low = std::min(1.0 - std::sqrt(below), whole.low),
          .high = std::max(1.0 + std::sqrt(above), whole.high)};
}

StepReport step_report(const TrainingJob& job, const StepGraph& graph, const StepTime& time,
                       const Profiles& profiles) {
  StepReport r;
  const double gpus = job.cluster.gpus;
  const Bounded<double> band = step_band(time.parts, time.step, profiles);
  r.step = {.value = time.step, .low = time.step * band.low, .high = time.step * band.high};
  r.peak = job.cluster.accelerator.peak_for(job.training.precision);
  r.model_flops_rate = graph.model_flops / time.step / gpus;
  const double mfu = r.model_flops_rate / r.peak;
  r.mfu = {.value = mfu, .low = mfu / band.high, .high = mfu / band.low};
  r.mfu_full_attention = graph.model_flops_full_attention / time.step / gpus / r.peak;
  r.hfu = graph.hardware_flops / time.step / gpus / r.peak;
  r.tokens_per_second = static_cast<double>(job.training.global_batch) *
                        job.training.sequence_length / time.step.in(units::seconds(1));
  r.parts = time.parts;
  for (std::size_t i = 0; i < kParts; ++i) {
    r.part_bands.at(i) = part_band(static_cast<Part>(i), profiles);
  }
  r.busiest_stage = time.busiest_stage;
  r.micro_batches = graph.micro_batches;
  r.bubble_share = time.parts[Part::Bubble] / time.step;
  r.waterfall = waterfall(r, graph, job.cluster.gpus);
  r.memory = memory_use(job);
  r.power = step_power(job.cluster, time.parts, time.step);
  const ParameterCount count = parameters(job.model);
  r.parameters = count.total();
  r.active_parameters = count.active;
  r.counts_samples = job.model.has_towers();
  for (const auto* list :
       {&profiles.device.warnings, &profiles.collectives.warnings, &job.cluster.assumptions}) {
    r.warnings.insert(r.warnings.end(), list->begin(), list->end());
  }
  return r;
}

}  // namespace sim
