#include "sim/power/timeline_power.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "topology/error.hpp"

namespace sim {

using units::Seconds;
using units::Watts;

namespace {

enum Activity : std::size_t { Pass, Update, Exchange, kActivities };

Activity activity_of(const Span& span) {
  switch (span.kind) {
    case SpanKind::Forward:
    case SpanKind::Backward:
      return Pass;
    case SpanKind::Optimizer:
      return Update;
    case SpanKind::Collective:
    case SpanKind::Send:
      return Exchange;
  }
  return Exchange;
}

/// Mean share of the range from idle to cap over the work inside passes.
double pass_share(const topology::Accelerator& accelerator, const PartTimes& parts) {
  double sum = 0.0;
  Seconds time;
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto part = static_cast<Part>(i);
    const bool outside = part == Part::PpComm || part == Part::DpComm || part == Part::Optimizer ||
                         part == Part::Host || part == Part::Bubble;
    if (!outside) {
      sum += power_share(accelerator, part) * parts.at[i].base();
      time += parts.at[i];
    }
  }
  return time > Seconds{} ? sum / time.base() : power_share(accelerator, Part::Bubble);
}

/// What one stage does now.
struct Stage {
  std::array<int, kActivities> running{};
};

struct Change {
  Seconds at;
  int stage;
  Activity activity;
  int by;
};

std::vector<Change> changes_of(const Timeline& timeline, int stages, Seconds step) {
  std::vector<Change> changes;
  changes.reserve(2 * timeline.spans.size());
  for (const Span& span : timeline.spans) {
    if (span.stage < stages && span.begin < span.end && span.begin < step) {
      changes.push_back({span.begin, span.stage, activity_of(span), 1});
      if (span.end < step) {
        changes.push_back({span.end, span.stage, activity_of(span), -1});
      }
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.at < b.at; });
  return changes;
}

/// Energy over base power of each window of kPowerResponse; the last may be shorter.
std::vector<double> window_means(const PowerSeries& s) {
  const double width = kPowerResponse.base();
  const auto count = static_cast<std::size_t>(std::max(1.0, std::floor(s.end.base() / width)));
  const double each = s.end.base() / static_cast<double>(count);
  std::vector<double> energy(count, 0.0);
  for (std::size_t i = 0; i < s.samples.size(); ++i) {
    double from = s.samples[i].at.base();
    const double to = (i + 1 < s.samples.size() ? s.samples[i + 1].at : s.end).base();
    while (from < to) {
      const auto window = std::min(count - 1, static_cast<std::size_t>(from / each));
      const double border = window + 1 == count ? to : each * static_cast<double>(window + 1);
      const double until = std::max(std::min(to, border), std::nextafter(from, to));
      energy[window] += s.samples[i].power.base() * (until - from);
      from = until;
    }
  }
  for (double& e : energy) {
    e /= each;
  }
  return energy;
}

void summarise(PowerSeries& s) {
  units::Joules energy;
  s.peak = s.trough = s.samples.front().power;
  for (std::size_t i = 0; i < s.samples.size(); ++i) {
    const Seconds until = i + 1 < s.samples.size() ? s.samples[i + 1].at : s.end;
    energy += s.samples[i].power * (until - s.samples[i].at);
    s.peak = std::max(s.peak, s.samples[i].power);
    s.trough = std::min(s.trough, s.samples[i].power);
  }
  s.mean = energy / s.end;
  const std::vector<double> means = window_means(s);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double change = std::abs(means[(i + 1) % means.size()] - means[i]);
    s.steepest_change = std::max(s.steepest_change, units::watts(change));
  }
}

}  // namespace

PowerSeries power_series(const topology::ClusterSpec& c, const Timeline& timeline,
                         const PartTimes& parts, int stages, Seconds step) {
  topology::expects(stages > 0 && step > Seconds{}, "a power series has stages and time");
  const topology::Accelerator& a = c.accelerator;
  const double pass = pass_share(a, parts);
  const auto share = [pass, &a](const Stage& stage) {
    return stage.running[Pass] > 0       ? pass
           : stage.running[Update] > 0   ? power_share(a, Part::Optimizer)
           : stage.running[Exchange] > 0 ? power_share(a, Part::DpComm)
                                         : power_share(a, Part::Bubble);
  };
  const double per_stage = static_cast<double>(c.gpus) / stages;
  const Watts range = per_stage * (a.tdp - a.idle_power);
  const StepPower waiting = step_power(c, PartTimes{}, step);  // all at idle

  std::vector<Stage> now(static_cast<std::size_t>(stages));
  double level = stages * share(Stage{});
  PowerSeries s;
  s.end = step;
  s.samples.push_back({Seconds{}, waiting.cluster + level * range});
  for (const Change& change : changes_of(timeline, stages, step)) {
    Stage& stage = now[static_cast<std::size_t>(change.stage)];
    level -= share(stage);
    stage.running[change.activity] += change.by;
    level += share(stage);
    const Watts power = waiting.cluster + level * range;
    if (change.at <= s.samples.back().at) {
      s.samples.back().power = power;
    } else {
      s.samples.push_back({change.at, power});
    }
  }
  summarise(s);
  return s;
}

}  // namespace sim
