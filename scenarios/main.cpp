// The gpuplan command: reads the command line, calls the command, turns what it throws into an exit
// code.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "scenarios/calibrate_command.hpp"
#include "scenarios/collective.hpp"
#include "scenarios/compare.hpp"
#include "scenarios/doctor.hpp"
#include "scenarios/import_commands.hpp"
#include "scenarios/plan/plan.hpp"
#include "scenarios/queue/queue.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/run.hpp"
#include "scenarios/search.hpp"
#include "scenarios/show_catalog.hpp"
#include "scenarios/show_topology.hpp"
#include "scenarios/simulate.hpp"
#include "scenarios/suggest.hpp"
#include "scenarios/sweep/sweep.hpp"
#include "scenarios/tracking/export_metrics.hpp"
#include "scenarios/validate.hpp"
#include "scenarios/version.hpp"
#include "topology/error.hpp"

namespace {

using scenarios::CollectiveFidelity;
using scenarios::Fidelity;
using scenarios::OutputFormat;
using scenarios::ValidationKind;

constexpr int kDone = 0, kBadInput = 2, kFailed = 3;

/// What one command line asks for.
struct Request {
  bool json = false;
  scenarios::SimulateOptions simulate;
  std::optional<std::string>* from_stdin = nullptr;  ///< the option that --stdin fills
  scenarios::RunOptions run;
  scenarios::ReportOptions report;
  scenarios::CompareOptions compare;
  scenarios::SearchCommandOptions search;
  scenarios::PlanOptions plan;
  scenarios::QueueCommandOptions queue;
  scenarios::SweepOptions sweep;
  std::string shard = "0/1";
  std::optional<scenarios::ClusterScript> script;
  std::uint64_t shards = 16;
  scenarios::MergeOptions merge;
  scenarios::ExportOptions export_store;
  scenarios::ExportMetricsOptions export_metrics;
  scenarios::SensitivityOptions sensitivity;
  scenarios::ValidateOptions validate;
  scenarios::ShowCatalogOptions catalog;
  scenarios::CollectiveOptions collective;
  scenarios::ShowTopologyOptions topology;
  std::function<int()> command;

  [[nodiscard]] OutputFormat format() const {
    return json ? OutputFormat::Json : OutputFormat::Table;
  }
};

void add_fidelity(CLI::App& sub, Fidelity& fidelity, const char* help) {
  static const std::map<std::string, Fidelity> fidelities{{"closed-form", Fidelity::ClosedForm},
                                                          {"flow", Fidelity::Flow}};
  sub.add_option("--fidelity", fidelity, help)
      ->transform(CLI::CheckedTransformer(fidelities, CLI::ignore_case).description(""))
      ->type_name("closed-form|flow");
}

/// --stdin: for editors, whose text is not yet in its file.
void add_stdin(CLI::App& sub, Request& request, std::optional<std::string>& text,
               const char* help) {
  sub.add_flag_callback(
      "--stdin", [&request, &text] { request.from_stdin = &text; }, help);
}

void add_profile(CLI::App& sub, std::filesystem::path& profile) {
  sub.add_option("--profile", profile, "Use this profile of gpuplan calibrate")
      ->type_name("PROFILE.json");
}

void add_simulate(CLI::App& app, Request& request) {
  auto& o = request.simulate;
  CLI::App* sub = app.add_subcommand(
      "simulate", "Predict step time, memory, power and what limits one training job");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML), see scenarios/examples")
      ->required()
      ->type_name("SCENARIO");
  add_fidelity(*sub, o.fidelity,
               "closed-form: microseconds, nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--trace", o.trace, "Write the timeline for ui.perfetto.dev (implies flow)")
      ->type_name("FILE.json");
  sub->add_option("--power-trace", o.power_trace,
                  "Write the cluster's power along the step (implies flow)")
      ->type_name("FILE.csv");
  sub->add_option("--chakra", o.chakra,
                  "Write the step as Chakra execution traces, a file per rank")
      ->type_name("PREFIX");
  sub->add_flag("--force", o.force, "Write more than 4,096 traces");
  sub->add_flag("--explain", o.explain, "Print every value with its source instead of simulating");
  sub->add_option("--why", o.why, "Tell where one figure of --json comes from, say mfu")
      ->type_name("FIGURE");
  sub->add_option("--link-loads", o.link_loads,
                  "Write the load of every link, for heat maps (implies flow)")
      ->type_name("FILE.csv");
  add_profile(*sub, o.profile);
  add_stdin(*sub, request, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->add_flag("--unfold", o.unfold, "Simulate every rank by itself, also those that are alike");
  sub->add_flag("--public-backend", o.public_backend,
                "Use SimGrid's public interface: slower, for cross-checks");
  sub->callback([&request] {
    request.command = [&request] {
      request.simulate.format = request.format();
      return scenarios::simulate(request.simulate);
    };
  });
}

void add_run(CLI::App& app, Request& request) {
  auto& o = request.run;
  CLI::App* sub = app.add_subcommand(
      "run", "Predict a whole training run: days, failures, checkpoints, energy, carbon and money");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML) with run: {tokens: ...}")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--runs", o.runs, "Simulated runs, instead of the scenario's run.runs")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000));
  sub->add_option("--threads", o.threads, "Default: all of the machine; the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  sub->add_option("--set", o.sets, "Change any value, say run.spares=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_flag("--explain", o.explain, "Print every value with its source instead of simulating");
  sub->add_option("--why", o.why, "Tell where one figure of --json comes from, say days")
      ->type_name("FIGURE");
  add_profile(*sub, o.profile);
  add_stdin(*sub, request, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([&request] {
    request.command = [&request] {
      request.run.format = request.format();
      return scenarios::run(request.run);
    };
  });
}

void add_report(CLI::App& app, Request& request) {
  static const std::map<std::string, scenarios::ReportFormat> formats{
      {"html", scenarios::ReportFormat::Html}, {"markdown", scenarios::ReportFormat::Markdown}};
  auto& o = request.report;
  CLI::App* sub = app.add_subcommand(
      "report", "Write one page with all that gpuplan finds about a scenario, a plan or a sweep");
  sub->add_option("scenario", o.scenario,
                  "Scenario file (YAML), planned first with the key plan; or the store of a sweep")
      ->required()
      ->type_name("SCENARIO|STORE");
  sub->add_option("--metric", o.metric,
                  "Of a sweep: the figure whose sensitivity is shown (default: step_time_s)")
      ->type_name("NAME");
  sub->add_option("--format", o.format,
                  "html: a file that loads nothing; markdown: the same as text (default: html, but "
                  "markdown where --out ends in .md)")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("html|markdown");
  sub->add_option("--out", o.out, "File (default: standard output)")->type_name("FILE");
  add_fidelity(*sub, o.fidelity,
               "Of the step; flow (default): with timeline, power trace and link loads");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--threads", o.threads, "Threads (default: all cores); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_profile(*sub, o.profile);
  add_stdin(*sub, request, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([&request] {
    request.command = [&request] {
      request.report.said = request.format();
      return scenarios::report(request.report);
    };
  });
}

void add_compare(CLI::App& app, Request& request) {
  auto& o = request.compare;
  CLI::App* sub = app.add_subcommand("compare", "Predict several scenarios side by side");
  sub->add_option("scenarios", o.scenarios, "Scenario files (YAML); changes are against the first")
      ->required()
      ->type_name("SCENARIO...");
  add_fidelity(*sub, o.each.fidelity,
               "closed-form: nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.each.sets, "Change any value of all of them; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  add_profile(*sub, o.each.profile);
  sub->callback([&request] {
    request.command = [&request] {
      request.compare.each.format = request.format();
      return scenarios::compare(request.compare);
    };
  });
}

void add_validate(CLI::App& app, Request& request) {
  static const std::map<std::string, ValidationKind> kinds{
      {"training", ValidationKind::Training},
      {"gemm", ValidationKind::Gemm},
      {"attention", ValidationKind::Attention},
      {"collectives", ValidationKind::Collectives}};
  auto& o = request.validate;
  CLI::App* sub =
      app.add_subcommand("validate", "Compare predictions with a table of measurements");
  sub->add_option("table", o.table, "Measurements (CSV)")->required()->type_name("TABLE.csv");
  sub->add_option("--kind", o.kind, "What the rows measure")
      ->required()
      ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case).description(""))
      ->type_name("training|collectives|gemm|attention");
  sub->add_option("--where", o.where, "Only rows whose column has this value; may be repeated")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--out", o.out, "Write the rows with prediction, error and reason")
      ->type_name("ROWS.csv");
  add_profile(*sub, o.profile);
  sub->add_option("--write-band", o.write_band,
                  "Write how far measured steps lie around their predictions (training)")
      ->type_name("FILE.json");
  sub->add_option("--report", o.report, "Write a page of all errors, for training runs")
      ->type_name("FILE.html|FILE.md");
  sub->add_option("--fail-above", o.fail_above,
                  "Exit with 1 if the median error is above this fraction")
      ->type_name("ERROR")
      ->check(CLI::NonNegativeNumber);
  sub->callback([&request] {
    request.command = [&request] {
      request.validate.format = request.format();
      return scenarios::validate(request.validate);
    };
  });
}

void add_collective(CLI::App& app, Request& request) {
  static const std::map<std::string, CollectiveFidelity> fidelities{
      {"closed-form", CollectiveFidelity::ClosedForm},
      {"flow", CollectiveFidelity::Flow},
      {"stepwise", CollectiveFidelity::Stepwise}};
  auto& o = request.collective;
  CLI::App* sub = app.add_subcommand(
      "collective", "Predict one collective on a cluster: time, algbw, busbw, algorithm, links");
  sub->add_option("--cluster", o.cluster,
                  "A fabric of the catalog, or a YAML file with one or with a scenario")
      ->required()
      ->type_name("NAME|FILE");
  sub->add_option("--op", o.op,
                  "all_reduce, all_gather, reduce_scatter, all_to_all, broadcast, reduce, send or "
                  "barrier")
      ->type_name("OP");
  sub->add_option("--bytes", o.bytes, "The largest buffer, as nccl-tests counts: 1GiB, 64 MB")
      ->type_name("SIZE");
  sub->add_option("--sweep", o.sweep, "Every power of two times MIN up to MAX, as a table")
      ->type_name("MIN:MAX");
  sub->add_option("--ranks", o.ranks, "Default: all of the cluster, which grows if need be")
      ->type_name("N");
  sub->add_option("--algorithm", o.algorithm,
                  "Instead of the library's choice: ring, tree, nvls, nvls-tree, pairwise, torus, "
                  "pat, collnet-direct, collnet-chain, halving-doubling or hierarchical")
      ->type_name("ALGORITHM");
  sub->add_option("--protocol", o.protocol, "Instead of the library's choice")
      ->type_name("ll|ll128|simple");
  sub->add_option("--fidelity", o.fidelity,
                  "closed-form: nothing contends; flow (default): fluid flows share links; "
                  "stepwise: every message")
      ->transform(CLI::CheckedTransformer(fidelities, CLI::ignore_case).description(""))
      ->type_name("closed-form|flow|stepwise");
  sub->add_option("--routing", o.routing,
                  "How flows find their way (default: what the technology does)")
      ->type_name("static|ecmp|adaptive|spray");
  sub->add_option("--placement", o.placement,
                  "packed (default), scattered or rail-aligned, or a file with the GPU of every "
                  "rank")
      ->type_name("PLACEMENT|FILE");
  sub->add_option("--set", o.sets, "Change a figure of the cluster, say nic.bandwidth=800Gbit/s")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--traffic", o.traffic,
                  "All-to-all-v: lines FROM,TO,BYTES instead of equal parts of --bytes")
      ->type_name("FILE.csv");
  sub->add_option("--schedule", o.schedule, "A schedule of your own in MSCCL's XML")
      ->type_name("FILE.xml");
  add_profile(*sub, o.profile);
  sub->add_flag("--ideal", o.ideal, "Textbook: line rates, link latencies, no software");
  sub->add_flag("--unfold", o.unfold, "Simulate every flow, also those that are provably alike");
  sub->callback([&request] {
    request.command = [&request] {
      request.collective.format = request.format();
      return scenarios::collective(request.collective);
    };
  });
}

void add_search(CLI::App& app, Request& request) {
  static const std::map<std::string, sim::SearchGoal> goals{{"time", sim::SearchGoal::Time},
                                                            {"memory", sim::SearchGoal::Memory},
                                                            {"energy", sim::SearchGoal::Energy}};
  auto& o = request.search;
  CLI::App* sub = app.add_subcommand(
      "search", "Find the best parallel layouts of a job on its cluster, among all there are");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML); its own layout need not work")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--top", o.top, "Layouts to show, and to simulate as flows (default 10)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  sub->add_option("--goal", o.goal, "What is best: the least time (default), memory or energy")
      ->transform(CLI::CheckedTransformer(goals, CLI::ignore_case).description(""))
      ->type_name("time|memory|energy");
  sub->add_option("--fix", o.fixed,
                  "Keep a choice as the scenario has it; may be repeated: tp, pp, virtual_stages, "
                  "cp, ep, expert_tp, micro_batch, recompute, sequence_parallel, sharding, "
                  "shard_degree, schedule, order")
      ->type_name("CHOICE")
      ->allow_extra_args(false);
  add_fidelity(*sub, o.fidelity,
               "Of the layouts shown; flow (default): their transfers on every link");
  sub->add_option("--set", o.sets, "Change any value, say cluster.gpus=2048; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--threads", o.threads, "Threads (default: all cores); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--out", o.out, "Write the scenario with the best layout")
      ->type_name("FILE.yaml");
  add_profile(*sub, o.profile);
  add_stdin(*sub, request, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([&request] {
    request.command = [&request] {
      request.search.format = request.format();
      return scenarios::search(request.search);
    };
  });
}

void add_queue(CLI::App& app, Request& request) {
  auto& o = request.queue;
  CLI::App* sub = app.add_subcommand(
      "queue", "Run a mix of jobs on a shared cluster: utilisation, waiting times, fragmentation");
  sub->add_option("file", o.file, "Queue file (YAML), see scenarios/examples/queue")
      ->required()
      ->type_name("QUEUE");
  sub->add_option("--out", o.out, "Write arrival, start and end of every job")
      ->type_name("FILE.csv");
  sub->callback([&request] {
    request.command = [&request] {
      request.queue.format = request.format();
      return scenarios::queue(request.queue);
    };
  });
}

void add_plan(CLI::App& app, Request& request) {
  static const std::map<std::string, sim::Resource> goals{
      {"time", sim::Resource::Time},
      {"money", sim::Resource::Money},
      {"power", sim::Resource::Power},
      {"carbon", sim::Resource::Carbon},
      {"accelerators", sim::Resource::Accelerators}};
  auto& o = request.plan;
  CLI::App* sub = app.add_subcommand(
      "plan", "Find the best cluster, size, layout and purchase for a whole run, under limits");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML) with run, limits and plan")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--goal", o.goal, "What to use least of, instead of the scenario's plan.goal")
      ->transform(CLI::CheckedTransformer(goals, CLI::ignore_case).description(""))
      ->type_name("time|money|power|carbon|accelerators");
  sub->add_option("--set", o.sets,
                  "Change any value, say limits.deadline='90 days'; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--threads", o.threads, "Threads (default: all cores); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--out", o.out, "Write the scenario of the best plan")->type_name("FILE.yaml");
  add_profile(*sub, o.profile);
  add_stdin(*sub, request, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([&request] {
    request.command = [&request] {
      request.plan.format = request.format();
      return scenarios::plan(request.plan);
    };
  });
}

void add_sweep(CLI::App& app, Request& request) {
  static const std::map<std::string, scenarios::ClusterScript> scripts{
      {"slurm", scenarios::ClusterScript::Slurm}, {"k8s", scenarios::ClusterScript::Kubernetes}};
  auto& o = request.sweep;
  CLI::App* sub = app.add_subcommand(
      "sweep", "Simulate a scenario over lists, ranges or samples of its values, into a store");
  sub->add_option("sweep", o.sweep, "Sweep file (YAML), see scenarios/examples/sweep")
      ->required()
      ->type_name("SWEEP");
  sub->add_option("--store", o.store, "SQLite file for the results")
      ->required()
      ->type_name("FILE.sqlite");
  sub->add_option("--jobs", o.jobs, "Worker processes (default: one for each core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--shard", request.shard, "Only part I of N, counted from 0: say 3/8")
      ->type_name("I/N");
  sub->add_flag("--resume", o.resume, "Go on with a store that holds some of the points");
  CLI::Option* emit =
      sub->add_option("--emit", request.script, "Print a script that runs the sweep in shards")
          ->transform(CLI::CheckedTransformer(scripts, CLI::ignore_case).description(""))
          ->type_name("slurm|k8s");
  sub->add_option("--shards", request.shards, "Shards of the script (default 16)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->needs(emit);
  add_profile(*sub, o.profile);
  add_stdin(
      *sub, request, o.text,
      "Read the text of the sweep's scenario from standard input; its file need not be there");
  sub->callback([&request] {
    request.command = [&request] {
      request.sweep.format = request.format();
      request.sweep.shard = scenarios::read_shard(request.shard);
      return request.script ? scenarios::emit_sweep(request.sweep, *request.script, request.shards)
                            : scenarios::sweep(request.sweep);
    };
  });
}

void add_merge(CLI::App& app, Request& request) {
  auto& o = request.merge;
  CLI::App* sub = app.add_subcommand("merge", "Join the stores of a sweep's shards");
  sub->add_option("stores", o.stores, "Stores of one sweep")->required()->type_name("STORE...");
  sub->add_option("--out", o.out, "The store with all points")
      ->required()
      ->type_name("FILE.sqlite");
  sub->callback(
      [&request] { request.command = [&request] { return scenarios::merge(request.merge); }; });
}

void add_export(CLI::App& app, Request& request) {
  static const std::map<std::string, scenarios::ExportFormat> formats{
      {"csv", scenarios::ExportFormat::Csv},
      {"json", scenarios::ExportFormat::Json},
      {"xlsx", scenarios::ExportFormat::Xlsx}};
  auto& o = request.export_store;
  CLI::App* sub = app.add_subcommand("export", "Write the points of a sweep's store as a table");
  sub->add_option("store", o.store, "Store of a sweep")->required()->type_name("STORE");
  sub->add_option("--format", o.format, "csv (default), json or xlsx")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("csv|json|xlsx");
  sub->add_option("--out", o.out, "File (default: standard output)")->type_name("FILE");
  sub->callback([&request] {
    request.command = [&request] { return scenarios::export_store(request.export_store); };
  });
}

void add_export_metrics(CLI::App& app, Request& request) {
  using scenarios::MetricsFormat;
  static const std::map<std::string, MetricsFormat> formats{
      {"csv", MetricsFormat::Csv},
      {"prometheus", MetricsFormat::Prometheus},
      {"mlflow", MetricsFormat::Mlflow}};
  auto& o = request.export_metrics;
  CLI::App* sub = app.add_subcommand(
      "export-metrics", "Write the figures of a scenario for experiment trackers and monitoring");
  sub->add_option("scenario", o.scenario, "Scenario file (YAML); with run, the whole run too")
      ->required()
      ->type_name("SCENARIO");
  sub->add_option("--format", o.format,
                  "csv (default), prometheus: text format; mlflow: a run in a tracking server")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("csv|prometheus|mlflow");
  sub->add_option("--out", o.out, "File of csv and prometheus (default: standard output)")
      ->type_name("FILE");
  sub->add_option("--uri", o.uri,
                  "Tracking server, say http://localhost:5000 (default: MLFLOW_TRACKING_URI; the "
                  "token, if it wants one, is MLFLOW_TRACKING_TOKEN)")
      ->envname("MLFLOW_TRACKING_URI")
      ->type_name("URI");
  sub->add_option("--experiment", o.experiment, "MLflow experiment (default gpuplan)")
      ->type_name("NAME");
  add_fidelity(*sub, o.fidelity,
               "closed-form: nothing contends; flow: every transfer on every link");
  sub->add_option("--set", o.sets, "Change any value, say layout.tp=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->callback([&request] {
    request.command = [&request] { return scenarios::export_metrics(request.export_metrics); };
  });
}

void add_sensitivity(CLI::App& app, Request& request) {
  auto& o = request.sensitivity;
  CLI::App* sub =
      app.add_subcommand("sensitivity", "Say how much each varied value of a sweep moves a figure");
  sub->add_option("store", o.store, "Store of a sweep with sample: tornado or {sensitivity: N}")
      ->required()
      ->type_name("STORE");
  sub->add_option("--metric", o.metric, "A column of gpuplan export (default step_time_s)")
      ->type_name("NAME");
  sub->callback([&request] {
    request.command = [&request] {
      request.sensitivity.format = request.format();
      return scenarios::sensitivity(request.sensitivity);
    };
  });
}

void add_catalog(CLI::App& app, Request& request) {
  auto& o = request.catalog;
  CLI::App* sub = app.add_subcommand(
      "catalog", "List accelerators, models, fabrics ..., or show one with its sources");
  sub->add_option(
         "kind", o.kind,
         "accelerators, models, fabrics, nodes, nics, switches, cables, frameworks, failures, "
         "recoveries, storage, grids, cooling, prices or ownerships")
      ->type_name("KIND");
  sub->add_option("name", o.name, "An entry of that kind")->type_name("NAME");
  sub->callback([&request] {
    request.command = [&request] {
      request.catalog.format = request.format();
      return scenarios::show_catalog(request.catalog);
    };
  });
}

void add_topology(CLI::App& app, Request& request) {
  auto& o = request.topology;
  CLI::App* sub = app.add_subcommand(
      "topology", "Say what a cluster is made of: switches, cables, bandwidth, power and price");
  sub->add_option("cluster", o.cluster, "Catalog name (gpuplan catalog fabrics) or a file")
      ->required()
      ->type_name("CLUSTER");
  sub->add_option("--gpus", o.gpus, "Accelerators, instead of the cluster's own number")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  sub->add_option("--set", o.sets,
                  "Change a figure, say nic.bandwidth='800 Gbit/s'; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  sub->add_option("--graphml", o.graphml, "Write the whole graph as GraphML")
      ->type_name("FILE.graphml");
  CLI::Option* dot =
      sub->add_option("--dot", o.dot, "Draw it for Graphviz; what is alike is drawn once")
          ->type_name("FILE.dot");
  sub->add_flag_callback(
         "--full", [&o] { o.drawing = scenarios::Drawing::Full; }, "Draw every device and cable")
      ->needs(dot);
  sub->callback([&request] {
    request.command = [&request] {
      request.topology.format = request.format();
      return scenarios::show_topology(request.topology);
    };
  });
}

void add_doctor(CLI::App& app, Request& request) {
  CLI::App* sub =
      app.add_subcommand("doctor", "Say what is installed, what is missing and what to do");
  sub->callback(
      [&request] { request.command = [&request] { return scenarios::doctor(request.format()); }; });
}

/// Results that did not reach the reader are a failure, except that a closed pipe (| head) is the
/// reader's wish.
int check_stdout(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  if (errno == EPIPE) {
    return code;
  }
  fmt::print(stderr, "gpuplan: cannot write to standard output: {}\n",
             errno == ENOSPC ? "the disk is full; free some space or write elsewhere"
                             : "check where it is redirected to");
  return kFailed;
}

int say(std::string_view message, int code) {
  fmt::print(stderr, "gpuplan: {}\n", message);
  return code;
}

int run(const Request& request) {
  try {
    if (request.from_stdin != nullptr) {
      *request.from_stdin = std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    return check_stdout(request.command());
  } catch (const topology::InputError& e) {
    return say(e.what(), kBadInput);
  } catch (const topology::RuntimeFailure& e) {
    return say(e.what(), kFailed);
  } catch (const std::system_error& e) {
    // fmt reports a failed write to stdout so; a closed pipe is the reader's wish.
    return e.code().value() == EPIPE
               ? kDone
               : say(fmt::format("the system refused: {}", e.what()), kFailed);
  } catch (const std::bad_alloc&) {
    return say("out of memory; try a smaller cluster or --fidelity closed-form", kFailed);
  } catch (const std::exception& e) {
    return say(fmt::format("internal error: {}; please report it with the scenario", e.what()),
               kFailed);
  }
}

int usage_error(const CLI::App& app, const CLI::ParseError& e, std::span<const char* const> words) {
  std::string command = "gpuplan";
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    command += " " + last->get_name();
    words = words.empty() ? words : words.subspan(1);
  }
  std::vector<std::string> known;
  for (const CLI::App* sub : last->get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  if (!known.empty() && !words.empty() && words.front()[0] != '-') {
    return say(fmt::format("unknown command \"{}\", {}; see {} --help", words.front(),
                           scenarios::did_you_mean(words.front(), known), command),
               kBadInput);
  }
  return say(fmt::format("{}; see {} --help", e.what(), command), kBadInput);
}

}  // namespace

/// Files are renamed into place when they are whole, so there is nothing to clean up. Commands that
/// keep partial results (sweep) take the signal themselves.
extern "C" void end_interrupted(int /*signal*/) {
  constexpr std::string_view kMessage = "\ngpuplan: interrupted; no result was written\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(kFailed);
}

// NOLINTNEXTLINE(bugprone-exception-escape): only from CLI11's own set-up, a bug that should abort
int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (std::signal(signal, end_interrupted) == SIG_IGN) {  // a shell's background job, nohup
      std::signal(signal, SIG_IGN);
    }
  }
  CLI::App app{
      "Predicts how fast a training job runs on a cluster, what limits it, and what it needs."};
  app.name("gpuplan");
  app.set_version_flag("--version", fmt::format("gpuplan {}", scenarios::version()),
                       "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.footer(
      "Exit codes: 0 done, 1 the answer is no (does not fit, outside the limit), 2 bad input or "
      "usage, 3 failed at run time.\n"
      "First steps: gpuplan simulate scenarios/examples/llama2-70b-qlora-1-node.yaml");
  app.require_subcommand(1);
  app.fallthrough();

  Request request;
  app.add_flag("--json", request.json, "Print one JSON object");
  add_simulate(app, request);
  add_run(app, request);
  add_report(app, request);
  add_compare(app, request);
  add_search(app, request);
  add_plan(app, request);
  add_queue(app, request);
  add_sweep(app, request);
  add_merge(app, request);
  add_export(app, request);
  add_export_metrics(app, request);
  add_sensitivity(app, request);
  add_validate(app, request);
  add_collective(app, request);
  add_catalog(app, request);
  add_topology(app, request);
  scenarios::add_import(app, request.json, request.command);
  scenarios::add_calibrate(app, request.json, request.command);
  add_doctor(app, request);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return check_stdout(app.exit(e));
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e, std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  }
  return run(request);
}
