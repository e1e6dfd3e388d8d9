#pragma once
// Cross-validation by whole groups: all records of one shape family fall into one fold.
#include <cstdint>
#include <initializer_list>

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

}  // namespace calib
