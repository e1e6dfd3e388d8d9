#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/suggest.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

namespace {
using topology::Accelerator;
using topology::ClusterSpec;
using topology::DragonflyShape;
using topology::Precision;
using topology::ScaleUp;
using topology::Sites;

struct Override {
  std::string_view key;
  void (*apply)(ClusterSpec& spec, const Values& in, std::string_view key);
};

/// The field that the pointers to members lead to, by its type.
template <auto... Members>
void set(ClusterSpec& spec, const Values& in, std::string_view key) {
  auto& field = (spec.*....*Members);
  using Field = std::remove_cvref_t<decltype(field)>;
  if constexpr (std::is_same_v<Field, int>) {
    field = in.integer(key);
  } else if constexpr (std::is_same_v<Field, double>) {
    field = in.number(key);
  } else if constexpr (std::is_same_v<Field, bool>) {
    field = in.flag(key);
  } else if constexpr (std::is_same_v<Field, std::string>) {
    field = in.text(key);
  } else if constexpr (std::is_same_v<Field, std::vector<int>>) {
    field = in.integers(key);
  } else {
    field = in.quantity<Field>(key);
  }
}

template <Precision P>
void set_peak(ClusterSpec& spec, const Values& in, std::string_view key) {
  spec.accelerator.peak[static_cast<std::size_t>(P)] = in.quantity<units::FlopsPerSecond>(key);
}

void set_network(ClusterSpec& spec, const Values& in, std::string_view key) {
  spec.network = in.word(key, spec.network, topology::network_from_name, "none");
}

void set_scale_up_bandwidth(ClusterSpec& spec, const Values& in, std::string_view key) {
  const auto bandwidth = in.quantity<units::BytesPerSecond>(key);
  ScaleUp& net = spec.accelerator.scale_up;
  net.peer_bandwidth = net.peer_bandwidth * (bandwidth / net.bandwidth);
  net.bandwidth = bandwidth;
}

/// The same switches with their ports split: twice the planes, twice the ports at half the speed.
void set_planes(ClusterSpec& spec, const Values& in, std::string_view key) {
  const int planes = in.integer(key);
  const auto split = [&](int& ports) {
    ports = static_cast<int>(static_cast<long>(ports) * planes / std::max(1, spec.planes));
  };
  split(spec.switch_ports);
  if (spec.uplink_bandwidth == units::BytesPerSecond{}) {
    split(spec.spine_ports);
    split(spec.core_ports);
  }
  spec.planes = planes;
}

// One row per property of cluster.overrides in schema/scenario.json; a test holds them together.
constexpr std::array kOverrides{
    Override{"nic.bandwidth", set<&ClusterSpec::nic_bandwidth>},
    Override{"nic.latency", set<&ClusterSpec::nic_latency>},
    Override{"switch.latency", set<&ClusterSpec::switch_latency>},
    Override{"switch.ports", set<&ClusterSpec::switch_ports>},
    Override{"switch.power", set<&ClusterSpec::switch_power>},
    Override{"node.overhead_power", set<&ClusterSpec::node_overhead_power>},
    Override{"gpus_per_node", set<&ClusterSpec::gpus_per_node>},
    Override{"scale_up_domain", set<&ClusterSpec::scale_up_domain>},
    Override{"nodes_per_leaf", set<&ClusterSpec::nodes_per_leaf>},
    Override{"leaf_oversubscription", set<&ClusterSpec::leaf_oversubscription>},
    Override{"spine_oversubscription", set<&ClusterSpec::spine_oversubscription>},
    Override{"nodes_per_pod", set<&ClusterSpec::nodes_per_pod>},
    Override{"spine.ports", set<&ClusterSpec::spine_ports>},
    Override{"core.ports", set<&ClusterSpec::core_ports>},
    Override{"uplink.bandwidth", set<&ClusterSpec::uplink_bandwidth>},
    Override{"planes", set_planes},
    Override{"sites.count", set<&ClusterSpec::sites, &Sites::count>},
    Override{"sites.bandwidth", set<&ClusterSpec::sites, &Sites::bandwidth>},
    Override{"sites.latency", set<&ClusterSpec::sites, &Sites::latency>},
    Override{"dragonfly.switches", set<&ClusterSpec::dragonfly, &DragonflyShape::switches>},
    Override{"dragonfly.endpoints", set<&ClusterSpec::dragonfly, &DragonflyShape::endpoints>},
    Override{"dragonfly.spines", set<&ClusterSpec::dragonfly, &DragonflyShape::spines>},
    Override{"dragonfly.global_links", set<&ClusterSpec::dragonfly, &DragonflyShape::global_links>},
    Override{"dragonfly.local_bandwidth",
             set<&ClusterSpec::dragonfly, &DragonflyShape::local_bandwidth>},
    Override{"dragonfly.global_bandwidth",
             set<&ClusterSpec::dragonfly, &DragonflyShape::global_bandwidth>},
    Override{"torus", set<&ClusterSpec::torus>},
    Override{"optical_cube", set<&ClusterSpec::optical_cube>},
    Override{"twisted", set<&ClusterSpec::twisted>},
    Override{"in_network_reduction", set<&ClusterSpec::in_network_reduction>},
    Override{"network", set_network},
    Override{"accelerator.memory", set<&ClusterSpec::accelerator, &Accelerator::memory>},
    Override{"accelerator.memory_bandwidth",
             set<&ClusterSpec::accelerator, &Accelerator::memory_bandwidth>},
    Override{"accelerator.host_bandwidth",
             set<&ClusterSpec::accelerator, &Accelerator::host_bandwidth>},
    Override{"accelerator.tdp", set<&ClusterSpec::accelerator, &Accelerator::tdp>},
    Override{"accelerator.profile", set<&ClusterSpec::accelerator, &Accelerator::profile>},
    Override{"accelerator.peak.fp32", set_peak<Precision::Fp32>},
    Override{"accelerator.peak.tf32", set_peak<Precision::Tf32>},
    Override{"accelerator.peak.bf16", set_peak<Precision::Bf16>},
    Override{"accelerator.peak.fp16", set_peak<Precision::Fp16>},
    Override{"accelerator.peak.fp8", set_peak<Precision::Fp8>},
    Override{"accelerator.peak.fp4", set_peak<Precision::Fp4>},
    Override{"scale_up.bandwidth", set_scale_up_bandwidth},
    Override{"scale_up.latency",
             set<&ClusterSpec::accelerator, &Accelerator::scale_up, &ScaleUp::latency>}};

const Override* find_override(std::string_view key) {
  for (const Override& one : kOverrides) {
    if (one.key == key) {
      return &one;
    }
  }
  return nullptr;
}
}  // namespace

void apply_overrides(topology::ClusterSpec& spec, const Document& overrides,
                     std::vector<Explained>* explained) {
  const Values in(overrides, {"cluster.overrides", {}, {}, explained, nullptr});
  for (const std::string& key : in.keys()) {
    const Override* one = find_override(key);
    if (one == nullptr) {
      std::vector<std::string> known;
      known.reserve(kOverrides.size());
      for (const Override& row : kOverrides) {
        known.emplace_back(row.key);
      }
      in.refuse(key, fmt::format("unknown key \"{}\", {}", key, did_you_mean(key, known)));
    }
    one->apply(spec, in, key);
  }
}

}  // namespace scenarios
