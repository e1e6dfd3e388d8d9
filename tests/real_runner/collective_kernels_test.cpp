// The pattern that collectives are checked with, against a collective played on the host.
#include "real_runner/kernels/collective_kernels.cuh"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace real_runner {
namespace {

constexpr int kRanks = 4;
constexpr std::int64_t kChunk = 100;

using Buffer = std::vector<bf16>;

Buffer sent_by(int rank, std::int64_t count) {
  Buffer buffer(static_cast<std::size_t>(count), bf16{0xFFFF});
  emulated::run({.x = 2}, 64, 0, [&] { fill_pattern(buffer.data(), count, rank, kRanks); });
  return buffer;
}

unsigned long long wrong(const Buffer& buffer, CollectiveKind kind, int rank, std::int64_t chunk) {
  unsigned long long count = 0;
  emulated::run({.x = 2}, 64, 0, [&] {
    check_pattern(buffer.data(), static_cast<std::int64_t>(buffer.size()),
                  {kind, rank, kRanks, chunk}, &count);
  });
  return count;
}

float value(const Buffer& buffer, std::int64_t at) {
  return to_float(buffer[static_cast<std::size_t>(at)]);
}

TEST(CollectivePattern, AcceptsARightAllReduceAndCountsWrongElements) {
  Buffer sum(kChunk);
  for (std::int64_t i = 0; i < kChunk; ++i) {
    float total = 0;
    for (int rank = 0; rank < kRanks; ++rank) {
      total += value(sent_by(rank, kChunk), i);
    }
    sum[static_cast<std::size_t>(i)] = to_bf16(total);
  }
  EXPECT_EQ(wrong(sum, CollectiveKind::AllReduce, 2, kChunk), 0U);
  sum[7] = to_bf16(value(sum, 7) + 1);
  sum[8] = bf16{0xFFFF};  // never written
  EXPECT_EQ(wrong(sum, CollectiveKind::AllReduce, 2, kChunk), 2U);
}

TEST(CollectivePattern, KnowsWhereEveryShareOfAnAllToAllGoes) {
  constexpr int kMe = 1;
  Buffer received;
  for (int from = 0; from < kRanks; ++from) {
    const Buffer sent = sent_by(from, kChunk * kRanks);
    received.insert(received.end(), sent.begin() + kMe * kChunk, sent.begin() + (kMe + 1) * kChunk);
  }
  EXPECT_EQ(wrong(received, CollectiveKind::AllToAll, kMe, kChunk), 0U);
  std::swap_ranges(received.begin(), received.begin() + kChunk, received.begin() + kChunk);
  EXPECT_GT(wrong(received, CollectiveKind::AllToAll, kMe, kChunk), kChunk);
}

TEST(CollectivePattern, TellsRanksApartInGatherBroadcastAndSend) {
  Buffer gathered;
  for (int from = 0; from < kRanks; ++from) {
    const Buffer sent = sent_by(from, kChunk);
    gathered.insert(gathered.end(), sent.begin(), sent.end());
  }
  EXPECT_EQ(wrong(gathered, CollectiveKind::AllGather, 3, kChunk), 0U);
  EXPECT_EQ(wrong(sent_by(0, kChunk), CollectiveKind::Broadcast, 3, kChunk), 0U);
  EXPECT_GT(wrong(sent_by(1, kChunk), CollectiveKind::Broadcast, 3, kChunk), 0U);
  EXPECT_EQ(wrong(sent_by(2, kChunk), CollectiveKind::SendRecv, 3, kChunk), 0U);
  EXPECT_EQ(wrong(sent_by(3, kChunk), CollectiveKind::SendRecv, 0, kChunk), 0U);
}

TEST(CollectivePattern, SharesTheSumOfAReduceScatter) {
  constexpr int kMe = 3;
  Buffer share(kChunk);
  for (std::int64_t i = 0; i < kChunk; ++i) {
    float total = 0;
    for (int rank = 0; rank < kRanks; ++rank) {
      total += pattern_value(rank, kRanks, kMe * kChunk + i);
    }
    share[static_cast<std::size_t>(i)] = to_bf16(total);
  }
  EXPECT_EQ(wrong(share, CollectiveKind::ReduceScatter, kMe, kChunk), 0U);
  EXPECT_GT(wrong(share, CollectiveKind::ReduceScatter, 0, kChunk), 0U);
}

}  // namespace
}  // namespace real_runner
