#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "scenarios/collective.hpp"
#include "scenarios/command_line.hpp"
#include "scenarios/commands.hpp"

namespace scenarios {

void add_collective(const CommandLine& line) {
  static const std::map<std::string, CollectiveFidelity> fidelities{
      {"closed-form", CollectiveFidelity::ClosedForm},
      {"flow", CollectiveFidelity::Flow},
      {"stepwise", CollectiveFidelity::Stepwise}};
  const auto options = std::make_shared<CollectiveOptions>();
  auto& o = *options;
  CLI::App* sub = line.app.add_subcommand(
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
  sub->callback([line, options] {
    line.command = [line, options] {
      options->format = line.format();
      return collective(*options);
    };
  });
}

}  // namespace scenarios
