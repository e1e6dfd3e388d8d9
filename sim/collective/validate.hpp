#pragma once
// The collective cost model against tables of measured collectives.
#include <filesystem>
#include <functional>
#include <string>

#include "calib/collective_profile.hpp"
#include "calib/collective_tables.hpp"
#include "calib/validation.hpp"
#include "sim/collective/collective.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/hardware.hpp"

namespace sim {

/// An accelerator and the collective profile to use for it; both null where the catalog has none.
/// Pointers stay valid during the call.
struct KnownAccelerator {
  const topology::Accelerator* accelerator = nullptr;
  const calib::CollectiveProfile* profile = nullptr;
};
using AcceleratorLookup = std::function<KnownAccelerator(const std::string& id)>;

/// The cluster that a measured row ran on: its accelerator, ranks per domain and NIC rate; NIC and
/// switch latencies are typical of the kind of network, as no row states them.
topology::ClusterSpec cluster_of(const calib::MeasuredCollective& row,
                                 const topology::Accelerator& accelerator);

/// Rows in the order of the table, times in microseconds; labels: accelerator, source = the system
/// (published sweeps) or the collective (kernel tables), framework = the library. Rows that no
/// model covers are skipped with a reason.
/// @throws topology::InputError if the table cannot be read or has another shape.
calib::Validation validate_collectives(const std::filesystem::path& table,
                                       const AcceleratorLookup& accelerators);

}  // namespace sim
