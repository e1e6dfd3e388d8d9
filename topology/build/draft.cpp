#include <algorithm>
#include <tuple>
#include <utility>

#include "topology/build/builder.hpp"
#include "topology/error.hpp"

namespace topology::build {

VertexId Draft::add(VertexKind kind, std::size_t count) {
  const auto first = static_cast<VertexId>(vertex_count());
  if (count > 0) {
    ranges_.push_back({first, kind, count});
  }
  return first;
}

std::size_t Draft::vertex_count() const {
  return ranges_.empty() ? 0 : ranges_.back().first + ranges_.back().count;
}

void Draft::cable(VertexId a, VertexId b, units::BytesPerSecond bandwidth, units::Seconds there,
                  units::Seconds back, int cables) {
  links_.push_back({a, b, cables, bandwidth, there});
  links_.push_back({b, a, cables, bandwidth, back});
}

void Draft::one_way(VertexId from, VertexId to, units::BytesPerSecond bandwidth,
                    units::Seconds latency, int cables) {
  links_.push_back({from, to, cables, bandwidth, latency});
}

std::vector<Link> Draft::take_links() {
  std::vector<Link> links = std::move(links_);
  links_.clear();
  const auto ends = [](const Link& link) { return std::tie(link.from, link.to); };
  std::stable_sort(links.begin(), links.end(),
                   [&](const Link& a, const Link& b) { return ends(a) < ends(b); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (kept > 0 && ends(links[kept - 1]) == ends(links[i])) {
      links[kept - 1].bandwidth += links[i].bandwidth;
      links[kept - 1].cables += links[i].cables;
    } else {
      links[kept++] = links[i];
    }
  }
  links.resize(kept);
  links.shrink_to_fit();
  return links;
}

std::uint32_t Draft::trunk(std::string label, std::vector<std::pair<VertexId, VertexId>> ends) {
  expects(!ends.empty(), "a trunk needs links");
  trunks_.push_back({std::move(label), std::move(ends)});
  return static_cast<std::uint32_t>(trunks_.size() - 1);
}

void Walk::pass(LinkId channel, units::Seconds latency, VertexId next) {
  Hop* shared = nullptr;
  for (std::size_t i = fork_hops_; i < hops_.size() && weight_ < 1.0; ++i) {
    shared = hops_[i].link == channel ? &hops_[i] : shared;
  }
  if (shared != nullptr) {
    shared->weight += weight_;
  } else {
    hops_.push_back({channel, weight_});
  }
  latency_ += latency;
  at_ = next;
}

void Walk::to(VertexId next) {
  const std::optional<LinkId> link = cluster_.find_link(at_, next);
  expects(link.has_value(), "a route may only follow links that were drawn");
  pass(*link, cluster_.link(*link).latency, next);
}

units::Seconds Walk::load(VertexId from, VertexId next, double weight) {
  const std::optional<LinkId> link = cluster_.find_link(from, next);
  expects(link.has_value(), "a route may only follow links that were drawn");
  hops_.push_back({*link, static_cast<float>(weight)});
  return cluster_.link(*link).latency;
}

void Walk::arrive(VertexId at, units::Seconds latency) {
  at_ = at;
  latency_ += latency;
}

double Walk::bandwidth_left(VertexId from, VertexId next) const {
  const std::optional<LinkId> link = cluster_.find_link(from, next);
  expects(link.has_value(), "only links that were drawn have a bandwidth");
  return cluster_.link(*link).bandwidth.base() * (health_ == nullptr ? 1.0 : health_->of(*link));
}

void Walk::over(std::uint32_t trunk, VertexId next) {
  const auto channel = static_cast<LinkId>(cluster_.link_count() + trunk);
  pass(channel, cluster_.link(cluster_.members(channel).front()).latency, next);
}

void Walk::restart() {
  hops_.clear();
  at_ = start_;
  weight_ = 1.0;
  latency_ = units::Seconds{};
}

void Walk::fork() {
  fork_at_ = at_;
  fork_hops_ = hops_.size();
  fork_latency_ = latency_;
  longest_ = units::Seconds{};
}

void Walk::branch(double weight) {
  longest_ = std::max(longest_, latency_);
  at_ = fork_at_;
  latency_ = fork_latency_;
  weight_ = weight;
}

void Walk::join() {
  latency_ = std::max(longest_, latency_);
  weight_ = 1.0;
}

void Walk::rewind() {
  hops_.resize(fork_hops_);
  at_ = fork_at_;
  latency_ = fork_latency_;
  weight_ = 1.0;
}

bool Walk::intact() const {
  return all_up() || std::all_of(hops_.begin(), hops_.end(), [this](const Hop& hop) {
           return hop.link < cluster_.link_count()
                      ? health_->up(hop.link)
                      : trunk_up(static_cast<std::uint32_t>(hop.link - cluster_.link_count()));
         });
}

bool Walk::up(VertexId from, VertexId next) const {
  const std::optional<LinkId> link = cluster_.find_link(from, next);
  return link.has_value() && (health_ == nullptr || health_->up(*link));
}

bool Walk::trunk_up(std::uint32_t trunk) const {
  if (all_up()) {
    return true;
  }
  const auto members = cluster_.members(static_cast<LinkId>(cluster_.link_count() + trunk));
  return std::any_of(members.begin(), members.end(),
                     [this](LinkId link) { return health_->up(link); });
}

}  // namespace topology::build
