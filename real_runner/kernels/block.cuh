#pragma once
// What kernels are written against: one block of threads. nvcc maps it to the device; for a host
// compiler the tests bring a header of the same names that runs a block thread by thread, so that
// the kernels are tested where there is no GPU.
#include <cstddef>
#include <cstdint>

#ifdef __CUDACC__
#include <cuda_bf16.h>

#define RUNNER_KERNEL [[maybe_unused]] static __global__ void
#define RUNNER_DEVICE __device__ __forceinline__
#define RUNNER_RESTRICT __restrict__

namespace real_runner {

using bf16 = __nv_bfloat16;

RUNNER_DEVICE unsigned thread_index() {
  return threadIdx.x;
}
RUNNER_DEVICE unsigned block_size() {
  return blockDim.x;
}
RUNNER_DEVICE unsigned block_index() {
  return blockIdx.x;
}
RUNNER_DEVICE unsigned block_index_y() {
  return blockIdx.y;
}
RUNNER_DEVICE unsigned block_index_z() {
  return blockIdx.z;
}
RUNNER_DEVICE unsigned grid_size() {
  return gridDim.x;
}
RUNNER_DEVICE void sync_block() {
  __syncthreads();
}

/// Dynamic shared memory, 16-byte aligned.
RUNNER_DEVICE unsigned char* shared_bytes() {
  extern __shared__ __align__(16) unsigned char memory[];
  return memory;
}

RUNNER_DEVICE float shuffle_xor(float value, int mask) {
  return __shfl_xor_sync(0xFFFFFFFFU, value, mask);
}

RUNNER_DEVICE float to_float(bf16 value) {
  return __bfloat162float(value);
}
RUNNER_DEVICE bf16 to_bf16(float value) {
  return __float2bfloat16_rn(value);
}

RUNNER_DEVICE float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
RUNNER_DEVICE float exp_fast(float x) {
  return __expf(x);
}
RUNNER_DEVICE float log_of(float x) {
  return logf(x);
}
RUNNER_DEVICE float erf_of(float x) {
  return erff(x);
}
RUNNER_DEVICE float sqrt_of(float x) {
  return sqrtf(x);
}
RUNNER_DEVICE float reciprocal_sqrt(float x) {
  return rsqrtf(x);
}
RUNNER_DEVICE void add_to(float* at, float value) {
  atomicAdd(at, value);
}
RUNNER_DEVICE void add_to(bf16* at, float value) {
  atomicAdd(at, __float2bfloat16_rn(value));
}
RUNNER_DEVICE void add_to(unsigned long long* at, unsigned long long value) {
  atomicAdd(at, value);
}

/// Two bf16 in a 32-bit register, the first in the lower half.
RUNNER_DEVICE std::uint32_t pack(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  std::uint32_t bits;
  __builtin_memcpy(&bits, &both, sizeof bits);
  return bits;
}

/// d += a b for one warp: a [16, 16] row-major, b [16, 8] column-major, d [16, 8].
/// PTX ISA, "Matrix fragments for mma.m16n8k16": lane l has g = l / 4, t = l % 4;
///   a: {[g][2t..], [g+8][2t..], [g][2t+8..], [g+8][2t+8..]}, two neighbours each
///   b: {[2t..][g], [2t+8..][g]}, two neighbours along k each
///   d: {[g][2t], [g][2t+1], [g+8][2t], [g+8][2t+1]}
RUNNER_DEVICE void multiply_add(float (&d)[4], const std::uint32_t (&a)[4],
                                const std::uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// Four 8 x 8 tiles of bf16 from shared memory: lanes 8i to 8i+7 give the rows of tile i. Lane l
/// gets of each tile [l / 4][2 (l % 4)..], of the transposed variant [2 (l % 4)..][l / 4].
RUNNER_DEVICE void load_tiles(std::uint32_t (&r)[4], const bf16* row) {
  const auto at = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(at)
               : "memory");
}
RUNNER_DEVICE void load_tiles_transposed(std::uint32_t (&r)[4], const bf16* row) {
  const auto at = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(at)
               : "memory");
}

/// 16 bytes from device to shared memory, in the background. Until wait_copies() nothing is there.
RUNNER_DEVICE void copy_16(void* shared, const void* device) {
  const auto at = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(at), "l"(device) : "memory");
}
RUNNER_DEVICE void commit_copies() {
  asm volatile("cp.async.commit_group;\n" ::: "memory");
}
/// Until at most `Groups` of this thread's latest groups are under way.
template <int Groups>
RUNNER_DEVICE void wait_copies() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(Groups) : "memory");
}

}  // namespace real_runner

#elif !defined(RUNNER_KERNEL)
#error "for the host, compile with the emulated block of the tests: link emulated_block"
#endif

namespace real_runner {

/// 16 bytes: what a thread moves at a time.
struct alignas(16) Chunk {
  std::uint32_t words[4];
};
/// Elements of bf16 in a chunk.
constexpr int kPerChunk = 8;

RUNNER_DEVICE float half_of(std::uint32_t word, int which) {
  const std::uint32_t bits = which == 0 ? word << 16 : word & 0xFFFF0000U;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

/// The 8 numbers of a chunk.
struct Floats {
  float v[kPerChunk];
};
RUNNER_DEVICE Floats unpack(const Chunk& chunk) {
  Floats f;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    f.v[2 * i] = half_of(chunk.words[i], 0);
    f.v[2 * i + 1] = half_of(chunk.words[i], 1);
  }
  return f;
}
RUNNER_DEVICE Chunk pack_all(const Floats& f) {
  Chunk chunk;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    chunk.words[i] = pack(f.v[2 * i], f.v[2 * i + 1]);
  }
  return chunk;
}
RUNNER_DEVICE Floats load(const bf16* at) {
  return unpack(*reinterpret_cast<const Chunk*>(at));
}
RUNNER_DEVICE void store(bf16* at, const Floats& f) {
  *reinterpret_cast<Chunk*>(at) = pack_all(f);
}

enum class Fold { Sum, Largest };

template <Fold F>
RUNNER_DEVICE float fold(float a, float b) {
  return F == Fold::Sum ? a + b : (a > b ? a : b);
}

/// The sum (the largest) of every thread's value, in all threads. `scratch`: 32 floats of shared
/// memory. All threads of the block must call it.
/// @pre block_size() is a multiple of 32
template <Fold F>
RUNNER_DEVICE float over_block(float value, float* scratch) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2) {
    value = fold<F>(value, shuffle_xor(value, mask));
  }
  const unsigned warps = block_size() / 32;
  sync_block();  // the scratch of the call before has been read
  if (thread_index() % 32 == 0) {
    scratch[thread_index() / 32] = value;
  }
  sync_block();
  float all = scratch[0];
  for (unsigned warp = 1; warp < warps; ++warp) {
    all = fold<F>(all, scratch[warp]);
  }
  return all;
}

}  // namespace real_runner
