#pragma once
// Data of collectives that can be checked: every element is a small whole number that its rank and
// place give. Sums over up to 256 ranks are exact in bf16 in whatever order they are added.
#include <cstdint>

#include "real_runner/kernels/memory_kernels.cuh"

namespace real_runner {

enum class CollectiveKind : int {
  AllReduce,
  AllGather,
  ReduceScatter,
  AllToAll,
  Broadcast,
  SendRecv
};

struct CollectivePattern {
  CollectiveKind kind;
  int rank, ranks;
  std::int64_t chunk;  ///< elements of one rank's share, where the data is shared out
};

/// What `rank` puts at `place` of its send buffer: -a to a, with ranks * a <= 256.
RUNNER_DEVICE float pattern_value(int rank, int ranks, std::int64_t place) {
  const int most = 256 / ranks;
  const int a = most < 1 ? 1 : most > 100 ? 100 : most;
  const std::uint64_t bits = detail::mixed(static_cast<std::uint64_t>(place) * 1048573U +
                                           static_cast<std::uint64_t>(rank));
  return static_cast<float>(static_cast<int>(bits % static_cast<std::uint64_t>(2 * a + 1)) - a);
}

RUNNER_DEVICE float pattern_sum(int ranks, std::int64_t place) {
  float sum = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    sum += pattern_value(rank, ranks, place);
  }
  return sum;
}

/// What must stand at `place` of the receive buffer.
RUNNER_DEVICE float pattern_expected(const CollectivePattern& p, std::int64_t place) {
  const int sender = static_cast<int>(place / p.chunk);
  switch (p.kind) {
    case CollectiveKind::AllReduce:
      return pattern_sum(p.ranks, place);
    case CollectiveKind::AllGather:
      return pattern_value(sender, p.ranks, place % p.chunk);
    case CollectiveKind::ReduceScatter:
      return pattern_sum(p.ranks, p.rank * p.chunk + place);
    case CollectiveKind::AllToAll:
      return pattern_value(sender, p.ranks, p.rank * p.chunk + place % p.chunk);
    case CollectiveKind::Broadcast:
      return pattern_value(0, p.ranks, place);
    case CollectiveKind::SendRecv:
      return pattern_value((p.rank + p.ranks - 1) % p.ranks, p.ranks, place);
  }
  return 0;
}

RUNNER_KERNEL fill_pattern(bf16* send, std::int64_t count, int rank, int ranks) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    send[i] = to_bf16(pattern_value(rank, ranks, i));
  }
}

/// Adds the number of wrong elements to `wrong`.
RUNNER_KERNEL check_pattern(const bf16* receive, std::int64_t count, CollectivePattern p,
                            unsigned long long* wrong) {
  unsigned long long mine = 0;
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    // A NaN is unequal to everything.
    mine += to_float(receive[i]) == pattern_expected(p, i) ? 0U : 1U;
  }
  if (mine > 0) {
    add_to(wrong, mine);
  }
}

}  // namespace real_runner
