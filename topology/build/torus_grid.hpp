#pragma once
// A torus of devices in row-major order: the last extent varies fastest. Internal to topology.
#include <vector>

#include "topology/build/builder.hpp"
#include "topology/torus_plan.hpp"

namespace topology::build {

class TorusGrid {
 public:
  /// All axes wrap around. @throws InputError unless the extents multiply to `devices`.
  TorusGrid(std::vector<int> extents, int devices);
  explicit TorusGrid(TorusPlan plan);

  /// Cables from each device to its next neighbour along every axis. `first` is the vertex of
  /// device 0. An axis of two joins its devices by both cables; an axis of one has none.
  void draw(Draft& draft, VertexId first, units::BytesPerSecond per_cable,
            units::Seconds hop) const;

  /// Shortest ways, one axis after the other, which cannot deadlock (Dally and Seitz, IEEE Trans.
  /// Computers C-36(5), 1987).
  ///
  /// - Static starts with the first axis. Halfway round a ring both ways are equally short: even
  ///   coordinates go up, odd ones down, which loads both directions alike.
  /// - Ecmp takes one of the rotated orders of the axes, and one of the two directions, by hash.
  /// - Adaptive and Spray split the flow evenly over the rotated orders and both directions.
  ///
  /// Where links are lost, the shortest way that is left among these, those the other way round a
  /// ring, and those that step aside along another axis first. False where none is.
  bool route(Walk& walk, VertexId first, int from, int to, const RouteRequest& request) const;
  /// The same under Static; over a lost link where there is no other way.
  void walk(Walk& walk, VertexId first, int from, int to) const;

  /// Cables of one device if all axes are longer than 1: two per axis.
  [[nodiscard]] int cables_per_device() const;

 private:
  /// Steps along one axis, downwards where negative.
  struct Leg {
    std::size_t axis;
    int steps;
  };
  using Way = std::vector<Leg>;
  using Steps = std::vector<int>;      ///< per axis
  enum class Ties { ByParity, Both };  ///< halfway round a ring

  [[nodiscard]] std::size_t axes() const { return plan_.extents.size(); }
  [[nodiscard]] int coordinate(int device, std::size_t axis) const {
    return device / stride_[axis] % plan_.extents[axis];
  }
  /// The next device up (+1) or down (-1) an axis; -1 at the end of a line.
  [[nodiscard]] int neighbour(int device, std::size_t axis, int direction) const;
  [[nodiscard]] bool is_twisted(std::size_t axis) const;
  void reduce(Steps& steps, std::size_t axis, bool upwards_on_ties) const;
  /// Displacements that lead to the same device by going round twisted axes.
  [[nodiscard]] std::vector<Steps> equivalents(int from, int to) const;
  /// The shortest displacements: one, or several that are equally short.
  [[nodiscard]] std::vector<Steps> displacements(int from, int to, Ties ties) const;
  [[nodiscard]] std::vector<Way> shortest(int from, int to, Routing routing) const;
  [[nodiscard]] std::vector<Way> longer(int from, int to) const;
  [[nodiscard]] static Way in_order(const Steps& steps, std::size_t rotation);
  [[nodiscard]] bool passable(const Walk& walk, VertexId first, int from, const Way& way) const;
  void follow(Walk& walk, VertexId first, int from, const Way& way) const;

  TorusPlan plan_;
  std::vector<int> stride_;
};

/// The most square pair of extents for `devices`: 16 -> {4, 4}.
std::vector<int> square_extents(int devices);

}  // namespace topology::build
