#pragma once
// What a whole run takes from each dataset, and what that costs.
#include <string>
#include <vector>

#include "sim/data/dataset.hpp"

namespace sim {

/// A dataset over a whole run.
struct DataUse {
  std::string label{};
  Dataset data{};
  double units = 0;         ///< tokens or samples that the run reads of it
  double fresh = 0;         ///< of them, read for the first time
  units::Bytes stored{};    ///< what of it has to be at hand
  double labelled = 0;      ///< samples that people label
  std::optional<Synthesis> synthesis{};
  [[nodiscard]] double passes() const { return fresh > 0 ? units / fresh : 0; }
};

/// A stretch of a run with one mixture.
struct DataPhase {
  const Mixture* mixture = nullptr;
  double units = 0;
};

/// Parts of the same label are one dataset, whichever phases read it; in the order of their first
/// appearance.
std::vector<DataUse> data_uses(const std::vector<DataPhase>& phases, DataUnit unit);

/// Share of all that is read that people made.
double human_share(const std::vector<DataUse>& uses);

/// Licences and labels: a line for each that has a price. What is read again is not paid again, and
/// labels are made once.
std::vector<CostLine> data_prices(const std::vector<DataUse>& uses, DataUnit unit);

}  // namespace sim
