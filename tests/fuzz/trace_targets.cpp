// Readers of execution traces and of what comes with them.
#include <sstream>
#include <utility>

#include "scenarios/astra_config.hpp"
#include "sim/trace/chakra.hpp"
#include "sim/trace/matching.hpp"
#include "sim/trace/process_groups.hpp"
#include "topology/error.hpp"

#include "tests/fuzz/targets.hpp"

namespace fuzz {

namespace {

/// Reads a trace, and matches two ranks that both have it, which it may well not survive.
void read_chakra(const std::string& bytes) {
  std::istringstream in(bytes);
  sim::TraceSet set;
  set.traces.push_back(sim::read_chakra(in, "trace.0.et"));
  set.trace_of_rank = {0, 0};
  try {
    (void)sim::match(set, {{"tp", {0, 1}}});
  } catch (const topology::InputError&) {
    return;  // read as it should be
  }
}

void read_groups(const std::string& bytes) {
  (void)sim::parse_group_file(bytes, "groups.json");
}

void read_astra_network(const std::string& bytes) {
  (void)scenarios::parse_astra_network(bytes, "network.yml");
}

void read_astra_system(const std::string& bytes) {
  (void)scenarios::parse_astra_system(bytes, "system.json");
}

}  // namespace

std::vector<Target> trace_targets() {
  const std::string here = std::string(GPUPLAN_SOURCE_DIR) + "/tests/fuzz/";
  return {{"chakra", read_chakra, {here + "seed_trace.et"}},
          {"trace_groups", read_groups, {here + "seed_groups.json"}},
          {"astra_network", read_astra_network, {here + "seed_astra_network.yml"}},
          {"astra_system", read_astra_system, {here + "seed_astra_system.json"}}};
}

}  // namespace fuzz
