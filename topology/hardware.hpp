#pragma once
// Plain descriptions of the parts that a cluster is made of, as the catalog states them. The YAML
// files under scenarios/catalog give every figure its source; `figures` keeps them for reports.
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/units.hpp"

namespace topology {

/// Number formats that matrix units and memory know.
enum class Precision { Fp32, Tf32, Bf16, Fp16, Fp8, Fp4, Int8 };
inline constexpr std::size_t kPrecisionCount = 7;

std::string_view name(Precision precision);  ///< "bf16"
std::optional<Precision> precision_from_name(std::string_view name);
/// Bytes of one stored element: 4 for fp32 and tf32, 2 for bf16 and fp16, 1 for fp8 and int8, 0.5
/// for fp4.
double element_bytes(Precision precision);

/// Where a figure comes from.
struct Provenance {
  std::string source;      ///< citation, datasheet or assumption
  std::string as_of;       ///< ISO date or year-month
  std::string evidence{};  ///< "recalled", "assumption"; empty: read in the source
};

/// How accelerators of one scale-up domain are joined.
enum class ScaleUpKind {
  None,      ///< alone
  Pcie,      ///< through the host's PCIe tree
  Switched,  ///< NVSwitch and the like: any pair at full port rate
  Mesh,      ///< direct links between all pairs
  Torus      ///< direct links to torus neighbours
};

/// Links between accelerators of one node, rack or pod.
struct ScaleUp {
  ScaleUpKind kind = ScaleUpKind::None;
  std::string link;                      ///< "NVLink4"
  units::BytesPerSecond bandwidth;       ///< per accelerator and direction, all links together
  units::BytesPerSecond peer_bandwidth;  ///< to a single peer, per direction
  units::Seconds latency;                ///< one hop, port to port
  int domain = 1;                        ///< accelerators in one domain
  bool in_switch_reduction = false;      ///< NVLS and the like
};

/// Median power of one device under a load, as its own profile has it; 0: not measured.
struct LoadPower {
  units::Watts memory;         ///< bound by memory
  units::Watts compute;        ///< large matrix products
  units::Watts communication;  ///< collectives
};

/// One accelerator, as one rank sees it.
struct Accelerator {
  std::string id;    ///< catalog name, "h100-sxm"
  std::string name;  ///< "NVIDIA H100 SXM5 80 GB"
  std::string vendor;
  int year = 0;
  /// Dense peak of the matrix unit, 0 where the format is not supported.
  std::array<units::FlopsPerSecond, kPrecisionCount> peak{};
  units::Bytes memory;  ///< capacity
  units::BytesPerSecond memory_bandwidth;
  units::Bytes l2_cache;  ///< 0 where unknown
  int compute_units = 0;  ///< SMs, CUs, cores; 0 where unknown
  ScaleUp scale_up;
  units::BytesPerSecond host_bandwidth;  ///< to host memory, per direction
  units::Watts tdp;
  units::Watts idle_power;
  units::Watts power_cap;  ///< that the operator has set, at most `tdp`; 0: none
  LoadPower measured_power{};
  std::string profile;  ///< profile measured on it, or on its nearest relative
  std::map<std::string, Provenance> figures;  ///< by key path, e.g. "peak.bf16"

  /// Dense peak for `precision`; where the unit lacks it, the format that the software falls back
  /// to (fp8 -> bf16, bf16 <-> fp16, tf32 -> fp32).
  [[nodiscard]] units::FlopsPerSecond peak_for(Precision precision) const;
};

struct Nic {
  std::string id;
  units::BytesPerSecond bandwidth;  ///< per direction
  units::Seconds latency;           ///< host to wire to host without switches
  units::Watts power;               ///< without the transceiver in its port
  std::optional<units::Usd> price;  ///< nothing where none is known
  std::map<std::string, Provenance> figures;
};

struct Switch {
  std::string id;
  int ports = 0;
  units::BytesPerSecond port_bandwidth;  ///< per direction
  units::Seconds latency;                ///< port to port
  units::Watts power;                    ///< without transceivers
  int ports_per_module = 1;              ///< ports that share one pluggable transceiver (twin-port)
  std::optional<units::Usd> price;
  std::map<std::string, Provenance> figures;
};

/// What a link is made of.
enum class Medium {
  Copper,         ///< passive, both ends attached (DAC)
  ActiveCopper,   ///< retimed copper, both ends attached (ACC, AEC)
  ActiveOptical,  ///< fibre with both transceivers attached (AOC)
  Transceiver,    ///< one pluggable end of an optical link
  Fibre           ///< the cable between two transceivers
};
std::string_view name(Medium medium);  ///< "active-copper"
std::optional<Medium> medium_from_name(std::string_view name);

/// A cable, or the transceiver at one end of it.
struct Cable {
  std::string id;
  Medium medium = Medium::Copper;
  units::BytesPerSecond speed;      ///< per direction, at most
  units::Metres reach;              ///< at most
  units::Watts power;               ///< of one end
  std::optional<units::Usd> price;  ///< of the cable, or of one transceiver
  std::map<std::string, Provenance> figures;
};

/// A server (or a rack that acts as one scale-up domain): its accelerators and network ports.
struct Node {
  std::string id;
  std::string accelerator;  ///< catalog name
  int accelerators = 1;
  std::string nic;              ///< catalog name
  int nics = 1;                 ///< for the compute network
  int cpu_cores = 0;            ///< physical; 0: not said
  units::Watts host_power;      ///< CPUs, fans, memory, drives; without accelerators and NICs
  std::string scale_up_switch;  ///< catalog name; empty: inside the node, or none
  int scale_up_switches = 0;    ///< of one scale-up domain
  int scale_up_cables = 0;      ///< of one scale-up domain
  std::map<std::string, Provenance> figures;
};

}  // namespace topology
