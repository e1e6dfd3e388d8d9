#include "scenarios/roofline_json.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace scenarios {

using nlohmann::ordered_json;

nlohmann::ordered_json roofline_json(const sim::Roofline& r) {
  ordered_json j{{"accelerator", r.accelerator},
                 {"stage", r.stage},
                 {"memory_bytes_per_s", r.memory_bandwidth.base()},
                 {"memory_source", r.memory_source},
                 {"roofs", ordered_json::array()},
                 {"kernels", ordered_json::array()}};
  for (const sim::Roof& roof : r.roofs) {
    j["roofs"].push_back({{"precision", topology::name(roof.precision)},
                          {"peak_flops_per_s", roof.peak.base()},
                          {"source", roof.source}});
  }
  for (const sim::KernelRow& k : r.kernels) {
    j["kernels"].push_back(
        {{"name", k.name},
         {"part", sim::name(k.part)},
         {"phase", sim::name(k.phase)},
         {"precision", k.precision ? ordered_json(topology::name(*k.precision)) : ordered_json()},
         {"shape", k.shape},
         {"calls", k.calls},
         {"flops", k.flops.base()},
         {"bytes", k.bytes.base()},
         {"time_s", k.time.base()}});
  }
  return j;
}

}  // namespace scenarios
