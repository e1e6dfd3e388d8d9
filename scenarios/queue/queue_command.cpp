#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"
#include "scenarios/queue/queue.hpp"

namespace scenarios {

void add_queue(const CommandLine& line) {
  const auto options = std::make_shared<QueueCommandOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
      "queue", "Run a mix of jobs on a shared cluster: utilisation, waiting times, fragmentation");
  sub->add_option("file", o.file, "Queue file (YAML), see scenarios/examples/queue")
      ->required()
      ->type_name("QUEUE");
  sub->add_option("--out", o.out, "Write arrival, start and end of every job")
      ->type_name("FILE.csv");
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return queue(*options);
    };
  });
}

}  // namespace scenarios
