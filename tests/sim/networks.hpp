#pragma once
// Helpers of the engine tests: both backends by name, and the log of a run.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/engine/network.hpp"

namespace sim::testing {

/// What the handler saw: tags in order, and the time of each.
struct Log {
  std::vector<std::uint64_t> order;
  std::map<std::uint64_t, double> time_s;
};

/// Runs to the end and logs.
inline Log run(Network& network) {
  Log log;
  network.run([&](std::uint64_t tag) {
    log.order.push_back(tag);
    log.time_s[tag] = network.now().base();
  });
  return log;
}

inline std::string backend_name(const ::testing::TestParamInfo<NetworkBackend>& info) {
  return info.param == NetworkBackend::Kernel ? "Kernel" : "Public";
}

}  // namespace sim::testing
