#pragma once
// The tile-and-wave model of one GEMM kernel. A library cuts C into tiles, gives each to one
// compute unit (SM) and works them off in waves; along k it may split a tile over several units and
// add the parts up. The model takes the fastest of eight tile shapes and up to three splits:
//
//   wave   = 2 tm tn (k/split + ramp) / (peak / units * efficiency(tile))
//   waves  = tiles / units, rounded up by the share `quantisation` (1: whole waves; 0: persistent,
//   stream-k) clock  = 1 + throttle * t / (t + throttle_time): a long kernel runs into the power
//   cap memory = traffic / bandwidth, from L2 where the operands fit time   = launch + (compute^4 +
//   memory^4)^(1/4) + quantise
//
// and where a device was measured, times the factor of its efficiency surface.
//
// Sources: tiles, waves and split-k: NVIDIA, Matrix Multiplication Background User's Guide
// (DU-09798-001), and Osama et al., Stream-K, PPoPP 2023 (arXiv 2301.03598). The efficiency of a
// tile falls with its operand traffic per FLOP, 1/tm + 1/tn. The fourth power joins two bounds
// smoothly: both at par cost 19 % more.
#include <memory>

#include "calib/efficiency_surface.hpp"
#include "calib/shapes.hpp"
#include "topology/units.hpp"

namespace calib {

/// What the model needs to know of the device and the number format.
struct GemmDevice {
  double units = 1;            ///< compute units (SMs)
  units::FlopsPerSecond peak;  ///< dense
  units::BytesPerSecond memory_bandwidth;
  units::Bytes l2_cache;
  double element_bytes = 2;  ///< of A and B; C is written with 2 bytes (4 for 4-byte operands)
};

/// Twelve free parameters per device and number format, eleven where the operands need no
/// quantisation, and the surface of what they leave over.
struct GemmCoefficients {
  bool measured = false;     ///< false: never fitted, see coefficients_for
  double efficiency = 0.85;  ///< of the dense peak, with the largest tile; at most 1
  double tile_penalty = 10;  ///< elements; loss per unit of extra operand traffic of a smaller tile
  units::Seconds launch = units::microseconds(2.5);  ///< shortest kernel
  double memory_efficiency = 0.75;                   ///< of the datasheet bandwidth
  double l2_speedup = 1.5;  ///< L2 rate over the effective memory rate; at least 1
  double l2_share = 0.5;    ///< of the L2 cache that repeated operands can keep
  double depth_ramp = 150;  ///< elements of k that filling and draining a tile costs
  double throttle = 0.15;   ///< loss of clock under sustained load
  units::Seconds throttle_time = units::milliseconds(2);  ///< kernel length that feels half of it
  double quantisation = 0.8;  ///< share of an incomplete wave that is lost
  units::Seconds split =
      units::microseconds(2.5);  ///< cost of adding up parts of a split tile, besides their traffic
  double quantise_bytes =
      0;  ///< memory traffic per element of A to cast it to the narrow format before the product
  std::shared_ptr<const EfficiencySurface> surface{};  ///< none: 1 everywhere
};

/// What the product reads and writes at least: each operand once.
units::Bytes product_traffic(const GemmDevice& device, const GemmShape& shape);

/// Time of the product kernel alone, without the cast of A. Zero for an empty shape.
units::Seconds product_time(const GemmCoefficients& c, const GemmDevice& device,
                            const GemmShape& shape);

/// Time of the kernels that cast A to the narrow format (zero for coefficients without such a
/// step).
units::Seconds quantise_time(const GemmCoefficients& c, const GemmDevice& device,
                             const GemmShape& shape);

/// product_time + quantise_time: what the measurement tables show.
units::Seconds gemm_time(const GemmCoefficients& c, const GemmDevice& device,
                         const GemmShape& shape);

/// Time to move `traffic` when `footprint` bytes are touched again and again: from L2 where they
/// fit, else from memory, without any start-up. Monotone in both arguments.
units::Seconds transfer_time(const GemmCoefficients& c, const GemmDevice& device,
                             units::Bytes traffic, units::Bytes footprint);

}  // namespace calib
