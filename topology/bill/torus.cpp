#include <algorithm>

#include "topology/bill/writer.hpp"

namespace topology::bill {

using units::BytesPerSecond;
using units::metres;

/// Accelerators are joined without switches; optical switches join cubes of them.
void write_torus(const ClusterSpec& spec, Bill& bill) {
  Writer out(spec, NetworkUse::Compute, bill);
  const NetworkParts& parts = out.parts();
  out.nics(parts.nics_per_node > 0 ? nic_count(spec, parts) : 0);
  const auto axes =
      std::count_if(spec.torus.begin(), spec.torus.end(), [](int e) { return e > 1; });
  const long links = axes * static_cast<long>(spec.gpus);
  const BytesPerSecond speed =
      axes > 0 ? spec.accelerator.scale_up.bandwidth / (2.0 * static_cast<double>(axes))
               : BytesPerSecond{};
  const long edge = spec.optical_cube;
  long fibres = 0;
  if (edge > 0) {
    const long dimensions = static_cast<long>(spec.torus.size());
    long face = 1, cube = edge;
    for (long d = 1; d < dimensions; ++d) {
      face *= edge;
      cube *= edge;
    }
    const long cubes = ceil_div(spec.gpus, cube);
    const Switch* product = parts.optical_switch ? &*parts.optical_switch : nullptr;
    const long ports = product != nullptr && product->ports > 1 ? product->ports : 2 * cubes;
    fibres = dimensions * face * cubes;  // each cube has twice that many ends, two per link
    out.switches(Role::OpticalSwitch, product, dimensions * face * ceil_div(2 * cubes, ports),
                 2 * fibres);
    out.links({{"cube", nullptr},
               {"optical switch", nullptr},
               2 * fibres,
               speed,
               or_else(parts.runs.spine, metres(100))});
  }
  out.device_links(links - fibres);
}

}  // namespace topology::bill
