#include "sim/collective/validate.hpp"

#include <utility>
#include <vector>

#include "calib/csv.hpp"

namespace sim {
namespace {

using topology::NetworkKind;

/// NIC to NIC without switches, as the catalog's NICs of that kind have it.
units::Seconds typical_nic_latency(const calib::MeasuredCollective& row) {
  constexpr units::Seconds kRdma = units::microseconds(1.6);  // ConnectX-6 to -8
  constexpr units::Seconds kEfaFirst = units::microseconds(20);
  constexpr units::Seconds kEfaLater = units::microseconds(15);
  constexpr units::Seconds kUserTcp = units::microseconds(20);
  // p4 nodes have four EFA v1 ports of 100 Gbit/s for eight accelerators, later nodes more.
  constexpr units::BytesPerSecond kEfaFirstRate = units::gigabits_per_second(50);
  switch (row.network) {
    case NetworkKind::Efa:
      return row.nic_bandwidth <= kEfaFirstRate ? kEfaFirst : kEfaLater;
    case NetworkKind::Ethernet:
      return kUserTcp;
    default:
      return kRdma;
  }
}

units::Seconds typical_switch_latency(NetworkKind network) {
  return network == NetworkKind::Infiniband ? units::microseconds(0.23) : units::microseconds(0.8);
}

calib::ValidationRow predicted_row(const calib::MeasuredCollective& row,
                                   const AcceleratorLookup& accelerators, bool published) {
  calib::ValidationRow result;
  result.id = row.id;
  result.accelerator = row.accelerator;
  result.source = published ? row.system : std::string(name(row.op));
  result.framework = row.library;
  result.reason = row.reason;
  if (row.time > units::Seconds{}) {
    result.measured = row.time.in(units::microseconds(1));
  }
  if (!result.reason.empty()) {
    return result;
  }
  const KnownAccelerator known = accelerators(row.accelerator);
  if (known.accelerator == nullptr || known.profile == nullptr) {
    result.reason = "the catalog has no accelerator or collective profile for " + row.accelerator;
    return result;
  }
  const topology::ClusterSpec cluster = cluster_of(row, *known.accelerator);
  const auto cost =
      collective_cost(cluster, *known.profile, row.op, row.size,
                      {.ranks = row.ranks, .per_domain = row.per_domain}, row.allowed);
  if (!cost) {
    result.reason = "no algorithm that the run was forced to exists here";
    return result;
  }
  result.predicted = cost->time.in(units::microseconds(1));
  const calib::Band band =
      calib::band_of(known.profile->bands, row.per_domain >= row.ranks ? "inside" : "across",
                     cost->time);
  result.low = band.low * *result.predicted;
  result.high = band.high * *result.predicted;
  result.notes = known.profile->warnings;
  if (row.nic_assumed) {
    result.notes.emplace_back("the NIC rate is not stated: 400 Gbit/s per accelerator assumed");
  }
  return result;
}

}  // namespace

topology::ClusterSpec cluster_of(const calib::MeasuredCollective& row,
                                 const topology::Accelerator& accelerator) {
  topology::ClusterSpec cluster;
  cluster.accelerator = accelerator;
  cluster.gpus = row.ranks;
  cluster.gpus_per_node = row.per_domain;
  cluster.scale_up_domain = row.per_domain;
  cluster.network = row.network;
  if (row.per_domain < row.ranks) {
    cluster.fabric = topology::FabricKind::RailOptimised;
    cluster.nic_bandwidth = row.nic_bandwidth;
    cluster.nic_latency = typical_nic_latency(row);
    cluster.switch_latency = typical_switch_latency(row.network);
  }
  return cluster;
}

calib::Validation validate_collectives(const std::filesystem::path& table,
                                       const AcceleratorLookup& accelerators) {
  const calib::CsvTable csv = calib::read_csv(table);
  const bool published = csv.column("system").has_value();
  std::vector<calib::ValidationRow> rows;
  for (const calib::MeasuredCollective& row : calib::measured_collectives(csv)) {
    rows.push_back(predicted_row(row, accelerators, published));
  }
  return calib::validation(std::move(rows));
}

}  // namespace sim
