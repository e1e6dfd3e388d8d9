#pragma once
// Names of accelerators, networks and cloud machines in the words of other people's files.
#include <optional>
#include <string>
#include <string_view>

#include "calib/records.hpp"
#include "topology/cluster_spec.hpp"

namespace calib {

/// Catalog name of the first accelerator that `text` names, in any case of letters; empty where it
/// names none.
std::string accelerator_in(std::string_view text);

/// The network that `text` names; None where it names none.
topology::NetworkKind network_in(std::string_view text);
topology::NetworkKind network_of(Transport transport);
Transport transport_of(topology::NetworkKind network);

/// A cloud machine whose name says what is inside.
struct CloudMachine {
  std::string_view word;    ///< in file names and logs, lower case
  std::string_view fabric;  ///< of the catalog
  std::string_view accelerator;
  int per_node;
  topology::NetworkKind network;
};
/// The machine that `text` names, in any case of letters.
std::optional<CloudMachine> cloud_machine_in(std::string_view text);

}  // namespace calib
