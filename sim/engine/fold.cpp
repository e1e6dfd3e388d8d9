#include "sim/engine/fold.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "topology/routing.hpp"

namespace sim {

namespace {

using Colours = std::vector<std::uint64_t>;
using topology::mix64;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return mix64(a ^ mix64(b));
}

std::size_t distinct(Colours colours) {
  std::sort(colours.begin(), colours.end());
  return static_cast<std::size_t>(std::unique(colours.begin(), colours.end()) - colours.begin());
}

Classes classes_of(const Colours& colours) {
  Classes classes;
  classes.of.reserve(colours.size());
  std::unordered_map<std::uint64_t, std::uint32_t> known;
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto next = static_cast<std::uint32_t>(classes.first.size());
    const auto [it, is_new] = known.emplace(colours[i], next);
    if (is_new) {
      classes.first.push_back(static_cast<std::uint32_t>(i));
      classes.count.push_back(0);
    }
    classes.of.push_back(it->second);
    ++classes.count[it->second];
  }
  return classes;
}

/// Colours of everything, refined round by round: what an item sees of its neighbours is added up,
/// so that their order does not count.
class Refinement {
 public:
  explicit Refinement(const FoldProblem& p)
      : p_(p),
        links_(p.link_colour),
        flows_(p.flow_colour),
        actors_(p.actor_colour),
        groups_(p.group_colour) {}

  void run() {
    for (std::size_t before = 0, now = count(); now != before;) {
      before = now;
      round();
      now = count();
    }
  }
  [[nodiscard]] Folding folding() const {
    return {classes_of(links_), classes_of(flows_), classes_of(actors_), classes_of(groups_)};
  }

 private:
  [[nodiscard]] std::size_t count() const {
    return distinct(links_) + distinct(flows_) + distinct(actors_) + distinct(groups_);
  }

  void round() {
    flows_see_links();
    actors_see_all();
    flows_see_actors();
    links_see_flows();
  }

  void flows_see_links() {
    for (std::size_t f = 0; f < flows_.size(); ++f) {
      std::uint64_t seen = 0;
      for (const Hop& hop : p_.hops[f]) {
        seen += mix(links_[hop.link], std::bit_cast<std::uint64_t>(hop.weight));
      }
      flows_[f] = mix(flows_[f], seen);
    }
  }

  [[nodiscard]] bool has_actor(std::size_t flow) const {
    return !p_.flow_actor.empty() && p_.flow_actor[flow] != FoldProblem::kNobody;
  }

  void actors_see_all() {
    if (actors_.empty()) {
      return;
    }
    Colours seen(actors_.size(), 0);
    for (std::size_t f = 0; f < flows_.size(); ++f) {
      if (has_actor(f)) {
        seen[p_.flow_actor[f]] += mix64(flows_[f]);
      }
    }
    for (std::size_t a = 0; a < p_.peers.size(); ++a) {
      for (const FoldProblem::Peer& peer : p_.peers[a]) {
        seen[a] += mix(actors_[peer.other], peer.role);
      }
    }
    groups_see_actors();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const std::uint32_t member : p_.members[g]) {
        seen[member] += mix64(groups_[g]);
      }
    }
    for (std::size_t a = 0; a < actors_.size(); ++a) {
      actors_[a] = mix(actors_[a], seen[a]);
    }
  }

  void groups_see_actors() {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      std::uint64_t seen = 0;
      for (const std::uint32_t member : p_.members[g]) {
        seen += mix64(actors_[member]);
      }
      groups_[g] = mix(groups_[g], seen);
    }
  }

  void flows_see_actors() {
    for (std::size_t f = 0; f < flows_.size(); ++f) {
      if (has_actor(f)) {
        flows_[f] = mix(flows_[f], actors_[p_.flow_actor[f]]);
      }
    }
  }

  void links_see_flows() {
    Colours seen(links_.size(), 0);
    for (std::size_t f = 0; f < flows_.size(); ++f) {
      for (const Hop& hop : p_.hops[f]) {
        seen[hop.link] += mix(flows_[f], std::bit_cast<std::uint64_t>(hop.weight));
      }
    }
    for (std::size_t l = 0; l < links_.size(); ++l) {
      links_[l] = mix(links_[l], seen[l]);
    }
  }

  const FoldProblem& p_;
  Colours links_, flows_, actors_, groups_;
};

Classes each_alone(std::size_t count) {
  Classes classes;
  classes.of.resize(count);
  std::iota(classes.of.begin(), classes.of.end(), 0U);
  classes.first = classes.of;
  classes.count.assign(count, 1);
  return classes;
}

/// How often each pair (class, weight) is seen, for comparison.
using View = std::map<std::pair<std::uint32_t, double>, int>;

bool alike(const std::vector<View>& views, const Classes& classes) {
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i] != views[classes.first[classes.of[i]]]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Folding fold(const FoldProblem& problem) {
  Refinement refinement(problem);
  refinement.run();
  return refinement.folding();
}

Folding fold_nothing(const FoldProblem& p) {
  return {each_alone(p.link_colour.size()), each_alone(p.flow_colour.size()),
          each_alone(p.actor_colour.size()), each_alone(p.group_colour.size())};
}

std::vector<Hop> folded_hops(const FoldProblem& problem, const Folding& folding,
                             std::uint32_t flow_class) {
  const double flows = folding.flows.count[flow_class];
  std::vector<Hop> hops;
  for (const Hop& hop : problem.hops[folding.flows.first[flow_class]]) {
    const std::uint32_t link = folding.links.of[hop.link];
    const double weight = hop.weight * flows / folding.links.count[link];
    const auto seen =
        std::find_if(hops.begin(), hops.end(), [&](const Hop& h) { return h.link == link; });
    if (seen == hops.end()) {
      hops.push_back({link, weight});
    } else {
      seen->weight += weight;
    }
  }
  return hops;
}

bool is_equitable(const FoldProblem& p, const Folding& folding) {
  std::vector<View> of_flow(p.flow_colour.size());
  std::vector<View> of_link(p.link_colour.size());
  for (std::size_t f = 0; f < of_flow.size(); ++f) {
    for (const Hop& hop : p.hops[f]) {
      ++of_flow[f][{folding.links.of[hop.link], hop.weight}];
      ++of_link[hop.link][{folding.flows.of[f], hop.weight}];
    }
  }
  std::vector<View> of_group(p.group_colour.size());
  std::vector<View> of_actor(p.actor_colour.size());
  for (std::size_t g = 0; g < of_group.size(); ++g) {
    for (const std::uint32_t member : p.members[g]) {
      ++of_group[g][{folding.actors.of[member], 0.0}];
      ++of_actor[member][{folding.groups.of[g], -1.0}];
    }
  }
  for (std::size_t a = 0; a < p.peers.size(); ++a) {
    for (const FoldProblem::Peer& peer : p.peers[a]) {
      ++of_actor[a][{folding.actors.of[peer.other], static_cast<double>(peer.role)}];
    }
  }
  return alike(of_flow, folding.flows) && alike(of_link, folding.links) &&
         alike(of_group, folding.groups) && alike(of_actor, folding.actors);
}

}  // namespace sim
