#include "scenarios/training_targets.hpp"

#include <functional>

#include <fmt/format.h>

#include "calib/statistics.hpp"

namespace scenarios {

namespace {

using Membership = std::function<bool(const TrainingCase&)>;

std::string line(const char* name, const FitCases& cases, const std::vector<double>& predicted,
                 const Membership& belongs) {
  std::vector<double> errors;
  int rows = 0;
  int known = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!belongs(*cases[i])) {
      continue;
    }
    ++rows;
    const MeasuredJob* job = cases[i]->measured();
    known += job != nullptr ? 1 : 0;
    if (job != nullptr && job->measured > units::Seconds{}) {
      errors.push_back(predicted[i] / job->measured.in(units::seconds(1)) - 1.0);
    }
  }
  const calib::Residual r = calib::residual(errors);
  return fmt::format("{:<16}{:>5} of {:<5}{:>9.4f}{:>9.4f}{:>9.4f}{:>+9.4f}\n", name, known, rows,
                     r.median, r.mean, r.p90, r.bias);
}

Membership of_source(const char* source) {
  return [source](const TrainingCase& c) { return c.source == source; };
}

}  // namespace

std::string target_table(const FitCases& cases, const std::vector<double>& predicted) {
  std::string out = fmt::format("{:<16}{:>13}{:>10}{:>9}{:>9}{:>9}\n", "", "predicted", "median",
                                "mean", "p90", "bias");
  out += line("tier A", cases, predicted, [](const TrainingCase& c) { return c.tier == "A"; });
  out += line("tiers A and B", cases, predicted,
              [](const TrainingCase& c) { return c.tier == "A" || c.tier == "B"; });
  for (const char* source : {"kor22", "vtrainm", "vtrain_single"}) {
    out += line(source, cases, predicted, of_source(source));
  }
  return out;
}

}  // namespace scenarios
