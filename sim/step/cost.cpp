#include "sim/step/cost.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

using units::microseconds;
using units::Seconds;

CostModel::CostModel(const TrainingJob& job, const Profiles& profiles)
    : job_(job),
      profiles_(profiles),
      steps_(with_measured(profiles.steps, profiles.device.extras)),
      groups_(communicators(job.layout, job.cluster)),
      straggler_(straggler_slowdown(profiles.steps.speed_spread, job.cluster.gpus)),
      host_(host_times(job.framework.dispatch, steps_, profiles.device.extras)) {}

CostModel::HostTimes CostModel::host_times(Dispatch dispatch, const StepParameters& steps,
                                           const calib::DeviceExtras& measured) {
  // No framework launches faster than a bare loop of launches, if anyone measured one.
  const Seconds kernel = measured.kernel_launch.value_or(Seconds{});
  const Seconds collective = measured.collective_launch.value_or(Seconds{});
  if (dispatch == Dispatch::Compiled) {
    return {.kernel = kernel, .collective = collective, .layer = {}};
  }
  const double pace = dispatch == Dispatch::Legacy ? steps.legacy_dispatch : 1.0;
  return {.kernel = std::max(kernel, microseconds(pace * steps.kernel_dispatch_us)),
          .collective = std::max(collective, microseconds(pace * steps.collective_dispatch_us)),
          .layer = microseconds(pace * steps.layer_dispatch_us)};
}

double CostModel::straggler_slowdown(double spread, int n) {
  return n > 1 ? spread * std::sqrt(2.0 * std::log(n)) : 0.0;
}

namespace {

/// Rate of a fused attention kernel, forward and backward, against the one in the profile.
struct FlashRate {
  double forward = 1.0, backward = 1.0;
};

/// Plateaus of FlashAttention-2, causal, head dimension 128, 16k tokens, over those of the fitted
/// profiles. A100: 190 and 170 TFLOP/s (arXiv 2307.08691, figures 5 and 6) over 150 and 129.
/// Hopper, without its new instructions: 370 and 320 (arXiv 2407.08608, figures 5 and 6) over 546
/// and 410.
constexpr FlashRate kSecondOnAmpere{1.27, 1.32};
constexpr FlashRate kSecondOnHopper{0.68, 0.78};
/// FlashAttention against FlashAttention-2: "about 2x" (arXiv 2307.08691, section 4.1).
constexpr double kFirstOverSecond = 0.55;
/// In Triton: FlashAttention-2 is 1.3 to 1.5 times as fast forward, twice backward (same section).
constexpr FlashRate kTritonOverSecond{1.0 / 1.4, 0.5};

/// Before Hopper the newest generation is the second.
FlashRate flash_rate(const Framework& framework, int device_year) {
  constexpr int kHopperYear = 2022;
  const bool ampere = device_year < kHopperYear;
  if (!ampere && framework.flash_generation >= 3) {
    return {};
  }
  FlashRate rate = ampere ? kSecondOnAmpere : kSecondOnHopper;
  if (framework.triton_attention) {
    rate.forward *= kTritonOverSecond.forward;
    rate.backward *= kTritonOverSecond.backward;
  } else if (framework.flash_generation <= 1) {
    rate.forward *= kFirstOverSecond;
    rate.backward *= kFirstOverSecond;
  }
  return rate;
}

/// Rate of a convolution as implicit GEMM over that of the plain GEMM of its shape: address
/// arithmetic and windows that overlap the border. An assumption, believable between 0.6 and 1.0;
/// NVIDIA's guide to convolutional layers (DU-09911) treats both alike.
constexpr double kConvolutionRate = 0.85;
/// A GEMM whose epilogue moves more memory than its output: the traffic of one tile runs beside the
/// products of the next, so the longer of the two counts, and some of the shorter (the norm that
/// calib/gemm_model uses for the same).
Seconds overlapped(Seconds compute, Seconds memory) {
  const double ratio = memory / compute;
  return ratio > 0.0 ? compute * std::pow(1.0 + std::pow(ratio, 4.0), 0.25) : compute;
}

}  // namespace

double CostModel::clock_recovery(topology::Precision precision) const {
  const double fall = calib::sustained_slowdown(profiles_.device, precision) - 1.0;
  return (1.0 + steps().throttle_share * fall) / (1.0 + fall);
}

Seconds CostModel::memory(units::Bytes traffic) const {
  return steps().memory_slowdown * calib::memory_time(profiles_.device, traffic);
}

Seconds CostModel::vector_time(units::Flops work) const {
  const units::FlopsPerSecond peak =
      profiles_.device.hardware.peak[static_cast<std::size_t>(topology::Precision::Fp32)];
  return peak > units::FlopsPerSecond{} ? work / (job_.framework.depthwise_rate * peak) : Seconds{};
}

TimedCollective CostModel::collective(Collective op, Axis axis, Part part,
                                      units::Bytes size) const {
  return {.cost = collective_cost(job_.cluster, profiles_.collectives, op, size, groups_.of(axis)),
          .op = op,
          .axis = axis,
          .part = part,
          .size = size};
}

Seconds CostModel::kernel(const Operator& op) const {
  switch (op.work) {
    case Work::Gemm:
      return overlapped(clock_recovery(op.precision) *
                            calib::gemm_product_time(profiles_.device, op.gemm, op.precision) /
                            (op.convolution ? kConvolutionRate : 1.0),
                        memory(op.size));
    case Work::AttentionForward:
      return calib::attention_forward_time(profiles_.device, op.attention, op.precision) /
             flash_rate(job_.framework, job_.cluster.accelerator.year).forward;
    case Work::AttentionBackward:
      return steps().attention_backward_slowdown *
             calib::attention_backward_time(profiles_.device, op.attention, op.precision) /
             flash_rate(job_.framework, job_.cluster.accelerator.year).backward;
    case Work::Memory:
      return std::max(memory(op.size), vector_time(op.vector));
    case Work::Collective:
      break;
  }
  return {};
}

double CostModel::dispatch_share() const {
  const Group& experts = groups_.of(Axis::Expert);
  const double domains = static_cast<double>(experts.ranks) / experts.per_domain;
  if (!job_.framework.deduplicated_dispatch || !job_.model.moe || domains <= 1.0) {
    return 1.0;
  }
  const double k = job_.model.moe->top_k;
  return std::min(1.0, domains * (1.0 - std::pow(1.0 - 1.0 / domains, k)) / k);
}

OperatorTimes CostModel::times(const Operators& operators) const {
  OperatorTimes t;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const Operator& op = operators[i];
    if (op.work != Work::Collective) {
      const Seconds time = kernel(op);
      const Seconds wait = time * straggler_;
      t.device[op.part] += time;
      t.device[Part::Straggler] += wait;
      t.fixed += time + wait;
      t.core_attention += op.core_attention ? time : Seconds{};
      t.weight_gradient += op.weight_gradient ? time : Seconds{};
      t.host += op.kernels * host_.kernel;
      continue;
    }
    t.host += host_.collective;
    const double share = op.axis == Axis::Expert ? dispatch_share() : 1.0;
    const TimedCollective c = collective(op.collective, op.axis, op.part, op.size * share);
    if (c.cost.time <= Seconds{}) {
      continue;
    }
    const bool hidden = op.hidden_by_next && i + 1 < operators.size();
    const Seconds cover = hidden ? kernel(operators[i + 1]) : Seconds{};
    const Seconds both = std::min(cover, c.cost.time);
    const Seconds skew = hidden ? Seconds{} : microseconds(steps().collective_skew_us);
    const Seconds exposed = c.cost.time - both + steps().overlap_tax * both + skew;
    t.device[op.part] += exposed;
    if (c.on_network()) {
      t.fixed -= cover;
      TimedCollective late = c;  // the wait for the last rank is before its first byte
      late.cost.latency += skew;
      late.cost.time += skew;
      t.network.push_back({.compute = cover + steps().overlap_tax * both, .collective = late});
    } else {
      t.fixed += exposed;
    }
  }
  return t;
}

}  // namespace sim
