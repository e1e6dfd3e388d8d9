#pragma once
// The kinds of time that a step is made of, as reports name them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "topology/units.hpp"

namespace sim {

enum class Part : std::uint8_t {
  Gemm,
  Attention,
  MemoryBound,  ///< norms, activations, dropout, residuals, casts, routing
  Embedding,
  Loss,       ///< softmax cross-entropy over the vocabulary (its GEMM counts as Gemm)
  Recompute,  ///< forward work that is done again in the backward pass
  TpComm,
  CpComm,
  EpComm,
  PpComm,
  DpComm,
  Optimizer,
  Offload,     ///< copies to and from host memory
  Host,        ///< the device waits for the host to launch work
  Bubble,      ///< the device waits for its pipeline neighbours
  Straggler,   ///< the device waits for slower ones
  DataLoading  ///< the device waits for its input
};
inline constexpr std::size_t kParts = 17;
std::string_view name(Part part);  ///< "gemm", "tp_comm", ...

/// Time by part. Exclusive: parts add up to the whole.
struct PartTimes {
  std::array<units::Seconds, kParts> at{};
  units::Seconds& operator[](Part p) { return at[static_cast<std::size_t>(p)]; }
  units::Seconds operator[](Part p) const { return at[static_cast<std::size_t>(p)]; }
  [[nodiscard]] units::Seconds total() const {
    units::Seconds sum;
    for (const units::Seconds t : at) {
      sum += t;
    }
    return sum;
  }
  PartTimes& operator+=(const PartTimes& o) {
    for (std::size_t i = 0; i < kParts; ++i) {
      at[i] += o.at[i];
    }
    return *this;
  }
  PartTimes& operator*=(double k) {
    for (units::Seconds& t : at) {
      t *= k;
    }
    return *this;
  }
};

}  // namespace sim
