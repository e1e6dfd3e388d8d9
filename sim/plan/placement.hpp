#pragma once
// Where ranks sit and which layers they hold. A rank's place follows from its coordinates by
// Layout::order; in Megatron's default, tp-cp-ep-dp-pp, place = tp + TP (cp + CP (dp + DP pp)).
#include <array>
#include <cstddef>
#include <span>
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

/// Size and spread of every communicator.
struct Groups {
  std::array<Group, kAxes> group{};
  [[nodiscard]] const Group& of(Axis a) const { return group[static_cast<std::size_t>(a)]; }
  bool operator==(const Groups&) const = default;
};
Groups communicators(const Layout& layout, const topology::ClusterSpec& cluster);
/// The same over blocks of `block` neighbouring accelerators: nodes, those under a leaf.
Groups communicators(const Layout& layout, int block);

/// Accelerators from one rank to the next along each dimension. A replica is a data- and
/// context-parallel rank; replicas count the inner one of the two first.
struct RankStrides {
  int tensor = 1, inner = 1, outer = 1, pipeline = 1;
  int inner_size = 1;  ///< ranks of the inner one
  [[nodiscard]] int place(int tp, int replica, int stage) const {
    return tp * tensor + replica % inner_size * inner + replica / inner_size * outer +
           stage * pipeline;
  }
};
RankStrides rank_strides(const Layout& layout);

/// Whether groups of experts and of shards take whole ranks of every dimension that the order
/// pulls apart. Always so in the default order.
bool groups_nest(const Layout& layout);

/// Orders among `among` that differ in where groups lie: of those that give every communicator the
/// same spread over blocks of `block` accelerators the first only. Left out are orders that do not
/// nest or whose groups straddle blocks unevenly, but for the default one.
std::vector<RankOrder> different_orders(std::span<const RankOrder> among, const Layout& layout,
                                        int block);

/// Orders that put the same groups into scale-up domains as the layout's own does, but others under
/// the leaves above them: what closed forms cannot tell apart and links can. The own is not among
/// them.
std::vector<RankOrder> orders_by_leaves(const Layout& layout, const topology::ClusterSpec& cluster);

/// Layers of every model chunk: chunk i sits on stage i % pp as its virtual stage i / pp. Layers
/// are split evenly; where they do not divide, the last and the first chunks (logits, embedding)
/// get one less, then their neighbours. Llama 3 did the same (arXiv 2407.21783 section 3.3.2).
struct ChunkLayers {
  int first = 0;
  int count = 0;
};
std::vector<ChunkLayers> split_layers(int layers, int pp, int virtual_stages);

}  // namespace sim
