#include "sim/plan/place_jobs.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace sim {

namespace {

using topology::InputError;

/// The nodes of a fabric and who has them.
class Nodes {
 public:
  explicit Nodes(const topology::ClusterSpec& fabric)
      : unit_(std::max(fabric.gpus_per_node, fabric.scale_up_domain)),
        group_(std::max(1, fabric.nodes_per_leaf * fabric.gpus_per_node / unit_)),
        taken_(static_cast<std::size_t>((fabric.gpus + unit_ - 1) / unit_), false) {}

  [[nodiscard]] int needed(int gpus) const { return (gpus + unit_ - 1) / unit_; }

  std::vector<int> take(const PlacementRequest& request) {
    const std::vector<int> order =
        request.rule == PlacementRule::Listed ? listed(request) : free_nodes(request.rule);
    const auto count = static_cast<std::size_t>(needed(request.gpus));
    if (order.size() < count) {
      throw InputError(
          {}, "placement",
          fmt::format("job \"{}\" needs {} nodes, but only {} of the fabric's {} are free for it; "
                      "raise cluster.fabric_gpus or give it fewer",
                      request.job, count, order.size(), taken_.size()));
    }
    const std::vector<int> nodes(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    for (const int node : nodes) {
      taken_[static_cast<std::size_t>(node)] = true;
    }
    return gpus_of(nodes, request.gpus);
  }

 private:
  [[nodiscard]] int count() const { return static_cast<int>(taken_.size()); }
  [[nodiscard]] bool is_free(int node) const { return !taken_[static_cast<std::size_t>(node)]; }

  [[nodiscard]] std::vector<int> listed(const PlacementRequest& request) const {
    std::vector<bool> seen(taken_.size(), false);
    for (const int node : request.nodes) {
      const bool exists = node >= 0 && node < count();
      if (!exists || !is_free(node) || seen[static_cast<std::size_t>(node)]) {
        throw InputError({}, "placement",
                         fmt::format("job \"{}\" lists node {}, which {}", request.job, node,
                                     !exists ? fmt::format("is not among 0 to {}", count() - 1)
                                     : is_free(node) ? "is listed twice"
                                                     : "another job has already"));
      }
      seen[static_cast<std::size_t>(node)] = true;
    }
    return request.nodes;
  }

  [[nodiscard]] std::vector<int> free_nodes(PlacementRule rule) const {
    std::vector<int> order;
    const int groups = (count() + group_ - 1) / group_;
    const auto add = [&](int node) {
      if (node < count() && is_free(node)) {
        order.push_back(node);
      }
    };
    if (rule == PlacementRule::Scattered) {
      for (int i = 0; i < group_; ++i) {
        for (int g = 0; g < groups; ++g) {
          add(g * group_ + i);
        }
      }
      return order;
    }
    // Empty leaf groups first where whole ones are wanted, then what is left, in order.
    for (int pass = rule == PlacementRule::RailAligned ? 0 : 1; pass < 2; ++pass) {
      for (int g = 0; g < groups; ++g) {
        const bool empty = is_empty(g);
        for (int i = 0; i < group_ && (pass == 0) == (empty && rule == PlacementRule::RailAligned);
             ++i) {
          add(g * group_ + i);
        }
      }
    }
    return order;
  }

  [[nodiscard]] bool is_empty(int group) const {
    for (int node = group * group_; node < std::min(count(), (group + 1) * group_); ++node) {
      if (!is_free(node)) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::vector<int> gpus_of(const std::vector<int>& nodes, int gpus) const {
    std::vector<int> by_rank(static_cast<std::size_t>(gpus));
    for (std::size_t rank = 0; rank < by_rank.size(); ++rank) {
      const std::size_t node = rank / static_cast<std::size_t>(unit_);
      by_rank[rank] = nodes[node] * unit_ + static_cast<int>(rank) % unit_;
    }
    return by_rank;
  }

  int unit_;   ///< GPUs of a node, or of a scale-up domain of several
  int group_;  ///< units under one group of leaves
  std::vector<bool> taken_;
};

}  // namespace

std::vector<std::vector<int>> place_jobs(const topology::ClusterSpec& fabric,
                                         const std::vector<PlacementRequest>& requests) {
  Nodes nodes(fabric);
  std::vector<std::vector<int>> placed;
  for (const PlacementRequest& request : requests) {
    placed.push_back(nodes.take(request));
  }
  return placed;
}

}  // namespace sim
