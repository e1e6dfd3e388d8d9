// Launches of the kernels that layers and steps are made of.
#include <algorithm>
#include <cmath>

#include "real_runner/cuda_check.hpp"
#include "real_runner/kernels/attention_kernels.cuh"
#include "real_runner/kernels/memory_kernels.cuh"
#include "real_runner/layer.hpp"

namespace real_runner {

namespace {

constexpr std::size_t kScratch = 32 * sizeof(float);  // of over_block()

const bf16* in(const void* data) {
  return static_cast<const bf16*>(data);
}
bf16* out(void* data) {
  return static_cast<bf16*>(data);
}

__global__ void widen(const bf16* from, float* to, std::int64_t count) {
  for (std::int64_t i = detail::first_item(); i < count; i += detail::item_step()) {
    to[i] = to_float(from[i]);
  }
}

}  // namespace

void enqueue_rms_norm(cudaStream_t stream, const void* x, const void* weight, void* y,
                      float* inverse, std::int64_t rows, std::int64_t columns) {
  rms_norm<<<static_cast<unsigned>(rows), kRowThreads, kScratch, stream>>>(
      in(x), in(weight), out(y), inverse, static_cast<int>(columns));
  check(cudaGetLastError(), "launching rms_norm");
}

void enqueue_rms_norm_backward(const Device& device, cudaStream_t stream, const void* x,
                               const void* weight, const float* inverse, const void* d_y, void* d_x,
                               void* d_weight, float* sum, std::int64_t rows,
                               std::int64_t columns) {
  const std::size_t shared = rms_norm_backward_shared_bytes(static_cast<int>(columns));
  check(cudaFuncSetAttribute(rms_norm_backward, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(shared)),
        "cudaFuncSetAttribute for rms_norm_backward");
  check(cudaMemsetAsync(sum, 0, sizeof(float) * static_cast<std::size_t>(columns), stream),
        "cudaMemsetAsync");
  const auto blocks =
      static_cast<unsigned>(std::min<std::int64_t>(rows, std::int64_t{4} * device.facts().sms));
  rms_norm_backward<<<blocks, kRowThreads, shared, stream>>>(
      in(x), in(weight), inverse, in(d_y), out(d_x), sum, rows, static_cast<int>(columns));
  check(cudaGetLastError(), "launching rms_norm_backward");
  attention_query_gradient<<<loop_grid(device, columns / kPerChunk, kRowThreads), kRowThreads, 0,
                             stream>>>(sum, Heads<bf16>{out(d_weight), columns}, 1,
                                       static_cast<int>(columns));
  check(cudaGetLastError(), "rounding a weight's gradient");
}

void enqueue_add(const Device& device, cudaStream_t stream, const void* a, const void* b, void* y,
                 std::int64_t count) {
  add<<<loop_grid(device, count / kPerChunk, kRowThreads), kRowThreads, 0, stream>>>(in(a), in(b),
                                                                                     out(y), count);
  check(cudaGetLastError(), "launching add");
}

void enqueue_swiglu(const Device& device, cudaStream_t stream, const void* x, void* y,
                    std::int64_t rows, std::int64_t columns) {
  swiglu<<<loop_grid(device, rows * columns / kPerChunk, kRowThreads), kRowThreads, 0, stream>>>(
      in(x), out(y), rows, static_cast<int>(columns));
  check(cudaGetLastError(), "launching swiglu");
}

void enqueue_swiglu_backward(const Device& device, cudaStream_t stream, const void* x,
                             const void* d_y, void* d_x, std::int64_t rows, std::int64_t columns) {
  swiglu_backward<<<loop_grid(device, rows * columns / kPerChunk, kRowThreads), kRowThreads, 0,
                    stream>>>(in(x), in(d_y), out(d_x), rows, static_cast<int>(columns));
  check(cudaGetLastError(), "launching swiglu_backward");
}

void enqueue_gather(cudaStream_t stream, const void* table, const std::int32_t* index, void* y,
                    std::int64_t rows, std::int64_t columns) {
  gather_rows<<<static_cast<unsigned>(rows), kRowThreads, 0, stream>>>(in(table), index, out(y),
                                                                       static_cast<int>(columns));
  check(cudaGetLastError(), "launching gather_rows");
}

void enqueue_scatter_add(cudaStream_t stream, const void* d_y, const std::int32_t* index,
                         void* table, std::int64_t rows, std::int64_t columns) {
  scatter_add_rows<<<static_cast<unsigned>(rows), kRowThreads, 0, stream>>>(
      in(d_y), index, out(table), static_cast<int>(columns));
  check(cudaGetLastError(), "launching scatter_add_rows");
}

void enqueue_cross_entropy(cudaStream_t stream, void* logits, const std::int32_t* labels,
                           float* loss, float scale, std::int64_t rows, std::int64_t columns) {
  cross_entropy<<<static_cast<unsigned>(rows), kRowThreads, kScratch, stream>>>(
      out(logits), labels, loss, scale, static_cast<int>(columns));
  check(cudaGetLastError(), "launching cross_entropy");
}

void enqueue_adamw(const Device& device, cudaStream_t stream, float* weight, float* m, float* v,
                   const void* gradient, void* weight_bf16, std::int64_t step, std::int64_t count) {
  AdamW p{.rate = 3e-4F,
          .beta1 = 0.9F,
          .beta2 = 0.95F,
          .epsilon = 1e-8F,
          .decay = 0.1F,
          .correction1 = 1,
          .correction2 = 1};
  p.correction1 = 1.0F / (1.0F - std::pow(p.beta1, static_cast<float>(step)));
  p.correction2 = 1.0F / (1.0F - std::pow(p.beta2, static_cast<float>(step)));
  adamw<<<loop_grid(device, count / kPerChunk, kRowThreads), kRowThreads, 0, stream>>>(
      weight, m, v, in(gradient), out(weight_bf16), p, count);
  check(cudaGetLastError(), "launching adamw");
}

void enqueue_to_fp32(const Device& device, cudaStream_t stream, const void* from, float* to,
                     std::int64_t count) {
  widen<<<loop_grid(device, count, kRowThreads), kRowThreads, 0, stream>>>(in(from), to, count);
  check(cudaGetLastError(), "widening weights");
}

void fill_tokens(const Device& device, std::int32_t* to, std::int64_t count, std::int64_t bound) {
  fill_indices<<<loop_grid(device, count, kRowThreads), kRowThreads, 0, device.stream()>>>(
      to, count, bound, 0, 1);
  check(cudaGetLastError(), "filling tokens");
}

void fill_ones(const Device& device, void* to, std::int64_t count) {
  fill_value_bf16<<<loop_grid(device, count, kRowThreads), kRowThreads, 0, device.stream()>>>(
      out(to), count, 1.0F);
  check(cudaGetLastError(), "filling with ones");
}

}  // namespace real_runner
