#pragma once
// Cross-validation by whole groups: all records of one shape family fall into one fold.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "calib/fitted.hpp"

namespace calib {

inline constexpr int kFolds = 5;

/// Fold of a group, from a hash of its keys (the finaliser of splitmix64, Steele et al. 2014): the
/// same on every machine, and independent of the order of records.
constexpr int fold_of(std::initializer_list<std::int64_t> keys) {
  std::uint64_t h = 0x9e3779b97f4a7c15u;
  for (const std::int64_t key : keys) {
    h ^= static_cast<std::uint64_t>(key);
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    h ^= h >> 31;
  }
  return static_cast<int>(h % kFolds);
}

/// Every record predicted by a fit that saw none of its fold, in the order of the records.
/// `fold(record)` is from 0 to kFolds - 1, `fit(records)` gives coefficients, and
/// `predict(coefficients, record)` a time. Where all records fall into one fold, the fit sees them.
template <class Record, class Fold, class Fit, class Predict>
std::vector<HeldOut> cross_validate(std::span<const Record> records, const Fold& fold,
                                    const Fit& fit, const Predict& predict) {
  std::vector<HeldOut> held_out(records.size());
  for (int left_out = 0; left_out < kFolds; ++left_out) {
    std::vector<Record> seen;
    std::vector<std::size_t> unseen;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (fold(records[i]) == left_out) {
        unseen.push_back(i);
      } else {
        seen.push_back(records[i]);
      }
    }
    if (unseen.empty()) {
      continue;
    }
    const auto coefficients = fit(seen.empty() ? records : std::span<const Record>(seen));
    for (const std::size_t i : unseen) {
      held_out[i] = {.predicted = predict(coefficients, records[i]),
                     .measured = records[i].time,
                     .group = left_out};
    }
  }
  return held_out;
}

}  // namespace calib
