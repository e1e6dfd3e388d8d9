#include "calib/attention_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace calib {

using units::Seconds;

namespace {

constexpr double kBackwardFlops = 2.5;    ///< over the forward pass; FlashAttention-2, section 4.1
constexpr double kBackwardTraffic = 2.0;  ///< gradients besides the values

bool is_empty(const AttentionShape& s) {
  return s.batch <= 0 || s.query_length <= 0 || s.key_length <= 0 || s.heads <= 0 ||
         s.head_dim <= 0;
}

/// Keys that the query at `row` (from 0) may see. Queries are the last of the keys where lengths
/// differ.
double visible(const AttentionShape& s, double row) {
  const double keys = static_cast<double>(s.key_length);
  const double before = keys - static_cast<double>(s.query_length);
  const double seen = s.mask == Mask::Causal ? std::clamp(before + row + 1.0, 0.0, keys) : keys;
  return s.window > 0 ? std::min(seen, static_cast<double>(s.window)) : seen;
}

/// Sum of visible(row) over rows first, first + step, ... below `rows`, for a piecewise linear
/// ramp: the causal ramp rises by `step` per term until it meets its cap.
double sum_visible(const AttentionShape& s, double first, double step, double count) {
  if (count <= 0.0) {
    return 0.0;
  }
  const double cap = visible(s, static_cast<double>(s.query_length) - 1.0);
  const double low = visible(s, first);
  if (s.mask == Mask::Full || low >= cap) {
    return cap * count;
  }
  const double rising = std::clamp(std::floor((cap - low) / step) + 1.0, 0.0, count);
  return rising * low + step * rising * (rising - 1.0) / 2.0 + (count - rising) * cap;
}

/// Keys read by all tiles of queries of one head, and by the longest tile.
struct TileKeys {
  double tiles, total, longest;
};

TileKeys tile_keys(const AttentionCoefficients& c, const AttentionShape& s) {
  const double granule = c.query_tile / 4.0;
  const double rows = static_cast<double>(s.query_length);
  const double tiles = std::ceil(rows / c.query_tile), full = std::floor(rows / c.query_tile);
  const auto whole = [granule](double keys) { return std::ceil(keys / granule) * granule; };
  // A tile reads what its last row may see; a window adds the keys of the tile's other rows.
  AttentionShape shape = s;
  if (s.window > 0) {
    shape.window = s.window + static_cast<std::int64_t>(std::min(c.query_tile, rows)) - 1;
  }
  const double last = whole(visible(shape, rows - 1.0));
  double total = sum_visible(shape, c.query_tile - 1.0, c.query_tile, full);
  if (tiles > full) {
    total += last;
  }
  return {tiles, total, last};
}

double efficiency_of(const AttentionCoefficients& c, std::int64_t head_dim) {
  const double d = static_cast<double>(head_dim);
  const bool usual = head_dim == 64 || head_dim == 128 || head_dim == 256;
  return std::min(1.0,
                  c.efficiency * d / (d + c.head_dim_half) * (usual ? 1.0 : c.unusual_head_dim));
}

/// Seconds of all blocks where each takes `work_factor` times as long as in the forward pass.
double blocks_s(const AttentionCoefficients& c, const GemmDevice& d, const AttentionShape& s,
                double work_factor) {
  const TileKeys keys = tile_keys(c, s);
  const double head_dim = static_cast<double>(s.head_dim);
  const double per_key = 4.0 * c.query_tile * head_dim /
                         (d.peak.base() / d.units * efficiency_of(c, s.head_dim)) * work_factor;
  const double start = c.block_start.base() * work_factor;
  const double heads = static_cast<double>(s.batch) * static_cast<double>(s.heads);
  const double work = heads * (keys.tiles * start + per_key * keys.total) / d.units;
  const double longest = c.latency_factor * (start + per_key * keys.longest);
  return std::cbrt(work * work * work + longest * longest * longest);
}

Seconds side_time(const AttentionCoefficients& c, const GemmDevice& d,
                  const GemmCoefficients& memory, const AttentionShape& s) {
  const double queries = static_cast<double>(s.query_length) * static_cast<double>(s.heads);
  const double keys = static_cast<double>(s.key_length) *
                      static_cast<double>(std::max<std::int64_t>(1, s.kv_heads));
  const units::Bytes qkv = units::bytes(
      d.element_bytes * static_cast<double>(s.batch * s.head_dim) * (queries + 2.0 * keys));
  return transfer_time(memory, d, c.side_traffic * qkv, 2.0 * qkv);
}

}  // namespace

units::Flops attention_flops(const AttentionShape& s) {
  if (is_empty(s)) {
    return {};
  }
  const double pairs = sum_visible(s, 0.0, 1.0, static_cast<double>(s.query_length));
  return units::flops(4.0 * static_cast<double>(s.batch * s.heads * s.head_dim) * pairs);
}

Seconds attention_forward_time(const AttentionCoefficients& c, const GemmDevice& d,
                               const GemmCoefficients& memory, const AttentionShape& s) {
  if (is_empty(s)) {
    return {};
  }
  return c.launch + units::seconds(blocks_s(c, d, s, 1.0)) + side_time(c, d, memory, s);
}

Seconds attention_backward_time(const AttentionCoefficients& c, const GemmDevice& d,
                                const GemmCoefficients& memory, const AttentionShape& s) {
  if (is_empty(s)) {
    return {};
  }
  return c.launch + units::seconds(blocks_s(c, d, s, kBackwardFlops / c.backward_rate)) +
         kBackwardTraffic * side_time(c, d, memory, s);
}

}  // namespace calib
