// The part of a scenario that lets a run change on its way: key run.phases.
#include <cmath>

#include <fmt/format.h>

#include "scenarios/scenario_parts.hpp"
#include "scenarios/schema.hpp"

namespace scenarios {

namespace {

constexpr const char* kPhases = "/run/phases";

/// The scenario as it is in one phase: without phases, and with what the phase changes.
Document in_phase(Document document, const Document& phase) {
  document.root["run"].erase("phases");
  Document changes;
  changes.places = phase.places;
  for (const char* key : {"training", "layout", "data"}) {
    if (const Json* part = find(phase.root, child({}, key))) {
      changes.root[key] = *part;
    }
  }
  overlay(document, changes);
  check_schema(document, "scenario");
  return document;
}

}  // namespace

std::vector<Scenario> read_phases(const Document& document, const std::string& file_name,
                                  const Catalog& catalog, LayoutIs layout,
                                  std::vector<Explained>* log) {
  std::vector<Scenario> phases;
  if (find(document.root, kPhases) == nullptr) {
    return phases;
  }
  const Values run = Values(document, {{}, {}, {}, log, nullptr}).map("run");
  double sum = 0;
  for (const Values& in : run.items("phases")) {
    const Document phase = extract(document, child(kPhases, std::to_string(phases.size())));
    Scenario s = scenario_of(in_phase(document, phase), file_name, catalog, layout);
    s.share = in.number("share");
    s.name = in.text("name", fmt::format("phase {}", phases.size() + 1), "its number");
    sum += s.share;
    phases.push_back(std::move(s));
  }
  constexpr double kRounding = 1e-6;
  if (std::abs(sum - 1.0) > kRounding) {
    run.refuse("phases", fmt::format("their shares add up to {:g}, expected 1", sum));
  }
  return phases;
}

}  // namespace scenarios
