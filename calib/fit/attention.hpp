#pragma once
// Fits the attention model to a table of forward times.
#include <span>
#include <vector>

#include "calib/attention_model.hpp"
#include "calib/fitted.hpp"
#include "calib/record.hpp"
#include "calib/statistics.hpp"

namespace calib {

struct AttentionFit {
  AttentionCoefficients coefficients;
  int parameters = 0;
  Residual all;
  Residual
      cross_validated;  ///< by fits that saw no record of the same heads, kv_heads and head_dim
  FittedParameters fitted;
  std::vector<HeldOut> held_out;  ///< in the order of the records; group = fold
};

/// Soft-L1 fit of log(predicted / measured). `start` gives what is not fitted: the tile of queries
/// and the backward rate. `memory` gives the bandwidth terms. Deterministic.
/// @throws topology::InputError for fewer than 50 records.
AttentionFit fit_attention(std::span<const AttentionRecord> records, const GemmDevice& device,
                           const GemmCoefficients& memory, const AttentionCoefficients& start);

/// Fits `backward_rate` alone to backward times; everything else stays as `forward` has it.
/// Deterministic. @throws topology::InputError for fewer than 10 records.
AttentionFit fit_attention_backward(std::span<const AttentionRecord> records,
                                    const GemmDevice& device, const GemmCoefficients& memory,
                                    const AttentionCoefficients& forward);

}  // namespace calib
