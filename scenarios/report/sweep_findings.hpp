#pragma once
// What the store of a sweep holds, in the order in which a page shows it. Private to this room.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/sweep/store.hpp"
#include "topology/units.hpp"

namespace scenarios {

/// A point that has a prediction.
struct SweepPoint {
  std::uint64_t id = 0;
  std::string settings;  ///< "tp 8, pp 16": what varied, by the last words of the paths
  bool fits = true;
  double tokens_per_s = 0.0, joules_per_token = 0.0;
  units::Seconds step;
  units::Bytes memory;
  units::Watts power;
  double mfu = 0.0;
  double metric = 0.0;  ///< the figure whose sensitivity is asked for
  bool best = false;    ///< nothing is better in throughput, energy per token and memory
};

/// What a store holds, as far as a page shows it.
struct SweepFindings {
  SweepIdentity identity;
  std::string metric;
  std::vector<SweepPoint> points;  ///< those that fit first, by throughput
  std::array<std::uint64_t, 4> by_status{};
  std::map<std::string, std::uint64_t> reasons;  ///< of points without a result
};

/// @throws topology::InputError where `metric` is no figure of a store
SweepFindings read_findings(const Store& store, const std::string& metric);

}  // namespace scenarios
