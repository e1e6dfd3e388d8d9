#include "scenarios/fit_steps.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "calib/fit/bounded.hpp"
#include "calib/fit/robust.hpp"
#include "topology/error.hpp"

namespace scenarios {

using sim::kStepParameters;
using sim::StepParameters;

namespace {

/// Log errors beyond this count linearly: twice the noise between releases of one layout (5.5 % in
/// the median).
constexpr double kScale = 0.05;

/// Pull of the middle of a believable range on its parameter, as a residual per unit of
/// ln((x - low) / (high - x)): parameters that the runs say little about stay off their limits.
constexpr double kPull = 0.2;

bool is_scored(const TrainingCase& c) {
  return c.measured() != nullptr && c.measured()->measured > units::Seconds{};
}

StepParameters from_free(std::span<const double> z) {
  StepParameters p;
  for (std::size_t i = 0; i < kStepParameters.size(); ++i) {
    const sim::StepParameterInfo& info = kStepParameters[i];
    p.*info.field = calib::Bounds{info.low, info.high}.to_limited(z[i]);
  }
  return p;
}

std::vector<double> to_free(const StepParameters& p) {
  std::vector<double> z;
  for (const sim::StepParameterInfo& info : kStepParameters) {
    z.push_back(calib::Bounds{info.low, info.high}.to_free(p.*info.field));
  }
  return z;
}

FitCases scored(const FitCases& cases) {
  FitCases kept;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(kept),
               [](const TrainingCase* c) { return is_scored(*c); });
  return kept;
}

/// Factors on the residuals: the fourth root of the weight's definition, squared by the loss.
std::vector<double> weights(const FitCases& cases) {
  std::map<std::string, int> count;
  for (const TrainingCase* c : cases) {
    ++count[c->publisher];
  }
  std::vector<double> w;
  for (const TrainingCase* c : cases) {
    w.push_back(std::pow(static_cast<double>(count[c->publisher]), -0.25));
  }
  return w;
}

}  // namespace

StepParameters fit_steps(const FitCases& all, const StepParameters& start) {
  const FitCases cases = scored(all);
  if (cases.empty()) {
    throw topology::InputError("no row has a measured time and can be predicted");
  }
  const std::vector<double> weight = weights(cases);
  const calib::ResidualFunction residuals = [&](std::span<const double> z, std::span<double> r) {
    const StepParameters p = from_free(z);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const double ratio = predict_step(*cases[i], p).step / cases[i]->measured()->measured;
      r[i] = weight[i] * std::log(ratio);
    }
    for (std::size_t k = 0; k < z.size(); ++k) {
      r[cases.size() + k] = kPull * z[k];
    }
  };
  const calib::RobustFit fit = calib::robust_least_squares(
      residuals, to_free(start), static_cast<int>(cases.size() + kStepParameters.size()), kScale);
  return from_free(fit.x);
}

std::vector<double> cross_validated_steps(
    const FitCases& cases, const StepParameters& start,
    const std::function<void(const std::string&, const StepParameters&)>& progress) {
  std::set<std::string> publishers;
  for (const TrainingCase* c : cases) {
    publishers.insert(c->publisher);
  }
  std::vector<double> predicted(cases.size(), 0.0);
  for (const std::string& publisher : publishers) {
    FitCases others;
    std::copy_if(cases.begin(), cases.end(), std::back_inserter(others),
                 [&](const TrainingCase* c) { return c->publisher != publisher; });
    const StepParameters p = fit_steps(others, start);
    progress(publisher, p);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i]->publisher == publisher && cases[i]->measured() != nullptr) {
        predicted[i] = predict_step(*cases[i], p).step.in(units::seconds(1));
      }
    }
  }
  return predicted;
}

}  // namespace scenarios
