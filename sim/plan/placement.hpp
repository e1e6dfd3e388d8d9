#pragma once
// Where ranks sit and which layers they hold. Rank order is Megatron's default tp-cp-dp-pp:
// rank = tp + TP (cp + CP (dp + DP pp)); experts take their groups from consecutive tp, cp and dp
// ranks.
#include <array>
#include <cstddef>
#include <vector>

#include "sim/collective/collective.hpp"
#include "sim/plan/layout.hpp"
#include "sim/workload/model.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// The communicators of a rank.
enum class Axis : std::uint8_t {
  Tensor,
  Context,
  Expert,
  Pipeline,
  Data,       ///< all ranks that hold the same dense weights (dp x cp)
  Shard,      ///< the ranks of Data that split state (HSDP's inner group); equals Data otherwise
  Replica,    ///< one rank of each shard group (HSDP's outer group)
  ExpertData  ///< ranks that hold the same experts
};
inline constexpr std::size_t kAxes = 8;

/// Size, spread and rank stride of every communicator.
struct Groups {
  std::array<Group, kAxes> group{};
  std::array<int, kAxes> stride{};
  [[nodiscard]] const Group& of(Axis a) const { return group[static_cast<std::size_t>(a)]; }
  [[nodiscard]] int stride_of(Axis a) const { return stride[static_cast<std::size_t>(a)]; }
};
Groups communicators(const Layout& layout, const topology::ClusterSpec& cluster);

/// Layers of every model chunk: chunk i sits on stage i % pp as its virtual stage i / pp. Layers
/// are split evenly; where they do not divide, the last and the first chunks (logits, embedding)
/// get one less, then their neighbours. Llama 3 did the same (arXiv 2407.21783 section 3.3.2).
struct ChunkLayers {
  int first = 0;
  int count = 0;
};
std::vector<ChunkLayers> split_layers(int layers, int pp, int virtual_stages);

}  // namespace sim
