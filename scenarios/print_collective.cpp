#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/collective.hpp"
#include "scenarios/format.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::name;

constexpr std::size_t kCandidatesShown = 4;
constexpr std::size_t kLinksShown = 5;

std::string folded(const sim::CollectiveRun& run) {
  return run.simulated == run.flows
             ? std::string()
             : fmt::format("{} flows run as {}: the others are provably alike",
                           format_count(static_cast<double>(run.flows)),
                           format_count(static_cast<double>(run.simulated)));
}

ordered_json links_json(const sim::CollectiveRun& run) {
  ordered_json list = ordered_json::array();
  for (const sim::LinkLoad& load : run.busiest) {
    list.push_back({{"link", load.label},
                    {"utilisation", load.utilisation},
                    {"carried_bytes", load.carried.base()}});
  }
  return list;
}

ordered_json outcome_json(const CollectiveOutcome& o, const std::string& schedule) {
  ordered_json json{{"bytes", o.size.base()},
                    {"time_s", o.time.base()},
                    {"low_s", o.low.base()},
                    {"high_s", o.high.base()},
                    {"latency_s", o.latency.base()},
                    {"uncontended_time_s", o.uncontended.base()},
                    {"algbw_bytes_per_s", o.algbw.base()},
                    {"busbw_bytes_per_s", o.busbw.base()},
                    {"algorithm", schedule.empty() ? name(o.chosen.algorithm) : schedule},
                    {"protocol", name(o.chosen.protocol)},
                    {"bound", o.bound},
                    {"candidates", ordered_json::array()}};
  for (const sim::CollectiveCost& c : o.candidates) {
    json["candidates"].push_back({{"algorithm", name(c.algorithm)},
                                  {"protocol", name(c.protocol)},
                                  {"time_s", c.time.base()}});
  }
  if (o.run) {
    json["busiest_links"] = links_json(*o.run);
    json["flows"] = o.run->flows;
    json["simulated_flows"] = o.run->simulated;
    json["folded"] = folded(*o.run);
    json["events"] = o.run->events;
    json["flow_wall_s"] = o.flow_wall_s;
  }
  return json;
}

void print_json(const CollectiveReport& report) {
  ordered_json json{{"cluster", report.cluster},     {"op", name(report.op)},
                    {"ranks", report.ranks},         {"fidelity", name(report.fidelity)},
                    {"ideal", report.ideal},         {"routing", name(report.routing)},
                    {"placement", report.placement}, {"profile", report.profile}};
  if (report.outcomes.size() == 1) {
    json.update(outcome_json(report.outcomes.front(), report.schedule));
  } else {
    json["sizes"] = ordered_json::array();
    for (const CollectiveOutcome& o : report.outcomes) {
      json["sizes"].push_back(outcome_json(o, report.schedule));
    }
  }
  json["warnings"] = report.warnings;
  json["wall_s"] = report.wall_s;
  json["peak_memory_bytes"] = report.peak_memory_bytes;
  fmt::print("{}\n", json.dump(2));
}

std::string line(std::string_view label, const std::string& value) {
  return fmt::format("  {:<14}{}\n", label, value);
}

std::string choice(const CollectiveOutcome& o, const std::string& schedule) {
  if (!schedule.empty()) {
    const sim::CollectiveCost& best = o.candidates.front();
    return fmt::format("schedule {} with {}; the library would take {} {}: {}", schedule,
                       name(o.chosen.protocol), name(best.algorithm), name(best.protocol),
                       format_time(best.time));
  }
  std::string text = fmt::format("{} with {}", name(o.chosen.algorithm), name(o.chosen.protocol));
  for (std::size_t i = 1; i < std::min(kCandidatesShown, o.candidates.size()); ++i) {
    const sim::CollectiveCost& c = o.candidates[i];
    text += fmt::format("{}{} {} {}", i == 1 ? "; next best: " : ", ", name(c.algorithm),
                        name(c.protocol), format_time(c.time));
  }
  return text;
}

/// GB/s with GB = 1e9 bytes, as nccl-tests prints it.
std::string gigabytes(units::BytesPerSecond rate) {
  return fmt::format("{:.2f} GB/s", rate.in(units::gigabytes_per_second(1)));
}

std::string heading(const CollectiveReport& report) {
  return fmt::format("{} over {} ranks of {} ({}, {}, {} routing{})\n", name(report.op),
                     format_count(report.ranks), report.cluster, name(report.fidelity),
                     report.placement, name(report.routing),
                     report.ideal ? ", ideal" : ", profile " + report.profile);
}

void print_one(const CollectiveOutcome& o, const std::string& schedule) {
  std::string out;
  out += line("size", format_bytes(o.size));
  out += line("time", fmt::format("{}  (latency {}, uncontended {})", format_time(o.time),
                                  format_time(o.latency), format_time(o.uncontended)));
  out += line("algbw", gigabytes(o.algbw));
  out += line("busbw", gigabytes(o.busbw));
  out += line("algorithm", choice(o, schedule));
  out += line("bound by", o.bound);
  if (o.run) {
    if (const std::string text = folded(*o.run); !text.empty()) {
      out += line("folded", text);
    }
    for (std::size_t i = 0; i < std::min(kLinksShown, o.run->busiest.size()); ++i) {
      const sim::LinkLoad& load = o.run->busiest[i];
      out += line(i == 0 ? "busiest links" : "",
                  fmt::format("{:5.1f} %  {}", 100 * load.utilisation, load.label));
    }
  }
  fmt::print("{}", out);
}

void print_table(const CollectiveReport& report) {
  fmt::print("{:>12} {:>12} {:>10} {:>10}  {:<17} {}\n", "size (B)", "time (us)", "algbw GB/s",
             "busbw GB/s", "algorithm", "protocol");
  for (const CollectiveOutcome& o : report.outcomes) {
    fmt::print("{:>12.0f} {:>12.2f} {:>10.2f} {:>10.2f}  {:<17} {}\n", o.size.base(),
               o.time.in(units::microseconds(1)), o.algbw.in(units::gigabytes_per_second(1)),
               o.busbw.in(units::gigabytes_per_second(1)),
               report.schedule.empty() ? name(o.chosen.algorithm) : report.schedule,
               name(o.chosen.protocol));
  }
}

}  // namespace

void print_collective(const CollectiveReport& report, OutputFormat format) {
  if (format == OutputFormat::Json) {
    print_json(report);
    return;
  }
  fmt::print("{}", heading(report));
  if (report.outcomes.size() == 1) {
    print_one(report.outcomes.front(), report.schedule);
  } else {
    print_table(report);
  }
  for (const std::string& warning : report.warnings) {
    fmt::print("  note: {}\n", warning);
  }
}

}  // namespace scenarios
