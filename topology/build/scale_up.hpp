#pragma once
// Networks inside a node or a scale-up domain (NVLink, PCIe, mesh, small torus). Internal to
// topology.
#include <memory>

#include "topology/build/builder.hpp"

namespace topology::build {

/// All copies of one such network: device i belongs to group i / size().
class LocalNet {
 public:
  virtual ~LocalNet() = default;
  LocalNet(const LocalNet&) = delete;
  LocalNet& operator=(const LocalNet&) = delete;

  [[nodiscard]] bool joins(int a, int b) const { return a / size_ == b / size_; }
  [[nodiscard]] int size() const { return size_; }
  /// @pre joins(from, to)
  virtual void walk(Walk& walk, int from, int to) const = 0;

 protected:
  explicit LocalNet(int size) : size_(size) {}

 private:
  int size_;
};

/// The ways that stay out of the scale-out network.
struct Locality {
  std::unique_ptr<LocalNet> scale_up;  ///< null where accelerators stand alone
  std::unique_ptr<LocalNet>
      host;  ///< PCIe of a node that holds several domains; null where not needed
  /// Whether an accelerator can take over a neighbour's traffic for another rail (NCCL's PXN needs
  /// NVLink).
  bool forwards = false;

  /// Walks there if no NIC is needed and tells whether it did.
  bool walk(Walk& walk, int from, int to) const;
};

/// Draws the scale-up domains, and the PCIe tree of nodes that hold more than one.
/// @throws InputError where domains and nodes do not nest, or a bandwidth is missing, or
/// other_nodes do not fit in.
Locality draw_locality(const ClusterSpec& spec, Draft& draft);

/// GPUs in fours under a PCIe switch, the switches under the host. All links of a group run at the
/// `bandwidth` (x16) of its accelerator.
std::unique_ptr<LocalNet> draw_pcie_tree(const ClusterSpec& spec, Draft& draft, int group,
                                         units::BytesPerSecond (*bandwidth)(const Accelerator&));

}  // namespace topology::build
