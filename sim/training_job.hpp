#pragma once
// Everything that one prediction is about.
#include "calib/collective_profile.hpp"
#include "calib/profile.hpp"
#include "sim/plan/layout.hpp"
#include "sim/step/parameters.hpp"
#include "sim/workload/model.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// A model, how it is trained and laid out, by which software and on what hardware.
struct TrainingJob {
  ModelSpec model;
  Training training;
  Layout layout;
  Framework framework;
  topology::ClusterSpec cluster;
};

/// The fitted models that put times on a job's operators. Refers to values that outlive it.
struct Profiles {
  const calib::DeviceProfile& device;
  const calib::CollectiveProfile& collectives;
  StepParameters steps{};
};

}  // namespace sim
