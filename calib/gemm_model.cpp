#include "calib/gemm_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace calib {

using units::Bytes;
using units::Seconds;

namespace {

/// Tile edges as powers of two: 256x128, 128x256, 128x128, 256x64, 64x256, 128x64, 64x128, 64x64.
struct Tile {
  int log2_m, log2_n;
};
constexpr std::array<Tile, 8> kTiles{
    {{8, 7}, {7, 8}, {7, 7}, {8, 6}, {6, 8}, {7, 6}, {6, 7}, {6, 6}}};
constexpr double kLeastTraffic =
    1.0 / 256 + 1.0 / 128;           ///< operand elements per FLOP of the largest tile, x2
constexpr double kDepthStep = 32;    ///< k advances in steps of one MMA instruction group
constexpr double kLeastDepth = 128;  ///< no split leaves a tile less of k

constexpr std::int64_t blocks(std::int64_t extent, int log2_edge) {
  return (extent + (std::int64_t{1} << log2_edge) - 1) >> log2_edge;
}

/// std::ceil for 0 <= x < 2^62 without a library call.
double round_up(double x) {
  const auto whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole < x ? whole + 1.0 : whole;
}

bool is_empty(const GemmShape& s) {
  return s.m <= 0 || s.n <= 0 || s.k <= 0 || s.batch <= 0;
}

double fourth_power_sum(double a, double b) {
  const double a2 = a * a, b2 = b * b;
  return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

double output_bytes(const GemmDevice& device) {
  return device.element_bytes > 2 ? 4.0 : 2.0;
}

units::Flops product_flops(const GemmShape& s) {
  return units::flops(2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) *
                      static_cast<double>(s.k) * static_cast<double>(s.batch));
}

double surface_factor(const GemmCoefficients& c, const GemmShape& s) {
  return c.surface ? c.surface->factor(s) : 1.0;
}

/// Seconds of the fastest cut into tiles, at full clock.
double compute_s(const GemmCoefficients& c, const GemmDevice& d, const GemmShape& s) {
  const double k = static_cast<double>(s.k);
  const double rate_of_unit = d.peak.base() / d.units * c.efficiency;  // FLOP/s
  const double per_flop = 1.0 / rate_of_unit, per_unit = 1.0 / d.units;
  const double outputs =
      static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.batch);
  // A split writes its partial sums in fp32 and reads them back, through L2.
  const double merge =
      outputs * 8.0 / (d.memory_bandwidth.base() * c.memory_efficiency * c.l2_speedup);
  const double most_splits =
      std::max(1.0, static_cast<double>(s.k / static_cast<std::int64_t>(kLeastDepth)));

  double best = std::numeric_limits<double>::infinity();
  for (const Tile& tile : kTiles) {
    const double tm = static_cast<double>(1 << tile.log2_m),
                 tn = static_cast<double>(1 << tile.log2_n);
    const double tiles =
        static_cast<double>(blocks(s.m, tile.log2_m) * blocks(s.n, tile.log2_n) * s.batch);
    const double penalty =
        1.0 + c.tile_penalty * std::max(0.0, 1.0 / tm + 1.0 / tn - kLeastTraffic);
    const double per_depth = 2.0 * tm * tn * penalty * per_flop;  // seconds per element of k
    const auto consider = [&](double split) {
      const double full = tiles * split * per_unit;
      const double waves =
          std::max(1.0, c.quantisation * round_up(full) + (1.0 - c.quantisation) * full);
      const double depth = round_up(k / (split * kDepthStep)) * kDepthStep;
      double t = waves * per_depth * (depth + c.depth_ramp);
      if (split > 1.0) {
        t += c.split.base() + split * merge;
      }
      best = std::min(best, t);
    };
    consider(1.0);
    if (most_splits > 1.0) {
      // As many parts as fill one wave, and as fill three: with three the last wave is less empty.
      double before = 1.0;
      for (const double waves : {1.0, 3.0}) {
        const double parts =
            std::min(most_splits, static_cast<double>(static_cast<int>(waves * d.units / tiles)));
        if (parts > before) {
          consider(parts);
          before = parts;
        }
      }
    }
  }
  return best;
}

}  // namespace

Seconds transfer_time(const GemmCoefficients& c, const GemmDevice& d, Bytes traffic,
                      Bytes footprint) {
  const double from_memory = traffic.base() / (d.memory_bandwidth.base() * c.memory_efficiency);
  const double room = d.l2_cache.base() * c.l2_share;
  if (room <= 0.0) {
    return units::seconds(from_memory);
  }
  // A cache that is read round and round loses all of what does not fit, so the change is steep.
  const double fill = footprint.base() / room, fill2 = fill * fill;
  const double hits = 1.0 / (1.0 + fill2 * fill2);
  return units::seconds(from_memory * (1.0 - hits + hits / c.l2_speedup));
}

Bytes product_traffic(const GemmDevice& d, const GemmShape& s) {
  const double m = static_cast<double>(s.m), n = static_cast<double>(s.n),
               k = static_cast<double>(s.k);
  return units::bytes(static_cast<double>(s.batch) *
                      (d.element_bytes * (m * k / s.reuse + k * n) + output_bytes(d) * m * n));
}

Seconds product_time(const GemmCoefficients& c, const GemmDevice& d, const GemmShape& s) {
  if (is_empty(s)) {
    return {};
  }
  const double cool = compute_s(c, d, s);
  const double compute = cool * (1.0 + c.throttle * cool / (cool + c.throttle_time.base()));
  const Bytes traffic = product_traffic(d, s);
  const double memory = transfer_time(c, d, traffic, traffic).base();
  const Seconds modelled = c.launch + units::seconds(fourth_power_sum(compute, memory));
  return std::max(surface_factor(c, s) * modelled, product_flops(s) / d.peak);
}

Seconds quantise_time(const GemmCoefficients& c, const GemmDevice& d, const GemmShape& s) {
  if (is_empty(s) || c.quantise_bytes <= 0.0) {
    return {};
  }
  const double elements =
      static_cast<double>(s.m) * static_cast<double>(s.k) * static_cast<double>(s.batch);
  return surface_factor(c, s) * transfer_time(c, d, units::bytes(c.quantise_bytes * elements),
                                              units::bytes(2.0 * elements));
}

Seconds gemm_time(const GemmCoefficients& c, const GemmDevice& d, const GemmShape& s) {
  return product_time(c, d, s) + quantise_time(c, d, s);
}

}  // namespace calib
