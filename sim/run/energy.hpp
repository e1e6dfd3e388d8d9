#pragma once
// Energy of steps and runs at the device, at the IT equipment and at the meter; carbon; money.
#include "sim/power/power.hpp"
#include "sim/run/cost.hpp"
#include "sim/run/run_model.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// Electricity of one region.
struct Grid {
  double carbon_kg_per_kwh = 0;  ///< CO2 equivalent
  units::UsdPerJoule price{};
  PriceSource source{};
};

/// The same energy at three places.
struct Energy {
  units::Joules devices{};  ///< accelerators
  units::Joules it{};       ///< nodes and network
  units::Joules meter{};    ///< IT times PUE
};

struct RunEnergy {
  Energy step;
  Energy run;
  units::Joules per_token{};  ///< of the run, at the meter
  units::Watts mean{};        ///< of the run, at the IT equipment
  units::Watts idle{};        ///< IT equipment while nothing computes
  double carbon_kg = 0;
  units::Usd price{};
};

/// IT power while all devices wait.
units::Watts idle_power(const topology::ClusterSpec& cluster, units::Watts network);

/// A run computes during work, rework and slow time (at the step's power; waiting for a slow node
/// draws less, which is left out), and idles during stalls, downtime, restarts and waiting. Spares
/// idle all the time.
/// @param pue  meter over IT; @pre pue >= 1, tokens > 0.
/// @param before  of the IT equipment before the first step, such as for writing synthetic data;
/// not in `mean`.
RunEnergy run_energy(const topology::ClusterSpec& cluster, const StepPower& power,
                     units::Seconds step, const RunTime& time, double tokens, int spare_nodes,
                     double pue, const Grid& grid, units::Joules before = {});

}  // namespace sim
