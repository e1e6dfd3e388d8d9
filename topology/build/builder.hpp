#pragma once
// What a shape of fabric has to provide: it draws vertices and cables, and finds the way over them.
// Internal to topology. A new shape is one file here and one line in registry.cpp.
#include <memory>
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

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  [[nodiscard]] std::size_t vertex_count() const;
  /// The links sorted by (from, to), parallel ones merged; the draft is empty of links afterwards.
  std::vector<Link> take_links();

 private:
  std::vector<Range> ranges_;
  std::vector<Link> links_;
};

/// Collects a route vertex by vertex.
class Walk {
 public:
  Walk(const Cluster& cluster, VertexId start, std::vector<LinkId>& links)
      : cluster_(cluster), at_(start), links_(links) {}
  /// Goes on to a neighbour. @throws std::logic_error if there is no such link.
  void to(VertexId next);
  [[nodiscard]] units::Seconds latency() const { return latency_; }

 private:
  const Cluster& cluster_;
  VertexId at_;
  std::vector<LinkId>& links_;
  units::Seconds latency_;
};

/// Finds the way between two different GPUs over the graph that its builder drew.
class Router {
 public:
  virtual ~Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  virtual void route(Walk& walk, int from, int to, Routing routing, std::uint64_t flow) const = 0;

 protected:
  Router() = default;
};

/// Draws a fabric around the GPUs, which are vertices 0 ... gpus-1 of `draft` already.
using FabricBuilder = std::unique_ptr<Router> (*)(const ClusterSpec& spec, Draft& draft);

FabricBuilder builder_for(FabricKind kind);

std::unique_ptr<Router> build_single_domain(const ClusterSpec& spec, Draft& draft);
std::unique_ptr<Router> build_torus(const ClusterSpec& spec, Draft& draft);
/// RailOptimised, FatTree and ThreeTier: one drawing of what plan_clos() planned.
std::unique_ptr<Router> build_clos(const ClusterSpec& spec, Draft& draft);

}  // namespace topology::build
