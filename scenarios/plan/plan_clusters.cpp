// The candidates of a plan: every fabric, size and way to pay, each with its fastest layout and its
// whole run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "scenarios/found_layouts.hpp"
#include "scenarios/plan/plan.hpp"
#include "scenarios/plan/plan_request.hpp"
#include "scenarios/progress.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/scenario_parts.hpp"
#include "scenarios/stopwatch.hpp"

namespace scenarios {

namespace {

using sim::Resource;
using sim::Uses;

/// Simulated courses of each candidate; the chosen one gets as many as its scenario asks for.
constexpr int kCourses = 200;
/// No cluster trains above this share of its peak (best GEMM of an H100: 80 %); sets the smallest
/// size that could meet a deadline.
constexpr double kBestMfu = 0.75;
constexpr double kWorstMfu = 0.08;
constexpr int kMostAccelerators = 1 << 17;
/// Sizes where no deadline says which: up to this many accelerators.
constexpr int kMostWithoutDeadline = 16384;

double& use(Uses& uses, Resource r) {
  return uses[static_cast<std::size_t>(r)];
}

/// Sizes between what the deadline needs at the best and at the worst utilisation, four to each
/// doubling, in whole scale-up domains.
std::vector<int> sizes(const Scenario& s, const PlanRequest& request) {
  if (!request.gpus.empty()) {
    return request.gpus;
  }
  const int unit = std::max(s.cluster.scale_up_domain, s.cluster.gpus_per_node);
  double least = unit;
  double most = kMostWithoutDeadline;
  const auto& deadline = request.limits[static_cast<std::size_t>(Resource::Time)];
  const double peak =
      s.cluster.accelerator.peak[static_cast<std::size_t>(s.training.precision)].base();
  if (deadline && s.whole_run.tokens > 0 && peak > 0.0) {
    // 6 FLOPs per active parameter and token, Kaplan et al., arXiv 2001.08361, section 2.1.
    const double flops = 6.0 * sim::parameters(s.model).active * s.whole_run.tokens;
    least = flops / (*deadline * peak * kBestMfu);
    most = flops / (*deadline * peak * kWorstMfu);
  }
  if (const auto& limit = request.limits[static_cast<std::size_t>(Resource::Accelerators)]) {
    most = std::min(most, *limit);
  }
  most = std::min<double>(most, kMostAccelerators);
  std::vector<int> list;
  for (double power = 1; power * unit <= most; power *= 2) {
    for (const double step : {1.0, 1.25, 1.5, 1.75}) {
      const double domains = power * step;
      const double gpus = domains * unit;
      if (domains == std::floor(domains) && gpus >= least && gpus <= most) {
        list.push_back(static_cast<int>(gpus));
      }
    }
  }
  if (list.empty()) {
    list.push_back(static_cast<int>(std::ceil(std::max<double>(least, unit) / unit)) * unit);
  }
  return list;
}

Uses uses_of(const RunPlan& run) {
  Uses uses{};
  const double unknown = std::nan("");
  use(uses, Resource::Time) = run.drawn.unfinished > 0 ? unknown : run.finish().base();
  use(uses, Resource::Money) = run.cost.rate ? run.cost.bill().amount().base() : unknown;
  use(uses, Resource::Power) = meter_peak(run).base();
  use(uses, Resource::Carbon) = run.energy.carbon_kg;
  use(uses, Resource::Accelerators) = run.step.gpus;
  return uses;
}

class Planner {
 public:
  Planner(const PlanOptions& options, const Document& document, const PlanRequest& request)
      : options_(options),
        document_(document),
        request_(request),
        catalog_(Catalog::open(options.profile)),
        profiles_(catalog_.directory(), options.profile) {}

  void look_at(const std::string& fabric, ClusterPlans& plans) {
    for (const int gpus : sizes(scenario(fabric, {}, {}), request_)) {
      const Scenario searched = scenario(fabric, gpus, {});
      const auto layout = fastest(searched, plans);
      const auto of_phases = layout ? fastest_of_phases(searched, plans) : std::nullopt;
      if (!of_phases) {
        continue;
      }
      for (const std::string& terms : request_.terms) {
        const Scenario here = scenario(fabric, gpus, terms);
        if (const std::vector<std::string> why = misplaced_data(here); !why.empty()) {
          plans.left_out.push_back(
              fmt::format("{} with {} accelerators: {}", here.cluster.id, gpus, why.front()));
          continue;
        }
        PlanCandidate candidate{.fabric = fabric,
                                .terms = terms,
                                .layout = *layout,
                                .of_phases = *of_phases,
                                .run = {}};
        candidate.run =
            plan_run(laid_out(here, candidate), catalog_, profiles_, run_options(kCourses));
        candidate.uses = uses_of(candidate.run);
        plans.candidates.push_back(std::move(candidate));
      }
    }
  }

  /// The same candidate with as many courses as the scenario asks for.
  void look_closer(PlanCandidate& c) {
    const Scenario one = laid_out(scenario(c.fabric, c.run.step.gpus, c.terms), c);
    c.run = plan_run(one, catalog_, profiles_, run_options({}));
  }

  /// Why no cluster would do, in sentences: what its data is made of is not a matter of clusters.
  [[nodiscard]] std::vector<std::string> hopeless() {
    const Scenario s = scenario(request_.fabrics.front(), {}, {});
    std::string human =
        s.data.given ? missed_human_share(s, sim::human_share(data_uses(s, 1.0))) : std::string();
    return human.empty() ? std::vector<std::string>{} : std::vector{std::move(human)};
  }

 private:
  [[nodiscard]] RunOptions run_options(std::optional<int> courses) const {
    return {.scenario = options_.scenario, .runs = courses, .threads = options_.threads};
  }

  [[nodiscard]] Scenario scenario(const std::string& fabric, std::optional<int> gpus,
                                  const std::string& terms) const {
    std::vector<std::string> sets{"cluster.fabric=" + fabric, "layout=null"};
    sets.push_back(gpus ? fmt::format("cluster.gpus={}", *gpus) : "cluster.gpus=null");
    if (!terms.empty()) {
      sets.push_back("purchase.terms=" + terms);
    }
    return scenario_of(with_sets(document_, sets), options_.scenario.stem().string(), catalog_,
                       LayoutIs::Searched);
  }

  static Scenario laid_out(Scenario s, const PlanCandidate& c) {
    for (std::size_t i = 0; i < s.phases.size(); ++i) {
      s.phases[i] = with_layout(std::move(s.phases[i]), c.of_phases[i]);
    }
    return with_layout(std::move(s), c.layout);
  }

  /// Nothing where a phase of the run has none.
  std::optional<std::vector<sim::LayoutChoice>> fastest_of_phases(const Scenario& s,
                                                                  ClusterPlans& plans) {
    std::vector<sim::LayoutChoice> list;
    for (const Scenario& phase : s.phases) {
      const auto own = fastest(phase, plans);
      if (!own) {
        return std::nullopt;
      }
      list.push_back(*own);
    }
    return list;
  }

  std::optional<sim::LayoutChoice> fastest(const Scenario& s, ClusterPlans& plans) {
    const sim::TrainingJob job = s.job();
    const DeviceModels& models = profiles_.models(job.cluster.accelerator);
    const sim::SearchResult found =
        sim::search_layouts(job, {.device = models.device, .collectives = models.collectives},
                            sim::coarse_space(job), {.top = 1, .threads = threads()});
    plans.layouts += found.considered;
    if (!found.best.empty()) {
      return found.best.front().choice;
    }
    plans.left_out.push_back(fmt::format(
        "{} with {} accelerators: {}", s.cluster.id, s.cluster.gpus,
        found.too_large > 0 ? "no layout fits the memory" : "no layout divides model and batch"));
    return std::nullopt;
  }

  [[nodiscard]] unsigned threads() const {
    return options_.threads > 0 ? static_cast<unsigned>(options_.threads)
                                : std::max(1U, std::thread::hardware_concurrency());
  }

  const PlanOptions& options_;
  const Document& document_;
  const PlanRequest& request_;
  Catalog catalog_;
  ProfileStore profiles_;
};

/// Plans that meet the limits and miss the best by up to a tenth, nearest first.
std::vector<std::size_t> close_to(const ClusterPlans& plans, std::span<const Uses> uses) {
  constexpr double kClose = 1.1;
  const auto goal = static_cast<std::size_t>(plans.goal);
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (i != *plans.chosen && sim::meets(uses[i], plans.limits) &&
        uses[i][goal] <= kClose * uses[*plans.chosen][goal]) {
      list.push_back(i);
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [&](std::size_t a, std::size_t b) { return uses[a][goal] < uses[b][goal]; });
  return list;
}

/// The front of those that meet the limits; of all where none does.
std::vector<std::size_t> front_of(const ClusterPlans& plans, std::span<const Uses> uses) {
  if (!plans.chosen) {
    return sim::pareto(uses);
  }
  std::vector<std::size_t> kept;
  std::vector<Uses> figures;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (sim::meets(uses[i], plans.limits)) {
      kept.push_back(i);
      figures.push_back(uses[i]);
    }
  }
  std::vector<std::size_t> front = sim::pareto(figures);
  for (std::size_t& i : front) {
    i = kept[i];
  }
  return front;
}

}  // namespace

ClusterPlans plan_clusters(const PlanOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const Document document =
      with_sets(read_scenario_over_bases(options.scenario, options.text), options.sets);
  PlanRequest request = read_plan_request(document);
  request.goal = options.goal.value_or(request.goal);
  ClusterPlans plans{.scenario = options.scenario.stem().string(),
                     .goal = request.goal,
                     .limits = request.limits,
                     .residency = request.residency};
  if (const Json* name = find(document.root, "/name")) {
    plans.scenario = name->get<std::string>();
  }
  Planner planner(options, document, request);
  plans.hopeless = planner.hopeless();
  if (!plans.hopeless.empty()) {
    return plans;
  }
  Progress progress("plan");
  for (std::size_t f = 0; f < request.fabrics.size(); ++f) {
    planner.look_at(request.fabrics[f], plans);
    progress.update(static_cast<double>(f + 1) / static_cast<double>(request.fabrics.size()));
  }
  std::vector<Uses> uses;
  for (const PlanCandidate& c : plans.candidates) {
    uses.push_back(c.uses);
  }
  plans.chosen = sim::best(uses, plans.limits, plans.goal);
  plans.pareto = front_of(plans, uses);
  if (plans.chosen) {
    plans.close = close_to(plans, uses);
    plans.bindings = sim::bindings(uses, plans.limits, plans.goal, *plans.chosen);
    planner.look_closer(plans.candidates[*plans.chosen]);
  } else {
    plans.clash = sim::clash(uses, plans.limits);
  }
  plans.wall_seconds = seconds_since(start);
  return plans;
}

}  // namespace scenarios
