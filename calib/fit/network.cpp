// How the library drives a scale-out network, from collectives across domains.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <set>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "calib/fit/collective.hpp"
#include "calib/fit/covariance.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

constexpr double kSoftError = 0.05;
constexpr double kPriorWeight = 0.02;  ///< as inside domains, see fit/collective.cpp
constexpr int kSizeFolds = 4;

/// Calls `visit` with the name and each free coefficient, always in the same order.
template <class Cost, class Visit>
void each_coefficient(Cost& cost, Visit&& visit) {
  visit("pair_efficiency", cost.pair_efficiency);
  visit("efficiency", cost.efficiency);
  visit("ll_efficiency", cost.ll_efficiency);
  visit("ll128_efficiency", cost.ll128_efficiency);
  visit("ll_hop_s", cost.ll_hop);
  visit("ll128_hop_s", cost.ll128_hop);
  visit("simple_hop_s", cost.simple_hop);
  visit("inside_hop_s", cost.inside_hop);
  visit("tree_hop_s", cost.tree_hop);
  visit("in_switch_tree_base_s", cost.in_switch_tree_base);
  visit("in_switch_tree_hop_s", cost.in_switch_tree_hop);
  visit("message_s", cost.message);
  visit("tree_rate_byte_per_s", cost.tree_rate);
  visit("in_switch_tree_rate_byte_per_s", cost.in_switch_tree_rate);
  visit("peer_channel_rate_byte_per_s", cost.peer_channel_rate);
}

std::vector<double> logarithms(const NetworkCost& cost) {
  std::vector<double> x;
  each_coefficient(cost, [&x](const char*, const auto& value) {
    constexpr double kLeast = 1e-12;
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
      x.push_back(std::log(std::max(kLeast, value)));
    } else {
      x.push_back(std::log(std::max(kLeast, value.base())));
    }
  });
  return x;
}

NetworkCost with_logarithms(NetworkCost cost, std::span<const double> x) {
  std::size_t next = 0;
  each_coefficient(cost, [&](const char*, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    const double number = std::exp(x[next++]);
    if constexpr (std::is_same_v<Value, double>) {
      value = number;
    } else {
      value = Value::from_base(number);
    }
  });
  return cost;
}

/// One kind of network's records and how they are predicted.
struct Problem {
  std::span<const CollectiveObservation> observations;
  topology::NetworkKind kind;
  const PredictedTime& predicted;
  const CollectiveProfile& start;

  [[nodiscard]] CollectiveProfile profile(std::span<const double> x) const {
    CollectiveProfile p = start;
    NetworkCost& cost = p.networks[static_cast<std::size_t>(kind)];
    cost = with_logarithms(cost, x);
    return p;
  }
  [[nodiscard]] ResidualFunction residuals(const std::vector<std::size_t>& rows,
                                           const std::vector<double>& prior) const {
    return [this, &rows, &prior](std::span<const double> x, std::span<double> r) {
      const CollectiveProfile tried = profile(x);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const CollectiveObservation& seen = observations[rows[i]];
        r[i] = seen.weight * std::log(predicted(tried, rows[i]) / seen.time);
      }
      for (std::size_t k = 0; k < x.size(); ++k) {
        r[rows.size() + k] = kPriorWeight * (x[k] - prior[k]);
      }
    };
  }
  /// From the defaults, and from faster and slower networks: the cost has kinks where the library's
  /// choice changes.
  [[nodiscard]] std::vector<double> fit(const std::vector<std::size_t>& rows,
                                        const std::vector<double>& prior) const {
    const ResidualFunction function = residuals(rows, prior);
    RobustFit best;
    bool first = true;
    for (const double shift : {0.0, -0.4, 0.4}) {
      std::vector<double> x = prior;
      for (double& value : x) {
        value += shift;
      }
      RobustFit fit = robust_least_squares(
          function, x, static_cast<int>(rows.size() + prior.size()), kSoftError);
      if (first || fit.cost < best.cost) {
        best = std::move(fit);
        first = false;
      }
    }
    return best.x;
  }
};

/// The rows whose size has rank `fold` among all sizes, modulo kSizeFolds; and the others.
std::pair<std::vector<std::size_t>, std::vector<std::size_t>> split(
    std::span<const CollectiveObservation> observations, int fold) {
  std::set<double> sizes;
  for (const CollectiveObservation& seen : observations) {
    sizes.insert(seen.size.base());
  }
  std::pair<std::vector<std::size_t>, std::vector<std::size_t>> parts;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const auto rank = std::distance(sizes.begin(), sizes.find(observations[i].size.base()));
    (rank % kSizeFolds == fold ? parts.first : parts.second).push_back(i);
  }
  return parts;
}

}  // namespace

CollectiveProfile fit_network(std::span<const CollectiveObservation> observations,
                              topology::NetworkKind kind, const PredictedTime& predicted,
                              CollectiveProfile start) {
  if (observations.empty()) {
    throw topology::InputError("no collective across nodes to fit a network to; give one record");
  }
  const Problem problem{observations, kind, predicted, start};
  const std::vector<double> prior = logarithms(start.network(kind));
  std::vector<std::size_t> rows(observations.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const std::vector<double> x = problem.fit(rows, prior);
  CollectiveProfile fitted = problem.profile(x);

  std::vector<double> errors;
  for (const std::size_t i : rows) {
    errors.push_back(predicted(fitted, i) / observations[i].time - 1.0);
  }
  std::vector<HeldOut> held_out;
  for (int fold = 0; fold < kSizeFolds; ++fold) {
    const auto [unseen, seen] = split(observations, fold);
    if (seen.empty()) {
      continue;
    }
    const CollectiveProfile other = problem.profile(problem.fit(seen, prior));
    for (const std::size_t i : unseen) {
      held_out.push_back(
          {.predicted = predicted(other, i), .measured = observations[i].time, .group = fold});
    }
  }
  std::vector<double> unseen_errors;
  for (const HeldOut& r : held_out) {
    unseen_errors.push_back(r.predicted / r.measured - 1.0);
  }
  const std::string network(topology::name(kind));
  fitted.residuals[network] = residual(errors);
  fitted.residuals[network + " cross-validated"] = residual(unseen_errors);
  fitted.parameters += static_cast<int>(x.size());
  std::vector<NamedParameter> parameters;
  each_coefficient(fitted.network(kind), [&](const char* name, const auto&) {
    const double value = std::exp(x[parameters.size()]);
    parameters.push_back({.name = name, .value = value, .slope = value});
  });
  FittedParameters& certainty = fitted.fitted[network];
  certainty =
      fitted_parameters(parameters,
                        robust_covariance(problem.residuals(rows, prior), x,
                                          static_cast<int>(rows.size() + x.size()), kSoftError),
                        static_cast<int>(rows.size()));
  certainty.outliers = name_outliers(errors, [&](std::size_t i) {
    return fmt::format("{}: {} of {:.0f} bytes on {} ranks: measured {:.4g} us, fitted {:.4g} us",
                       observations[i].where, name(observations[i].op), observations[i].size.base(),
                       observations[i].ranks, observations[i].time.in(units::microseconds(1)),
                       predicted(fitted, i).in(units::microseconds(1)));
  });
  fitted.bands["across"] = bands_from(held_out);
  return fitted;
}

}  // namespace calib
