#pragma once
// What happened when, on the ranks that stand for all others.
#include <cstdint>
#include <vector>

#include "sim/workload/part.hpp"
#include "topology/units.hpp"

namespace sim {

enum class Stream : std::uint8_t { Compute, Network };
enum class SpanKind : std::uint8_t { Forward, Backward, Collective, Send, Optimizer };

/// One activity of one pipeline stage.
struct Span {
  units::Seconds begin, end;
  std::int32_t stage = 0;
  std::int32_t micro_batch = -1;  ///< -1: not of a micro-batch
  std::int16_t virtual_stage = 0;
  Stream stream = Stream::Compute;
  SpanKind kind = SpanKind::Forward;
  Part part = Part::Gemm;  ///< for collectives
};

/// Spans in the order of their end.
struct Timeline {
  std::vector<Span> spans;
};

}  // namespace sim
