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

void Walk::to(VertexId next) {
  const std::optional<LinkId> link = cluster_.find_link(at_, next);
  expects(link.has_value(), "a route may only follow links that were drawn");
  links_.push_back(*link);
  latency_ += cluster_.link(*link).latency;
  at_ = next;
}

}  // namespace topology::build
