#pragma once
// A pre-norm transformer layer as it is trained: RMS norm, QKV projection, fused attention, output
// projection, RMS norm, gate and up projection, SwiGLU, down projection, two residual sums. bf16,
// no rotary embedding, no dropout, nothing recomputed. Forward and backward.
#include <cstdint>
#include <vector>

#include "calib/records.hpp"
#include "real_runner/attention.hpp"
#include "real_runner/device.hpp"
#include "real_runner/gemm.hpp"

namespace real_runner {

struct LayerSizes {
  std::int64_t hidden, ffn_hidden, heads, kv_heads, head_dim, batch, tokens;

  [[nodiscard]] std::int64_t rows() const { return batch * tokens; }
  [[nodiscard]] std::int64_t query_columns() const { return heads * head_dim; }
  [[nodiscard]] std::int64_t qkv_columns() const { return (heads + 2 * kv_heads) * head_dim; }
  /// Elements of the weights, in the order norm, qkv, out, norm, gate and up, down.
  [[nodiscard]] std::int64_t parameters() const;
};
LayerSizes layer_sizes(const calib::MeasuredModel& model, std::int64_t micro_batch);

/// y = x W^T and its gradients; the fastest of cuBLASLt's candidates for each.
class Linear {
 public:
  Linear(const Device& device, const Blas& blas, std::int64_t rows, std::int64_t inputs,
         std::int64_t outputs, int candidates);
  void forward(cudaStream_t stream, const void* x, const void* weight, void* y) const;
  void data_gradient(cudaStream_t stream, const void* d_y, const void* weight, void* d_x) const;
  void weight_gradient(cudaStream_t stream, const void* d_y, const void* x, void* d_weight) const;

 private:
  Product forward_, dgrad_, wgrad_;
};

/// The products of a layer; layers of one shape share them.
struct LayerProducts {
  Linear qkv, out, gate_up, down;
  LayerProducts(const Device& device, const Blas& blas, const LayerSizes& sizes, int candidates);
};

/// What the backward pass of a layer needs, and nothing that it can overwrite.
class Activations {
 public:
  explicit Activations(const LayerSizes& sizes);
  void *norm1, *qkv, *attended, *middle, *norm2, *gate_up, *activated;
  float *inverse1, *inverse2, *lse;

 private:
  DeviceMemory memory_;
};

/// Intermediate gradients, shared by all layers of a device.
class Scratch {
 public:
  explicit Scratch(const LayerSizes& sizes);
  void *sum, *d_activated, *d_gate_up, *d_norm, *d_branch, *d_middle, *d_attended, *d_qkv;
  float *d_q_sum, *delta, *d_weight;

 private:
  DeviceMemory memory_;
};

/// One layer on one device. `weights` and `gradients` are bf16 with sizes.parameters() elements.
class Layer {
 public:
  Layer(const Device& device, const LayerSizes& sizes, const LayerProducts& products, void* weights,
        void* gradients);
  /// y from x. @pre x stays unchanged until backward()
  void forward(cudaStream_t stream, const void* x, void* y, const Scratch& scratch) const;
  /// d_x and the gradients from d_y. d_x may be d_y.
  void backward(cudaStream_t stream, const void* x, const void* d_y, void* d_x,
                const Scratch& scratch) const;

 private:
  [[nodiscard]] AttentionSizes attention() const;
  [[nodiscard]] AttentionOperands operands() const;

  const Device& device_;
  LayerSizes sizes_;
  const LayerProducts& products_;
  Activations kept_;
  void *norm1_, *qkv_, *out_, *norm2_, *gate_up_, *down_;              // weights
  void *d_norm1_, *d_qkv_, *d_out_, *d_norm2_, *d_gate_up_, *d_down_;  // their gradients
};

// The kernels that layers and steps are made of, on bf16 with row-major rows of `columns`.
void enqueue_rms_norm(cudaStream_t stream, const void* x, const void* weight, void* y,
                      float* inverse, std::int64_t rows, std::int64_t columns);
/// d_weight in bf16; `sum` holds `columns` fp32.
void enqueue_rms_norm_backward(const Device& device, cudaStream_t stream, const void* x,
                               const void* weight, const float* inverse, const void* d_y, void* d_x,
                               void* d_weight, float* sum, std::int64_t rows, std::int64_t columns);
void enqueue_add(const Device& device, cudaStream_t stream, const void* a, const void* b, void* y,
                 std::int64_t count);
/// y [rows, columns] from x [rows, 2 columns], gate first.
void enqueue_swiglu(const Device& device, cudaStream_t stream, const void* x, void* y,
                    std::int64_t rows, std::int64_t columns);
void enqueue_swiglu_backward(const Device& device, cudaStream_t stream, const void* x,
                             const void* d_y, void* d_x, std::int64_t rows, std::int64_t columns);
void enqueue_gather(cudaStream_t stream, const void* table, const std::int32_t* index, void* y,
                    std::int64_t rows, std::int64_t columns);
void enqueue_scatter_add(cudaStream_t stream, const void* d_y, const std::int32_t* index,
                         void* table, std::int64_t rows, std::int64_t columns);
void enqueue_cross_entropy(cudaStream_t stream, void* logits, const std::int32_t* labels,
                           float* loss, float scale, std::int64_t rows, std::int64_t columns);
void enqueue_adamw(const Device& device, cudaStream_t stream, float* weight, float* m, float* v,
                   const void* gradient, void* weight_bf16, std::int64_t step, std::int64_t count);
void enqueue_to_fp32(const Device& device, cudaStream_t stream, const void* from, float* to,
                     std::int64_t count);
void fill_tokens(const Device& device, std::int32_t* to, std::int64_t count, std::int64_t bound);
void fill_ones(const Device& device, void* to, std::int64_t count);

/// Fills in `what.measured`.
void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::LayerMeasurement& what);

}  // namespace real_runner
