#pragma once
// A fabric of one's own in a few words: as a scenario's cluster, and what it would be made of.
#include <vector>

#include <QString>

#include "gui/draft.hpp"
#include "gui/views/table.hpp"
#include "scenarios/catalog.hpp"

namespace gui {

/// Values as a file writes them; empty: the default.
struct FabricDraft {
  QString node, kind, network, network_switch;  ///< words of the scenario language, catalog names
  QString gpus, nic_bandwidth, nodes_per_leaf, leaf_oversubscription, spine_oversubscription;

  /// The value of `cluster:`, "{fabric: {kind: ...}, gpus: 1024}".
  [[nodiscard]] QString value() const;
};

/// The parts of the cluster in figures, as `gpuplan topology` counts them.
struct FabricPreview {
  QString complaint;  ///< why there is none; empty: there is one
  QString summary;    ///< a sentence per network: power, price, bandwidth between the halves
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< of the bill of materials
};

/// Reads `subject` with the draft as its cluster. Takes as long as reading a scenario and counting
/// its switches: for a thread of its own, with a catalog of its own.
FabricPreview preview_of(const Subject& subject, const FabricDraft& draft,
                         const scenarios::Catalog& catalog);

}  // namespace gui
