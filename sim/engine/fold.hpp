#pragma once
// Which parts of a simulation are provably alike, so that one can stand for all of its kind.
//
// Flows share links max-min. Take a partition of flows and links into classes such that each flow
// of a class crosses the same number of links of each class with the same weights, and each link of
// a class is crossed by the same flows by class and weight (an equitable partition of the
// flow-link graph), with equal capacities, sizes and caps in a class. Progressive filling then
// saturates all links of a class together, so all flows of a class have one rate at all times: the
// max-min shares of the quotient are those of the whole. What starts the flows is in the partition
// too: actors that hand work to each other and meet in groups, so that equal actors start equal
// flows at equal times. Nothing is assumed of the topology: a fabric without symmetry (flows hashed
// over its ports, a lost link) simply folds less.
//
// Source: the coarsest equitable partition by colour refinement, Weisfeiler and Leman, 1968; that
// it keeps max-min shares follows from the uniqueness of max-min fairness (Bertsekas and Gallager,
// "Data Networks", section 6.5.2).
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/network.hpp"

namespace sim {

/// Lists of different lengths, one after the other: list i is [begin[i], begin[i + 1]).
template <class T>
struct Lists {
  std::vector<std::size_t> begin{0};
  std::vector<T> items;
  [[nodiscard]] std::size_t size() const { return begin.size() - 1; }
  [[nodiscard]] std::span<const T> operator[](std::size_t i) const {
    return std::span(items).subspan(begin[i], begin[i + 1] - begin[i]);
  }
  void close() { begin.push_back(items.size()); }  ///< ends the list that items were added to
};

/// Colours say what may be alike; whatever differs in anything else (size, role, stage) must differ
/// in colour. Actors, peers and groups may be left out.
struct FoldProblem {
  struct Peer {
    std::uint32_t other = 0;  ///< an actor that this one hands work to or gets it from
    std::uint32_t role = 0;
  };
  static constexpr std::uint32_t kNobody = ~0U;

  std::vector<std::uint64_t> link_colour;
  std::vector<std::uint64_t> flow_colour;
  Lists<Hop> hops;                        ///< by flow
  std::vector<std::uint32_t> flow_actor;  ///< who starts it, or kNobody; empty: nobody
  std::vector<std::uint64_t> actor_colour;
  Lists<Peer> peers;  ///< by actor
  std::vector<std::uint64_t> group_colour;
  Lists<std::uint32_t> members;  ///< actors by group
};

/// Classes are numbered from 0 in the order of their first member.
struct Classes {
  std::vector<std::uint32_t> of;     ///< class by item
  std::vector<std::uint32_t> first;  ///< first item by class
  std::vector<std::uint32_t> count;  ///< items by class
  [[nodiscard]] std::size_t size() const { return first.size(); }
};

struct Folding {
  Classes links, flows, actors, groups;
};

/// The coarsest equitable partition. O(rounds x hops); rounds are few where the fabric is regular.
/// Classes are told apart by 64-bit hashes: two different ones of a million meet with a
/// probability below 1e-7.
Folding fold(const FoldProblem& problem);
/// The same without any folding: every item is a class of its own.
Folding fold_nothing(const FoldProblem& problem);

/// What one flow of class `flow` loads in the quotient, where each link class is one link of the
/// capacity of one member: `weight` adds up what all flows of the class put on one such link.
std::vector<Hop> folded_hops(const FoldProblem& problem, const Folding& folding,
                             std::uint32_t flow_class);

/// Whether the partition is equitable, checked member by member; for tests.
bool is_equitable(const FoldProblem& problem, const Folding& folding);

}  // namespace sim
