#pragma once
// Reads tables of measured collectives, of either known shape, by documented rules.
#include <string>
#include <vector>

#include "calib/collective_time.hpp"
#include "calib/csv.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/units.hpp"

namespace calib {

/// What was measured, on what. Ranks sit as sim::Group has it.
struct MeasuredCollective {
  bool published = false;  ///< a published sweep, not a kernel table
  std::string id;      ///< of a published sweep; else accelerator, library, collective and ranks
  std::string system;  ///< the row's own words
  std::string accelerator;  ///< catalog name; empty where the words name none that is known
  std::string library;
  Collective op = Collective::AllReduce;
  int ranks = 0;
  int per_domain = 0;
  topology::NetworkKind network = topology::NetworkKind::None;
  units::BytesPerSecond nic_bandwidth;  ///< per rank
  bool nic_assumed = false;             ///< the row states no rate: 400 Gbit/s per rank
  units::Bytes size;
  units::Seconds time;
  Allowed allowed;
  std::string reason;  ///< why no model can predict the row; empty where one can
};

/// Every row of a table of either shape, in its order:
///
/// aiconfigurator's kernel tables (`accelerator, nccl_version, collective, gpus, dtype, elements,
/// bytes, latency_us`), inside one domain. int8 rows exclude in-switch reduction, which has no int8
/// sum.
///
/// Published sweeps (`id, system, gpus, nodes, interconnect, library, algo_proto, collective,
/// bytes, time_us, algbw_GBps, busbw_GBps`). The accelerator is the first known name in `system`;
/// ranks of a domain are those of a node, or of a rack where the words name NVL72; the NIC rate per
/// rank is read from `interconnect`, then `system` ("4x200G", "400G x8", "400G per GPU"); where
/// `time_us` is empty, time follows from busbw. Forced algorithms restrict the choice.
///
/// @throws topology::InputError for another shape, or with file, line and column for a cell that is
/// no number.
std::vector<MeasuredCollective> measured_collectives(const CsvTable& table);

}  // namespace calib
