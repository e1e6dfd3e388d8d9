// Rings along the axes of a torus, one axis after the other, in both directions. The data is cut
// into as many parts as there are axes; part j starts with axis j, so that all axes work at once.
// Source: Sack and Gropp, "Collective algorithms for multiported torus networks", ACM TOPC 1(2),
// 2015.
#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "sim/collective/schedule/generators.hpp"

namespace sim::schedule {

namespace {

/// The torus that the ranks fill, rank by GPU.
struct Grid {
  std::vector<int> extents;  ///< of the axes longer than one
  std::vector<int> strides;  ///< in GPUs
  std::vector<std::uint32_t> rank_at;

  explicit Grid(const CollectiveTask& task) {
    const std::vector<int>& all = task.ways.cluster().spec().torus;
    int stride = std::accumulate(all.begin(), all.end(), 1, std::multiplies<>());
    for (const int extent : all) {
      stride /= extent;
      if (extent > 1) {
        extents.push_back(extent);
        strides.push_back(stride);
      }
    }
    rank_at.resize(static_cast<std::size_t>(task.team.ranks()));
    for (std::uint32_t r = 0; r < rank_at.size(); ++r) {
      rank_at[static_cast<std::size_t>(task.team.gpu(r))] = r;
    }
  }
  [[nodiscard]] std::size_t axes() const { return extents.size(); }
  [[nodiscard]] int coordinate(int gpu, std::size_t axis) const {
    return gpu / strides[axis] % extents[axis];
  }
  /// All ranks on the line through `gpu` along an axis, from coordinate 0 on.
  [[nodiscard]] std::vector<std::uint32_t> line(int gpu, std::size_t axis) const {
    const int start = gpu - coordinate(gpu, axis) * strides[axis];
    std::vector<std::uint32_t> ranks;
    for (int i = 0; i < extents[axis]; ++i) {
      ranks.push_back(rank_at[static_cast<std::size_t>(start + i * strides[axis])]);
    }
    return ranks;
  }
};

/// Operations that have no axis by axis form here: routes go over the torus all the same.
std::optional<Generator> as_elsewhere(Collective op) {
  if (op == Collective::AllToAll || op == Collective::SendRecv) {
    return pairwise();
  }
  return calib::is_stream(op) ? std::optional(ring()) : std::nullopt;
}

bool can(const CollectiveTask& task) {
  const topology::ClusterSpec& spec = task.ways.cluster().spec();
  return spec.fabric == topology::FabricKind::Torus && task.team.ranks() == spec.gpus;
}

/// One direction of one part of the data.
struct Stream {
  std::size_t part;
  bool backwards;
  std::uint32_t first;  ///< slot
};

/// Slot of a GPU's shard: digits by axis, in the order in which the stream takes them. Backwards,
/// lines are numbered from the other end.
std::uint32_t shard_of(const Grid& grid, const Stream& stream, int gpu) {
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < grid.axes(); ++i) {
    const std::size_t axis = (stream.part + i) % grid.axes();
    const int digit = grid.coordinate(gpu, axis);
    const int shown = stream.backwards ? grid.extents[axis] - 1 - digit : digit;
    index =
        index * static_cast<std::uint32_t>(grid.extents[axis]) + static_cast<std::uint32_t>(shown);
  }
  return stream.first + index;
}

/// Passes of one stream along its i-th axis: all lines of the torus.
void add_axis(CollectiveSchedule& schedule, const Grid& grid, const Stream& stream, std::size_t i,
              units::Bytes slot, std::uint16_t phase, Action action, Entries& entries) {
  const std::size_t axis = (stream.part + i) % grid.axes();
  std::uint32_t count = 1;  // slots that a chunk on this axis holds
  for (std::size_t later = i + 1; later < grid.axes(); ++later) {
    count *= static_cast<std::uint32_t>(grid.extents[(stream.part + later) % grid.axes()]);
  }
  const auto block = count * static_cast<std::uint32_t>(grid.extents[axis]);
  for (int gpu = 0; gpu < static_cast<int>(grid.rank_at.size()); ++gpu) {
    if (grid.coordinate(gpu, axis) != 0) {
      continue;
    }
    RingPass pass{.order = grid.line(gpu, axis),
                  .first = 0,
                  .count = count,
                  .chunk = slot * static_cast<double>(count),
                  .channel = static_cast<std::uint16_t>(stream.part * 2 + stream.backwards),
                  .phase = phase,
                  .action = action};
    if (stream.backwards) {
      std::reverse(pass.order.begin(), pass.order.end());
    }
    const std::uint32_t shard = shard_of(grid, stream, gpu) - stream.first;
    pass.first = stream.first + shard / block * block;
    add_ring_pass(schedule, pass, entries);
  }
}

CollectiveSchedule steps(const CollectiveTask& task) {
  if (const auto other = as_elsewhere(task.op)) {
    return other->steps(task);
  }
  const Grid grid(task);
  const auto n = static_cast<std::uint32_t>(task.team.ranks());
  const auto axes = static_cast<std::uint32_t>(grid.axes());
  const std::uint32_t slots = n * axes * 2;
  CollectiveSchedule::check_size(static_cast<double>(slots) *
                                 std::accumulate(grid.extents.begin(), grid.extents.end(), 0) *
                                 2.0);
  CollectiveSchedule schedule(n, slots);
  const units::Bytes slot = task.size / static_cast<double>(slots);
  for (std::uint32_t s = 0; s < axes * 2; ++s) {
    const Stream stream{s / 2, s % 2 == 1, s * n};
    for (int gpu = 0; gpu < static_cast<int>(n); ++gpu) {
      schedule.set_owner(shard_of(grid, stream, gpu), grid.rank_at[static_cast<std::size_t>(gpu)]);
    }
    Entries entries(n);
    std::uint16_t phase = 0;
    for (std::size_t i = 0; i < axes && task.op != Collective::AllGather; ++i) {
      add_axis(schedule, grid, stream, i, slot, phase++, Action::Add, entries);
    }
    for (std::size_t i = axes; i-- > 0 && task.op != Collective::ReduceScatter;) {
      add_axis(schedule, grid, stream, i, slot, phase++, Action::Copy, entries);
    }
  }
  return schedule;
}

/// One round: every part works on its i-th axis, with `share` of its bytes per rank left.
Phase round(const CollectiveTask& task, const Grid& grid, std::size_t i) {
  Phase phase;
  const units::Bytes part = task.size / (2.0 * static_cast<double>(grid.axes()));
  for (std::size_t j = 0; j < grid.axes(); ++j) {
    const std::size_t axis = (j + i) % grid.axes();
    double done = 1.0;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      done *= grid.extents[(j + earlier) % grid.axes()];
    }
    const double k = grid.extents[axis];
    const units::Bytes each = part * ((k - 1.0) / k / done);
    for (int gpu = 0; gpu < static_cast<int>(grid.rank_at.size()); ++gpu) {
      const bool wraps = grid.coordinate(gpu, axis) + 1 == grid.extents[axis];
      const int next = gpu + grid.strides[axis] * (wraps ? 1 - grid.extents[axis] : 1);
      const WayEnd a{static_cast<std::uint32_t>(gpu)}, b{static_cast<std::uint32_t>(next)};
      phase.edges.push_back({a, b, each});
      phase.edges.push_back({b, a, each});
      if (gpu == 0 && task.with_latency) {
        phase.latency = std::max(phase.latency, task.ways.latency(a, b) * (k - 1.0));
      }
    }
  }
  return phase;
}

void fluid(const CollectiveTask& task, const PhaseSink& sink) {
  if (const auto other = as_elsewhere(task.op)) {
    return other->fluid(task, sink);
  }
  const Grid grid(task);
  for (std::size_t i = 0; i < grid.axes() && task.op != Collective::AllGather; ++i) {
    sink(round(task, grid, i));
  }
  for (std::size_t i = grid.axes(); i-- > 0 && task.op != Collective::ReduceScatter;) {
    sink(round(task, grid, i));
  }
}

}  // namespace

Generator torus() {
  return {Algorithm::Torus, can, steps, fluid};
}

}  // namespace sim::schedule
