#pragma once
// Random numbers by counter: the n-th draw of stream k depends on nothing but seed, k and n, so a
// Monte Carlo gives the same bytes whatever the number of threads.
#include <array>
#include <cmath>
#include <cstdint>

namespace sim {

/// Philox4x32-10: ten rounds over a counter of four words under a key of two.
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t kM0 = 0xD2511F53, kM1 = 0xCD9E8D57;
  constexpr std::uint32_t kW0 = 0x9E3779B9, kW1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kM0 * counter[0];
    const std::uint64_t p1 = kM1 * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(p0)};
    key[0] += kW0;
    key[1] += kW1;
  }
  return counter;
}

/// One stream of draws.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)},
        stream_(stream) {}

  /// Uniform in (0, 1), 53 bits.
  double uniform() {
    if (left_ == 0) {
      block_ =
          philox({static_cast<std::uint32_t>(count_), static_cast<std::uint32_t>(count_ >> 32U),
                  static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32U)},
                 key_);
      ++count_;
      left_ = 2;
    }
    --left_;
    const std::uint64_t high = block_[2U * left_];
    const std::uint64_t low = block_[2U * left_ + 1U];
    return (static_cast<double>(((high << 32U) | low) >> 11U) + 0.5) * 0x1p-53;
  }
  /// Exponential with this mean.
  double exponential(double mean) { return -mean * std::log(uniform()); }

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t stream_;
  std::uint64_t count_ = 0;
  std::array<std::uint32_t, 4> block_{};
  unsigned left_ = 0;
};

}  // namespace sim
