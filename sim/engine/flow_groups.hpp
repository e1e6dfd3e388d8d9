#pragma once
// Which workers of the flow simulation talk to each other.
#include <cstdint>

#include "sim/plan/layout.hpp"
#include "sim/plan/placement.hpp"

namespace sim {

using WorkerId = std::uint32_t;

/// A worker is a tensor-parallel group, whose ranks keep step; workers are numbered stage *
/// replicas + replica. A replica is a data- or context-parallel rank. Ranks are numbered by their
/// place, see RankStrides.
class WorkerGrid {
 public:
  WorkerGrid(const Layout& layout, const Groups& groups);

  [[nodiscard]] WorkerId count() const { return static_cast<WorkerId>(pp_ * replicas_); }
  [[nodiscard]] int stage(WorkerId w) const { return static_cast<int>(w) / replicas_; }
  [[nodiscard]] int replica(WorkerId w) const { return static_cast<int>(w) % replicas_; }
  [[nodiscard]] int ranks_per_worker() const { return tp_; }
  /// The rank of `w` with this tensor-parallel coordinate.
  [[nodiscard]] int rank(WorkerId w, int tp) const {
    return strides_.place(tp, replica(w), stage(w));
  }
  /// Whose rank it is, and its tensor-parallel coordinate.
  struct Seat {
    WorkerId worker = 0;
    int tp = 0;
  };
  [[nodiscard]] Seat seat(int rank) const;
  /// The worker of the same replica one stage on (+1) or back (-1), round the ring of stages.
  [[nodiscard]] WorkerId neighbour(WorkerId w, int step) const;

  /// Members of the group of `w` on `axis`, in ring order. Not for Axis::Tensor and Pipeline.
  struct Members {
    std::uint32_t group = 0;  ///< dense id on this axis
    std::uint32_t size = 1;
    std::uint32_t index = 0;  ///< of `w`
    std::uint32_t per_domain = 1;
  };
  [[nodiscard]] Members members(WorkerId w, Axis axis) const;
  [[nodiscard]] WorkerId member(WorkerId w, Axis axis, std::uint32_t index) const;
  [[nodiscard]] std::uint32_t group_count(Axis axis) const;

 private:
  struct Span {
    int size = 1, stride = 1, per_domain = 1;  ///< in replicas
  };
  [[nodiscard]] const Span& span(Axis axis) const { return spans_[static_cast<std::size_t>(axis)]; }

  int tp_, pp_, replicas_;
  RankStrides strides_;
  std::array<Span, kAxes> spans_{};
};

}  // namespace sim
