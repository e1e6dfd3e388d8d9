#include "sim/collective/team.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/names.hpp"

namespace sim {

namespace {

using topology::Named;

constexpr std::array kPlacements{Named<Placement>{Placement::Packed, "packed"},
                                 Named<Placement>{Placement::Scattered, "scattered"},
                                 Named<Placement>{Placement::RailAligned, "rail-aligned"}};

/// Whole nodes, spread so that the distance between two of them is as even as it can be.
int scattered(const topology::ClusterSpec& cluster, int ranks, int rank) {
  const int node = cluster.gpus_per_node;
  const int used = (ranks + node - 1) / node;
  const auto at = static_cast<std::int64_t>(rank / node) * cluster.nodes() / used;
  return static_cast<int>(at) * node + rank % node;
}

int rail_aligned(const topology::ClusterSpec& cluster, int rank) {
  const int nodes = cluster.gpus / cluster.gpus_per_node;
  return rank % nodes * cluster.gpus_per_node + rank / nodes;
}

}  // namespace

std::string_view name(Placement placement) {
  return topology::name_in(kPlacements, placement);
}
std::optional<Placement> placement_from_name(std::string_view text) {
  return topology::value_in(kPlacements, text);
}

std::vector<int> place(const topology::ClusterSpec& cluster, int ranks, Placement placement) {
  topology::expects(ranks <= cluster.gpus, "as many GPUs as ranks");
  std::vector<int> gpu(static_cast<std::size_t>(ranks));
  std::iota(gpu.begin(), gpu.end(), 0);
  if (placement != Placement::Packed) {
    for (int& at : gpu) {
      at = placement == Placement::Scattered ? scattered(cluster, ranks, at)
                                             : rail_aligned(cluster, at);
    }
  }
  return gpu;
}

int domain_size(const topology::ClusterSpec& cluster) {
  if (cluster.fabric == topology::FabricKind::Torus) {
    return std::max(1, cluster.gpus);
  }
  const bool alone = cluster.accelerator.scale_up.kind == topology::ScaleUpKind::None;
  return alone ? 1 : std::max(1, cluster.scale_up_domain);
}

Team::Team(const topology::ClusterSpec& cluster, std::vector<int> gpu_of_rank)
    : gpu_(std::move(gpu_of_rank)), members_(gpu_.size()) {
  std::iota(members_.begin(), members_.end(), 0U);
  std::sort(members_.begin(), members_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return gpu_[a] < gpu_[b]; });
  const int size = domain_size(cluster);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const int gpu = gpu_[members_[i]];
    if (gpu < 0 || gpu >= cluster.gpus) {
      throw topology::InputError(
          fmt::format("rank {} is placed on GPU {}, but the cluster has GPUs 0 to {}", members_[i],
                      gpu, cluster.gpus - 1));
    }
    if (i > 0 && gpu_[members_[i - 1]] == gpu) {
      throw topology::InputError(fmt::format("ranks {} and {} are both placed on GPU {}",
                                             members_[i - 1], members_[i], gpu));
    }
    if (i > 0 && gpu_[members_[i - 1]] / size != gpu / size) {
      begin_.push_back(i);
    }
  }
  begin_.push_back(members_.size());
  for (int d = 0; d < domains(); ++d) {
    per_domain_ = std::max(per_domain_, static_cast<int>(domain(d).size()));
  }
}

}  // namespace sim
