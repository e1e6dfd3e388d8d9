#pragma once
// One block of a CUDA kernel on the host: every thread is a fibre, and a barrier or an exchange
// within a warp hands over to the next one. Slow, deterministic, exact: bf16 rounds to nearest
// even, matrix fragments are laid out as the PTX ISA says. Background copies land only when waited
// for, so that a missing wait shows.
#include <cstddef>
#include <cstdint>
#include <functional>

#define RUNNER_KERNEL inline void
#define RUNNER_DEVICE inline
#define RUNNER_RESTRICT

namespace real_runner {

struct bf16 {
  std::uint16_t bits = 0;
};

namespace emulated {

struct Grid {
  unsigned x = 1, y = 1, z = 1;
};

/// Runs kernel() for all threads of all blocks, one block after the other. Shared memory is
/// poisoned with NaN before each block.
void run(const Grid& grid, unsigned threads, std::size_t shared_bytes,
         const std::function<void()>& kernel);

struct Place {
  unsigned thread, threads, block_x, block_y, block_z, grid_x;
  unsigned char* shared;
};
const Place& place();

void barrier();
/// What each lane of this thread's warp gives at the same call; all 32 must call.
void exchange(const void* mine, std::size_t size, void* all_32);
void copy_later(void* to, const void* from);
void commit();
void wait(int groups_left);

}  // namespace emulated

inline unsigned thread_index() {
  return emulated::place().thread;
}
inline unsigned block_size() {
  return emulated::place().threads;
}
inline unsigned block_index() {
  return emulated::place().block_x;
}
inline unsigned block_index_y() {
  return emulated::place().block_y;
}
inline unsigned block_index_z() {
  return emulated::place().block_z;
}
inline unsigned grid_size() {
  return emulated::place().grid_x;
}
inline void sync_block() {
  emulated::barrier();
}
inline unsigned char* shared_bytes() {
  return emulated::place().shared;
}

float to_float(bf16 value);
bf16 to_bf16(float value);
std::uint32_t pack(float low, float high);
float shuffle_xor(float value, int mask);
float exp2_fast(float x);
float exp_fast(float x);
float log_of(float x);
float erf_of(float x);
float sqrt_of(float x);
float reciprocal_sqrt(float x);
inline void add_to(float* at, float value) {
  *at += value;
}
inline void add_to(bf16* at, float value) {
  *at = to_bf16(to_float(*at) + value);
}
inline void add_to(unsigned long long* at, unsigned long long value) {
  *at += value;
}

void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]);
void load_tiles(std::uint32_t (&r)[4], const bf16* row);
void load_tiles_transposed(std::uint32_t (&r)[4], const bf16* row);
inline void copy_16(void* shared, const void* device) {
  emulated::copy_later(shared, device);
}
inline void commit_copies() {
  emulated::commit();
}
template <int Groups>
void wait_copies() {
  emulated::wait(Groups);
}

}  // namespace real_runner
