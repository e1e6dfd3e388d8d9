#pragma once
// Checkpoints: how large, how long they hold the job up, and how often to write one.
#include <optional>
#include <string>
#include <string_view>

#include "sim/training_job.hpp"
#include "topology/units.hpp"

namespace sim {

/// Bytes that a checkpoint keeps of one trained parameter: what computes, the fp32 master copy and
/// the optimizer's states (14 for bf16 and AdamW: 2 + 4 + 4 + 4); gradients are not kept.
/// Source: Rajbhandari et al., arXiv 1910.02054, section 3.1.
double checkpoint_bytes_per_parameter(const TrainingJob& job);
/// Of the whole model, every shard once. With LoRA and QLoRA only the adapters are saved.
units::Bytes checkpoint_size(const TrainingJob& job);

/// Nodes that write: all where data-parallel ranks share the optimizer's states (each its shard),
/// else those of one replica.
int writing_nodes(const TrainingJob& job);

enum class CheckpointMode {
  Blocking,     ///< training stands still until the checkpoint is durable
  Asynchronous  ///< training stands still for the copy to host memory only
};
std::string_view name(CheckpointMode mode);
std::optional<CheckpointMode> checkpoint_mode_from_name(std::string_view name);

/// A tier of storage.
struct Storage {
  std::string id{};
  units::BytesPerSecond write{}, read{};  ///< of the whole system
  units::BytesPerSecond per_node{};       ///< of one client, 0: its network only
  units::Bytes capacity{};                ///< 0: not said
  bool local = false;  ///< drives of the nodes: bandwidth grows with them, lost with a node
};

/// What it takes to save and to load once.
struct CheckpointTimes {
  units::Seconds stall{};          ///< training stands still
  units::Seconds durable_after{};  ///< after the stall, until a roll-back may use it
  units::Seconds load{};
};

/// @param ingest  what data loading takes of the storage's bandwidth meanwhile.
/// @param node_network  storage bandwidth of one node's network; 0: not a limit.
/// Blocking: size over the narrowest of storage and the writing nodes. Asynchronous: each
/// accelerator's share over its link to the host, then the same in the background. Source: Wang et
/// al., "GEMINI", SOSP 2023, and MegaScale, arXiv 2402.15627, section 4.4 for the two stages.
CheckpointTimes checkpoint_times(const TrainingJob& job, const Storage& storage,
                                 CheckpointMode mode, units::BytesPerSecond node_network,
                                 units::BytesPerSecond ingest);

/// sqrt(2 stall mtti): Young, CACM 17(9), 1974.
units::Seconds young_interval(units::Seconds stall, units::Seconds mtti);
/// The higher-order optimum, work between two checkpoints: Daly, FGCS 22(3), 2006, equation 37:
/// sqrt(2 d M) [1 + sqrt(d / 2M) / 3 + (d / 2M) / 9] - d for d < 2M, else M.
units::Seconds daly_interval(units::Seconds stall, units::Seconds mtti);

}  // namespace sim
