#include "sim/step/cost.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

using units::microseconds;
using units::Seconds;

CostModel::CostModel(const TrainingJob& job, const Profiles& profiles)
    : job_(job),
      profiles_(profiles),
      groups_(communicators(job.layout, job.cluster)),
      straggler_(straggler_slowdown(job.framework.speed_spread, job.cluster.gpus)) {}

double CostModel::straggler_slowdown(double spread, int n) {
  return n > 1 ? spread * std::sqrt(2.0 * std::log(n)) : 0.0;
}

namespace {

/// Rate of an older generation of fused attention kernels against the newest on the same device.
/// FlashAttention-2 is about twice FlashAttention (arXiv 2307.08691, section 4.1: 1.7 to 3 times);
/// FlashAttention-3 is 1.5 to 2 times FlashAttention-2 on Hopper (arXiv 2407.08608, section 4.1).
/// Before Hopper generation 3 does not exist.
double flash_rate(int generation, int device_year) {
  constexpr int kHopperYear = 2022;
  constexpr double kSecondOverThird = 0.57;
  constexpr double kFirstOverSecond = 0.55;
  double rate = 1.0;
  if (generation <= 2 && device_year >= kHopperYear) {
    rate *= kSecondOverThird;
  }
  if (generation <= 1) {
    rate *= kFirstOverSecond;
  }
  return rate;
}

/// A GEMM whose epilogue moves more memory than its output: the traffic of one tile runs beside the
/// products of the next, so the longer of the two counts, and some of the shorter (the norm that
/// calib/gemm_model uses for the same).
Seconds overlapped(Seconds compute, Seconds memory) {
  const double ratio = memory / compute;
  return ratio > 0.0 ? compute * std::pow(1.0 + std::pow(ratio, 4.0), 0.25) : compute;
}

}  // namespace

Seconds CostModel::memory(units::Bytes traffic) const {
  return calib::memory_time(profiles_.device, traffic);
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
      return overlapped(calib::gemm_product_time(profiles_.device, op.gemm, op.precision),
                        calib::memory_time(profiles_.device, op.size));
    case Work::AttentionForward:
      return calib::attention_forward_time(profiles_.device, op.attention, op.precision) /
             flash_rate(job_.framework.flash_generation, job_.cluster.accelerator.year);
    case Work::AttentionBackward:
      return calib::attention_backward_time(profiles_.device, op.attention, op.precision) /
             flash_rate(job_.framework.flash_generation, job_.cluster.accelerator.year);
    case Work::Memory:
      return calib::memory_time(profiles_.device, op.size);
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
      t.host += op.kernels * microseconds(job_.framework.kernel_launch_us);
      continue;
    }
    t.host += microseconds(job_.framework.collective_host_us);
    const double share = op.axis == Axis::Expert ? dispatch_share() : 1.0;
    const TimedCollective c = collective(op.collective, op.axis, op.part, op.size * share);
    if (c.cost.time <= Seconds{}) {
      continue;
    }
    const bool hidden = op.hidden_by_next && i + 1 < operators.size();
    const Seconds cover = hidden ? kernel(operators[i + 1]) : Seconds{};
    const Seconds both = std::min(cover, c.cost.time);
    const Seconds exposed = c.cost.time - both + kOverlapTax * both;
    t.device[op.part] += exposed;
    if (c.on_network()) {
      t.fixed -= cover;
      t.network.push_back({.compute = cover + kOverlapTax * both, .collective = c});
    } else {
      t.fixed += exposed;
    }
  }
  return t;
}

}  // namespace sim
