#include "scenarios/queue/queue.hpp"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "scenarios/queue/queue_file.hpp"
#include "scenarios/stopwatch.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;
using sim::QueueCourse;

double in_seconds(units::Seconds t) {
  return t.in(units::seconds(1));
}

/// The jobs of one kind as a course of their own.
QueueCourse of_kind(const QueueCourse& all, const QueueFile& file, std::size_t kind) {
  QueueCourse own;
  units::Seconds waited;
  for (std::size_t i = 0; i < file.jobs.size(); ++i) {
    if (static_cast<std::size_t>(file.jobs[i].kind) == kind) {
      own.jobs.push_back(all.jobs[i]);
      waited += all.jobs[i].start - all.jobs[i].arrival;
    }
  }
  own.mean_wait = own.jobs.empty() ? waited : waited / static_cast<double>(own.jobs.size());
  return own;
}

std::string line(std::string_view label, const std::string& value) {
  return fmt::format("  {:<16}{}\n", label, value);
}

std::string waits(std::string_view label, const QueueCourse& c) {
  const auto q = sim::wait_quantiles(c, {0.5, 0.95});
  return fmt::format("  {:<24}{:>9}{:>13}{:>13}{:>13}\n", label, c.jobs.size(),
                     format_time(c.mean_wait), format_time(q[0]), format_time(q[1]));
}

std::string table(const QueueFile& file, const QueueCourse& c, double wall_seconds) {
  const sim::QueueCluster& cluster = file.cluster;
  std::string out = fmt::format(
      "{}: {} jobs on {} accelerators ({} nodes of {}), {}\n", file.name,
      format_count(static_cast<double>(file.jobs.size())),
      format_count(static_cast<double>(cluster.nodes) * cluster.gpus_per_node), cluster.nodes,
      cluster.gpus_per_node, file.policy == sim::QueuePolicy::Fifo ? "fifo" : "back-filling");
  out += line("makespan", format_time(c.makespan));
  out += line("utilisation", fmt::format("{:.1f} % of what inference leaves", 100 * c.utilisation));
  out += line("fragmented", fmt::format("{:.1f} % of the time: enough accelerators free for the "
                                        "first waiting job, but on too many nodes",
                                        100 * c.fragmented));
  if (c.inference_share + c.inference_missed > 0.0) {
    out +=
        line("inference", fmt::format("held {:.1f} % of the cluster, waited for another {:.1f} %",
                                      100 * c.inference_share, 100 * c.inference_missed));
  }
  if (file.preemption) {
    out += line("preempted", fmt::format("{} times, which cost {:.1f} % of the busy time",
                                         format_count(c.preemptions), 100 * c.lost));
  }
  out += line("longest queue", fmt::format("{} jobs", c.longest_queue));
  out += fmt::format("\nWaiting time{:>23}{:>13}{:>13}{:>13}\n", "jobs", "mean", "P50", "P95");
  for (std::size_t kind = 0; kind < file.kinds.size(); ++kind) {
    out += waits(file.kinds[kind], of_kind(c, file, kind));
  }
  out += waits("all", c);
  return out + fmt::format("\n{} events in {:.2f} s\n", c.events, wall_seconds);
}

ordered_json waits_json(const QueueCourse& c) {
  const auto q = sim::wait_quantiles(c, {0.5, 0.95});
  return {{"jobs", c.jobs.size()},
          {"mean_wait_s", in_seconds(c.mean_wait)},
          {"p50_wait_s", in_seconds(q[0])},
          {"p95_wait_s", in_seconds(q[1])}};
}

ordered_json json(const QueueFile& file, const QueueCourse& c, double wall_seconds) {
  ordered_json j = waits_json(c);
  j["name"] = file.name;
  j["gpus"] = file.cluster.nodes * file.cluster.gpus_per_node;
  j["policy"] = file.policy == sim::QueuePolicy::Fifo ? "fifo" : "backfill";
  j["makespan_s"] = in_seconds(c.makespan);
  j["utilisation"] = c.utilisation;
  j["fragmented"] = c.fragmented;
  j["inference_share"] = c.inference_share;
  j["inference_missed"] = c.inference_missed;
  j["preemptions"] = c.preemptions;
  j["lost"] = c.lost;
  j["longest_queue"] = c.longest_queue;
  j["kinds"] = ordered_json::array();
  for (std::size_t kind = 0; kind < file.kinds.size(); ++kind) {
    ordered_json one{{"name", file.kinds[kind]}};
    one.update(waits_json(of_kind(c, file, kind)));
    j["kinds"].push_back(one);
  }
  j["events"] = c.events;
  j["wall_s"] = wall_seconds;
  return j;
}

std::string csv(const QueueFile& file, const QueueCourse& c) {
  std::string text = "job,kind,gpus,arrival_s,start_s,end_s,wait_s,leaves,preempted,lost_s\n";
  for (std::size_t i = 0; i < c.jobs.size(); ++i) {
    const sim::JobCourse& j = c.jobs[i];
    text += fmt::format("{},{},{},{:.3f},{:.3f},{:.3f},{:.3f},{},{},{:.3f}\n", i,
                        file.kinds[static_cast<std::size_t>(file.jobs[i].kind)], file.jobs[i].gpus,
                        in_seconds(j.arrival), in_seconds(j.start), in_seconds(j.end),
                        in_seconds(j.start - j.arrival), j.leaves, j.preempted, in_seconds(j.lost));
  }
  return text;
}

}  // namespace

int queue(const QueueCommandOptions& options) {
  const Catalog catalog = Catalog::open();
  ProfileStore store(catalog.directory());
  const QueueFile file = read_queue(options.file, catalog, store);
  const auto start = std::chrono::steady_clock::now();
  const QueueCourse course = sim::run_queue(file.cluster, file.jobs, file.policy, file.preemption);
  const double wall_seconds = seconds_since(start);
  if (!options.out.empty()) {
    write_file(options.out, csv(file, course));
  }
  if (options.format == OutputFormat::Json) {
    fmt::print("{}\n", json(file, course, wall_seconds).dump(2));
  } else {
    fmt::print("{}", table(file, course, wall_seconds));
  }
  return 0;
}

}  // namespace scenarios
