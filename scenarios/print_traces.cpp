#include "scenarios/print_traces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"

namespace scenarios {

using nlohmann::ordered_json;
using units::Seconds;

namespace {

double in_seconds(Seconds t) {
  return t.in(units::seconds(1));
}

/// Ranks, the last to finish first.
std::vector<int> by_finish(const sim::TraceRun& run) {
  std::vector<int> ranks(run.ranks.size());
  std::iota(ranks.begin(), ranks.end(), 0);
  std::stable_sort(ranks.begin(), ranks.end(), [&](int a, int b) {
    return run.ranks[static_cast<std::size_t>(a)].finish >
           run.ranks[static_cast<std::size_t>(b)].finish;
  });
  return ranks;
}

struct Kind {
  std::string_view key, label;
  Seconds sim::RankTime::*time;
};
constexpr std::array<Kind, 4> kKinds{
    Kind{"compute", "compute", &sim::RankTime::compute},
    Kind{"exposed_communication", "exposed communication", &sim::RankTime::exposed},
    Kind{"cpu", "CPU operators", &sim::RankTime::cpu}, Kind{"idle", "idle", &sim::RankTime::idle}};

Seconds mean(const sim::TraceRun& run, Seconds sim::RankTime::*time) {
  Seconds sum;
  for (const sim::RankTime& r : run.ranks) {
    sum += r.*time;
  }
  return sum / static_cast<double>(run.ranks.size());
}

constexpr std::size_t kSlowest = 5;

ordered_json as_json(const TracePrediction& p) {
  const sim::TraceRun& run = p.run;
  const std::vector<int> order = by_finish(run);
  const auto finish = [&](int r) {
    return in_seconds(run.ranks[static_cast<std::size_t>(r)].finish);
  };
  ordered_json slowest = ordered_json::array();
  for (std::size_t i = 0; i < std::min(kSlowest, order.size()); ++i) {
    slowest.push_back({{"rank", order[i]}, {"finish_s", finish(order[i])}});
  }
  ordered_json breakdown;
  for (const Kind& k : kKinds) {
    breakdown[std::string(k.key)] = in_seconds(mean(run, k.time));
  }
  ordered_json links = ordered_json::array();
  for (const sim::LinkLoad& l : p.busiest_links) {
    links.push_back({{"link", l.label},
                     {"bytes", l.carried.in(units::bytes(1))},
                     {"utilisation", l.utilisation}});
  }
  return {{"traces", p.traces},
          {"cluster", p.machine},
          {"ranks", run.ranks.size()},
          {"distinct_traces", p.distinct_traces},
          {"nodes", run.nodes},
          {"total_s", in_seconds(run.total)},
          {"finish_s",
           {{"min", finish(order.back())},
            {"median", finish(order[order.size() / 2])},
            {"max", finish(order.front())}}},
          {"slowest_ranks", slowest},
          {"breakdown_s", breakdown},
          {"communication_s", in_seconds(mean(run, &sim::RankTime::communication))},
          {"busiest_links", links},
          {"events", run.events},
          {"wall_s", p.wall_seconds},
          {"warnings", p.warnings}};
}

std::string line(std::string_view label, const std::string& value) {
  return fmt::format("  {:<22}{}\n", label, value);
}

std::string finish_lines(const sim::TraceRun& run) {
  const std::vector<int> order = by_finish(run);
  const auto finish = [&](int r) {
    return format_time(run.ranks[static_cast<std::size_t>(r)].finish);
  };
  std::string slowest;
  for (std::size_t i = 0; i < std::min(kSlowest, order.size()); ++i) {
    slowest += fmt::format("{}rank {} ({})", i == 0 ? "" : ", ", order[i], finish(order[i]));
  }
  return line("ranks finish", fmt::format("first {}, median {}, last {}", finish(order.back()),
                                          finish(order[order.size() / 2]), finish(order.front()))) +
         line("slowest ranks", slowest);
}

std::string breakdown_lines(const sim::TraceRun& run) {
  constexpr int kBarWidth = 40;
  std::string out = "\nWhere the time goes (mean over ranks)\n";
  for (const Kind& k : kKinds) {
    const Seconds time = mean(run, k.time);
    const double share = run.total > Seconds{} ? time / run.total : 0.0;
    out += fmt::format(
        "  {:<22}{:>11}{:>7.1f} %  {}\n", k.label, format_time(time), 100 * share,
        std::string(static_cast<std::size_t>(std::max(0L, std::lround(share * kBarWidth))), '#'));
  }
  return out + fmt::format("  {:<22}{:>11}           with what compute hides\n", "communication",
                           format_time(mean(run, &sim::RankTime::communication)));
}

std::string as_table(const TracePrediction& p) {
  std::string out = fmt::format("{} on {}\n", p.traces, p.machine);
  out += line("total time", format_time(p.run.total));
  out += line("traces", fmt::format("{} ranks, {} different; {} nodes",
                                    format_count(static_cast<double>(p.run.ranks.size())),
                                    format_count(static_cast<double>(p.distinct_traces)),
                                    format_count(static_cast<double>(p.run.nodes))));
  out += finish_lines(p.run) + breakdown_lines(p.run);
  if (!p.busiest_links.empty()) {
    out += "\nBusiest links\n";
    for (const sim::LinkLoad& l : p.busiest_links) {
      out += fmt::format("  {:<32}{:>11}{:>7.1f} %\n", l.label, format_bytes(l.carried),
                         100 * l.utilisation);
    }
  }
  for (const std::string& w : p.warnings) {
    out += fmt::format("\nwarning: {}", w);
  }
  return out + (p.warnings.empty() ? "" : "\n");
}

}  // namespace

void print_traces(const TracePrediction& prediction, OutputFormat format) {
  if (format == OutputFormat::Json) {
    fmt::print("{}\n", as_json(prediction).dump(2));
  } else {
    fmt::print("{}", as_table(prediction));
  }
}

}  // namespace scenarios
