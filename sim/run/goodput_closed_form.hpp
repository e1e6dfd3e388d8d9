#pragma once
// The expected course of a run in closed form: microseconds to evaluate.
#include "sim/run/run_model.hpp"
#include "topology/units.hpp"

namespace sim {

struct ExpectedRun {
  RunTime time;
  double interruptions = 0;  ///< all of them, the planned and those during a restart included
  double unplanned = 0;
  double checkpoints = 0;
  double nodes_away = 0;     ///< mean
  double waiting_share = 0;  ///< of the wall time, for nodes
};

/// Let l be the rate of events that roll the job back (Stop, Corrupt), P = interval + stall the
/// period of checkpoints and d the time until one is durable. After a roll-back the next commit
/// needs P + d without an event, after a commit P:
///   p1 = exp(-l (P + d)),  p2 = exp(-l P),  F = (1 - p2) / p1 roll-backs and F / l of running time
///   per commit.
/// With d = 0 that is F / l = (exp(l P) - 1) / l, the model of Daly, FGCS 22(3), 2006, equation 20.
/// A roll-back costs its downtime and the restart R, which starts over when it fails:
/// D exp(l R) + (exp(l R) - 1) / l. Events that save first come at their rates over the running
/// time. Nodes away are a loss system with spares + 1 places (Erlang's B formula, Erlang 1917:
/// insensitive to how long repairs take), or with shrinking an infinite server (Poisson).
/// @pre work > 0, interval > 0.
ExpectedRun expected_run(const RunModel& model);

/// The interval that makes expected_run() shortest, to 0.1 %; at least checkpoint.durable_after, at
/// most the work. Where nothing fails it is the work: one checkpoint, at the end.
units::Seconds optimal_interval(const RunModel& model);

}  // namespace sim
