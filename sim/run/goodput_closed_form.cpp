#include "sim/run/goodput_closed_form.hpp"

#include <algorithm>
#include <cmath>

#include "topology/error.hpp"

namespace sim {

using units::Seconds;
using units::seconds;

namespace {

/// Sums over the interruptions of a model; rates in 1/s, times in s.
struct Sums {
  double back = 0;           ///< rate of roll-backs
  double forward = 0;        ///< rate of events that save first
  double down_back = 0;      ///< mean downtime of a roll-back
  double down_forward = 0;   ///< of the others, checkpoint included
  double saves = 0;          ///< mean checkpoint time of those
  double corrupt_share = 0;  ///< of roll-backs
  double hidden = 0;         ///< mean time until a corruption is found, over roll-backs
  double slow = 0;           ///< time lost behind a slow node, per running time
  double back_losing = 0, forward_losing = 0;  ///< rates of events that lose a node
  double offered = 0;                          ///< sum of rate x time away
  double planned = 0;
};

Sums sums_of(const RunModel& m) {
  Sums s;
  double slow_load = 0.0;
  const double save = (m.checkpoint.stall + m.checkpoint.durable_after).base();
  for (const Interruption& i : m.interruptions) {
    const double rate = i.rate.base();
    const bool first = i.saves_first();
    (first ? s.forward : s.back) += rate;
    (first ? s.down_forward : s.down_back) += rate * i.downtime.base();
    if (i.loses_node) {
      (first ? s.forward_losing : s.back_losing) += rate;
      s.offered += rate * i.away.base();
    }
    if (i.effect == FailureEffect::Corrupt) {
      s.hidden += rate * i.found_after.base();
    }
    if (i.effect == FailureEffect::Slow) {
      const double load = rate * i.found_after.base();
      slow_load += load;
      s.slow += load * i.slowdown / (1.0 + i.slowdown);
    }
    s.planned += i.effect == FailureEffect::Planned ? rate : 0.0;
  }
  if (slow_load > 0) {
    // Some of the time at least one node is slow: Poisson. Two at once cost no more than one.
    s.slow *= -std::expm1(-slow_load) / slow_load;
  }
  if (s.back > 0) {
    s.down_back /= s.back;
    s.hidden /= s.back;
  }
  if (s.forward > 0) {
    s.down_forward /= s.forward;
    s.saves = save;
  }
  return s;
}

/// Share of the time in which all `places` are taken, for this offered load.
double erlang_b(int places, double load) {
  double b = 1.0;
  for (int k = 1; k <= places; ++k) {
    b = load * b / (k + load * b);
  }
  return b;
}

/// Mean share of the replicas that stand still with a Poisson number of nodes away.
double missing_replicas(const RunModel& m, double load) {
  double term = std::exp(-load);
  double sum = 0.0;
  const int enough = m.spares + static_cast<int>(load + 20.0 * std::sqrt(load) + 20.0);
  for (int n = 0; n <= enough; ++n) {
    if (n > m.spares) {
      const int replicas = (n - m.spares + m.nodes_per_replica - 1) / m.nodes_per_replica;
      sum += term * std::min(replicas, m.replicas);
    }
    term *= load / (n + 1);
  }
  return sum / m.replicas;
}

/// The run for a given share of the wall time in which nodes can fail, waiting left out.
ExpectedRun run_at(const RunModel& m, const Sums& s, double vulnerable) {
  ExpectedRun r;
  const double work = m.work.base();
  const double tau = m.interval.base();
  const double stall = m.checkpoint.stall.base();
  const double durable = m.checkpoint.durable_after.base();
  const double period = tau + stall;

  double lost_nodes = 0.0;  // time waited for a node, per node lost while running
  double slower = 0.0;      // share of the speed that missing replicas cost
  const double load = s.offered * vulnerable;
  const double losing = s.back_losing + s.forward_losing;
  if (losing > 0 && m.on_loss == OnLoss::Wait) {
    const double full = erlang_b(m.spares + 1, load);
    lost_nodes = full / ((1.0 - full) * losing * vulnerable);
    r.nodes_away = load * (1.0 - full);
  } else if (losing > 0) {
    slower = std::min(missing_replicas(m, load), 0.999);
    r.nodes_away = load;
  }

  const double speed = (1.0 - s.slow) * (1.0 - slower);
  // Per commit: roll-backs, and running time. Without roll-backs the limit for rate 0.
  const double rolled =
      s.back > 0 ? -std::expm1(-s.back * period) * std::exp(s.back * (period + durable)) : 0.0;
  const double running = s.back > 0 ? rolled / s.back : period;
  // Work that corruption makes undone on top of the ordinary roll-back.
  const double undone = rolled * s.hidden * tau / period;
  const double progress = std::max(tau * speed - undone, 1e-6 * tau);
  const double commits = work / progress;

  const double grow = std::exp(s.back * m.restart.base());
  const double restarts =
      s.back > 0 ? std::expm1(s.back * m.restart.base()) / s.back : m.restart.base();
  const double rollbacks = commits * rolled;
  const double others = commits * running * s.forward;
  const double failures = rollbacks * grow + others * (grow - 1.0);
  const double losses = s.back > 0 ? failures * s.back_losing / s.back : 0.0;
  const double losses_forward = s.forward > 0 ? others * s.forward_losing / s.forward : 0.0;

  r.checkpoints = commits;
  r.interruptions = failures + others;
  r.unplanned = r.interruptions - (s.forward > 0 ? others * s.planned / s.forward : 0.0);
  r.time.work = m.work;
  r.time.checkpoint = seconds(commits * stall + others * s.saves);
  r.time.downtime = seconds(failures * s.down_back + others * s.down_forward);
  r.time.restart = seconds((rollbacks + others) * restarts);
  r.time.waiting = seconds((losses + losses_forward) * lost_nodes);
  r.time.slow = seconds(commits * tau * (1.0 - speed));
  r.time.rework = seconds(commits * running) - m.work - seconds(commits * stall) - r.time.slow;
  return r;
}

}  // namespace

ExpectedRun expected_run(const RunModel& m) {
  topology::expects(m.work > Seconds{} && m.interval > Seconds{}, "a run has work and an interval");
  const Sums s = sums_of(m);
  double vulnerable = 1.0;
  ExpectedRun r;
  for (int round = 0; round < 30; ++round) {
    r = run_at(m, s, vulnerable);
    const Seconds up = r.time.total() - r.time.downtime - r.time.waiting;
    const Seconds open = r.time.total() - (m.on_loss == OnLoss::Wait ? r.time.waiting : Seconds{});
    const double next = up / open;
    if (std::abs(next - vulnerable) < 1e-9) {
      break;
    }
    vulnerable = next;
  }
  r.waiting_share = r.time.waiting / r.time.total();
  return r;
}

Seconds optimal_interval(const RunModel& model) {
  RunModel m = model;
  const double longest = m.work.base();
  const double shortest =
      std::min(longest, std::max({m.checkpoint.durable_after.base(), 1e-3, longest * 1e-9}));
  const auto total = [&m](double log_interval) {
    m.interval = seconds(std::exp(log_interval));
    return expected_run(m).time.total().base();
  };
  // Golden section on the logarithm: the total has one minimum.
  const double ratio = (std::sqrt(5.0) - 1.0) / 2.0;
  double low = std::log(shortest), high = std::log(longest);
  while (high - low > 1e-3) {
    const double a = high - ratio * (high - low);
    const double b = low + ratio * (high - low);
    // Far too long intervals overflow; they are all equally bad.
    const double at_a = total(a), at_b = total(b);
    if (at_a <= at_b || !std::isfinite(at_b)) {
      high = b;
    } else {
      low = a;
    }
  }
  return seconds(std::exp(0.5 * (low + high)));
}

}  // namespace sim
