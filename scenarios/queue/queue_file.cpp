#include "scenarios/queue/queue_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/values.hpp"
#include "scenarios/yaml.hpp"
#include "sim/engine/closed_form.hpp"
#include "sim/queue/job_streams.hpp"

namespace scenarios {

using units::Seconds;

namespace {

class Reader {
 public:
  Reader(QueueFile& into, const Catalog& catalog, ProfileStore& store)
      : into_(into), catalog_(catalog), store_(store) {}

  void arrivals(const Values& in) {
    std::vector<sim::JobClass> classes;
    for (const Values& one : in.items("classes")) {
      const Demand demand = demand_of(one);
      classes.push_back({.weight = one.number("weight", 1.0),
                         .gpus = demand.gpus,
                         .mean_runtime = demand.runtime,
                         .spread = one.number("spread", one.has("scenario") ? 0.0 : 1.0),
                         .estimate_factor = one.number("asks_for", 1.0),
                         .priority = one.integer("priority", 0),
                         .kind = kind(one)});
    }
    const double day = units::hours(24).base();
    append(sim::poisson_jobs({.per_second = in.number("per_day") / day,
                              .until = units::hours(24.0 * in.number("days", 30.0)),
                              .seed = static_cast<std::uint64_t>(in.integer("seed", 1))},
                             classes));
  }

  void job(const Values& in) {
    const Demand demand = demand_of(in);
    into_.jobs.push_back({.arrival = in.quantity("at", Seconds{}),
                          .runtime = demand.runtime,
                          .estimate = demand.runtime * in.number("asks_for", 1.0),
                          .gpus = demand.gpus,
                          .priority = in.integer("priority", 0),
                          .kind = kind(in)});
  }

  void search(const Values& in) {
    const int gpus = in.integer("gpus");
    check_size(in, "gpus", gpus);
    next_group_ = sim::append_search({.start = in.quantity("at", Seconds{}),
                                      .trials = in.integer("trials"),
                                      .keep = in.integer("keep", 3),
                                      .gpus = gpus,
                                      .first = in.quantity<Seconds>("first"),
                                      .priority = in.integer("priority", 0),
                                      .kind = kind(in)},
                                     next_group_, into_.jobs);
  }

 private:
  struct Demand {
    int gpus;
    Seconds runtime;
  };

  int kind(const Values& in) {
    into_.kinds.push_back(in.text("name"));
    return static_cast<int>(into_.kinds.size()) - 1;
  }

  void check_size(const Values& in, std::string_view key, int gpus) const {
    const int most = into_.cluster.nodes * into_.cluster.gpus_per_node;
    if (gpus > most) {
      in.refuse(key,
                fmt::format("{} accelerators are more than the cluster's {}; lower it, or raise "
                            "cluster.gpus",
                            gpus, most));
    }
  }

  /// Accelerators and runtime, stated or those of a scenario.
  Demand demand_of(const Values& in) {
    if (!in.has("scenario")) {
      for (const std::string_view key : {"gpus", "runtime"}) {
        if (!in.has(key)) {
          in.refuse("name", fmt::format("\"{}\" is missing; add it, or scenario and steps", key));
        }
      }
      const Demand demand{in.integer("gpus"), in.quantity<Seconds>("runtime")};
      check_size(in, "gpus", demand.gpus);
      return demand;
    }
    if (!in.has("steps") || in.has("gpus") || in.has("runtime")) {
      in.refuse("scenario", "a scenario needs steps, and tells gpus and runtime itself");
    }
    const std::filesystem::path file =
        std::filesystem::path(in.where("scenario").file).parent_path() / in.text("scenario");
    const Scenario scenario = load_scenario(file, {}, catalog_);
    check_size(in, "scenario", scenario.cluster.gpus);
    const auto timed = time_scenario(scenario, store_);
    return {scenario.cluster.gpus, sim::closed_form(timed->slowest()).step * in.integer("steps")};
  }

  void append(const std::vector<sim::QueuedJob>& jobs) {
    into_.jobs.insert(into_.jobs.end(), jobs.begin(), jobs.end());
  }

  QueueFile& into_;
  const Catalog& catalog_;
  ProfileStore& store_;
  int next_group_ = 0;
};

}  // namespace

QueueFile read_queue(const std::filesystem::path& file, const Catalog& catalog,
                     ProfileStore& store) {
  const Document document = read_yaml(file);
  check_schema(document, "queue");
  const Values in(document, {{}, {}, {}, nullptr, nullptr});
  QueueFile queue;
  queue.name = in.text("name", file.stem().string());
  const topology::ClusterSpec spec = resolve_cluster(catalog, document, nullptr);
  queue.cluster = {.nodes = spec.nodes(),
                   .gpus_per_node = std::min(spec.gpus, spec.gpus_per_node),
                   .nodes_per_leaf = spec.nodes_per_leaf};
  queue.policy =
      in.text("policy", "backfill") == "fifo" ? sim::QueuePolicy::Fifo : sim::QueuePolicy::Backfill;
  if (in.has("preemption")) {
    const Values rules = in.map("preemption");
    queue.preemption = {.checkpoint_every = rules.quantity("checkpoint_every", Seconds{}),
                        .restart = rules.quantity("restart", Seconds{})};
  }
  if (in.has("inference")) {
    const Json& shares = in.json("inference");
    std::transform(shares.begin(), shares.end(), queue.cluster.inference.begin(),
                   [](const Json& share) { return share.get<double>(); });
  }
  Reader reader(queue, catalog, store);
  if (in.has("arrivals")) {
    reader.arrivals(in.map("arrivals"));
  }
  for (const Values& job : in.items("jobs")) {
    reader.job(job);
  }
  for (const Values& search : in.items("searches")) {
    reader.search(search);
  }
  if (queue.jobs.empty()) {
    throw topology::InputError({file.string()}, {},
                               "there is no job; add arrivals, jobs or searches");
  }
  const double free =
      1.0 - *std::max_element(queue.cluster.inference.begin(), queue.cluster.inference.end());
  const int most = static_cast<int>(free * queue.cluster.nodes) * queue.cluster.gpus_per_node;
  for (const sim::QueuedJob& job : queue.jobs) {
    if (job.gpus > most && free < 1.0) {
      in.refuse(
          "inference",
          fmt::format("leaves {} accelerators at its busiest hour, but \"{}\" needs {}; lower "
                      "one of them",
                      most, queue.kinds[static_cast<std::size_t>(job.kind)], job.gpus));
    }
  }
  return queue;
}

}  // namespace scenarios
