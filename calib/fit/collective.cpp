#include "calib/fit/collective.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/covariance.hpp"
#include "calib/fit/folds.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace calib {
namespace {

constexpr double kSoftError = 0.05;  ///< relative error at which squares turn into absolute values
constexpr double kPriorWeight =
    0.02;                    ///< a factor e off the prior costs as much as 2 % error of one record
constexpr int kStarts = 12;  ///< the cost has kinks where the library's choice changes
constexpr int kValidationStarts = 3;
constexpr double kStartSpread = 0.3;  ///< of the logarithms

/// Over PCIe a rank's own share, which moves at half of its memory's bandwidth, costs next to
/// nothing against a sent one: 20 GB/s of 864 / 2 on an L40S. Left free, it would take up other
/// differences between collectives.
constexpr double kLocalCopyBesidePcie = 0.05;

/// Which optional coefficients the data can tell.
struct Free {
  bool local_copy = true;
  bool in_switch = false;
  bool tiers = false;
};

/// Calls `visit` with each free coefficient, a double& or units::Seconds&, always in the same
/// order.
template <class Visit>
void each_coefficient(CollectiveProfile& profile, Free free, Visit&& visit) {
  for (RingCost& ring : profile.ring) {
    visit(ring.base);
    visit(ring.hop);
    visit(ring.bandwidth);
  }
  if (free.local_copy) {
    visit(profile.ring_local_copy);
  }
  PairwiseCost& pair = profile.pairwise;
  visit(pair.ll_base);
  visit(pair.ll_peer_bandwidth);
  visit(pair.simple_base);
  visit(pair.step);
  visit(pair.bandwidth);
  if (free.local_copy) {
    visit(pair.local_copy);
  }
  if (free.in_switch) {
    visit(profile.in_switch.base);
    visit(profile.in_switch.ramp);
    visit(profile.in_switch.bandwidth);
  }
  if (free.tiers) {
    for (RankTier& tier : profile.tiers) {
      visit(tier.bandwidth);
      visit(tier.lines);
    }
  }
}

template <class T>
double base_value(const T& value) {
  if constexpr (std::is_same_v<T, double>) {
    return value;
  } else {
    return value.base();
  }
}

std::vector<double> logarithms(CollectiveProfile profile, Free free) {
  std::vector<double> x;
  each_coefficient(profile, free,
                   [&x](const auto& value) { x.push_back(std::log(base_value(value))); });
  return x;
}

CollectiveProfile with_logarithms(CollectiveProfile profile, Free free, std::span<const double> x) {
  std::size_t next = 0;
  each_coefficient(profile, free, [&](auto& value) {
    const double number = std::exp(x[next++]);
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
      value = number;
    } else {
      value = units::Seconds::from_base(number);
    }
  });
  return profile;
}

double log_error(const CollectiveProfile& profile, const topology::ScaleUp& scale_up,
                 const CollectiveObservation& seen) {
  const auto time = domain_time(profile, scale_up, seen.op, seen.size, seen.ranks, seen.allowed);
  return std::log(time->total() / seen.time);
}

void check(const CollectiveObservation& seen, const topology::ScaleUp& scale_up,
           const CollectiveProfile& start) {
  const bool sensible = seen.ranks >= 2 && seen.size > units::Bytes{} &&
                        seen.time > units::Seconds{} && std::isfinite(seen.time.base()) &&
                        std::isfinite(seen.size.base());
  if (!sensible) {
    throw topology::InputError(
        fmt::format("a collective of {} ranks, {} bytes and {} s was measured, expected at least 2 "
                    "ranks and positive "
                    "finite numbers; drop or correct the record",
                    seen.ranks, seen.size.base(), seen.time.base()));
  }
  if (!domain_time(start, scale_up, seen.op, seen.size, seen.ranks, seen.allowed)) {
    throw topology::InputError(
        "a measured collective allows no algorithm that runs inside a domain; allow rings or "
        "pairwise");
  }
}

/// Errors of the observations, then what each coefficient's logarithm costs off `prior`.
ResidualFunction residuals_of(std::span<const CollectiveObservation> observations,
                              const topology::ScaleUp& scale_up, const CollectiveProfile& start,
                              Free free, const std::vector<double>& prior) {
  return [observations, &scale_up, &start, free, &prior, rows = observations.size()](
             std::span<const double> x, std::span<double> r) {
    const CollectiveProfile tried = with_logarithms(start, free, x);
    for (std::size_t i = 0; i < rows; ++i) {
      r[i] = observations[i].weight * log_error(tried, scale_up, observations[i]);
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
      r[rows + k] = kPriorWeight * (x[k] - prior[k]);
    }
  };
}

CollectiveProfile fit_once(std::span<const CollectiveObservation> observations,
                           const topology::ScaleUp& scale_up, const CollectiveProfile& start,
                           Free free, int starts) {
  const std::vector<double> prior = logarithms(start, free);
  const std::size_t rows = observations.size();
  const ResidualFunction function = residuals_of(observations, scale_up, start, free, prior);
  std::mt19937 random(1);
  std::vector<double> best;
  double best_cost = INFINITY;
  for (int trial = 0; trial < starts; ++trial) {
    std::vector<double> x = prior;
    for (double& value : x) {
      const double uniform = 2.0 * static_cast<double>(random()) / 4294967295.0 - 1.0;
      value += trial == 0 ? 0.0 : 2.0 * kStartSpread * uniform;
    }
    RobustFit fit =
        robust_least_squares(function, x, static_cast<int>(rows + prior.size()), kSoftError);
    if (fit.cost < best_cost) {
      best_cost = fit.cost;
      best = std::move(fit.x);
    }
  }
  return with_logarithms(start, free, best);
}

std::pair<Collective, int> collective_and_ranks(const CollectiveObservation& seen) {
  return {seen.op, seen.ranks};
}

/// Sizes of a collective on a number of ranks fall into folds; equal ones into the same.
int fold_of_size(const CollectiveObservation& seen) {
  return fold_of({static_cast<std::int64_t>(seen.op), seen.ranks,
                  static_cast<std::int64_t>(seen.size.base())});
}

template <class KeyOf>
auto by_group(std::span<const CollectiveObservation> observations, const KeyOf& key_of) {
  std::map<decltype(key_of(observations.front())), std::vector<CollectiveObservation>> groups;
  for (const CollectiveObservation& seen : observations) {
    groups[key_of(seen)].push_back(seen);
  }
  return groups;
}

std::vector<double> errors(const CollectiveProfile& profile, const topology::ScaleUp& scale_up,
                           std::span<const CollectiveObservation> observations) {
  std::vector<double> result;
  for (const CollectiveObservation& seen : observations) {
    result.push_back(std::exp(log_error(profile, scale_up, seen)) - 1.0);
  }
  return result;
}

/// Each group, by `key_of(observation)`, predicted by a fit that has not seen it.
template <class KeyOf>
std::vector<HeldOut> cross_validation(std::span<const CollectiveObservation> observations,
                                      const KeyOf& key_of, const topology::ScaleUp& scale_up,
                                      const CollectiveProfile& start, Free free) {
  std::vector<HeldOut> all;
  int group = 0;
  for (const auto& [key, held_out] : by_group(observations, key_of)) {
    std::vector<CollectiveObservation> rest;
    std::copy_if(observations.begin(), observations.end(), std::back_inserter(rest),
                 [&key = key, &key_of](const auto& seen) { return key_of(seen) != key; });
    ++group;
    if (rest.empty()) {
      continue;
    }
    const CollectiveProfile fitted = fit_once(rest, scale_up, start, free, kValidationStarts);
    const std::vector<double> some = errors(fitted, scale_up, held_out);
    for (std::size_t i = 0; i < some.size(); ++i) {
      all.push_back({.predicted = held_out[i].time * (1.0 + some[i]),
                     .measured = held_out[i].time,
                     .group = group});
    }
  }
  return all;
}

std::vector<double> errors_of(const std::vector<HeldOut>& held_out) {
  std::vector<double> result;
  result.reserve(held_out.size());
  for (const HeldOut& r : held_out) {
    result.push_back(r.predicted / r.measured - 1.0);
  }
  return result;
}

std::string outlier_sentence(const CollectiveObservation& seen, double error) {
  constexpr auto us = units::microseconds(1);
  return fmt::format("{}: {} of {:.0f} bytes on {} ranks: measured {:.4g} us, fitted {:.4g} us",
                     seen.where, name(seen.op), seen.size.base(), seen.ranks, seen.time.in(us),
                     (1.0 + error) * seen.time.in(us));
}

/// Names in the order of each_coefficient.
std::vector<std::string> coefficient_names(Free free) {
  std::vector<std::string> names;
  for (const char* protocol : {"ll", "ll128", "simple"}) {
    for (const char* field : {"base_s", "hop_s", "bandwidth"}) {
      names.push_back(fmt::format("ring.{}.{}", protocol, field));
    }
  }
  if (free.local_copy) {
    names.emplace_back("ring.local_copy");
  }
  names.insert(names.end(), {"pairwise.ll_base_s", "pairwise.ll_peer_bandwidth",
                             "pairwise.simple_base_s", "pairwise.step_s", "pairwise.bandwidth"});
  if (free.local_copy) {
    names.emplace_back("pairwise.local_copy");
  }
  if (free.in_switch) {
    names.insert(names.end(), {"in_switch.base_s", "in_switch.ramp_s", "in_switch.bandwidth"});
  }
  if (free.tiers) {
    names.insert(names.end(),
                 {"tiers.0.bandwidth", "tiers.0.lines", "tiers.1.bandwidth", "tiers.1.lines"});
  }
  return names;
}

/// Of a fit in logarithms: value = exp(x), so that d value / d x = value.
std::vector<NamedParameter> named(const std::vector<std::string>& names,
                                  const std::vector<double>& logs) {
  std::vector<NamedParameter> parameters;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    parameters.push_back(
        {.name = names.at(i), .value = std::exp(logs[i]), .slope = std::exp(logs[i])});
  }
  return parameters;
}

Free free_coefficients(std::span<const CollectiveObservation> observations,
                       const topology::ScaleUp& scale_up, const CollectiveProfile& start) {
  const auto in_switch = [&](const CollectiveObservation& seen) {
    return seen.op == Collective::AllReduce && seen.allowed.has(Algorithm::Nvls) &&
           seen.ranks >= start.in_switch.min_ranks;
  };
  return {.local_copy = scale_up.kind != topology::ScaleUpKind::Pcie,
          .in_switch = scale_up.in_switch_reduction && start.in_switch.min_ranks > 0 &&
                       std::any_of(observations.begin(), observations.end(), in_switch),
          .tiers = scale_up.kind == topology::ScaleUpKind::Pcie && start.tiers[0].above_ranks > 0};
}

}  // namespace

CollectiveProfile fit_collectives(std::span<const CollectiveObservation> observations,
                                  const topology::ScaleUp& scale_up, CollectiveProfile start) {
  if (observations.empty()) {
    throw topology::InputError("no collective measurements to fit; give at least one record");
  }
  for (const CollectiveObservation& seen : observations) {
    check(seen, scale_up, start);
  }
  start.scale_up = scale_up.kind;
  start.reference_bandwidth = scale_up.bandwidth;
  const Free free = free_coefficients(observations, scale_up, start);
  if (!free.local_copy) {
    start.ring_local_copy = start.pairwise.local_copy = kLocalCopyBesidePcie;
  }
  const std::vector<double> prior = logarithms(start, free);
  CollectiveProfile fitted = fit_once(observations, scale_up, start, free, kStarts);
  const std::vector<double> x = logarithms(fitted, free);
  fitted.parameters = static_cast<int>(x.size());
  const std::vector<double> all = errors(fitted, scale_up, observations);
  FittedParameters& certainty = fitted.fitted["inside"];
  certainty = fitted_parameters(
      named(coefficient_names(free), x),
      robust_covariance(residuals_of(observations, scale_up, start, free, prior), x,
                        static_cast<int>(observations.size() + x.size()), kSoftError),
      static_cast<int>(observations.size()));
  certainty.outliers =
      name_outliers(all, [&](std::size_t i) { return outlier_sentence(observations[i], all[i]); });
  const std::vector<HeldOut> held_out =
      cross_validation(observations, collective_and_ranks, scale_up, start, free);
  fitted.residuals.clear();
  fitted.residuals["all"] = residual(all);
  fitted.residuals["cross-validated"] = residual(errors_of(held_out));
  fitted.residuals["by size cross-validated"] =
      residual(errors_of(cross_validation(observations, fold_of_size, scale_up, start, free)));
  fitted.bands["inside"] = bands_from(held_out);
  for (const auto& [key, group] : by_group(observations, collective_and_ranks)) {
    fitted.residuals[fmt::format("{} on {}", name(key.first), key.second)] =
        residual(errors(fitted, scale_up, group));
  }
  return fitted;
}

}  // namespace calib
