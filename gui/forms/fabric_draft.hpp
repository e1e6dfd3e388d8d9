#pragma once
// A fabric of one's own in a few words: as a scenario's cluster, and what it would be made of.
#include <vector>

#include <QString>

#include "gui/check.hpp"
#include "gui/draft.hpp"
#include "gui/views/table.hpp"
#include "scenarios/catalog.hpp"

namespace gui {

/// What a kind of fabric is described by.
enum class FabricShape { Single, Clos, Dragonfly, DragonflyPlus, Torus };
/// @param kind a word of the scenario language, "rail-optimised"
FabricShape shape_of(const QString& kind);

/// Values as a file writes them; empty: the default.
struct FabricDraft {
  QString node, kind, network, network_switch;  ///< words of the scenario language, catalog names
  QString gpus, nic_bandwidth;
  QString nodes_per_leaf, leaf_oversubscription, spine_oversubscription;  ///< of a Clos
  QString switches, endpoints, spines, global_links;  ///< of a group of a dragonfly, spines of a +
  QString torus, optical_cube, twisted;               ///< "[4, 4, 8]", "4", "true"

  /// The value of `cluster:`, "{fabric: {kind: ...}, gpus: 1024}". Only what the kind is described
  /// by; a torus is one scale-up domain, as those of the catalog are.
  [[nodiscard]] QString value() const;
};

/// The cluster of a scenario as a draft; what the scenario leaves at a default, or says in a way
/// that a draft has no word for, is left out.
FabricDraft draft_of(const Checked& now);

/// The shape of a dragonfly whose groups are as large as a switch allows, all its cables at the
/// speed of a NIC: of p ports p/4 to endpoints, p/4 to other groups, the rest to the p/2 switches
/// of the group (a = 2p = 2h, Kim, Dally, Scott and Abts, ISCA 2008); of a dragonfly+ half of each
/// switch downwards (Shpiner et al., HiPINEB 2017). Fills what is empty.
void propose_groups(FabricDraft& draft, int ports);

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
