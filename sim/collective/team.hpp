#pragma once
// The ranks of one collective and the GPUs that they sit on.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/collective/collective.hpp"
#include "topology/cluster_spec.hpp"

namespace sim {

/// How the ranks of a job are dealt out to the GPUs of a larger cluster.
enum class Placement : std::uint8_t {
  Packed,      ///< rank i on GPU i
  Scattered,   ///< whole nodes at equal distances over the whole cluster
  RailAligned  ///< one GPU of every node, all with the same index, before the next index
};
std::string_view name(Placement placement);  ///< "rail-aligned"
std::optional<Placement> placement_from_name(std::string_view text);

/// The GPU of each of `ranks` ranks. @pre ranks <= cluster.gpus
std::vector<int> place(const topology::ClusterSpec& cluster, int ranks, Placement placement);

/// Invariant: every rank has a GPU of its own, and is a member of one domain.
class Team {
 public:
  /// @throws topology::InputError where two ranks share a GPU or a GPU does not exist.
  Team(const topology::ClusterSpec& cluster, std::vector<int> gpu_of_rank);

  [[nodiscard]] int ranks() const { return static_cast<int>(gpu_.size()); }
  [[nodiscard]] int gpu(std::uint32_t rank) const { return gpu_[rank]; }
  /// Scale-up domains that hold ranks, in the order of their GPUs.
  [[nodiscard]] int domains() const { return static_cast<int>(begin_.size()) - 1; }
  /// Ranks of a domain in the order of their GPUs.
  [[nodiscard]] std::span<const std::uint32_t> domain(int d) const {
    const auto i = static_cast<std::size_t>(d);
    return std::span(members_).subspan(begin_[i], begin_[i + 1] - begin_[i]);
  }
  [[nodiscard]] int per_domain() const { return per_domain_; }  ///< of the fullest
  [[nodiscard]] bool even() const { return per_domain_ * domains() == ranks(); }
  /// Rings, trees and the like run once per NIC of a domain; inside one domain once.
  [[nodiscard]] int channels() const { return domains() > 1 ? per_domain_ : 1; }
  /// As the closed form sees it.
  [[nodiscard]] Group group() const { return {.ranks = ranks(), .per_domain = per_domain_}; }

 private:
  std::vector<int> gpu_;
  std::vector<std::uint32_t> members_;
  std::vector<std::size_t> begin_{0};
  int per_domain_ = 0;
};

/// GPUs that reach each other without a NIC: a scale-up domain, or all of a torus.
int domain_size(const topology::ClusterSpec& cluster);

}  // namespace sim
