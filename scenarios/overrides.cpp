#include <array>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/suggest.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

namespace {
using topology::ClusterSpec;
using topology::Precision;

struct Override {
  std::string_view key;
  void (*apply)(ClusterSpec& spec, const Values& in, std::string_view key);
};

template <Precision P>
void set_peak(ClusterSpec& spec, const Values& in, std::string_view key) {
  spec.accelerator.peak[static_cast<std::size_t>(P)] = in.quantity<units::FlopsPerSecond>(key);
}

// One row per property of cluster.overrides in schema/scenario.json; a test holds them together.
constexpr std::array
    kOverrides{Override{"nic.bandwidth",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.nic_bandwidth = in.quantity<units::BytesPerSecond>(k);
                        }},
               Override{"nic.latency",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.nic_latency = in.quantity<units::Seconds>(k);
                        }},
               Override{"switch.latency",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.switch_latency = in.quantity<units::Seconds>(k);
                        }},
               Override{"switch.ports", [](ClusterSpec& s, const Values& in,
                                           std::string_view k) { s.switch_ports = in.integer(k); }},
               Override{"switch.power",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.switch_power = in.quantity<units::Watts>(k);
                        }},
               Override{"node.overhead_power",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.node_overhead_power = in.quantity<units::Watts>(k);
                        }},
               Override{"gpus_per_node",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.gpus_per_node = in.integer(k);
                        }},
               Override{"scale_up_domain",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.scale_up_domain = in.integer(k);
                        }},
               Override{"nodes_per_leaf",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.nodes_per_leaf = in.integer(k);
                        }},
               Override{"leaf_oversubscription",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.leaf_oversubscription = in.number(k);
                        }},
               Override{"spine_oversubscription",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.spine_oversubscription = in.number(k);
                        }},
               Override{"network",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.network = in.word(k, s.network, topology::network_from_name, "none");
                        }},
               Override{"accelerator.memory",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.memory = in.quantity<units::Bytes>(k);
                        }},
               Override{"accelerator.memory_bandwidth",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.memory_bandwidth = in.quantity<units::BytesPerSecond>(k);
                        }},
               Override{"accelerator.host_bandwidth",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.host_bandwidth = in.quantity<units::BytesPerSecond>(k);
                        }},
               Override{"accelerator.tdp",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.tdp = in.quantity<units::Watts>(k);
                        }},
               Override{"accelerator.profile",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.profile = in.text(k);
                        }},
               Override{"accelerator.peak.fp32", set_peak<Precision::Fp32>},
               Override{"accelerator.peak.tf32", set_peak<Precision::Tf32>},
               Override{"accelerator.peak.bf16", set_peak<Precision::Bf16>},
               Override{"accelerator.peak.fp16", set_peak<Precision::Fp16>},
               Override{"accelerator.peak.fp8", set_peak<Precision::Fp8>},
               Override{"accelerator.peak.fp4", set_peak<Precision::Fp4>},
               Override{"scale_up.bandwidth",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          const auto bandwidth = in.quantity<units::BytesPerSecond>(k);
                          auto& net = s.accelerator.scale_up;
                          net.peer_bandwidth = net.peer_bandwidth * (bandwidth / net.bandwidth);
                          net.bandwidth = bandwidth;
                        }},
               Override{"scale_up.latency",
                        [](ClusterSpec& s, const Values& in, std::string_view k) {
                          s.accelerator.scale_up.latency = in.quantity<units::Seconds>(k);
                        }}};

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
