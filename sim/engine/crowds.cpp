#include "sim/engine/crowds.hpp"

#include <algorithm>
#include <limits>

namespace sim {

Flow& Crowds::add(std::uint32_t slot, std::uint32_t way, std::uint32_t id) {
  if (idle_.empty()) {
    idle_.push_back(static_cast<std::uint32_t>(flows_.size()));
    flows_.emplace_back(&model_, idle_.back());
  }
  Flow& flow = flows_[idle_.back()];
  idle_.pop_back();
  flow.slot = slot;
  flow.way = way;
  flow.id = id;
  flow.place_.assign(routes_.links(id).size(), kApart);
  flow.crowds_ = flow.known_ = 0;
  return flow;
}

Crowds::Crowd& Crowds::crowd(std::uint32_t link) {
  if (link >= crowds_.size()) {
    crowds_.resize(routes_.capacities().size());
  }
  return crowds_[link];
}

void Crowds::mark(std::uint32_t link) {
  if (!crowds_[link].changed) {
    crowds_[link].changed = true;
    changed_.push_back(link);
  }
}

void Crowds::join(Flow& flow, std::uint32_t hop) {
  if (flow.place_[hop] != kApart) {
    return;
  }
  const std::uint32_t link = routes_.links(flow.id)[hop];
  std::vector<Member>& members = crowd(link).members;
  flow.place_[hop] = static_cast<std::uint32_t>(members.size());
  members.push_back({flow.number, hop});
  ++flow.crowds_;
  mark(link);
}

void Crowds::remove(Flow& flow) {
  const std::span<const std::uint32_t> links = routes_.links(flow.id);
  for (std::uint32_t hop = 0; flow.crowds_ > 0 && hop < links.size(); ++hop) {
    const std::uint32_t place = flow.place_[hop];
    if (place == kApart) {
      continue;
    }
    std::vector<Member>& members = crowds_[links[hop]].members;
    members[place] = members.back();
    flows_[members[place].flow].place_[members[place].hop] = place;
    members.pop_back();
    --flow.crowds_;
    if (flow.get_variable() == nullptr) {
      mark(links[hop]);  // else the solver knows what changes
    }
  }
  if (flow.get_variable() != nullptr) {
    system_.variable_free(flow.get_variable());
    flow.set_variable(nullptr);
    solver_is_stale_ = true;
  }
  idle_.push_back(flow.number);
}

/// Finds the knot of a changed link. False if it is large, or in the solver's hands.
bool Crowds::gather(std::uint32_t link) {
  ++round_;
  knot_flows_.clear();
  knot_links_.assign(1, link);
  crowds_[link].visited = round_;
  crowds_[link].slot = 0;
  for (std::size_t l = 0; l < knot_links_.size(); ++l) {
    for (const Member& member : crowds_[knot_links_[l]].members) {
      Flow& flow = flows_[member.flow];
      if (flow.visited_ == round_) {
        continue;
      }
      if (flow.get_variable() != nullptr || knot_flows_.size() == kSmall) {
        return false;
      }
      flow.visited_ = round_;
      knot_flows_.push_back(flow.number);
      const std::span<const std::uint32_t> links = routes_.links(flow.id);
      for (std::uint32_t hop = 0; flow.crowds_ > 1 && hop < links.size(); ++hop) {
        Crowd& other = crowds_[links[hop]];
        if (flow.place_[hop] != kApart && other.visited != round_) {
          other.visited = round_;
          other.slot = static_cast<std::uint32_t>(knot_links_.size());
          knot_links_.push_back(links[hop]);
        }
      }
    }
  }
  return true;
}

/// Progressive filling: the rates of all flows of the knot grow together until a link is full or a
/// flow has reached its bound; what that concerns stays, the others grow on. Source: Bertsekas and
/// Gallager, "Data Networks", section 6.5.2.
void Crowds::fill() {
  constexpr double kOpen = -1.0;
  const std::size_t links = knot_links_.size();
  rates_.assign(knot_flows_.size(), kOpen);
  room_.resize(links);
  weight_.assign(links, 0.0);  // of the flows that still grow
  for (std::size_t l = 0; l < links; ++l) {
    Crowd& crowd = crowds_[knot_links_[l]];
    crowd.changed = false;
    room_[l] = routes_.capacities()[knot_links_[l]];
    for (const Member& member : crowd.members) {
      weight_[l] += routes_.weight(flows_[member.flow].id, member.hop);
    }
  }
  for (std::size_t open = knot_flows_.size(); open > 0;) {
    double level = std::numeric_limits<double>::infinity();
    std::size_t full = links;
    for (std::size_t l = 0; l < links; ++l) {
      if (weight_[l] > 0.0 && room_[l] / weight_[l] < level) {
        level = room_[l] / weight_[l];
        full = l;
      }
    }
    for (std::size_t i = 0; i < knot_flows_.size(); ++i) {
      if (rates_[i] == kOpen && flows_[knot_flows_[i]].bound <= level) {
        level = flows_[knot_flows_[i]].bound;
        full = links;
      }
    }
    for (std::size_t i = 0; i < knot_flows_.size(); ++i) {
      const Flow& flow = flows_[knot_flows_[i]];
      if (rates_[i] != kOpen) {
        continue;
      }
      const std::span<const std::uint32_t> its_links = routes_.links(flow.id);
      bool stays = flow.bound <= level;
      for (std::uint32_t hop = 0; !stays && hop < its_links.size(); ++hop) {
        stays = flow.place_[hop] != kApart && crowds_[its_links[hop]].slot == full;
      }
      if (!stays) {
        continue;
      }
      rates_[i] = level;
      --open;
      for (std::uint32_t hop = 0; hop < its_links.size(); ++hop) {
        if (flow.place_[hop] != kApart) {
          const std::uint32_t l = crowds_[its_links[hop]].slot;
          room_[l] -= level * routes_.weight(flow.id, hop);
          weight_[l] -= routes_.weight(flow.id, hop);
        }
      }
    }
    if (full < links) {
      weight_[full] = 0.0;  // free of rounding
    }
  }
}

/// Gives the knot of a changed link to the solver, as far as that does not have it.
void Crowds::hand_over(std::uint32_t link) {
  solver_is_stale_ = true;
  ++round_;
  knot_links_.assign(1, link);
  crowds_[link].visited = round_;
  for (std::size_t l = 0; l < knot_links_.size(); ++l) {
    Crowd& crowd = crowds_[knot_links_[l]];
    crowd.changed = false;
    if (crowd.constraint == nullptr) {
      crowd.constraint = system_.constraint_new(nullptr, routes_.capacities()[knot_links_[l]]);
    }
    for (const Member& member : crowd.members) {
      const Flow& flow = flows_[member.flow];
      if (flow.known_ == flow.crowds_) {
        continue;
      }
      const std::span<const std::uint32_t> links = routes_.links(flow.id);
      for (std::uint32_t hop = 0; hop < links.size(); ++hop) {
        Crowd& other = crowds_[links[hop]];
        if (flow.place_[hop] != kApart && other.visited != round_) {
          other.visited = round_;
          knot_links_.push_back(links[hop]);
        }
      }
    }
  }
  for (const std::uint32_t its_link : knot_links_) {
    for (const Member& member : crowds_[its_link].members) {
      Flow& flow = flows_[member.flow];
      if (flow.known_ != flow.crowds_) {
        make_variable(flow);
      }
    }
  }
}

/// Tells the solver of a flow, on the links where it has to know it. A variable that gets one link
/// more is made anew: the solver marks the links of a new one as changed, but of an old one only
/// the first, and stale shares would be left (up to 1 % off in 3.32 to 4.1). For the same reason
/// its penalty is positive from the start.
void Crowds::make_variable(Flow& flow) {
  if (flow.get_variable() != nullptr) {
    system_.variable_free(flow.get_variable());
  }
  const std::span<const std::uint32_t> links = routes_.links(flow.id);
  flow.set_variable(system_.variable_new(&flow, 1.0, flow.bound, flow.crowds_));
  for (std::uint32_t hop = 0; hop < links.size(); ++hop) {
    if (flow.place_[hop] != kApart) {
      system_.expand(crowds_[links[hop]].constraint, flow.get_variable(),
                     routes_.weight(flow.id, hop), /*force_creation=*/true);
    }
  }
  flow.known_ = flow.crowds_;
}

}  // namespace sim
