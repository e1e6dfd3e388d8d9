#include "real_runner/stopping_rule.hpp"

#include <algorithm>
#include <cmath>

#include "topology/error.hpp"

namespace real_runner {

namespace {

using units::Seconds;

/// Linear between neighbours, as NumPy's default.
Seconds percentile(const std::vector<Seconds>& sorted, double fraction) {
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

std::optional<double> median_noise(const std::vector<Seconds>& sorted, Seconds median) {
  constexpr std::size_t kFewest = 4;  // below, the order statistics are the extremes themselves
  if (sorted.size() < kFewest || median <= Seconds{}) {
    return {};
  }
  const auto n = static_cast<double>(sorted.size());
  const auto low = static_cast<std::size_t>(std::max(0.0, std::floor(n / 2 - std::sqrt(n) / 2)));
  const auto high = std::min(sorted.size() - 1,
                             static_cast<std::size_t>(std::ceil(n / 2 + std::sqrt(n) / 2 - 1)));
  return (sorted[high] - sorted[low]) / median / 2;
}

}  // namespace

SamplingPolicy quick_sampling() {
  return {.noise_goal = 0.02,
          .min_samples = 5,
          .max_samples = 100,
          .min_time = units::milliseconds(12),
          .max_time = units::milliseconds(200)};
}

std::int64_t repeats_in_sample(Seconds one, const SamplingPolicy& policy) {
  if (one <= Seconds{}) {
    return policy.max_repeats;
  }
  const double wanted = std::round(policy.sample_time / one);
  return std::clamp(static_cast<std::int64_t>(std::min(wanted, 1e9)), std::int64_t{1},
                    policy.max_repeats);
}

Statistics statistics_of(std::span<const Seconds> samples) {
  topology::expects(!samples.empty(), "statistics of no samples");
  std::vector<Seconds> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const Seconds median = percentile(sorted, 0.5);
  return {.median = median,
          .low = percentile(sorted, 0.05),
          .high = percentile(sorted, 0.95),
          .noise = median_noise(sorted, median),
          .samples = static_cast<std::int64_t>(sorted.size())};
}

void StoppingRule::add(Seconds sample, Seconds spent) {
  samples_.push_back(sample);
  spent_ += spent;
}

bool StoppingRule::done() const {
  const auto count = static_cast<std::int64_t>(samples_.size());
  if (count >= policy_.max_samples || (count > 0 && spent_ >= policy_.max_time)) {
    return true;
  }
  return count >= policy_.min_samples && spent_ >= policy_.min_time && quiet();
}

bool StoppingRule::quiet() const {
  if (samples_.empty()) {
    return false;
  }
  const auto noise = statistics().noise;
  return noise && *noise <= policy_.noise_goal;
}

}  // namespace real_runner
