#pragma once
// How much each of the main inputs moves the throughput, one at a time. Private to this room.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

namespace scenarios {

/// One input at another value.
struct SwingEnd {
  std::string setting;            ///< "200 Gbit/s"
  std::optional<double> value{};  ///< the metric; nothing where it cannot be
  std::string trouble{};          ///< why not
};
struct Swing {
  std::string what;  ///< "network of an accelerator"
  std::string path;  ///< of --set; empty: not an input of the scenario
  SwingEnd low, high;
};

/// The metric of the scenario with these changes, or what is wrong with them.
using Outcome = SwingEnd;
using Evaluate = std::function<Outcome(const std::vector<std::string>& sets)>;

/// Network and scale-up bandwidth, network latency, batch, sequence length, micro-batch and
/// accelerators, each halved and doubled. Widest first.
/// @param base  the metric of the scenario itself
std::vector<Swing> swings(const Scenario& scenario, double base, const Evaluate& evaluate);

}  // namespace scenarios
