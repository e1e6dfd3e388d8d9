#pragma once
// When a figure is known well enough: samples are taken until the standard error of their median is
// small, or a limit of number or time is reached.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topology/units.hpp"

namespace real_runner {

struct SamplingPolicy {
  double noise_goal = 0.01;  ///< relative standard error of the median
  std::int64_t min_samples = 10, max_samples = 400;
  units::Seconds min_time = units::milliseconds(100);  ///< of samples together: clock, power settle
  units::Seconds max_time = units::seconds(1);
  /// A sample repeats a short call until it lasts about so long: the clock of device events ticks
  /// every 0.5 us (CUDA Runtime API, cudaEventElapsedTime), 0.05 % of it.
  units::Seconds sample_time = units::milliseconds(1);
  std::int64_t max_repeats = 256;  ///< of a call in one sample
};

/// For a first look: a fifth of the time, twice the noise.
SamplingPolicy quick_sampling();

/// Repeats of a call of `one` that make a sample of `policy.sample_time`: 1 to max_repeats.
std::int64_t repeats_in_sample(units::Seconds one, const SamplingPolicy& policy);

/// What the samples say.
struct Statistics {
  units::Seconds median, low, high;  ///< low, high: 5th and 95th percentile
  std::optional<double> noise;       ///< relative standard error of the median; needs 4 samples
  std::int64_t samples = 0;
};

/// The standard error is distribution-free: half the distance of the order statistics around the
/// median whose ranks lie sqrt(n)/2 below and above n/2, the standard deviation of a binomial.
/// Source: David and Nagaraja, Order Statistics, 3rd ed., section 7.1 (confidence interval of a
/// quantile).
/// @pre not empty
Statistics statistics_of(std::span<const units::Seconds> samples);

/// Collects samples and says when to stop.
class StoppingRule {
 public:
  explicit StoppingRule(const SamplingPolicy& policy) : policy_(policy) {}

  /// `sample`: time of one call; `spent`: what it took to measure it (a sample may hold many
  /// calls).
  void add(units::Seconds sample, units::Seconds spent);
  [[nodiscard]] bool done() const;
  /// Whether the noise goal was met, once done.
  [[nodiscard]] bool quiet() const;
  [[nodiscard]] Statistics statistics() const { return statistics_of(samples_); }
  [[nodiscard]] bool empty() const { return samples_.empty(); }

 private:
  SamplingPolicy policy_;
  std::vector<units::Seconds> samples_;
  units::Seconds spent_;
};

}  // namespace real_runner
