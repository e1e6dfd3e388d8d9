#include "sim/run/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/memory/state_bytes.hpp"
#include "sim/plan/trained.hpp"
#include "sim/workload/model.hpp"
#include "topology/names.hpp"

namespace sim {

using topology::Named;
using units::Bytes;
using units::BytesPerSecond;
using units::Seconds;

namespace {
constexpr std::array kModes{Named<CheckpointMode>{CheckpointMode::Blocking, "blocking"},
                            Named<CheckpointMode>{CheckpointMode::Asynchronous, "asynchronous"}};

/// Limits of zero do not limit.
BytesPerSecond narrower(BytesPerSecond a, BytesPerSecond b) {
  if (a <= BytesPerSecond{} || b <= BytesPerSecond{}) {
    return std::max(a, b);
  }
  return std::min(a, b);
}

/// What `nodes` reach of a system with this aggregate rate.
BytesPerSecond reached(const Storage& storage, BytesPerSecond aggregate, int nodes,
                       BytesPerSecond node_network, BytesPerSecond ingest) {
  const double clients = nodes;
  if (storage.local) {
    return clients * storage.per_node;
  }
  const BytesPerSecond node = narrower(storage.per_node, node_network);
  // Loading leaves at least a tenth: a file system does not let writers starve.
  const BytesPerSecond left = std::max(aggregate - ingest, 0.1 * aggregate);
  return narrower(left, clients * node);
}
}  // namespace

std::string_view name(CheckpointMode mode) {
  return name_in(kModes, mode);
}
std::optional<CheckpointMode> checkpoint_mode_from_name(std::string_view name) {
  return value_in(kModes, name);
}

double checkpoint_bytes_per_parameter(const TrainingJob& job) {
  return computing_weight_bytes(job.training) + optimizer_state_bytes(job);
}

Bytes checkpoint_size(const TrainingJob& job) {
  if (adapters_only(job.training)) {
    const double trained = parameters(job.model).total() * trained_share(job);
    return units::bytes(trained *
                        (2.0 + optimizer_state_bytes(job)));  // the adapters compute in bf16
  }
  return units::bytes(parameters(job.model).total() * checkpoint_bytes_per_parameter(job));
}

int writing_nodes(const TrainingJob& job) {
  const int nodes = job.cluster.nodes();
  if (job.layout.sharding != Sharding::Ddp) {
    return nodes;
  }
  return std::max(1, nodes / std::max(1, job.layout.dp));
}

CheckpointTimes checkpoint_times(const TrainingJob& job, const Storage& storage,
                                 CheckpointMode mode, BytesPerSecond node_network,
                                 BytesPerSecond ingest) {
  const Bytes size = checkpoint_size(job);
  const int writers = writing_nodes(job);
  const Seconds write = size / reached(storage, storage.write, writers, node_network, ingest);
  const Seconds load =
      size / reached(storage, storage.read, job.cluster.nodes(), node_network, ingest);
  if (mode == CheckpointMode::Blocking) {
    return {.stall = write, .durable_after = Seconds{}, .load = load};
  }
  const double accelerators = std::min(static_cast<double>(writers) * job.cluster.gpus_per_node,
                                       static_cast<double>(job.cluster.gpus));
  const Seconds copy = size / accelerators / job.cluster.accelerator.host_bandwidth;
  return {.stall = copy, .durable_after = write, .load = load};
}

Seconds young_interval(Seconds stall, Seconds mtti) {
  return units::seconds(std::sqrt(2.0 * stall.base() * mtti.base()));
}

Seconds daly_interval(Seconds stall, Seconds mtti) {
  if (stall >= 2.0 * mtti) {
    return mtti;
  }
  const double x = stall / (2.0 * mtti);
  return young_interval(stall, mtti) * (1.0 + std::sqrt(x) / 3.0 + x / 9.0) - stall;
}

}  // namespace sim
