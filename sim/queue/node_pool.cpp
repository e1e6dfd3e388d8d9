#include "sim/queue/node_pool.hpp"

#include <algorithm>

namespace sim {

namespace {
std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}
}  // namespace

NodePool::NodePool(const QueueCluster& c)
    : gpus_per_node_(c.gpus_per_node),
      nodes_per_leaf_(c.nodes_per_leaf > 0 ? c.nodes_per_leaf : std::max(1, c.nodes)),
      free_(at(c.nodes), 0),
      by_free_(at(c.gpus_per_node) + 1),
      place_(at(c.nodes), 0),
      whole_of_leaf_(at((c.nodes + nodes_per_leaf_ - 1) / nodes_per_leaf_), 0) {
  for (int node = c.nodes - 1; node >= 0; --node) {  // so that low numbers are taken first
    place_[at(node)] = static_cast<int>(by_free_[0].size());
    by_free_[0].push_back(node);
    change(node, gpus_per_node_);
  }
}

void NodePool::change(int node, int free_now) {
  const int before = free_[at(node)];
  std::vector<int>& from = by_free_[at(before)];
  const int hole = place_[at(node)];
  from[at(hole)] = from.back();
  place_[at(from.back())] = hole;
  from.pop_back();
  std::vector<int>& to = by_free_[at(free_now)];
  place_[at(node)] = static_cast<int>(to.size());
  to.push_back(node);
  free_[at(node)] = free_now;
  free_gpus_ += free_now - before;
  const int whole = (free_now == gpus_per_node_ ? 1 : 0) - (before == gpus_per_node_ ? 1 : 0);
  whole_count_ += whole;
  whole_of_leaf_[at(leaf_of(node))] += whole;
}

bool NodePool::fits(int gpus) const {
  if (const int nodes = nodes_of(gpus); nodes > 0) {
    return whole_count_ >= nodes;
  }
  return std::any_of(by_free_.begin() + gpus, by_free_.end(),
                     [](const std::vector<int>& nodes) { return !nodes.empty(); });
}

void NodePool::take_from_leaf(std::size_t leaf, int count, Seats& seats) {
  const int first = static_cast<int>(leaf) * nodes_per_leaf_;
  const int last = std::min(first + nodes_per_leaf_, static_cast<int>(free_.size()));
  for (int node = first; node < last && count > 0; ++node) {
    if (free_[at(node)] == gpus_per_node_) {
      change(node, 0);
      seats.nodes.push_back(node);
      --count;
    }
  }
}

Seats NodePool::take(int gpus) {
  Seats seats;
  int wanted = nodes_of(gpus);
  if (wanted == 0) {  // the fullest node that has room
    const auto room = std::find_if(by_free_.begin() + gpus, by_free_.end(),
                                   [](const std::vector<int>& nodes) { return !nodes.empty(); });
    const int node = room->back();
    seats = {.nodes = {node}, .gpus_of_each = gpus};
    change(node, free_[at(node)] - gpus);
    return seats;
  }
  seats.gpus_of_each = gpus_per_node_;
  while (wanted > 0) {
    // The leaf with the least room that suffices; where none does, the one with the most.
    std::size_t best = 0;
    int best_room = -1;
    for (std::size_t leaf = 0; leaf < whole_of_leaf_.size(); ++leaf) {
      const int room = whole_of_leaf_[leaf];
      const bool suffices = room >= wanted;
      const bool best_suffices = best_room >= wanted;
      if ((suffices && (!best_suffices || room < best_room)) ||
          (!suffices && !best_suffices && room > best_room)) {
        best = leaf;
        best_room = room;
      }
    }
    const int count = std::min(best_room, wanted);
    take_from_leaf(best, count, seats);
    wanted -= count;
  }
  return seats;
}

void NodePool::give(const Seats& seats) {
  for (const int node : seats.nodes) {
    change(node, free_[at(node)] + seats.gpus_of_each);
  }
}

int NodePool::take_whole_node() {
  if (whole_count_ == 0) {
    return -1;
  }
  const int node = by_free_[at(gpus_per_node_)].back();
  change(node, 0);
  return node;
}

void NodePool::give_whole_node(int node) {
  change(node, gpus_per_node_);
}

}  // namespace sim
