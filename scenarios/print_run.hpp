#pragma once
// What a run is, as figures with names. Private to this room.
#include "scenarios/facts.hpp"
#include "scenarios/run.hpp"

namespace scenarios {

/// Duration, work, interruptions, checkpoints.
Facts run_facts(const RunPlan& plan);
/// Power, energy, carbon, electricity.
Facts energy_facts(const RunPlan& plan);

}  // namespace scenarios
