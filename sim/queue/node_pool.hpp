#pragma once
// Which nodes of a cluster are free. Internal to sim/queue.
#include <vector>

#include "sim/queue/cluster_queue.hpp"

namespace sim {

/// Where a job sits: whole nodes, or `gpus` of one node.
struct Seats {
  std::vector<int> nodes;
  int gpus_of_each = 0;
};

/// Free accelerators by node. Invariant: free_[n] is between 0 and gpus_per_node, whole_ lists the
/// wholly free nodes of each leaf.
class NodePool {
 public:
  explicit NodePool(const QueueCluster& cluster);

  [[nodiscard]] int free_gpus() const { return free_gpus_; }
  [[nodiscard]] int whole_nodes() const { return whole_count_; }
  [[nodiscard]] bool fits(int gpus) const;
  /// @pre fits(gpus)
  Seats take(int gpus);
  void give(const Seats& seats);
  /// Any one wholly free node; -1 if there is none.
  int take_whole_node();
  void give_whole_node(int node);
  [[nodiscard]] int leaf_of(int node) const { return node / nodes_per_leaf_; }
  [[nodiscard]] int free_of(int node) const { return free_[static_cast<std::size_t>(node)]; }
  [[nodiscard]] int gpus_per_node() const { return gpus_per_node_; }
  /// Whole nodes that a job of so many accelerators takes; 0: it shares one.
  [[nodiscard]] int nodes_of(int gpus) const {
    return gpus >= gpus_per_node_ ? (gpus + gpus_per_node_ - 1) / gpus_per_node_ : 0;
  }

 private:
  void change(int node, int free_now);
  void take_from_leaf(std::size_t leaf, int count, Seats& seats);

  int gpus_per_node_, nodes_per_leaf_;
  int free_gpus_ = 0, whole_count_ = 0;
  std::vector<int> free_;                  ///< by node
  std::vector<std::vector<int>> by_free_;  ///< nodes by free accelerators, as stacks
  std::vector<int> place_;                 ///< of a node in its stack of by_free_
  std::vector<int> whole_of_leaf_;         ///< wholly free nodes of each leaf
};

}  // namespace sim
