#include "scenarios/network_conditions.hpp"

#include <limits>

#include <fmt/format.h>

namespace scenarios {

namespace {

using topology::Cluster;
using topology::InputError;
using topology::LinkId;

/// A fault that comes again more often than this within the horizon is not written out.
constexpr int kMostFlaps = 1000;

[[noreturn]] void refuse(const FaultWords& fault, const std::string& message) {
  throw InputError(
      fault.where, "network.faults",
      fmt::format("\"{}\" {}; write a device such as \"spine 3\", or a link such as "
                  "\"leaf 2 <-> spine 1\", with names as in the report's busiest links",
                  fault.what, message));
}

topology::VertexId device(const FaultWords& fault, const Cluster& cluster, std::string_view name) {
  const auto vertex = cluster.find(name);
  if (!vertex) {
    refuse(fault, fmt::format("names \"{}\", which this cluster has not", name));
  }
  return *vertex;
}

LinkId link_between(const FaultWords& fault, const Cluster& cluster, std::string_view from,
                    std::string_view to) {
  const auto link = cluster.find_link(device(fault, cluster, from), device(fault, cluster, to));
  if (!link) {
    refuse(fault, fmt::format("names no link: {} and {} are not joined", from, to));
  }
  return *link;
}

std::vector<LinkId> links_of(const FaultWords& fault, const Cluster& cluster) {
  const std::string_view what = fault.what;
  for (const std::string_view arrow : {" <-> ", " -> "}) {
    if (const std::size_t at = what.find(arrow); at != std::string_view::npos) {
      const std::string_view from = what.substr(0, at);
      const std::string_view to = what.substr(at + arrow.size());
      std::vector<LinkId> links{link_between(fault, cluster, from, to)};
      if (arrow == " <-> ") {
        links.push_back(link_between(fault, cluster, to, from));
      }
      return links;
    }
  }
  const topology::VertexId vertex = device(fault, cluster, what);
  std::vector<LinkId> links;
  for (LinkId id = 0; id < cluster.link_count(); ++id) {
    if (cluster.link(id).from == vertex || cluster.link(id).to == vertex) {
      links.push_back(id);
    }
  }
  return links;
}

}  // namespace

std::vector<sim::LinkFault> link_faults(const std::vector<FaultWords>& faults,
                                        const Cluster& cluster, units::Seconds horizon) {
  const units::Seconds forever = units::seconds(std::numeric_limits<double>::infinity());
  std::vector<sim::LinkFault> all;
  for (const FaultWords& fault : faults) {
    if (fault.every && (!fault.lasts || *fault.lasts >= *fault.every)) {
      throw InputError(fault.where, "network.faults",
                       "a fault that comes `every` so often lasts `for` a shorter time");
    }
    if (fault.every && horizon / *fault.every > kMostFlaps) {
      throw InputError(fault.where, "network.faults",
                       fmt::format("`every` gives more than {} faults in a step; take a longer "
                                   "time, or one fault whose `left` is the mean",
                                   kMostFlaps));
    }
    const std::vector<LinkId> links = links_of(fault, cluster);
    units::Seconds begin = fault.at;
    do {
      for (const LinkId link : links) {
        all.push_back({.link = link,
                       .begin = begin,
                       .end = fault.lasts ? begin + *fault.lasts : forever,
                       .left = static_cast<float>(fault.left)});
      }
      begin += fault.every.value_or(forever);
    } while (begin < horizon);
  }
  return all;
}

}  // namespace scenarios
