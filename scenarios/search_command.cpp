#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/search.hpp"

namespace scenarios {

void add_search(const CommandLine& line) {
  static const std::map<std::string, sim::SearchGoal> goals{{"time", sim::SearchGoal::Time},
                                                            {"memory", sim::SearchGoal::Memory},
                                                            {"energy", sim::SearchGoal::Energy}};
  const auto options = std::make_shared<SearchCommandOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
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
  add_stdin(*sub, line, o.text,
            "Read the scenario's text from standard input: SCENARIO is the file it belongs to");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return search(*options);
    };
  });
}

}  // namespace scenarios
