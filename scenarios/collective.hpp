#pragma once
// `gpuplan collective`: one collective on one cluster, alone.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"
#include "sim/collective/collective.hpp"
#include "sim/collective/run.hpp"
#include "topology/cluster.hpp"

namespace scenarios {

enum class CollectiveFidelity : std::uint8_t {
  ClosedForm,  ///< formulas: nothing contends
  Flow,        ///< fluid flows share links
  Stepwise     ///< every message an event
};
std::string_view name(CollectiveFidelity fidelity);

struct CollectiveOptions {
  std::string cluster;            ///< catalog fabric or file
  std::vector<std::string> sets;  ///< "nic.bandwidth=400 Gbit/s"
  std::string op = "all_reduce";
  std::string bytes;         ///< "1GiB", of nccl-tests' largest buffer
  std::optional<int> ranks;  ///< default: the whole cluster
  std::string algorithm;     ///< empty: the library's choice
  std::string protocol;      ///< empty: the library's choice
  CollectiveFidelity fidelity = CollectiveFidelity::Flow;
  std::string routing;  ///< empty: what the technology does
  std::string placement = "packed";  ///< or a file with the GPU of every rank
  std::string sweep;                 ///< "1KiB:1GiB": sizes that double; empty: one size
  std::filesystem::path traffic;     ///< all-to-all-v: lines "FROM,TO,BYTES"; empty: equal parts
  std::filesystem::path schedule;    ///< MSCCL XML instead of an algorithm; empty: none
  std::filesystem::path profile;     ///< of `gpuplan calibrate`; empty: the catalog's
  bool ideal = false;                ///< line rates and link latencies only
  bool unfold = false;
  OutputFormat format = OutputFormat::Table;
};

/// One size of a collective.
struct CollectiveOutcome {
  units::Bytes size;
  units::Seconds time;
  units::Seconds latency;              ///< the part of it before bytes flow
  units::Seconds uncontended;          ///< closed form
  units::Seconds low, high;            ///< the 90 % band of `time`
  units::BytesPerSecond algbw, busbw;  ///< as nccl-tests defines them
  sim::CollectiveCost chosen;
  std::vector<sim::CollectiveCost> candidates;  ///< fastest first, the chosen one included
  std::optional<sim::CollectiveRun> run;        ///< nothing for the closed form
  std::string bound;                            ///< what limits it, in a sentence
  double flow_wall_s = 0.0;                     ///< host time of the simulation itself
};

/// What the command prints.
struct CollectiveReport {
  std::string cluster;
  sim::Collective op = sim::Collective::AllReduce;
  int ranks = 0;
  CollectiveFidelity fidelity = CollectiveFidelity::Flow;
  topology::Routing routing = topology::Routing::Adaptive;
  std::string placement;
  bool ideal = false;
  std::string schedule;  ///< name of the user's schedule; empty: an algorithm of ours
  std::string profile;   ///< whose coefficients were used, and how they came about
  std::vector<CollectiveOutcome> outcomes;
  std::vector<std::string> warnings;
  double wall_s = 0.0;
  double peak_memory_bytes = 0.0;
};

/// @throws topology::InputError for what cannot be.
CollectiveReport predict_collective(const CollectiveOptions& options);
void print_collective(const CollectiveReport& report, OutputFormat format);
/// Predicts and prints. Returns the exit code 0.
int collective(const CollectiveOptions& options);

}  // namespace scenarios
