#pragma once
// Reads the file of `gpuplan queue`. Internal to scenarios/queue.
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/run_flow.hpp"
#include "sim/queue/cluster_queue.hpp"

namespace scenarios {

struct QueueFile {
  std::string name;
  sim::QueueCluster cluster;
  sim::QueuePolicy policy = sim::QueuePolicy::Backfill;
  std::optional<sim::Preemption> preemption{};
  std::vector<std::string> kinds;    ///< names of classes, jobs and searches
  std::vector<sim::QueuedJob> jobs;  ///< QueuedJob::kind counts `kinds`
};

/// @throws topology::InputError with file, line, key and remedy.
QueueFile read_queue(const std::filesystem::path& file, const Catalog& catalog,
                     ProfileStore& store);

}  // namespace scenarios
