#include "scenarios/pci_ids.hpp"

#include <array>

namespace scenarios {

namespace {

struct Row {
  std::string_view vendor, device, entry;
};

// Source: the PCI ID repository (pci-ids.ucw.cz), 2023-04-11; recalled, not read there: H20, H100 NVL,
// H200, B200, GB200, B300, GB300, MI300X, MI325X, MI355X.
constexpr std::array kAccelerators{
    Row{"0x10de", "0x1db1", "v100-16"},   Row{"0x10de", "0x1db4", "v100-16"},
    Row{"0x10de", "0x1db5", "v100"},      Row{"0x10de", "0x1db6", "v100"},
    Row{"0x10de", "0x1db8", "v100"},      Row{"0x10de", "0x20b0", "a100-40"},
    Row{"0x10de", "0x20f1", "a100-40"},   Row{"0x10de", "0x20b2", "a100-80"},
    Row{"0x10de", "0x20b5", "a100-80"},   Row{"0x10de", "0x2330", "h100-sxm"},
    Row{"0x10de", "0x2331", "h100-pcie"}, Row{"0x10de", "0x2321", "h100-nvl"},
    Row{"0x10de", "0x2324", "h800"},      Row{"0x10de", "0x2329", "h20"},
    Row{"0x10de", "0x2335", "h200-sxm"},  Row{"0x10de", "0x2901", "b200-sxm"},
    Row{"0x10de", "0x2941", "gb200"},     Row{"0x10de", "0x3182", "b300-sxm"},
    Row{"0x10de", "0x31c2", "gb300"},     Row{"0x10de", "0x26b9", "l40s"},
    Row{"0x10de", "0x2237", "a10g"},      Row{"0x1002", "0x74a1", "mi300x"},
    Row{"0x1002", "0x74a5", "mi325x"},    Row{"0x1002", "0x75a3", "mi355x"}};

// Source: the PCI ID repository, 2023-04-11; recalled: the fourth EFA, Thor 2.
constexpr std::array kNics{
    Row{"0x15b3", "0x1017", "connectx-5-100g"}, Row{"0x15b3", "0x1019", "connectx-5-100g"},
    Row{"0x15b3", "0x101b", "connectx-6-200g"}, Row{"0x15b3", "0x101c", "connectx-6-200g"},
    Row{"0x15b3", "0x101d", "connectx-6-200g"}, Row{"0x15b3", "0x1021", "connectx-7-400g"},
    Row{"0x15b3", "0x1023", "connectx-8-800g"}, Row{"0x15b3", "0xa2dc", "bluefield-3-400g"},
    Row{"0x1d0f", "0xefa0", "efa-v1-100g"},     Row{"0x1d0f", "0xefa1", "efa-v2-100g"},
    Row{"0x1d0f", "0xefa2", "efa-v3-200g"},     Row{"0x1d0f", "0xefa3", "efa-v4-400g"},
    Row{"0x14e4", "0x1760", "thor2-400g"}};

template <std::size_t N>
std::string_view find(const std::array<Row, N>& table, const topology::NcclSystem::Pci& pci) {
  for (const Row& row : table) {
    if (row.vendor == pci.vendor && row.device == pci.device) {
      return row.entry;
    }
  }
  return {};
}

constexpr std::string_view kById = "by its PCI device id";

}  // namespace

PciGuess accelerator_of(const topology::NcclSystem::Pci& gpu) {
  if (const auto entry = find(kAccelerators, gpu); !entry.empty()) {
    return {entry, kById, true};
  }
  if (const int sm = gpu.compute_capability.value_or(0); sm > 0) {
    constexpr std::string_view kBySm = "by its compute capability alone";
    return sm >= 103   ? PciGuess{"b300-sxm", kBySm}
           : sm >= 100 ? PciGuess{"b200-sxm", kBySm}
           : sm >= 90  ? PciGuess{"h100-sxm", kBySm}
           : sm == 89  ? PciGuess{"l40s", kBySm}
           : sm >= 80  ? PciGuess{"a100-80", kBySm}
                       : PciGuess{"v100", kBySm};
  }
  constexpr std::string_view kByLink = "by the speed of its PCIe link alone";
  return gpu.gigatransfers >= 64   ? PciGuess{"b300-sxm", kByLink}
         : gpu.gigatransfers >= 32 ? PciGuess{"h100-sxm", kByLink}
         : gpu.gigatransfers >= 16 ? PciGuess{"a100-80", kByLink}
                                   : PciGuess{"v100", kByLink};
}

PciGuess nic_of(const topology::NcclSystem::Pci& nic, std::optional<double> megabits) {
  constexpr double k200G = 200'000;
  if (const auto entry = find(kNics, nic); !entry.empty()) {
    if (entry == "connectx-7-400g" && megabits && *megabits <= k200G) {
      return {"connectx-7-200g", "by its PCI device id and the speed of its port", true};
    }
    return {entry, kById, true};
  }
  if (megabits) {
    constexpr std::string_view kByPort = "by the speed of its port alone";
    return *megabits > 400'000   ? PciGuess{"connectx-8-800g", kByPort}
           : *megabits > k200G   ? PciGuess{"connectx-7-400g", kByPort}
           : *megabits > 100'000 ? PciGuess{"connectx-6-200g", kByPort}
                                 : PciGuess{"ethernet-100g", kByPort};
  }
  constexpr std::string_view kByLink = "by the speed of its PCIe link alone";
  return nic.gigatransfers >= 64   ? PciGuess{"connectx-8-800g", kByLink}
         : nic.gigatransfers >= 32 ? PciGuess{"connectx-7-400g", kByLink}
         : nic.gigatransfers >= 16 ? PciGuess{"connectx-6-200g", kByLink}
                                   : PciGuess{"connectx-5-100g", kByLink};
}

}  // namespace scenarios
