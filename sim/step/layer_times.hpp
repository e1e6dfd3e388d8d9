#pragma once
// Forward and backward times of each kind of layer of a job, recomputation and sharded parameters
// included.
#include <array>
#include <map>
#include <vector>

#include "sim/step/cost.hpp"
#include "sim/step/graph.hpp"

namespace sim {

/// One layer in one pass. `parts` add up to the device time; `local` is what of it never touches
/// `network`.
struct LayerPass {
  PartTimes parts;
  units::Seconds local;
  units::Seconds host;
  std::vector<ForkJoin> network;
};

struct LayerTimes {
  LayerPass forward, backward;
  LayerPass weight;  ///< weight gradients, where the schedule splits the backward pass
};

/// Kinds of layers that differ in cost: each LayerKind with full attention, and each within a
/// sliding window.
inline constexpr int kLayerClasses = 2 * kLayerKinds;
int layer_class(const ModelSpec& model, int layer);
/// The sliding window of the layers of a class, 0 for full attention.
inline int window_of(const ModelSpec& model, int layer_class) {
  return layer_class >= kLayerKinds ? model.sliding_window : 0;
}

/// What recomputation adds to the backward pass of a layer: operators of its forward pass, and the
/// share of the layers in which they run again.
struct Recomputed {
  Operators operators;
  double share = 0.0;
};
Recomputed recomputed(const CostModel& costs, LayerKind kind, int window);

/// How many layers of each class a chunk holds, and whether it has the embedding or the head.
struct ChunkContents {
  std::array<int, kLayerClasses> count{};
  bool embedding = false, head = false;
  [[nodiscard]] int total() const;
  bool operator==(const ChunkContents&) const = default;
};
/// [pp * virtual_stages], chunk = virtual_stage * pp + stage.
std::vector<ChunkContents> chunk_contents(const TrainingJob& job);

/// Forward and backward times of all that a job's chunks are made of. Independent of pp, virtual
/// stages and, unless parameters are sharded (ZeRO-2, -3), of dp.
class LayerTimesTable {
 public:
  explicit LayerTimesTable(const CostModel& costs);
  [[nodiscard]] const LayerTimes& layer(int layer_class) const {
    return layers_[static_cast<std::size_t>(layer_class)];
  }
  [[nodiscard]] const LayerTimes& embedding() const { return embedding_; }
  /// FLOPs of one sequence, see sim/workload/flops.
  struct SequenceFlops {
    units::Flops model, model_full_attention, recompute;
  };
  [[nodiscard]] const SequenceFlops& flops() const { return flops_; }
  [[nodiscard]] const LayerTimes& head() const { return head_; }

 private:
  std::array<LayerTimes, kLayerClasses> layers_;
  LayerTimes embedding_, head_;
  SequenceFlops flops_;
};

/// Tables that several layouts of one search share. All jobs that use a cache have the same model,
/// cluster, profiles and framework, but for the framework's overlap switches.
class LayerTimesCache {
 public:
  /// References stay valid as long as the cache.
  const LayerTimesTable& table(const CostModel& costs);

 private:
  using Key = std::array<int, 26>;
  static Key key_of(const CostModel& costs);
  std::map<Key, LayerTimesTable> tables_;
};

}  // namespace sim
