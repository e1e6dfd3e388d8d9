#pragma once
// The step time of a StepGraph in closed form: no contention, no events, microseconds to evaluate.
#include "sim/step/graph.hpp"
#include "sim/workload/part.hpp"
#include "topology/units.hpp"

namespace sim {

struct StepTime {
  units::Seconds step;
  /// Of the stage that has the most work; exclusive, adds up to `step`.
  PartTimes parts;
  int busiest_stage = 0;
};

/// 1F1B and interleaved 1F1B over stages of unequal work: the busiest stage r is fed by a chain of
/// first forward passes and drained by a chain of last backward passes through the other stages,
///   T = sum over q != r of (f_q + b_q) + m (F_r + B_r),
/// f, b of one chunk, F, B of all chunks of a stage; sends add their latency to the chains, and to
/// the steady state where two stages wait for each other. Source: Narayanan et al., arXiv
/// 2104.04473, section 2.2, for equal stages; the unequal form is derived in
/// tests/sim/flow_test.cpp against flow simulation. ZB-H1 of equal stages:
///   T = m (F + B + W) + (p - 1)(F + B - W),
/// B without the weight gradients W; source: Qi et al., arXiv 2401.10241, table 1.
StepTime closed_form(const StepGraph& graph);

/// What a stage does itself in a step, network uncontended: its passes, the tax of overlapped
/// collectives, its optimizer, the host. Exposed data-parallel collectives and the bubble come on
/// top.
PartTimes stage_parts(const StepGraph& graph, int stage);

}  // namespace sim
