#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/cost_lines.hpp"
#include "scenarios/format.hpp"
#include "scenarios/found_layouts.hpp"
#include "scenarios/plan/plan.hpp"
#include "scenarios/print_data.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::Resource;

constexpr std::array kAll{Resource::Time, Resource::Money, Resource::Power, Resource::Carbon,
                          Resource::Accelerators};

double used(const PlanCandidate& c, Resource r) {
  return c.uses[static_cast<std::size_t>(r)];
}

std::string heading() {
  return fmt::format("  {:<18} {:>8} {:<12} {:>10} {:>7} {:>10} {:>20} {:>10} {:>18}\n", "cluster",
                     "GPUs", "paid", "step", "MFU", "P95 finish", "cost", "peak", "carbon");
}

std::string row(const PlanCandidate& c) {
  const sim::StepReport& r = c.run.step.report;
  return fmt::format("  {:<18} {:>8} {:<12} {:>10} {:>5.1f} % {:>10} {:>20} {:>10} {:>18}\n",
                     c.fabric, format_count(c.run.step.gpus), c.terms, format_time(r.step.value),
                     100 * r.mfu.value, use_text(Resource::Time, used(c, Resource::Time)),
                     use_text(Resource::Money, used(c, Resource::Money)),
                     use_text(Resource::Power, used(c, Resource::Power)),
                     use_text(Resource::Carbon, used(c, Resource::Carbon)));
}

std::string chosen_plan(const ClusterPlans& plans) {
  const PlanCandidate& c = plans.candidates[*plans.chosen];
  const RunPlan& run = c.run;
  std::string out = fmt::format(
      "Best by {}: {} {} ({})\n  layout   {}\n  step     {}, MFU {:.1f} %, {} of memory\n"
      "  finish   {} (half of the courses), {} (95 of 100); effective {:.1f} %, {:.0f} "
      "interruptions\n  power    {} at the meter at the peak of a step, {} in the mean\n"
      "  carbon   {}\n  spares   {} nodes\n",
      sim::name(plans.goal), format_count(run.step.gpus), c.fabric, c.terms, describe(c.layout),
      format_time(run.step.report.step.value), 100 * run.step.report.mfu.value,
      format_bytes(run.step.report.memory.total), format_time(run.drawn.p50 + run.preparation()),
      format_time(run.finish()), 100 * run.drawn.ettr, run.drawn.interruptions,
      use_text(Resource::Power, used(c, Resource::Power)), format_power(run.pue * run.energy.mean),
      use_text(Resource::Carbon, used(c, Resource::Carbon)), run.model.spares);
  return out + input_lines(run) + "\nWhat it costs (USD)\n" + cost_lines(run.cost.bill());
}

std::string limits_text(const ClusterPlans& plans) {
  if (plans.bindings.empty()) {
    return "";
  }
  std::string out = "\nWhat limits it\n";
  for (const sim::Binding& b : plans.bindings) {
    const double limit = *plans.limits[static_cast<std::size_t>(b.limit)];
    out += fmt::format("  {:<10} {:>20}, {:.0f} % used; ", limit_key(b.limit),
                       use_text(b.limit, limit), 100 * b.share);
    if (b.relaxed && b.gain > 0.0) {
      const PlanCandidate& other = plans.candidates[*b.relaxed];
      out += fmt::format("10 % more would save {} ({} {}, {})\n", use_text(plans.goal, b.gain),
                         format_count(other.run.step.gpus), other.fabric, other.terms);
    } else {
      out += "10 % more would change nothing\n";
    }
  }
  return out;
}

std::string infeasible(const ClusterPlans& plans) {
  if (!plans.hopeless.empty()) {
    return fmt::format("No plan meets the limits: {}.\n", fmt::join(plans.hopeless, "; "));
  }
  if (plans.candidates.empty()) {
    return "No cluster could be planned at all.\n";
  }
  std::string out = "No plan meets the limits.\n";
  for (const std::vector<Resource>& set : plans.clash.drop) {
    std::vector<std::string> words;
    for (const Resource r : set) {
      words.push_back(fmt::format("limits.{} ({})", limit_key(r),
                                  use_text(r, *plans.limits[static_cast<std::size_t>(r)])));
    }
    out += fmt::format("  without {} there would be one\n", fmt::join(words, " and "));
  }
  if (plans.clash.nearest) {
    const PlanCandidate& c = plans.candidates[*plans.clash.nearest];
    std::vector<std::string> words;
    for (const Resource r : plans.clash.exceeded) {
      words.push_back(fmt::format("{} of {}", limit_key(r), use_text(r, used(c, r))));
    }
    out += fmt::format("Nearest: it would need a {}\n", fmt::join(words, " and a ")) + heading() +
           row(c);
  }
  return out;
}

std::string list(const ClusterPlans& plans, const char* title,
                 const std::vector<std::size_t>& which) {
  if (which.empty()) {
    return "";
  }
  std::string out = fmt::format("\n{}\n{}", title, heading());
  for (const std::size_t i : which) {
    out += row(plans.candidates[i]);
  }
  return out;
}

std::string table(const ClusterPlans& plans) {
  std::string out =
      fmt::format("{}\n{} plans, {} layouts looked at in {}\n\n", plans.scenario,
                  plans.candidates.size(), format_count(static_cast<double>(plans.layouts)),
                  format_time(units::seconds(plans.wall_seconds)));
  out += plans.chosen ? chosen_plan(plans) + limits_text(plans) : infeasible(plans);
  out += list(plans, "Close to it", plans.close);
  out += list(plans,
              plans.chosen ? "Nothing that meets the limits beats these in time, money and power"
                           : "Nothing beats these in time, money and power, limits aside",
              plans.pareto);
  if (!plans.left_out.empty()) {
    out += "\nLeft out\n";
    for (const std::string& why : plans.left_out) {
      out += fmt::format("  {}\n", why);
    }
  }
  if (plans.chosen) {
    for (const std::string& warning : plans.candidates[*plans.chosen].run.warnings) {
      out += fmt::format("warning: {}\n", warning);
    }
  }
  return out;
}

ordered_json number(double value) {
  return std::isnan(value) ? ordered_json() : ordered_json(value);
}

ordered_json json(const PlanCandidate& c) {
  return {{"fabric", c.fabric},
          {"terms", c.terms},
          {"gpus", c.run.step.gpus},
          {"layout", describe(c.layout)},
          {"choice", ordered_json::parse(choice_json(c.layout))},
          {"step_time_s", c.run.step.report.step.value.base()},
          {"mfu", c.run.step.report.mfu.value},
          {"finish_p50_s", (c.run.drawn.p50 + c.run.preparation()).base()},
          {"finish_p95_s", number(used(c, Resource::Time))},
          {"ettr", c.run.drawn.ettr},
          {"cost_usd", number(used(c, Resource::Money))},
          {"peak_power_w", number(used(c, Resource::Power))},
          {"carbon_kg", number(used(c, Resource::Carbon))},
          {"spare_nodes", c.run.model.spares}};
}

ordered_json json(const ClusterPlans& plans) {
  ordered_json j{{"scenario", plans.scenario},
                 {"goal", sim::name(plans.goal)},
                 {"feasible", plans.chosen.has_value()},
                 {"candidates", plans.candidates.size()},
                 {"layouts", plans.layouts},
                 {"wall_s", plans.wall_seconds}};
  const auto all = [&](const std::vector<std::size_t>& which) {
    ordered_json l = ordered_json::array();
    for (const std::size_t i : which) {
      l.push_back(json(plans.candidates[i]));
    }
    return l;
  };
  j["limits"] = ordered_json::object();
  for (const Resource r : kAll) {
    if (const auto& limit = plans.limits[static_cast<std::size_t>(r)]) {
      j["limits"][std::string(limit_key(r))] = *limit;
    }
  }
  j["residency"] = plans.residency;
  if (plans.chosen) {
    const PlanCandidate& c = plans.candidates[*plans.chosen];
    j["plan"] = json(c);
    j["plan"]["cost"] = cost_json(c.run.cost.bill());
    j["plan"]["warnings"] = c.run.warnings;
    j["binding"] = ordered_json::array();
    for (const sim::Binding& b : plans.bindings) {
      j["binding"].push_back({{"limit", limit_key(b.limit)},
                              {"used", b.share},
                              {"gain_of_goal_by_10_percent_more", b.gain}});
    }
    j["close"] = all(plans.close);
  } else {
    j["hopeless"] = plans.hopeless;
    j["clash"] = ordered_json::array();
    for (const auto& set : plans.clash.drop) {
      ordered_json names = ordered_json::array();
      for (const Resource r : set) {
        names.push_back(limit_key(r));
      }
      j["clash"].push_back(std::move(names));
    }
    j["nearest"] =
        plans.clash.nearest ? json(plans.candidates[*plans.clash.nearest]) : ordered_json();
  }
  j["pareto"] = all(plans.pareto);
  j["left_out"] = plans.left_out;
  return j;
}

}  // namespace

std::string_view limit_key(sim::Resource r) {
  constexpr std::array<std::string_view, sim::kResources> kKeys{"deadline", "budget", "power",
                                                                "carbon_kg", "gpus"};
  return kKeys[static_cast<std::size_t>(r)];
}

std::string use_text(sim::Resource r, double value) {
  if (std::isnan(value)) {
    return "unknown";
  }
  switch (r) {
    case Resource::Time:
      return format_time(units::seconds(value));
    case Resource::Money:
      return format_money(units::usd(value));
    case Resource::Power:
      return format_power(units::watts(value));
    case Resource::Carbon:
      return fmt::format("{} t CO2e", format_count(std::round(value / 1000.0)));
    case Resource::Accelerators:
      return format_count(value);
  }
  return {};
}

void print_plans(const ClusterPlans& plans, OutputFormat format) {
  fmt::print("{}", format == OutputFormat::Json ? json(plans).dump(2) + "\n" : table(plans));
}

std::string chosen_scenario(const ClusterPlans& plans, const PlanOptions& options,
                            const std::filesystem::path& file) {
  const PlanCandidate& c = plans.candidates[*plans.chosen];
  return scenario_with(c.layout, options.scenario, file,
                       c.layout.layout.ep > 1 || c.layout.layout.expert_tp > 0) +
         fmt::format("cluster:\n  fabric: {}\n  gpus: {}\npurchase:\n  terms: {}\n", c.fabric,
                     c.run.step.gpus, c.terms);
}

int plan(const PlanOptions& options) {
  const ClusterPlans plans = plan_clusters(options);
  print_plans(plans, options.format);
  if (!options.out.empty() && plans.chosen) {
    write_file(options.out, chosen_scenario(plans, options, options.out));
  }
  return plans.chosen ? 0 : 1;
}

}  // namespace scenarios
