#pragma once
// Forward and backward times of each kind of layer of a job, recomputation and sharded parameters included.
#include "sim/step/cost.hpp"
#include "sim/step/graph.hpp"

#include <array>
#include <vector>

namespace sim {

/// One layer in one pass. `parts` add up to the device time; `local` is what of it never touches `network`.
struct LayerPass {
  PartTimes parts;
  units::Seconds local;
  units::Seconds host;
  std::vector<ForkJoin> network;
};

struct LayerTimes {
  LayerPass forward, backward;
};

/// Kinds of layers that differ in cost: each LayerKind with full attention, and each within a sliding window.
inline constexpr int kLayerClasses = 2 * kLayerKinds;
int layer_class(const ModelSpec& model, int layer);

/// How many layers of each class a chunk holds, and whether it has the embedding or the head.
struct ChunkContents {
  std::array<int, kLayerClasses> count{};
  bool embedding = false, head = false;
  [[nodiscard]] int total() const;
  bool operator==(const ChunkContents&) const = default;
};
/// [pp * virtual_stages], chunk = virtual_stage * pp + stage.
std::vector<ChunkContents> chunk_contents(const TrainingJob& job);

class LayerTimesTable {
 public:
  explicit LayerTimesTable(const CostModel& costs);
  [[nodiscard]] const LayerTimes& layer(int layer_class) const {
    return layers_[static_cast<std::size_t>(layer_class)];
  }
  [[nodiscard]] const LayerTimes& embedding() const { return embedding_; }
  [[nodiscard]] const LayerTimes& head() const { return head_; }

 private:
  std::array<LayerTimes, kLayerClasses> layers_;
  LayerTimes embedding_, head_;
};

}  // namespace sim
