#pragma once
// Which catalog entry a PCI device is.
#include <optional>
#include <string_view>

#include "topology/import/nccl_xml.hpp"

namespace scenarios {

/// A catalog name, and why it was chosen.
struct PciGuess {
  std::string_view entry;
  std::string_view reason;
  bool known = false;  ///< by its device id; otherwise assumed
};

PciGuess accelerator_of(const topology::NcclSystem::Pci& gpu);
/// `megabits`: of its port where the file says so; tells 200 from 400 Gbit/s cards with one id.
PciGuess nic_of(const topology::NcclSystem::Pci& nic, std::optional<double> megabits);

}  // namespace scenarios
