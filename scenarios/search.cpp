#include "scenarios/search.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/found_layouts.hpp"
#include "scenarios/progress.hpp"
#include "scenarios/run_flow.hpp"
#include "scenarios/stopwatch.hpp"
#include "scenarios/suggest.hpp"
#include "sim/plan/placement.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using sim::LayoutSpace;

/// What each choice is fixed to by the scenario.
using Fix = std::function<void(LayoutSpace&, const sim::TrainingJob&)>;
const std::map<std::string, Fix>& fixes() {
  using Job = sim::TrainingJob;
  static const std::map<std::string, Fix> all{
      {"tp", [](LayoutSpace& s, const Job& j) { s.tp = {j.layout.tp}; }},
      {"pp", [](LayoutSpace& s, const Job& j) { s.pp = {j.layout.pp}; }},
      {"virtual_stages",
       [](LayoutSpace& s, const Job& j) { s.virtual_stages = {j.layout.virtual_stages}; }},
      {"cp", [](LayoutSpace& s, const Job& j) { s.cp = {j.layout.cp}; }},
      {"ep", [](LayoutSpace& s, const Job& j) { s.ep = {j.layout.ep}; }},
      {"expert_tp",
       [](LayoutSpace& s, const Job& j) {
         s.expert_tp = {j.layout.expert_tp == j.layout.tp ? 0 : j.layout.expert_tp};
       }},
      {"micro_batch",
       [](LayoutSpace& s, const Job& j) { s.micro_batch = {j.training.micro_batch}; }},
      {"sharding", [](LayoutSpace& s, const Job& j) { s.sharding = {j.layout.sharding}; }},
      {"shard_degree",
       [](LayoutSpace& s, const Job& j) { s.shard_degree = {j.layout.shard_degree}; }},
      {"recompute",
       [](LayoutSpace& s, const Job& j) {
         s.recompute = {{j.training.recompute, j.training.recompute_layers}};
       }},
      {"schedule", [](LayoutSpace& s, const Job& j) { s.schedule = {j.layout.schedule}; }},
      {"order", [](LayoutSpace& s, const Job& j) { s.order = {j.layout.order}; }},
      {"sequence_parallel",
       [](LayoutSpace& s, const Job& j) { s.sequence_parallel = {j.layout.sequence_parallel}; }}};
  return all;
}

LayoutSpace space_of(const SearchCommandOptions& options, const sim::TrainingJob& job) {
  LayoutSpace space = sim::full_space(job);
  for (const std::string& choice : options.fixed) {
    const auto fix = fixes().find(choice);
    if (fix == fixes().end()) {
      throw topology::InputError({}, "--fix",
                                 fmt::format("\"{}\" is no choice of a layout, {}", choice,
                                             did_you_mean(choice, search_choices())));
    }
    fix->second(space, job);
  }
  return space;
}

/// Step time on the real links; nothing where faults cut the job off, which `trouble` then says.
std::optional<units::Seconds> flow_time(const Scenario& scenario, const sim::LayoutChoice& choice,
                                        ProfileStore& store, const Catalog& catalog,
                                        std::string& trouble) {
  const Scenario one = with_layout(scenario, choice);
  try {
    const auto timed = time_scenario(one, store);
    return run_flow(one, *timed, store, catalog, {}).result.time.step;
  } catch (const sim::CutOff& e) {
    trouble = e.what();
    return {};
  }
}

/// Lays the ranks of the best layout out in every order that closed form cannot tell from its own,
/// and keeps the fastest.
void try_orders(FoundLayout& best, const Scenario& scenario, ProfileStore& store,
                const Catalog& catalog) {
  sim::LayoutChoice choice = best.layout.choice;
  for (const sim::RankOrder& order : sim::orders_by_leaves(choice.layout, scenario.cluster)) {
    choice.layout.order = order;
    std::string trouble;
    const auto step = flow_time(scenario, choice, store, catalog, trouble);
    if (step && (!best.flow_step || *step < *best.flow_step)) {
      best.flow_step = step;
      best.layout.choice = choice;
      best.trouble.clear();
    }
  }
}

/// Whether the best layout's ranks may also be laid out as only links can tell apart.
enum class Orders { AsFound, ByLeaves };

/// Times the found layouts on the real links; the order by time may change.
void simulate_flows(FoundLayouts& found, const Scenario& scenario, ProfileStore& store,
                    const Catalog& catalog, Orders orders) {
  Progress progress("flow simulation of the best layouts");
  for (std::size_t i = 0; i < found.best.size(); ++i) {
    FoundLayout& one = found.best[i];
    one.flow_step = flow_time(scenario, one.layout.choice, store, catalog, one.trouble);
    progress.update(static_cast<double>(i + 1) / static_cast<double>(found.best.size()));
  }
  if (found.goal == sim::SearchGoal::Time) {
    std::stable_sort(found.best.begin(), found.best.end(),
                     [](const FoundLayout& a, const FoundLayout& b) {
                       return a.flow_step && (!b.flow_step || *a.flow_step < *b.flow_step);
                     });
  }
  if (orders == Orders::ByLeaves && !found.best.empty()) {
    try_orders(found.best.front(), scenario, store, catalog);
  }
}

}  // namespace

std::vector<std::string> search_choices() {
  std::vector<std::string> names;
  for (const auto& [name, fix] : fixes()) {
    names.push_back(name);
  }
  return names;
}

FoundLayouts find_layouts(const Scenario& scenario, ProfileStore& store, const LayoutSpace& space,
                          const SearchCommandOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const sim::TrainingJob job = scenario.job();
  const DeviceModels& models = store.models(job.cluster.accelerator);
  const unsigned threads = options.threads > 0 ? static_cast<unsigned>(options.threads)
                                               : std::max(1U, std::thread::hardware_concurrency());
  FoundLayouts found{.scenario = scenario.name,
                     .gpus = job.cluster.gpus,
                     .global_batch = job.training.global_batch,
                     .capacity = job.cluster.accelerator.memory,
                     .goal = options.goal,
                     .threads = threads};
  found.result = sim::search_layouts(
      job, {.device = models.device, .collectives = models.collectives}, space,
      {.goal = options.goal, .top = static_cast<std::size_t>(options.top), .threads = threads});
  for (const sim::ScoredLayout& layout : found.result.best) {
    found.best.push_back({.layout = layout});
  }
  found.search_seconds = seconds_since(start);
  return found;
}

int search(const SearchCommandOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const Catalog catalog = Catalog::open(options.profile);
  ProfileStore store(catalog.directory(), options.profile);
  const Scenario scenario =
      load_scenario_text(options.text, options.scenario, options.sets, catalog, LayoutIs::Searched);
  const sim::TrainingJob job = scenario.job();
  FoundLayouts found = find_layouts(scenario, store, space_of(options, job), options);
  if (options.fidelity == Fidelity::Flow) {
    const bool fixed =
        std::find(options.fixed.begin(), options.fixed.end(), "order") != options.fixed.end();
    simulate_flows(found, scenario, store, catalog, fixed ? Orders::AsFound : Orders::ByLeaves);
  }
  found.wall_seconds = seconds_since(start);
  print_found(found, options.format);
  if (!options.out.empty() && !found.best.empty()) {
    write_file(options.out, scenario_with(found.best.front().layout.choice, options.scenario,
                                          options.out, job.model.moe.has_value()));
  }
  return found.best.empty() ? 1 : 0;
}

}  // namespace scenarios
