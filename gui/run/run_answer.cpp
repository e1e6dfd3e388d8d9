#include "gui/run/run_answer.hpp"

#include <nlohmann/json.hpp>

#include "gui/read_sources.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;

QString text(const Json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_string() ? QString::fromStdString(found->get<std::string>())
                                                 : QString();
}

std::optional<double> maybe(const Json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_number() ? std::optional(found->get<double>())
                                                 : std::nullopt;
}

double figure(const Json& of, const char* key) {
  return of.at(key).get<double>();
}

QStringList sentences(const Json& list) {
  QStringList all;
  for (const Json& one : list) {
    all << QString::fromStdString(one.get<std::string>());
  }
  return all;
}

/// `bill`: "cost_run".
void add_cost(const Json& line, const QString& bill, int depth, std::vector<CostLine>& lines) {
  QStringList origin;
  for (const char* key : {"provider", "region", "source", "as_of"}) {
    if (const QString word = text(line, key); !word.isEmpty()) {
      origin << word;
    }
  }
  if (const QString evidence = text(line, "evidence"); !evidence.isEmpty() && evidence != "read") {
    origin << evidence;
  }
  lines.push_back({text(line, "what"), depth, figure(line, "usd"),
                   depth == 0 ? bill : bill + "." + text(line, "what"), text(line, "unit"),
                   origin.join(", "), maybe(line, "quantity"), maybe(line, "unit_price_usd")});
  if (line.contains("lines")) {
    for (const Json& part : line["lines"]) {
      add_cost(part, bill, depth + 1, lines);
    }
  }
}

WholeRun read(const Json& o) {
  WholeRun r;
  r.scenario = text(o, "scenario");
  r.days = figure(o, "days");
  r.days_p5 = maybe(o, "days_p5");
  r.days_p50 = maybe(o, "days_p50");
  r.days_p95 = maybe(o, "days_p95");
  r.tokens = figure(o, "tokens");
  r.steps = figure(o, "steps");
  r.goodput_tokens_per_s = figure(o, "goodput_tokens_per_s");
  r.interruptions = figure(o, "interruptions");
  r.ettr = figure(o, "ettr");
  r.courses = o.at("runs").get<int>();
  r.unfinished = o.at("unfinished").get<int>();
  r.spare_nodes = o.at("spare_nodes").get<int>();
  r.power_w = figure(o, "power_w");
  r.site_power_w = figure(o, "site_power_w");
  r.power_swing_w = figure(o, "power_swing_w");
  r.pue = figure(o, "pue");
  r.meter_energy_j = figure(o.at("energy_j"), "meter");
  r.carbon_kg = figure(o, "carbon_kg");
  const Json& checkpoint = o.at("checkpoint");
  r.checkpoint_interval_s = figure(checkpoint, "interval_s");
  r.checkpoint_stall_s = figure(checkpoint, "stall_s");
  r.checkpoint_bytes = figure(checkpoint, "bytes");
  r.usd_per_hour = maybe(o, "usd_per_hour");
  for (const auto& [kind, seconds] : o.at("time_s").items()) {
    r.time.push_back({QString::fromStdString(kind), seconds.get<double>()});
  }
  if (o.contains("cost_cluster") && o["cost_cluster"].is_object()) {
    r.cluster_usd = maybe(o["cost_cluster"], "usd");
    add_cost(o["cost_cluster"], "cost_cluster", 0, r.cost);
  }
  if (o.contains("cost_run") && o["cost_run"].is_object()) {
    r.run_usd = maybe(o["cost_run"], "usd");
    add_cost(o["cost_run"], "cost_run", 0, r.cost);
    for (const CostLine& line : r.cost) {
      r.data_usd += line.figure == "cost_run.data" && line.depth == 1 ? line.usd : 0;
    }
  }
  for (const Json& f : o.at("failures")) {
    r.failures.push_back({text(f, "component"), text(f, "effect"),
                          text(f, "source") + " (" + text(f, "as_of") + ")", figure(f, "units"),
                          figure(f, "per_unit_year"), figure(f, "per_day")});
  }
  for (const Json& fact : o.value("input", Json::array())) {
    r.input.push_back({text(fact, "what"), text(fact, "is")});
  }
  for (const Json& phase : o.at("power_trace")) {
    r.phases.push_back(
        {text(phase, "what"), figure(phase, "duration_s"), figure(phase, "power_w")});
  }
  r.missed_limits = sentences(o.at("missed_limits"));
  r.warnings = sentences(o.at("warnings"));
  r.sources = read_sources(o);
  return r;
}

}  // namespace

WholeRun read_run(const QByteArray& json) {
  try {
    return read(Json::parse(json.begin(), json.end()));
  } catch (const Json::exception&) {
    throw topology::RuntimeFailure(
        "the run's answer cannot be read; is gpuplan of the same version as gpuplan-gui?");
  }
}

}  // namespace gui
