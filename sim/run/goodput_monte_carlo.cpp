#include "sim/run/goodput_monte_carlo.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include <queue>

#include "sim/run/counter_random.hpp"
#include "topology/error.hpp"

namespace sim {

using units::Seconds;
using units::seconds;

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// The state of one course. Times in seconds; progress in seconds of undisturbed work.
class Course {
 public:
  Course(const RunModel& model, std::uint64_t seed, std::uint64_t index)
      : m_(model),
        random_(seed, index),
        work_(model.work.base()),
        tau_(model.interval.base()),
        stall_(model.checkpoint.stall.base()),
        durable_after_(model.checkpoint.durable_after.base()) {
    for (const Interruption& i : m_.interruptions) {
      rate_ += i.rate.base();
    }
    draw_arrival();
  }

  SimulatedRun run() {
    while (progress_ < work_ * (1.0 - 1e-12)) {
      const double to_finish = time_to_finish();
      const double to_arrival = arrival_;
      const double to_slow_end = slow_.empty() ? kNever : slow_.top().at - running_;
      const double to_found = found_at_ - running_;
      const double to_return =
          m_.on_loss == OnLoss::Shrink && !away_.empty() ? away_.top() - wall_ : kNever;
      const double next = std::min({to_finish, to_arrival, to_slow_end, to_found, to_return});
      advance(std::max(0.0, next));  // rounding may put an event a hair into the past
      if (next == to_finish) {
        break;
      }
      if (next == to_arrival) {
        arrive();
      } else if (next == to_slow_end) {
        end_slow();
      } else if (next == to_found) {
        find_corruption();
      } else {
        away_.pop();
      }
      if (wall_ > MonteCarlo::kGiveUp * work_) {
        result_.finished = false;
        break;
      }
    }
    settle();
    return result_;
  }

 private:
  struct Slow {
    double at;  ///< running time at which it is found
    const Interruption* event;
    bool operator>(const Slow& o) const { return at > o.at; }
  };

  void draw_arrival() { arrival_ = rate_ > 0 ? random_.exponential(1.0 / rate_) : kNever; }

  const Interruption& draw_event() {
    double x = random_.uniform() * rate_;
    for (const Interruption& i : m_.interruptions) {
      x -= i.rate.base();
      if (x < 0) {
        return i;
      }
    }
    return m_.interruptions.back();
  }

  /// Work per second of running time.
  [[nodiscard]] double speed() const {
    double v = 1.0;
    if (m_.on_loss == OnLoss::Shrink) {
      const int missing = static_cast<int>(away_.size()) - m_.spares;
      if (missing > 0) {
        const int replicas = (missing + m_.nodes_per_replica - 1) / m_.nodes_per_replica;
        v = std::max(0.0, 1.0 - static_cast<double>(replicas) / m_.replicas);
      }
    }
    double worst = 0.0;
    slow_.for_each([&worst](const Slow& s) { worst = std::max(worst, s.event->slowdown); });
    return v / (1.0 + worst);
  }

  [[nodiscard]] double time_to_finish() const {
    const double v = speed();
    const double left = work_ - progress_;
    if (v <= 0) {
      return kNever;
    }
    const double here = std::max(0.0, tau_ - phase_) * v;
    if (left <= here) {
      return left / v;
    }
    const double periods = std::max(0.0, std::ceil((left - here) / (tau_ * v)) - 1.0);
    return tau_ + stall_ - phase_ + periods * (tau_ + stall_) +
           (left - here - periods * tau_ * v) / v;
  }

  /// Runs for `dt`: works, stalls, writes checkpoints.
  void advance(double dt) {
    const double v = speed();
    const double period = tau_ + stall_;
    const double end = phase_ + dt;
    const double taken = std::floor(end / period);
    const double work_time = worked(end) - worked(phase_);
    if (taken >= 1.0) {
      const double latest =
          progress_ + v * (tau_ - std::min(phase_, tau_)) + (taken - 1.0) * v * tau_;
      const double latest_at = running_ + taken * period - phase_;
      const double before = taken >= 2.0 ? latest - v * tau_ : written_;
      if (taken >= 2.0) {
        durable_ = std::max(durable_, before);  // it was durable before the next was written
      } else {
        durable_ = std::max(durable_, written_);
      }
      written_ = latest;
      durable_at_ = latest_at + durable_after_;
    }
    running_ += dt;
    wall_ += dt;
    phase_ = end - taken * period;
    progress_ += v * work_time;
    stalled_ += dt - work_time;
    slow_time_ += (1.0 - v) * work_time;
    arrival_ -= dt;
    make_durable();
  }

  void make_durable() {
    if (running_ >= durable_at_) {
      durable_ = written_;
      durable_at_ = kNever;
    }
  }

  /// Time spent working in the first `t` of a row of periods.
  [[nodiscard]] double worked(double t) const {
    const double period = tau_ + stall_;
    const double whole = std::floor(t / period);
    return whole * tau_ + std::min(t - whole * period, tau_);
  }

  void arrive() {
    const Interruption& event = draw_event();
    draw_arrival();
    switch (event.effect) {
      case FailureEffect::Stop:
        roll_back(durable_);
        recover(&event);
        break;
      case FailureEffect::Corrupt:
        if (found_at_ == kNever) {
          clean_ = durable_;
          found_at_ = running_ + event.found_after.base();
          corruption_ = &event;
        }
        break;
      case FailureEffect::Slow:
        slow_.push({running_ + event.found_after.base(), &event});
        break;
      case FailureEffect::Planned:
      case FailureEffect::Preempt:
        save();
        recover(&event);
        break;
    }
  }

  void end_slow() {
    const Interruption* event = slow_.top().event;
    slow_.pop();
    save();
    recover(event);
  }

  void find_corruption() {
    found_at_ = kNever;
    roll_back(clean_);
    recover(corruption_);
  }

  void roll_back(double to) {
    if (to <= clean_) {
      found_at_ = kNever;  // the corruption is undone with the rest
    }
    progress_ = to;
    written_ = durable_ = to;
    phase_ = 0.0;
    durable_at_ = kNever;
  }

  void save() {
    const double time = stall_ + durable_after_;
    wall_ += time;
    stalled_ += time;
    written_ = durable_ = progress_;
    phase_ = 0.0;
    durable_at_ = kNever;
  }

  /// From the event to the next second of training; failures of the restart start it over.
  void recover(const Interruption* event) {
    for (;;) {
      ++result_.interruptions;
      result_.unplanned += event->effect != FailureEffect::Planned ? 1 : 0;
      wall_ += event->downtime.base();
      down_ += event->downtime.base();
      if (event->loses_node) {
        away_.push(wall_ + random_.exponential(event->away.base()));
      }
      wait_for_nodes();
      const double restart = m_.restart.base();
      double at = 0.0;
      event = nullptr;
      while (arrival_ < restart - at) {
        at += arrival_;
        const Interruption& next = draw_event();
        draw_arrival();
        if (!next.saves_first()) {
          event = &next;
          break;
        }
      }
      const double spent = event == nullptr ? restart : at;
      wall_ += spent;
      restarting_ += spent;
      if (event == nullptr) {
        arrival_ -= restart - at;
        return;
      }
    }
  }

  void wait_for_nodes() {
    while (!away_.empty() && away_.top() <= wall_) {
      away_.pop();
    }
    while (m_.on_loss == OnLoss::Wait && static_cast<int>(away_.size()) > m_.spares) {
      waiting_ += away_.top() - wall_;
      wall_ = away_.top();
      away_.pop();
    }
  }

  void settle() {
    result_.time = {
        .work = m_.work,
        .checkpoint = seconds(stalled_),
        .rework = seconds(wall_ - work_ - stalled_ - down_ - restarting_ - waiting_ - slow_time_),
        .downtime = seconds(down_),
        .restart = seconds(restarting_),
        .waiting = seconds(waiting_),
        .slow = seconds(slow_time_)};
  }

  /// A heap whose elements can be looked at: few, and looked at often.
  struct SlowHeap : std::priority_queue<Slow, std::vector<Slow>, std::greater<>> {
    template <class F>
    void for_each(F f) const {
      for (const Slow& s : c) {
        f(s);
      }
    }
  };

  const RunModel& m_;
  CounterRandom random_;
  double work_, tau_, stall_, durable_after_;
  double rate_ = 0;
  double arrival_ = kNever;  ///< running time until the next event
  double wall_ = 0, running_ = 0;
  double progress_ = 0, phase_ = 0;  ///< phase: time since the period of checkpoints began
  double durable_ = 0, written_ = 0, durable_at_ = kNever;
  double clean_ = 0, found_at_ = kNever;  ///< of a corruption that nobody knows of yet
  const Interruption* corruption_ = nullptr;
  double stalled_ = 0, down_ = 0, restarting_ = 0, waiting_ = 0, slow_time_ = 0;
  SlowHeap slow_;
  std::priority_queue<double, std::vector<double>, std::greater<>> away_;  ///< wall times of return
  SimulatedRun result_;
};

RunTime sum(const RunTime& a, const RunTime& b) {
  return {.work = a.work + b.work,
          .checkpoint = a.checkpoint + b.checkpoint,
          .rework = a.rework + b.rework,
          .downtime = a.downtime + b.downtime,
          .restart = a.restart + b.restart,
          .waiting = a.waiting + b.waiting,
          .slow = a.slow + b.slow};
}

RunTime scaled(RunTime t, double k) {
  return {.work = t.work * k,
          .checkpoint = t.checkpoint * k,
          .rework = t.rework * k,
          .downtime = t.downtime * k,
          .restart = t.restart * k,
          .waiting = t.waiting * k,
          .slow = t.slow * k};
}

/// Nearest rank of sorted values.
Seconds quantile(const std::vector<Seconds>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::min(std::max<std::size_t>(rank, 1), sorted.size()) - 1];
}

std::vector<SimulatedRun> all_runs(const RunModel& model, const MonteCarlo& options) {
  std::vector<SimulatedRun> runs(static_cast<std::size_t>(options.runs));
  const unsigned machine = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads = std::min(
      runs.size(), static_cast<std::size_t>(
                       options.threads > 0 ? static_cast<unsigned>(options.threads) : machine));
  const auto part = [&](std::size_t first) {
    for (std::size_t i = first; i < runs.size(); i += threads) {
      runs[i] = simulate_run(model, options.seed, i);
    }
  };
  std::vector<std::jthread> workers;
  for (std::size_t t = 1; t < threads; ++t) {
    workers.emplace_back(part, t);
  }
  part(0);
  workers.clear();  // joins
  return runs;
}

}  // namespace

SimulatedRun simulate_run(const RunModel& model, std::uint64_t seed, std::uint64_t index) {
  return Course(model, seed, index).run();
}

RunStatistics monte_carlo(const RunModel& model, const MonteCarlo& options) {
  topology::expects(options.runs > 0, "a Monte Carlo has runs");
  const std::vector<SimulatedRun> runs = all_runs(model, options);
  RunStatistics s;
  s.runs = options.runs;
  std::vector<Seconds> wall;
  wall.reserve(runs.size());
  for (const SimulatedRun& r : runs) {  // in their order: sums do not depend on threads
    s.mean = sum(s.mean, r.time);
    s.interruptions += r.interruptions;
    s.unplanned += r.unplanned;
    s.unfinished += r.finished ? 0 : 1;
    wall.push_back(r.time.total());
  }
  const double n = static_cast<double>(runs.size());
  s.mean = scaled(s.mean, 1.0 / n);
  s.interruptions /= n;
  s.unplanned /= n;
  std::sort(wall.begin(), wall.end());
  s.p5 = quantile(wall, 0.05);
  s.p50 = quantile(wall, 0.50);
  s.p95 = quantile(wall, 0.95);
  s.ettr = s.mean.ettr();
  s.ettr_p5 = model.work / s.p95;
  s.ettr_p95 = model.work / s.p5;
  return s;
}

}  // namespace sim
