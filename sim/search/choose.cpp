#include "sim/search/choose.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace sim {

namespace {

constexpr std::array<std::string_view, kResources> kNames{"time", "money", "power", "carbon",
                                                          "accelerators"};
constexpr double kRelaxed = 1.1;

constexpr std::size_t index(Resource r) {
  return static_cast<std::size_t>(r);
}

/// Factor by which a plan exceeds the worst of its limits; at most 1 where it meets all.
double excess(const Uses& plan, const Limits& limits) {
  double worst = 0.0;
  for (std::size_t i = 0; i < kResources; ++i) {
    if (limits[i]) {
      const double factor = plan[i] / *limits[i];
      worst =
          std::isnan(factor) ? std::numeric_limits<double>::infinity() : std::max(worst, factor);
    }
  }
  return worst;
}

}  // namespace

std::string_view name(Resource resource) {
  return kNames[index(resource)];
}

std::optional<Resource> resource_from_name(std::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  return found == kNames.end() ? std::nullopt
                               : std::optional(static_cast<Resource>(found - kNames.begin()));
}

bool meets(const Uses& plan, const Limits& limits) {
  for (std::size_t i = 0; i < kResources; ++i) {
    if (limits[i] && !(plan[i] <= *limits[i])) {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> best(std::span<const Uses> plans, const Limits& limits, Resource goal) {
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const double value = plans[i][index(goal)];
    if (!std::isnan(value) && meets(plans[i], limits) &&
        (!chosen || value < plans[*chosen][index(goal)])) {
      chosen = i;
    }
  }
  return chosen;
}

std::vector<std::size_t> pareto(std::span<const Uses> plans) {
  constexpr std::array kAxes{index(Resource::Time), index(Resource::Money), index(Resource::Power)};
  const auto dominates = [&](std::size_t a, std::size_t b) {
    bool better = a < b;  // of equal plans the first one stays
    for (const std::size_t axis : kAxes) {
      if (!(plans[a][axis] <= plans[b][axis])) {
        return false;
      }
      better |= plans[a][axis] < plans[b][axis];
    }
    return better;
  };
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const bool known = std::none_of(kAxes.begin(), kAxes.end(),
                                    [&](std::size_t axis) { return std::isnan(plans[i][axis]); });
    if (!known ||
        std::any_of(front.begin(), front.end(), [&](std::size_t f) { return dominates(f, i); })) {
      continue;
    }
    std::erase_if(front, [&](std::size_t f) { return dominates(i, f); });
    front.push_back(i);
  }
  std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
    return plans[a][kAxes[0]] < plans[b][kAxes[0]];
  });
  return front;
}

std::vector<Binding> bindings(std::span<const Uses> plans, const Limits& limits, Resource goal,
                              std::size_t chosen) {
  std::vector<Binding> all;
  for (std::size_t i = 0; i < kResources; ++i) {
    if (!limits[i]) {
      continue;
    }
    Binding b{.limit = static_cast<Resource>(i), .share = plans[chosen][i] / *limits[i]};
    Limits relaxed = limits;
    *relaxed[i] *= kRelaxed;
    const auto other = best(plans, relaxed, goal);
    if (other && *other != chosen) {
      b.relaxed = other;
      b.gain = plans[chosen][index(goal)] - plans[*other][index(goal)];
    }
    all.push_back(b);
  }
  std::stable_sort(all.begin(), all.end(), [](const Binding& a, const Binding& b) {
    return a.gain != b.gain ? a.gain > b.gain : a.share > b.share;
  });
  return all;
}

Clash clash(std::span<const Uses> plans, const Limits& limits) {
  Clash result;
  const auto without = [&limits](unsigned dropped) {
    Limits rest = limits;
    for (std::size_t i = 0; i < kResources; ++i) {
      if ((dropped >> i & 1U) != 0) {
        rest[i].reset();
      }
    }
    return rest;
  };
  const auto left = [&](unsigned dropped) {
    const Limits rest = without(dropped);
    return std::any_of(plans.begin(), plans.end(), [&](const Uses& p) { return meets(p, rest); });
  };
  int size = static_cast<int>(kResources) + 1;
  for (int wanted = 1; wanted <= static_cast<int>(kResources) && wanted < size; ++wanted) {
    for (unsigned set = 1; set < 1U << kResources; ++set) {
      bool all_limited = std::popcount(set) == wanted;
      std::vector<Resource> members;
      for (std::size_t i = 0; i < kResources; ++i) {
        if ((set >> i & 1U) != 0) {
          all_limited = all_limited && limits[i].has_value();
          members.push_back(static_cast<Resource>(i));
        }
      }
      if (all_limited && left(set)) {
        result.drop.push_back(std::move(members));
        size = wanted;
      }
    }
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const double e = excess(plans[i], limits);
    if (std::isfinite(e) && (!result.nearest || e < excess(plans[*result.nearest], limits))) {
      result.nearest = i;
    }
  }
  if (result.nearest) {
    for (std::size_t i = 0; i < kResources; ++i) {
      if (limits[i] && plans[*result.nearest][i] > *limits[i]) {
        result.exceeded.push_back(static_cast<Resource>(i));
      }
    }
  }
  return result;
}

}  // namespace sim
