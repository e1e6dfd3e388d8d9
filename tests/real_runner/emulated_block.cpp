#include "tests/real_runner/emulated_block.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <ucontext.h>

namespace real_runner {

namespace emulated {

namespace {

constexpr std::size_t kStack = std::size_t{128} * 1024;
constexpr std::size_t kWarp = 32, kMostExchanged = 64;

struct PendingCopy {
  void* to;
  std::array<unsigned char, 16> data;
};

struct Fibre {
  ucontext_t context{};
  std::unique_ptr<unsigned char[]> stack;
  Place place{};
  bool finished = false;
  std::size_t barriers = 0, exchanges = 0;  // that it has come to
  std::deque<std::vector<PendingCopy>> groups;
  std::vector<PendingCopy> open_group;
};

struct Exchange {
  std::array<std::array<unsigned char, kMostExchanged>, kWarp> data{};
};

/// The block that runs now; one at a time.
struct Block {
  std::vector<Fibre> fibres;
  std::vector<std::array<Exchange, 2>> exchanges;  // per warp: this one and the next
  std::function<void()> kernel;
  ucontext_t scheduler{};
  Fibre* now = nullptr;
};
Block* block =
    nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): fibres need it

void enter() {
  block->kernel();
  block->now->finished = true;
}

void yield() {
  Fibre* mine = block->now;
  ::swapcontext(&mine->context, &block->scheduler);
}

/// No exception can leave a fibre.
[[noreturn]] void stuck(const char* where) {
  std::fprintf(stderr, "emulated block: a thread ended before %s that others wait at\n", where);
  std::abort();
}

}  // namespace

const Place& place() {
  return block->now->place;
}

void barrier() {
  const std::size_t mine = ++block->now->barriers;
  const auto missing = [&](const Fibre& fibre) {
    if (fibre.barriers < mine && fibre.finished) {
      stuck("a barrier");
    }
    return fibre.barriers < mine;
  };
  while (std::any_of(block->fibres.begin(), block->fibres.end(), missing)) {
    yield();
  }
}

void exchange(const void* mine, std::size_t size, void* all_32) {
  Fibre* fibre = block->now;
  const std::size_t warp = fibre->place.thread / kWarp, lane = fibre->place.thread % kWarp;
  const std::size_t turn = fibre->exchanges++;
  // Two slots suffice: nobody is two exchanges ahead of a lane that has not read the first.
  Exchange& slot = block->exchanges[warp][turn % 2];
  std::memcpy(slot.data[lane].data(), mine, size);
  const auto missing = [&](const Fibre& other) {
    if (other.exchanges <= turn && other.finished) {
      stuck("an exchange of a warp");
    }
    return other.exchanges <= turn;
  };
  const auto first = block->fibres.begin() + static_cast<std::ptrdiff_t>(warp * kWarp);
  while (std::any_of(first, first + kWarp, missing)) {
    yield();
  }
  for (std::size_t i = 0; i < kWarp; ++i) {
    std::memcpy(static_cast<unsigned char*>(all_32) + i * size, slot.data[i].data(), size);
  }
}

void copy_later(void* to, const void* from) {
  PendingCopy copy{.to = to, .data = {}};
  std::memcpy(copy.data.data(), from, copy.data.size());
  block->now->open_group.push_back(copy);
}

void commit() {
  block->now->groups.push_back(std::move(block->now->open_group));
  block->now->open_group.clear();
}

void wait(int groups_left) {
  auto& groups = block->now->groups;
  while (groups.size() > static_cast<std::size_t>(groups_left)) {
    for (const PendingCopy& copy : groups.front()) {
      std::memcpy(copy.to, copy.data.data(), copy.data.size());
    }
    groups.pop_front();
  }
}

namespace {

void run_block(Block& mine, const Place& first) {
  for (unsigned t = 0; t < first.threads; ++t) {
    Fibre& fibre = mine.fibres[t];
    fibre.place = first;
    fibre.place.thread = t;
    fibre.stack = std::make_unique<unsigned char[]>(kStack);
    ::getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = kStack;
    fibre.context.uc_link = &mine.scheduler;
    ::makecontext(&fibre.context, enter, 0);
  }
  for (bool left = true; left;) {
    left = false;
    for (Fibre& fibre : mine.fibres) {
      if (!fibre.finished) {
        mine.now = &fibre;
        ::swapcontext(&mine.scheduler, &fibre.context);
        left = left || !fibre.finished;
      }
    }
  }
}

}  // namespace

void run(const Grid& grid, unsigned threads, std::size_t shared_bytes,
         const std::function<void()>& kernel) {
  struct alignas(16) Aligned {
    std::array<std::uint32_t, 4> words;
  };
  constexpr std::uint32_t kNan = 0xFFFFFFFFU;  // in fp32 and in bf16
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        std::vector<Aligned> shared(shared_bytes / sizeof(Aligned) + 1,
                                    Aligned{{kNan, kNan, kNan, kNan}});
        Block mine;
        mine.kernel = kernel;
        mine.fibres.resize(threads);
        mine.exchanges.resize((threads + kWarp - 1) / kWarp);
        block = &mine;
        run_block(mine, {.thread = 0,
                         .threads = threads,
                         .block_x = x,
                         .block_y = y,
                         .block_z = z,
                         .grid_x = grid.x,
                         .shared = reinterpret_cast<unsigned char*>(shared.data())});
        block = nullptr;
      }
    }
  }
}

}  // namespace emulated

namespace {

float from_bits(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float element(std::uint32_t word, std::size_t which) {
  return from_bits(which == 0 ? word << 16 : word & 0xFFFF0000U);
}

template <class T>
std::array<T, 32> from_warp(const T& mine) {
  std::array<T, 32> all{};
  emulated::exchange(&mine, sizeof(T), all.data());
  return all;
}

using Pointers = std::array<const bf16*, 32>;

}  // namespace

float to_float(bf16 value) {
  return from_bits(static_cast<std::uint32_t>(value.bits) << 16);
}

bf16 to_bf16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value)) {
    return {static_cast<std::uint16_t>(bits >> 16 | 0x40U)};
  }
  bits += 0x7FFFU + (bits >> 16 & 1U);
  return {static_cast<std::uint16_t>(bits >> 16)};
}

std::uint32_t pack(float low, float high) {
  return to_bf16(low).bits | static_cast<std::uint32_t>(to_bf16(high).bits) << 16;
}

float shuffle_xor(float value, int mask) {
  const auto all = from_warp(value);
  return all[(thread_index() % 32) ^ static_cast<unsigned>(mask)];
}

float exp2_fast(float x) {
  return std::exp2(x);
}
float exp_fast(float x) {
  return std::exp(x);
}
float log_of(float x) {
  return std::log(x);
}
float erf_of(float x) {
  return std::erf(x);
}
float sqrt_of(float x) {
  return std::sqrt(x);
}
float reciprocal_sqrt(float x) {
  return 1 / std::sqrt(x);
}

void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  struct Fragments {
    std::array<std::uint32_t, 4> a;
    std::array<std::uint32_t, 2> b;
  };
  const auto all = from_warp(Fragments{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}});
  // Where the PTX ISA puts an element: lane and register.
  const auto a_at = [&](std::size_t row, std::size_t k) {
    return element(all[row % 8 * 4 + k % 8 / 2].a[row / 8 + k / 8 * 2], k % 2);
  };
  const auto b_at = [&](std::size_t k, std::size_t column) {
    return element(all[column * 4 + k % 8 / 2].b[k / 8], k % 2);
  };
  const std::size_t g = thread_index() % 32 / 4, t = thread_index() % 4;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t row = g + i / 2 * 8, column = 2 * t + i % 2;
    for (std::size_t k = 0; k < 16; ++k) {
      d[i] += a_at(row, k) * b_at(k, column);
    }
  }
}

void load_tiles(std::uint32_t (&r)[4], const bf16* row) {
  const Pointers rows = from_warp(row);
  const std::size_t g = thread_index() % 32 / 4, t = thread_index() % 4;
  for (std::size_t tile = 0; tile < 4; ++tile) {
    std::memcpy(&r[tile], rows[tile * 8 + g] + 2 * t, sizeof r[tile]);
  }
}

void load_tiles_transposed(std::uint32_t (&r)[4], const bf16* row) {
  const Pointers rows = from_warp(row);
  const std::size_t g = thread_index() % 32 / 4, t = thread_index() % 4;
  for (std::size_t tile = 0; tile < 4; ++tile) {
    r[tile] = rows[tile * 8 + 2 * t][g].bits |
              static_cast<std::uint32_t>(rows[tile * 8 + 2 * t + 1][g].bits) << 16;
  }
}

}  // namespace real_runner
