#pragma once
// Shortest ways over any graph, without a table per pair or per GPU of the whole graph. Internal to
// topology.
//
// The graph falls into regions: the fabric (all switches of the scale-out network), and islands,
// the pieces that remain without it: nodes, racks, a torus of accelerators. A way runs inside one
// island, or from an island over the fabric to another one; islands forward nothing for others. So
// tables of costs are kept per region: to each GPU over its own island, and to each edge switch
// over the fabric, made when first asked for and shared by all GPUs behind it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "topology/cluster.hpp"

namespace topology::build {

/// Latency in picoseconds times 4096 plus the number of links: shorter is faster, and among equally
/// fast ways the one with fewer links. Whole numbers, so that equal ways are equal.
using Cost = std::uint64_t;
inline constexpr Cost kUnreachable = ~Cost{0};
/// Cost of one link. @pre at most 1 s
Cost cost_of(units::Seconds latency);
/// The sum, kUnreachable where that is what one of them is or where it would overflow.
Cost sum(Cost a, Cost b);

class ShortestPaths {
 public:
  /// `kinds`: of all vertices. Of several links between the same two the first one counts.
  ShortestPaths(std::span<const VertexKind> kinds, std::vector<Link> links);

  struct Arc {
    VertexId from = 0, to = 0;
    Cost cost = 0;
  };
  [[nodiscard]] std::span<const Arc> out(VertexId v) const;
  [[nodiscard]] std::span<const Arc> in(VertexId v) const;

  static constexpr std::uint32_t kFabric = 0;
  [[nodiscard]] std::uint32_t region(VertexId v) const { return region_[v]; }
  [[nodiscard]] std::uint32_t region_count() const {
    return static_cast<std::uint32_t>(sizes_.size());
  }
  /// Links between an island and the fabric, by island; `port` numbers the island links of their
  /// switch.
  struct Gate {
    Arc arc;
    std::uint32_t port = 0;
  };
  [[nodiscard]] std::span<const Gate> exits(std::uint32_t island) const;
  [[nodiscard]] std::span<const Gate> entries(std::uint32_t island) const;

  /// Costs to `target` from all vertices of its region, over that region alone.
  class Field {
   public:
    [[nodiscard]] Cost operator[](VertexId v) const { return costs_[local_[v]]; }

   private:
    friend class ShortestPaths;
    Field(std::vector<Cost> costs, const std::uint32_t* local)
        : costs_(std::move(costs)), local_(local) {}
    std::vector<Cost> costs_;
    const std::uint32_t* local_;
    mutable std::unordered_map<VertexId, std::vector<VertexId>> next_;  ///< made on demand
  };
  /// Valid until forget_some(). Not for several threads at a time.
  [[nodiscard]] const Field& to(VertexId target) const;
  /// The neighbours of `at` in its region that lie on a shortest way to `target`. As valid as to().
  [[nodiscard]] const std::vector<VertexId>& next(VertexId target, VertexId at) const;
  /// Drops all tables when they hold more than kMostTableBytes.
  void forget_some() const;
  static constexpr std::size_t kMostTableBytes = std::size_t{512} << 20U;

 private:
  void find_regions(std::span<const VertexKind> kinds);
  void find_gates();

  struct Rows {
    std::vector<std::size_t> begin;
    std::vector<Arc> arcs;
  };
  struct Gates {
    std::vector<std::size_t> begin;
    std::vector<Gate> gates;
  };
  Rows out_, in_;
  std::vector<std::uint32_t> region_, local_;
  std::vector<std::uint32_t> sizes_;  ///< of the regions
  Gates exits_, entries_;
  mutable std::vector<std::unique_ptr<Field>> fields_;  ///< by target
  mutable std::size_t table_bytes_ = 0;
};

}  // namespace topology::build
