#include "scenarios/export_chakra.hpp"

#include <sstream>
#include <string>

#include <fmt/format.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/format.hpp"
#include "scenarios/progress.hpp"
#include "sim/trace/chakra.hpp"
#include "sim/trace/export_step.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace fs = std::filesystem;
using topology::InputError;

namespace {

fs::path file_of(const fs::path& prefix, int rank) {
  return fmt::format("{}.{}.et", prefix.string(), rank);
}

std::string bytes_of(const sim::ExecutionTrace& trace) {
  std::ostringstream out;
  sim::write_chakra(trace, out);
  return out.str();
}

/// One rank of each stage stands for the others: ranks of a stage differ in names and peers only.
double estimated_bytes(const sim::StepExport& step, int stages) {
  double sum = 0.0;
  const int per_stage = step.ranks() / stages;
  for (int stage = 0; stage < stages; ++stage) {
    sum += static_cast<double>(bytes_of(step.trace(stage * per_stage)).size()) * per_stage;
  }
  return sum;
}

}  // namespace

void export_chakra(const sim::StepGraph& graph, const sim::Layout& layout, const fs::path& prefix,
                   ManyFiles many) {
  const sim::StepExport step(graph, layout);
  const int ranks = step.ranks();
  const double size_bytes = estimated_bytes(step, graph.pp);
  const std::string amount = fmt::format("{} trace files of about {} together", format_count(ranks),
                                         format_bytes(units::bytes(size_bytes)));
  if (ranks > kMostTraceFiles && many == ManyFiles::Refuse) {
    throw InputError(
        fmt::format("--chakra would write {}; give --force to do so, or a smaller "
                    "layout.dp",
                    amount));
  }
  if (fs::exists(file_of(prefix, ranks))) {
    throw InputError({.file = file_of(prefix, ranks).string()}, "",
                     fmt::format("is left over from other traces, and this step has {} ranks only; "
                                 "remove it or choose another prefix",
                                 ranks));
  }
  fmt::print(stderr, "writing {}: {}.<rank>.et\n", amount, prefix.string());
  Progress progress("writing traces");
  for (int rank = 0; rank < ranks; ++rank) {
    write_file(file_of(prefix, rank), bytes_of(step.trace(rank)));
    progress.update(static_cast<double>(rank + 1) / ranks);
  }
}

}  // namespace scenarios
