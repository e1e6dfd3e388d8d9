#pragma once
// What a shape of fabric has to provide: it draws vertices and cables, and finds the way over them.
// Internal to topology. A new shape is one file here and one line in registry.cpp.
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "topology/cluster.hpp"
#include "topology/routing.hpp"

namespace topology::build {

/// A graph while it is being drawn. Vertices of one kind are numbered one after the other.
class Draft {
 public:
  struct Range {
    VertexId first;
    VertexKind kind;
    std::size_t count;
  };

  /// Adds `count` vertices and returns the first. @pre each kind is added once.
  VertexId add(VertexKind kind, std::size_t count);
  /// Both directions of a cable (or of `cables` parallel ones that share `bandwidth`). Cables that
  /// are drawn between the same vertices again add up. `there` and `back` are the latencies of the
  /// two directions.
  void cable(VertexId a, VertexId b, units::BytesPerSecond bandwidth, units::Seconds there,
             units::Seconds back, int cables = 1);

  /// One direction only.
  void one_way(VertexId from, VertexId to, units::BytesPerSecond bandwidth, units::Seconds latency,
               int cables = 1);
  /// Names of all vertices, instead of kind and number.
  void label(std::vector<std::string> names) { names_ = std::move(names); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  [[nodiscard]] std::size_t vertex_count() const;
  /// Links between the given vertices that routes may name as one; returns the trunk's number.
  /// `label` is what it leads from and to, for reports.
  std::uint32_t trunk(std::string label, std::vector<std::pair<VertexId, VertexId>> ends);
  struct Trunk {
    std::string label;
    std::vector<std::pair<VertexId, VertexId>> ends;
  };
  [[nodiscard]] const std::vector<Trunk>& trunks() const { return trunks_; }
  [[nodiscard]] std::span<const Link> links() const { return links_; }  ///< as they were drawn
  /// The links sorted by (from, to), parallel ones merged; the draft is empty of links afterwards.
  std::vector<Link> take_links();

 private:
  std::vector<Range> ranges_;
  std::vector<Link> links_;
  std::vector<Trunk> trunks_;
  std::vector<std::string> names_;
};

/// Collects a route vertex by vertex. Where a flow is split over several ways, fork() remembers the
/// place, branch() goes back to it for the next way, and join() goes on with the latency of the
/// longest; a link that several branches share becomes one hop with the sum of their weights.
class Walk {
 public:
  Walk(const Cluster& cluster, VertexId start, const FabricHealth* health, std::vector<Hop>& hops)
      : cluster_(cluster), health_(health), start_(start), at_(start), hops_(hops) {}
  /// Goes on to a neighbour. @throws std::logic_error if there is no such link.
  void to(VertexId next);
  /// Goes on to `next` over a trunk, by its number. @pre the trunk leads from here to `next`.
  void over(std::uint32_t trunk, VertexId next);
  /// Goes back to the start, as if nothing had been walked.
  void restart();
  void fork();
  void branch(double weight);
  void join();
  /// Goes back to the place of fork() and forgets all branches.
  void rewind();

  /// For flows that are split over any number of ways: loads a link that lies on some of them and
  /// returns its latency, without going there; arrive() says where all of them end, and when.
  units::Seconds load(VertexId from, VertexId next, double weight);
  void arrive(VertexId at, units::Seconds latency);

  /// Whether nothing that was walked so far is lost.
  [[nodiscard]] bool intact() const;
  /// Whether the link to a neighbour is there and not lost.
  [[nodiscard]] bool up(VertexId from, VertexId next) const;
  /// What is left of the bandwidth of a link, in bytes/s.
  [[nodiscard]] double bandwidth_left(VertexId from, VertexId next) const;
  /// Whether any link of a trunk is left.
  [[nodiscard]] bool trunk_up(std::uint32_t trunk) const;
  [[nodiscard]] bool all_up() const { return health_ == nullptr || health_->left.empty(); }
  [[nodiscard]] VertexId at() const { return at_; }
  [[nodiscard]] units::Seconds latency() const { return latency_; }

 private:
  void pass(LinkId channel, units::Seconds latency, VertexId next);

  const Cluster& cluster_;
  const FabricHealth* health_;
  VertexId start_;
  VertexId at_;
  std::vector<Hop>& hops_;
  double weight_ = 1.0;
  units::Seconds latency_;
  VertexId fork_at_ = 0;
  std::size_t fork_hops_ = 0;
  units::Seconds fork_latency_, longest_;
};

/// Finds the way between two different GPUs over the graph that its builder drew.
class Router {
 public:
  virtual ~Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  /// False where lost links leave no way; what was walked then does not count.
  virtual bool route(Walk& walk, int from, int to, const RouteRequest& request) const = 0;

 protected:
  Router() = default;
};

/// Draws a fabric around the GPUs, which are vertices 0 ... gpus-1 of `draft` already.
using FabricBuilder = std::unique_ptr<Router> (*)(const ClusterSpec& spec, Draft& draft);

FabricBuilder builder_for(FabricKind kind);

std::unique_ptr<Router> build_single_domain(const ClusterSpec& spec, Draft& draft);
std::unique_ptr<Router> build_torus(const ClusterSpec& spec, Draft& draft);
/// RailOptimised, FatTree, ThreeTier and RailOnly: one drawing of what plan_fabric() planned.
std::unique_ptr<Router> build_clos(const ClusterSpec& spec, Draft& draft);
/// Dragonfly and DragonflyPlus: one drawing of what plan_dragonfly() planned.
std::unique_ptr<Router> build_dragonfly(const ClusterSpec& spec, Draft& draft);

/// The graph of the spec, see custom.cpp.
std::unique_ptr<Router> build_custom(const ClusterSpec& spec, Draft& draft);

}  // namespace topology::build
