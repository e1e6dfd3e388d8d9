#pragma once
// What whoever imports a file knows of it, where the file itself does not say.
#include <optional>
#include <string>

#include "calib/records.hpp"
#include "calib/shapes.hpp"
#include "topology/units.hpp"

namespace calib {

/// Empty, zero or nothing: take what the file or its name says.
struct Description {
  std::string accelerator{};  ///< catalog name
  std::string system{};       ///< the cluster: a catalog fabric where it is one
  int nodes = 0, ranks = 0;
  std::optional<Collective> op{};
  std::optional<Transport> transport{};
  std::optional<units::BytesPerSecond> nic_bandwidth{};  ///< per rank
  std::optional<Load> load{};                            ///< of a power series
  std::optional<units::Seconds> interval{};              ///< between two samples of a power series
  std::string started{};  ///< when it was measured, ISO 8601; empty: "unknown"
};

}  // namespace calib
