// gpuplan-fit-steps: tables of measured training runs in, the free parameters of the step model
// out, with the errors that they leave, fitted and cross-validated by publisher.
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "scenarios/fit_steps.hpp"
#include "scenarios/training_targets.hpp"
#include "topology/error.hpp"

namespace {

using namespace scenarios;
using sim::StepParameters;

constexpr std::string_view kUsage =
    "Fits the free parameters of the step model (sim/step/parameters.hpp) to training runs.\n"
    "usage: gpuplan-fit-steps [--shipped] [--cross-validate] TABLE.csv...\n"
    "  --shipped         do not fit: show the errors of the values in the source\n"
    "  --cross-validate  fit again without each publisher in turn, and predict its runs\n";

struct Request {
  bool help = false, shipped = false, cross_validate = false;
  std::vector<std::string> tables;
};

/// @throws topology::InputError for an unknown option or no table.
Request parse(std::span<char*> arguments) {
  Request request;
  for (const std::string_view a : arguments) {
    if (a == "--help" || a == "-h") {
      request.help = true;
    } else if (a == "--shipped") {
      request.shipped = true;
    } else if (a == "--cross-validate") {
      request.cross_validate = true;
    } else if (a.starts_with("-")) {
      throw topology::InputError(fmt::format("\"{}\" is not an option; see --help", a));
    } else {
      request.tables.emplace_back(a);
    }
  }
  if (request.tables.empty() && !request.help) {
    throw topology::InputError("no table is named; see --help");
  }
  return request;
}

void print_parameters(const StepParameters& p) {
  fmt::print("{} free parameters\n", sim::kStepParameters.size());
  for (const sim::StepParameterInfo& info : sim::kStepParameters) {
    fmt::print("{:<28}{:>8.4g} {:<15}{:>6g} to {:<6g} {}\n", info.name, p.*info.field, info.unit,
               info.low, info.high, info.meaning);
  }
}

void run(const Request& request) {
  const Catalog catalog = Catalog::open();
  ProfileStore profiles(catalog.directory());
  std::vector<std::unique_ptr<TrainingTable>> tables;
  FitCases cases;
  for (const std::string& file : request.tables) {
    tables.push_back(std::make_unique<TrainingTable>(calib::read_csv(file), catalog, profiles));
    for (const TrainingCase& c : tables.back()->cases()) {
      cases.push_back(&c);
    }
  }
  const StepParameters p = request.shipped ? StepParameters{} : fit_steps(cases, {});
  print_parameters(p);
  std::vector<double> predicted;
  for (const TrainingCase* c : cases) {
    predicted.push_back(c->measured() == nullptr ? 0.0
                                                 : predict_step(*c, p).step.in(units::seconds(1)));
  }
  fmt::print("{}\n{}", request.shipped ? "shipped" : "fitted", target_table(cases, predicted));
  if (!request.cross_validate) {
    return;
  }
  const auto progress = [](const std::string& publisher, const StepParameters& without) {
    std::string values;
    for (const sim::StepParameterInfo& info : sim::kStepParameters) {
      values += fmt::format(" {:.3g}", without.*info.field);
    }
    fmt::print("without {:<14}{}\n", publisher, values);
    std::fflush(stdout);
  };
  fmt::print("cross-validated\n{}", target_table(cases, cross_validated_steps(cases, p, progress)));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Request request =
        parse(std::span(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)));
    if (request.help) {
      fmt::print("{}", kUsage);
      return 0;
    }
    run(request);
    return 0;
  } catch (const topology::InputError& e) {
    fmt::print(stderr, "gpuplan-fit-steps: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "gpuplan-fit-steps: {}\n", e.what());
    return 3;
  }
}
