#pragma once
// What one accelerator computes in a step, kernel by kernel: the points of a roofline.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/step/graph.hpp"
#include "sim/training_job.hpp"
#include "sim/workload/part.hpp"
#include "topology/hardware.hpp"

namespace sim {

enum class KernelPhase { Forward, Backward, Recompute, Optimizer };
std::string_view name(KernelPhase phase);  ///< "forward"

/// Kernels of one name and shape, all of a step together.
struct KernelRow {
  std::string name;  ///< "QKV projection"
  Part part = Part::Gemm;
  KernelPhase phase = KernelPhase::Forward;
  std::optional<topology::Precision> precision;  ///< of the matrix unit's operands, where it works
  std::string shape;      ///< "m 8192, n 18432, k 16384"; empty for kernels without one
  double calls = 0.0;     ///< on one accelerator, all micro-batches; a mean where layers differ
  units::Flops flops{};   ///< of matrix and vector units; 0 where a kernel only moves data
  units::Bytes bytes{};   ///< to and from device memory, each operand once
  units::Seconds time{};  ///< the kernels alone: no collective, no waiting, launches included
  [[nodiscard]] double intensity() const;  ///< FLOP/byte; 0 where nothing is computed
  [[nodiscard]] units::FlopsPerSecond rate() const { return flops / time; }
};

/// What the rows are held against: what the accelerator could do at most.
struct Roof {
  topology::Precision precision = topology::Precision::Bf16;
  units::FlopsPerSecond peak;  ///< dense
  std::string source;
};

/// The kernels of one pipeline stage, longest time first.
struct Roofline {
  std::string accelerator;
  int stage = 0;
  units::BytesPerSecond memory_bandwidth;
  std::string memory_source;
  std::vector<Roof> roofs;  ///< of the precisions that `kernels` compute in, highest first
  std::vector<KernelRow> kernels;
};

/// Time, FLOPs and bytes are those that the StepGraph is made of: operators of each layer,
/// embedding, head and optimizer, with what recomputation repeats. @pre `graph` was built from
/// `job`.
Roofline roofline(const TrainingJob& job, const Profiles& profiles, const StepGraph& graph,
                  int stage);

}  // namespace sim
