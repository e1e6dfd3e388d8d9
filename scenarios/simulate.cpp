#include "scenarios/simulate.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/predict.hpp"
#include "scenarios/print_report.hpp"
#include "scenarios/run.hpp"
#include "scenarios/why.hpp"

namespace scenarios {

int simulate(const SimulateOptions& options) {
  const Catalog catalog = Catalog::open(options.profile);
  const Scenario scenario =
      load_scenario_text(options.text, options.scenario, options.sets, catalog);
  if (options.explain) {
    print_explained(scenario.values, options.format);
    return 0;
  }
  ProfileStore store(catalog.directory(), options.profile);
  const auto sources = figure_sources(Answering::Simulate, scenario, store);
  const auto why = asked_source(sources, options.why);
  try {
    SimulateOptions how = options;
    how.kernels = options.format == OutputFormat::Json || why;
    Prediction prediction = predict(scenario, how, store, catalog);
    if (scenario.buying.given && how.kernels) {
      prediction.price = hourly_price(scenario, catalog, prediction.report.power);
    }
    if (why) {
      print_why(*why, prediction_json(prediction), options.format);
      return 0;
    }
    print_prediction(prediction, options.format, sources);
    const bool generates = !prediction.task || prediction.task->runs();
    return prediction.report.memory.fits() && generates ? 0 : 1;
  } catch (const sim::CutOff& e) {
    fmt::print(stderr, "gpuplan: the step does not finish: {}\n", e.what());
    return 1;
  }
}

}  // namespace scenarios
