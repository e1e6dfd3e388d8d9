#pragma once
// What a graph amounts to: counts, cables by speed, how far apart its GPUs are, what crosses its
// middle.
#include <cstddef>
#include <optional>
#include <vector>

#include "topology/cluster.hpp"
#include "topology/device_graph.hpp"
#include "topology/units.hpp"

namespace topology {

struct GraphSummary {
  struct Devices {
    VertexKind kind{};
    std::size_t count = 0;
  };
  /// Cables between two kinds of device that are alike.
  struct Cables {
    VertexKind from{}, to{};
    std::size_t count = 0;
    units::BytesPerSecond bandwidth;  ///< of one cable
    units::Seconds latency;
    bool one_way = false;
  };
  std::vector<Devices> devices;  ///< in the order of VertexKind, kinds that are there
  std::vector<Cables> cables;
  std::size_t parts = 0;  ///< pieces that no cable joins; 1 where all is one

  /// Hops between the two GPUs that are farthest apart along shortest ways; nothing where some
  /// cannot be reached.
  std::optional<int> diameter;
  bool diameter_is_exact = false;  ///< otherwise a lower bound, by repeated sweeps
  /// Most that flows from the first half of the GPUs to the second, in file order, over all ways at
  /// once: a minimum cut. Nothing for fewer than two GPUs or graphs above kMostCutCables.
  std::optional<units::BytesPerSecond> bisection;
};

/// Minimum cuts take a time between linear and quadratic; this many take about a second.
inline constexpr std::size_t kMostCutCables = 20'000;
/// With more GPUs than this the diameter is estimated.
inline constexpr std::size_t kMostExactGpus = 1'000;

GraphSummary summarise(const DeviceGraph& graph);

}  // namespace topology
