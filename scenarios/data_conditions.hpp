#pragma once
// What the run reads, and where from, as a scenario words it: key data, names resolved against the
// catalog.
#include <optional>
#include <string>
#include <vector>

#include "sim/data/dataset.hpp"
#include "sim/run/checkpoint.hpp"

namespace scenarios {

struct DataConditions {
  bool given = false;  ///< the scenario has a key data
  sim::DataUnit unit = sim::DataUnit::Tokens;
  sim::Mixture mixture{};
  sim::Storage storage{};                         ///< that training reads from
  sim::DataPrice storage_tb_month{};              ///< of that storage, where it is rented
  double cores_per_accelerator = 0;               ///< CPU cores that decode
  std::vector<std::string> stays{};               ///< where all of it may be; empty: anywhere
  std::optional<units::BytesPerSecond> ingest{};  ///< over which it comes; nothing: it is there
  sim::DataPrice ingest_tb{};                     ///< what its sender asks for a TB (1e12 bytes)
};

}  // namespace scenarios
