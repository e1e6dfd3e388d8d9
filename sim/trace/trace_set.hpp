#pragma once
// The traces of all ranks of a job.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/trace/execution_trace.hpp"

namespace sim {

/// Rank r runs traces[trace_of_rank[r]]; ranks that do the same share one.
struct TraceSet {
  std::vector<ExecutionTrace> traces;
  std::vector<std::uint32_t> trace_of_rank;
  [[nodiscard]] int ranks() const { return static_cast<int>(trace_of_rank.size()); }
  [[nodiscard]] const ExecutionTrace& of(int rank) const {
    return traces[trace_of_rank[static_cast<std::size_t>(rank)]];
  }
  /// `rank 3 node 12 "aten::mm"`.
  [[nodiscard]] std::string label(int rank, NodeIndex node) const;
};

/// Reads PREFIX.0.et, PREFIX.1.et, ... Files with the same bytes are parsed once and shared.
/// @throws topology::InputError if there are none, a rank is missing or has two files, or a trace
/// is refused (see read_chakra).
TraceSet read_traces(const std::filesystem::path& prefix);

}  // namespace sim
