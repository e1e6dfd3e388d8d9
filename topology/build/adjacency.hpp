#pragma once
// Which link leads from one vertex to the next. Boost.Graph stays in adjacency.cpp.
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "topology/cluster.hpp"

namespace topology::build {

/// The neighbours of all vertices in compressed sparse rows: 4 bytes per vertex and link.
class Adjacency {
 public:
  /// @pre `links` is sorted by (from, to) without duplicates, so that Boost's edge index is the
  /// LinkId.
  Adjacency(std::size_t vertices, std::span<const Link> links);
  ~Adjacency();
  Adjacency(const Adjacency&) = delete;
  Adjacency& operator=(const Adjacency&) = delete;

  /// O(log degree).
  [[nodiscard]] std::optional<LinkId> find(VertexId from, VertexId to) const;
  void write_dot(std::ostream& out, const std::function<std::string(VertexId)>& vertex_label,
                 const std::function<std::string(LinkId)>& link_label) const;

 private:
  struct Rows;
  std::unique_ptr<Rows> rows_;
};

}  // namespace topology::build
