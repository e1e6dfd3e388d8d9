#include "scenarios/report/findings.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "scenarios/format.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/scenario_parts.hpp"
#include "scenarios/search.hpp"
#include "scenarios/sweep/metrics.hpp"
#include "scenarios/yaml.hpp"
#include "topology/cluster.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using topology::InputError;
using topology::VertexKind;

/// Graphs beyond this are not drawn: a torus of a million devices takes 430 MB.
constexpr int kMostAccelerators = 1 << 17;
/// Highest first.
constexpr std::array kTiers{VertexKind::Border, VertexKind::Core,         VertexKind::Spine,
                            VertexKind::Router, VertexKind::Leaf,         VertexKind::Other,
                            VertexKind::Nic,    VertexKind::Host,         VertexKind::PcieSwitch,
                            VertexKind::Gpu,    VertexKind::ScaleUpSwitch};

/// The slowest link between two kinds; 0 where there is none.
units::BytesPerSecond slowest(const topology::Cluster& cluster, VertexKind a, VertexKind b) {
  units::BytesPerSecond least{};
  for (const topology::Link& link : cluster.links()) {
    if (cluster.kind(link.from) == a && cluster.kind(link.to) == b) {
      const units::BytesPerSecond one = link.bandwidth / link.cables;
      least = least == units::BytesPerSecond{} ? one : std::min(least, one);
    }
  }
  return least;
}

std::vector<Tier> tiers_of(const topology::Cluster& cluster) {
  std::vector<Tier> tiers;
  for (const VertexKind kind : kTiers) {
    if (const std::size_t count = cluster.count(kind); count > 0) {
      Tier tier{.kind = kind, .count = count};
      tier.cables_inside = cluster.cables(kind, kind);
      if (tier.cables_inside > 0) {
        tier.bandwidth_inside = slowest(cluster, kind, kind);
      }
      tiers.push_back(tier);
    }
  }
  for (std::size_t i = 0; i + 1 < tiers.size(); ++i) {
    tiers[i].cables_below = cluster.cables(tiers[i].kind, tiers[i + 1].kind);
    if (tiers[i].cables_below > 0) {
      tiers[i].bandwidth_below = slowest(cluster, tiers[i].kind, tiers[i + 1].kind);
    }
  }
  return tiers;
}

Found<Fabric> find_fabric(const Scenario& s) {
  if (s.cluster.gpus > kMostAccelerators) {
    return {.why_not = fmt::format("The cluster is not drawn: {} accelerators are more than {}.",
                                   format_count(s.cluster.gpus), format_count(kMostAccelerators))};
  }
  try {
    const topology::Cluster cluster = topology::Cluster::build(s.cluster);
    return {.value = Fabric{.facts = describe_topology(cluster), .tiers = tiers_of(cluster)}};
  } catch (const InputError& e) {
    return {.why_not = fmt::format("The cluster cannot be counted: {}.", e.what())};
  }
}

Found<RunPlan> find_run(const Scenario& s, const Catalog& catalog, ProfileStore& store,
                        const ReportOptions& options) {
  if (s.whole_run.tokens <= 0 && s.whole_run.steps <= 0) {
    return {.why_not = "The scenario says nothing of the whole run: add run: {tokens: 15e12}."};
  }
  return {.value = plan_run(
              s, catalog, store,
              {.scenario = options.scenario,
               .threads = options.threads > 0 ? std::optional(options.threads) : std::nullopt})};
}

Found<FoundLayouts> find_other_layouts(const Scenario& s, ProfileStore& store,
                                       const ReportOptions& options) {
  constexpr int kTop = 5;
  SearchCommandOptions how;
  how.top = kTop;
  how.threads = options.threads;
  FoundLayouts found = find_layouts(s, store, sim::coarse_space(s.job()), how);
  if (found.best.empty()) {
    return {.why_not = "No layout of a coarse search fits this cluster; see gpuplan search."};
  }
  return {.value = std::move(found)};
}

/// The throughput per accelerator of the scenario with changes, by closed form.
Evaluate evaluator(const Document& document, const ReportOptions& options, const Catalog& catalog,
                   ProfileStore& store) {
  return [&](const std::vector<std::string>& sets) -> Outcome {
    try {
      const Scenario changed = scenario_of(
          with_sets(document, sets), options.scenario.stem().string(), catalog, LayoutIs::Given);
      const Prediction p = predict(changed, SimulateOptions(), store, catalog);
      if (!p.report.memory.fits()) {
        return {
            .setting = {},
            .value = {},
            .trouble = fmt::format("does not fit: {} of {}", format_bytes(p.report.memory.total),
                                   format_bytes(p.report.memory.capacity))};
      }
      return {.setting = {}, .value = metric("tokens_per_s_per_gpu").of(p)};
    } catch (const InputError&) {
      return {.setting = {}, .value = {}, .trouble = "this layout cannot be then"};
    }
  };
}

Measured measured(const Scenario& s, ProfileStore& store) {
  const calib::DeviceProfile& device = store.models(s.cluster.accelerator).device;
  Measured m{.device = device.id,
             .made = fmt::format("{}, {}", device.source.date, device.source.command),
             .tables = device.source.tables,
             .runs = device.source.runs,
             .transferred = device.source.transferred};
  if (const auto step = device.bands.find("step"); step != device.bands.end()) {
    m.step_records = step->second.front().records;
  }
  return m;
}

/// The scenario as it stands, or what was chosen from it, laid over it.
Document document_of(const ReportOptions& options, const std::optional<std::string>& chosen = {}) {
  Document document = read_scenario_over_bases(options.scenario, options.text);
  if (chosen) {
    Document over = read_yaml_text(*chosen, "the chosen plan");
    over.root.erase("base");
    overlay(document, over);
  }
  return with_sets(std::move(document), options.sets);
}

/// By flow simulation; by closed form where that was asked for, or the fabric cannot be drawn.
void find_step(const ReportOptions& options, ProfileStore& store, const Catalog& catalog,
               Findings& f) {
  if (options.fidelity == Fidelity::Flow) {
    try {
      SimulateOptions how;
      how.timeline = true;
      how.kernels = true;
      f.step = predict(f.scenario, how, store, catalog);
      return;
    } catch (const InputError& e) {
      f.no_flow = fmt::format("The network cannot be simulated: {}.", e.what());
    }
  } else {
    f.no_flow = "The step is by closed form (--fidelity closed-form).";
  }
  SimulateOptions how;
  how.kernels = true;
  f.step = predict(f.scenario, how, store, catalog);
}

/// Findings about one scenario.
Findings find_about(const ReportOptions& options, const Document& document,
                    const Catalog& catalog) {
  ProfileStore store(catalog.directory(), options.profile);
  Findings f{
      .scenario = scenario_of(document, options.scenario.stem().string(), catalog, LayoutIs::Given),
      .step = {},
      .run = {},
      .fabric = {},
      .layouts = {},
      .swings = {},
      .measured = {}};
  find_step(options, store, catalog, f);
  f.run = find_run(f.scenario, catalog, store, options);
  f.fabric = find_fabric(f.scenario);
  f.layouts = find_other_layouts(f.scenario, store, options);
  // All changes are by closed form, so what they are compared with is, too.
  const double base =
      metric("tokens_per_s_per_gpu").of(predict(f.scenario, SimulateOptions(), store, catalog));
  f.swings = swings(f.scenario, base, evaluator(document, options, catalog, store));
  f.swings.push_back(
      {.what = "the prediction itself (90 % band)",
       .path = {},
       .low = {.setting = "slow end",
               .value = base / (f.step.report.step.high / f.step.report.step.value)},
       .high = {.setting = "fast end",
                .value = base / (f.step.report.step.low / f.step.report.step.value)}});
  f.measured = measured(f.scenario, store);
  return f;
}

/// The chosen plan is a scenario over the request.
Findings find_chosen(const ReportOptions& options, ClusterPlans plans, const Catalog& catalog) {
  const std::string chosen = chosen_scenario(
      plans, {.scenario = options.scenario, .sets = {}, .goal = {}, .out = {}}, options.scenario);
  Findings f = find_about(options, document_of(options, chosen), catalog);
  f.plans = std::move(plans);
  return f;
}

}  // namespace

Findings find_all(const ReportOptions& options) {
  const Catalog catalog = Catalog::open(options.profile);
  const Document document = document_of(options);
  if (find(document.root, "/plan") == nullptr) {
    return find_about(options, document, catalog);
  }
  ClusterPlans plans = plan_clusters({.scenario = options.scenario,
                                      .text = options.text,
                                      .sets = options.sets,
                                      .goal = {},
                                      .threads = options.threads,
                                      .profile = options.profile,
                                      .out = {}});
  if (plans.chosen) {
    return find_chosen(options, std::move(plans), catalog);
  }
  Findings f = find_about(options, document, catalog);  // what the buyer thought of
  f.plans = std::move(plans);
  return f;
}

bool all_well(const Findings& f) {
  const bool run_well =
      !f.run.value || (f.run.value->drawn.unfinished == 0 && f.run.value->missed.empty());
  return f.step.report.memory.fits() && run_well && (!f.plans || f.plans->chosen);
}

}  // namespace scenarios
