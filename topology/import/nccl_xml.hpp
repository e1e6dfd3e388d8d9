#pragma once
// NCCL's description of one machine: what NCCL_TOPO_DUMP_FILE writes, and the files that clouds
// hand to NCCL_TOPO_FILE, in which GPUs and NICs are bare PCI devices. What is missing is borne as
// NCCL (src/graph/topo.cc, xml.cc of 2.30) bears it.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/device_graph.hpp"
#include "topology/units.hpp"

namespace topology {

struct NcclSystem {
  struct Cpu {
    int numa = 0;
    std::string arch, vendor;
    int family = 0, model = 0;
    int line = 0;
  };
  enum class PciKind { Switch, Gpu, Nic };
  struct Pci {
    PciKind kind = PciKind::Switch;
    std::string bus_id;
    std::string vendor, device;  ///< "0x10de", lower case; empty where not given
    int cpu = 0;                 ///< index
    int parent = -1;             ///< index of the PCI device above; -1: the CPU
    double gigatransfers = 8;    ///< per lane; NCCL takes PCIe 3.0 where it does not know
    bool speed_given = false;
    int width = 16;  ///< lanes; 16 where the file says 0 or nothing
    int line = 0;
    std::optional<int> compute_capability;  ///< `sm` of a <gpu>: 90
    int rank = -1, number = -1;             ///< of a <gpu>
  };
  struct NvLink {
    int gpu = 0;  ///< index of the PCI device
    std::string target;
    int count = 0;
    bool to_switch = false, to_cpu = false;
    int line = 0;
  };
  struct C2c {  ///< from a GPU to its CPU in the same package
    int gpu = 0;
    units::BytesPerSecond bandwidth;
  };
  struct PciLink {  ///< between two PCI switches that act as one
    int from = 0;
    std::string target;
    int line = 0;
  };
  struct Net {
    int pci = -1;  ///< -1: on the CPU, without a PCI device
    int cpu = 0;
    std::string name;
    int port = 1;
    double megabits = 0;  ///< per second; 10,000 where the file says none
    bool speed_given = false;
    bool gpu_direct = false;
  };
  std::vector<Cpu> cpus;
  std::vector<Pci> pci;
  std::vector<NvLink> nvlinks;
  std::vector<C2c> c2c;
  std::vector<PciLink> pci_links;
  std::vector<Net> nets;

  [[nodiscard]] std::vector<int> of_kind(PciKind kind) const;  ///< indices into `pci`
  /// NVLinks of a GPU, counted once each; 0 where the file lists none.
  [[nodiscard]] int nvlinks_of(int gpu) const;
};

/// @throws InputError with file and line.
NcclSystem parse_nccl_xml(std::string_view text, const std::string& file);
NcclSystem read_nccl_xml(const std::filesystem::path& path);

/// A bandwidth per direction as its standard states it, and as NCCL reckons with it.
struct LinkRate {
  units::BytesPerSecond nominal, nccl;
};
/// Of a PCIe device's link. Sources: PCI Express base specification (8b/10b coding to 5 GT/s,
/// 128b/130b to 32 GT/s, FLITs of 242/256 at 64 GT/s); NCCL src/graph/topo.cc.
LinkRate pcie_rate(const NcclSystem::Pci& device);
/// Of one NVLink of a GPU with this compute capability, 80 where it is not known. Sources: NVIDIA
/// architecture white papers; NCCL src/graph/topo.h.
LinkRate nvlink_rate(std::optional<int> compute_capability);
/// Between two sockets; no standard states it, so NCCL's figure stands for both.
LinkRate socket_rate(const NcclSystem::Cpu& cpu);

/// How far a NIC is from a GPU, in NCCL's words.
enum class NcclDistance {
  Pix,  ///< behind the same PCI switch
  Pxb,  ///< over several PCI switches, but no CPU
  Phb,  ///< over the CPU
  Sys   ///< over the link between CPUs
};
std::string_view name(NcclDistance distance);  ///< "PIX"
NcclDistance distance(const NcclSystem& system, int pci_a, int pci_b);

/// The machine as a graph with nominal bandwidths. NVSwitches are one device, sockets are joined
/// in a row. Latencies are unknown to NCCL's file: none.
DeviceGraph device_graph(const NcclSystem& system);

}  // namespace topology
