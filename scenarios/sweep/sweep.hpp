#pragma once
// `gpuplan sweep`: many points of one scenario, and what is done with their results.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"

namespace scenarios {

/// Part `index` of `count`: the points whose number leaves `index` when divided by `count`.
struct Shard {
  std::uint64_t index = 0, count = 1;
};
/// "3/8". @throws InputError
Shard read_shard(const std::string& text);

enum class ClusterScript { Slurm, Kubernetes };

struct SweepOptions {
  std::filesystem::path sweep;
  std::optional<std::string> text{};  ///< of the sweep's scenario, instead of what its file holds
  std::filesystem::path store;
  int jobs = 0;  ///< worker processes; 0: one for each core
  Shard shard;
  bool resume = false;
  std::filesystem::path profile{};  ///< of `gpuplan calibrate`, instead of the catalog's; empty: none
  OutputFormat format = OutputFormat::Table;
};
/// Simulates the points that are not in the store. Returns the exit code: 3 where points failed or
/// the run was interrupted; points that do not fit or cannot be are results.
/// @throws topology::InputError, topology::RuntimeFailure
int sweep(const SweepOptions& options);

/// Prints the script that runs a sweep in `shards` parts on a cluster, to standard output.
/// @throws topology::InputError for a sweep that cannot be read.
int emit_sweep(const SweepOptions& options, ClusterScript script, std::uint64_t shards);

struct MergeOptions {
  std::vector<std::filesystem::path> stores;
  std::filesystem::path out;
};
/// Joins the stores of a sweep's shards.
/// @throws topology::InputError for stores of different sweeps, RuntimeFailure
int merge(const MergeOptions& options);

enum class ExportFormat { Csv, Json, Xlsx };
struct ExportOptions {
  std::filesystem::path store;
  ExportFormat format = ExportFormat::Csv;
  std::filesystem::path out;  ///< empty: standard output
};
/// Writes a store as a table, a row per point.
/// @throws topology::InputError, RuntimeFailure
int export_store(const ExportOptions& options);

struct SensitivityOptions {
  std::filesystem::path store;
  std::string metric = "step_time_s";
  OutputFormat format = OutputFormat::Table;
};
/// How much each varied value moves a figure: bars of a tornado, or Sobol indices.
/// @throws topology::InputError, RuntimeFailure
int sensitivity(const SensitivityOptions& options);

}  // namespace scenarios
