#include "sim/run/energy.hpp"

namespace sim {

using units::Joules;
using units::Seconds;
using units::Watts;

Watts idle_power(const topology::ClusterSpec& cluster, Watts network) {
  return static_cast<double>(cluster.gpus) * cluster.accelerator.idle_power +
         static_cast<double>(cluster.nodes()) * cluster.node_overhead_power + network;
}

RunEnergy run_energy(const topology::ClusterSpec& cluster, const StepPower& power, Seconds step,
                     const RunTime& time, double tokens, int spare_nodes, double pue,
                     const Grid& grid, Joules before) {
  const double gpus = cluster.gpus;
  const Watts idle_device = cluster.accelerator.idle_power;
  const Watts spare_devices =
      static_cast<double>(spare_nodes) * cluster.gpus_per_node * idle_device;
  const Watts spares =
      spare_devices + static_cast<double>(spare_nodes) * cluster.node_overhead_power;
  const Seconds busy = time.work + time.rework + time.slow;
  const Seconds still = time.total() - busy;

  RunEnergy e;
  e.idle = idle_power(cluster, power.network);
  e.step = {
      .devices = gpus * power.accelerator * step, .it = power.energy, .meter = pue * power.energy};
  e.run.devices =
      gpus * power.accelerator * busy + gpus * idle_device * still + spare_devices * time.total();
  e.run.it = power.cluster * busy + e.idle * still + spares * time.total();
  e.mean = e.run.it / time.total();
  e.run.it += before;
  e.run.meter = pue * e.run.it;
  e.per_token = e.run.meter / tokens;
  e.carbon_kg = grid.carbon_kg_per_kwh * e.run.meter.in(units::kilowatt_hours(1));
  e.price = grid.price * e.run.meter;
  return e;
}

}  // namespace sim
