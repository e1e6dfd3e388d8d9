#include "scenarios/import_measurements_command.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "scenarios/import_measurements.hpp"

namespace scenarios {

namespace {

using calib::MeasurementFormat;

struct Format {
  const char* name;
  const char* help;
  MeasurementFormat as;
};
constexpr Format kFormats[] = {
    {"nccl-tests", "Make records of what nccl-tests or rccl-tests printed (text or JSON)",
     MeasurementFormat::NcclTests},
    {"silicon-csv", "Make records of tables of GEMM, attention or collective times",
     MeasurementFormat::Table},
    {"kineto", "Make records of PyTorch profiler traces (JSON, also packed with gzip)",
     MeasurementFormat::Kineto},
    {"dcgm", "Make records of power over time: dcgmi dmon, nvidia-smi CSV, Prometheus text or JSON",
     MeasurementFormat::PowerSeries}};

}  // namespace

void add_description_options(CLI::App& app, calib::Description& known) {
  static const std::map<std::string, calib::Load> loads{
      {"idle", calib::Load::Idle},
      {"memory", calib::Load::Memory},
      {"compute", calib::Load::Compute},
      {"communication", calib::Load::Communication}};
  static const std::map<std::string, calib::Transport> transports{
      {"infiniband", calib::Transport::Infiniband},
      {"roce", calib::Transport::Roce},
      {"efa", calib::Transport::Efa},
      {"ethernet", calib::Transport::Socket},
      {"nvlink", calib::Transport::Nvlink},
      {"pcie", calib::Transport::Pcie}};
  app.add_option("--accelerator", known.accelerator,
                 "What was measured (catalog name), where the file does not say")
      ->type_name("NAME");
  app.add_option("--system", known.system, "The cluster: a fabric of the catalog where it is one")
      ->type_name("NAME");
  app.add_option("--nodes", known.nodes, "Servers (or racks that NVLink joins) of a collective")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--ranks", known.ranks, "Ranks of a collective")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option_function<std::string>(
         "--op",
         [&known](const std::string& text) {
           known.op = calib::collective_from_name(text);
           if (!known.op) {
             throw CLI::ValidationError(
                 "--op", "\"" + text + "\" is no collective, expected e.g. all_reduce");
           }
         },
         "Which collective was run")
      ->type_name("OP");
  app.add_option("--network", known.transport, "Between nodes")
      ->transform(CLI::CheckedTransformer(transports, CLI::ignore_case).description(""))
      ->type_name("infiniband|roce|efa|ethernet");
  app.add_option_function<double>(
         "--nic-gbit",
         [&known](double gbit) { known.nic_bandwidth = units::gigabits_per_second(gbit); },
         "Line rate of the network per rank, in Gbit/s")
      ->type_name("RATE")
      ->check(CLI::PositiveNumber);
  app.add_option("--load", known.load, "What the devices did while their power was sampled")
      ->transform(CLI::CheckedTransformer(loads, CLI::ignore_case).description(""))
      ->type_name("idle|memory|compute|communication");
  app.add_option_function<double>(
         "--interval", [&known](double s) { known.interval = units::seconds(s); },
         "Seconds between samples of power without time stamps (default 1)")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--date", known.started, "When it was measured, ISO 8601")->type_name("DATE");
}

void add_import_measurements(const CommandLine& line) {
  for (const Format& format : kFormats) {
    const auto options = std::make_shared<ImportMeasurementsOptions>();
    options->as = format.as;
    CLI::App* sub = line.app.add_subcommand(format.name, format.help);
    sub->add_option("files", options->files, "Files to read")->required()->type_name("FILE...");
    sub->add_option("--out", options->out, "Write the records instead of printing them")
        ->type_name("FILE.jsonl");
    add_description_options(*sub, options->known);
    sub->callback([line, options] {
      line.command = [line, options] {
        options->format = line.format();
        return import_measurements(*options);
      };
    });
  }
}

}  // namespace scenarios
