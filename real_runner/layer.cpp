#include "real_runner/layer.hpp"

#include <cmath>
#include <initializer_list>

#include "real_runner/cuda_check.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

namespace {

constexpr std::size_t kBf16 = 2, kFp32 = 4;

std::size_t bytes(std::int64_t elements, std::size_t of_one) {
  return static_cast<std::size_t>(elements) * of_one;
}

/// Cuts one allocation into pieces: add() all, then allocate, then take them in the same order.
class Pieces {
 public:
  void add(std::int64_t elements, std::size_t of_one) {
    offsets_.push_back(layout_.add(bytes(elements, of_one)));
  }
  DeviceMemory allocate() {
    DeviceMemory memory(layout_.bytes());
    base_ = memory.as<unsigned char>();
    return memory;
  }
  template <class T>
  void take(T*& pointer) {
    pointer = reinterpret_cast<T*>(base_ + offsets_[next_++]);
  }
  void take(void*& pointer) { pointer = base_ + offsets_[next_++]; }

 private:
  SetLayout layout_;
  std::vector<std::size_t> offsets_;
  std::size_t next_ = 0;
  unsigned char* base_ = nullptr;
};

void* element(void* bf16_data, std::int64_t index) {
  return static_cast<unsigned char*>(bf16_data) + bytes(index, kBf16);
}

/// Tries the candidates on operands of their own, which are then given back.
Product fastest(const Device& device, const Blas& blas, const ProductShape& shape, int candidates) {
  Product product(blas, shape, candidates);
  const ProductBuffers buffers(device, shape);
  choose_fastest(device, product, [&](cudaStream_t stream, std::int64_t turn) {
    buffers.run(product, stream, turn);
  });
  return product;
}

ProductShape shape_of(calib::GemmLayout layout, std::int64_t m, std::int64_t n, std::int64_t k) {
  return {
      .precision = topology::Precision::Bf16, .layout = layout, .shape = {.m = m, .n = n, .k = k}};
}

}  // namespace

std::int64_t LayerSizes::parameters() const {
  return 2 * hidden + hidden * (qkv_columns() + query_columns()) + 3 * hidden * ffn_hidden;
}

LayerSizes layer_sizes(const calib::MeasuredModel& model, std::int64_t micro_batch) {
  return {.hidden = model.hidden,
          .ffn_hidden = model.ffn_hidden,
          .heads = model.heads,
          .kv_heads = model.kv_heads,
          .head_dim = model.head_dim.value_or(model.hidden / model.heads),
          .batch = micro_batch,
          .tokens = model.seq_len};
}

Linear::Linear(const Device& device, const Blas& blas, std::int64_t rows, std::int64_t inputs,
               std::int64_t outputs, int candidates)
    : forward_(fastest(device, blas, shape_of(calib::GemmLayout::Forward, rows, outputs, inputs),
                       candidates)),
      dgrad_(fastest(device, blas, shape_of(calib::GemmLayout::Dgrad, rows, inputs, outputs),
                     candidates)),
      wgrad_(fastest(device, blas, shape_of(calib::GemmLayout::Wgrad, outputs, inputs, rows),
                     candidates)) {}

void Linear::forward(cudaStream_t stream, const void* x, const void* weight, void* y) const {
  forward_.run(stream, x, weight, y);
}
void Linear::data_gradient(cudaStream_t stream, const void* d_y, const void* weight,
                           void* d_x) const {
  dgrad_.run(stream, d_y, weight, d_x);
}
void Linear::weight_gradient(cudaStream_t stream, const void* d_y, const void* x,
                             void* d_weight) const {
  wgrad_.run(stream, d_y, x, d_weight);
}

LayerProducts::LayerProducts(const Device& device, const Blas& blas, const LayerSizes& s,
                             int candidates)
    : qkv(device, blas, s.rows(), s.hidden, s.qkv_columns(), candidates),
      out(device, blas, s.rows(), s.query_columns(), s.hidden, candidates),
      gate_up(device, blas, s.rows(), s.hidden, 2 * s.ffn_hidden, candidates),
      down(device, blas, s.rows(), s.ffn_hidden, s.hidden, candidates) {}

Activations::Activations(const LayerSizes& s) {
  Pieces pieces;
  for (const std::int64_t columns : {s.hidden, s.qkv_columns(), s.query_columns(), s.hidden,
                                     s.hidden, 2 * s.ffn_hidden, s.ffn_hidden}) {
    pieces.add(s.rows() * columns, kBf16);
  }
  for (const std::int64_t columns : {std::int64_t{1}, std::int64_t{1}, s.heads}) {
    pieces.add(s.rows() * columns, kFp32);
  }
  memory_ = pieces.allocate();
  for (void** each : {&norm1, &qkv, &attended, &middle, &norm2, &gate_up, &activated}) {
    pieces.take(*each);
  }
  for (float** each : {&inverse1, &inverse2, &lse}) {
    pieces.take(*each);
  }
}

Scratch::Scratch(const LayerSizes& s) {
  Pieces pieces;
  for (const std::int64_t columns : {s.hidden, s.ffn_hidden, 2 * s.ffn_hidden, s.hidden, s.hidden,
                                     s.hidden, s.query_columns(), s.qkv_columns()}) {
    pieces.add(s.rows() * columns, kBf16);
  }
  pieces.add(s.rows() * s.query_columns(), kFp32);
  pieces.add(s.rows() * s.heads, kFp32);
  pieces.add(s.hidden, kFp32);
  memory_ = pieces.allocate();
  for (void** each :
       {&sum, &d_activated, &d_gate_up, &d_norm, &d_branch, &d_middle, &d_attended, &d_qkv}) {
    pieces.take(*each);
  }
  for (float** each : {&d_q_sum, &delta, &d_weight}) {
    pieces.take(*each);
  }
}

Layer::Layer(const Device& device, const LayerSizes& s, const LayerProducts& products,
             void* weights, void* gradients)
    : device_(device), sizes_(s), products_(products), kept_(s) {
  std::int64_t at = 0;
  const auto cut = [&](void*& weight, void*& gradient, std::int64_t count) {
    weight = element(weights, at);
    gradient = element(gradients, at);
    at += count;
  };
  cut(norm1_, d_norm1_, s.hidden);
  cut(qkv_, d_qkv_, s.hidden * s.qkv_columns());
  cut(out_, d_out_, s.hidden * s.query_columns());
  cut(norm2_, d_norm2_, s.hidden);
  cut(gate_up_, d_gate_up_, 2 * s.hidden * s.ffn_hidden);
  cut(down_, d_down_, s.hidden * s.ffn_hidden);
  fill_ones(device, norm1_, s.hidden);
  fill_ones(device, norm2_, s.hidden);
}

AttentionSizes Layer::attention() const {
  return {.batch = static_cast<int>(sizes_.batch),
          .tokens = static_cast<int>(sizes_.tokens),
          .heads = static_cast<int>(sizes_.heads),
          .kv_heads = static_cast<int>(sizes_.kv_heads),
          .head_dim = static_cast<int>(sizes_.head_dim),
          .causal = true};
}

AttentionOperands Layer::operands() const {
  const std::int64_t stride = sizes_.qkv_columns(), q = sizes_.query_columns();
  return {.q = {kept_.qkv, stride},
          .k = {element(kept_.qkv, q), stride},
          .v = {element(kept_.qkv, q + sizes_.kv_heads * sizes_.head_dim), stride},
          .o = {kept_.attended, q},
          .lse = kept_.lse};
}

void Layer::forward(cudaStream_t stream, const void* x, void* y, const Scratch& scratch) const {
  const std::int64_t rows = sizes_.rows(), hidden = sizes_.hidden;
  enqueue_rms_norm(stream, x, norm1_, kept_.norm1, kept_.inverse1, rows, hidden);
  products_.qkv.forward(stream, kept_.norm1, qkv_, kept_.qkv);
  attention_forward(device_, stream, attention(), operands());
  products_.out.forward(stream, kept_.attended, out_, scratch.sum);
  enqueue_add(device_, stream, x, scratch.sum, kept_.middle, rows * hidden);
  enqueue_rms_norm(stream, kept_.middle, norm2_, kept_.norm2, kept_.inverse2, rows, hidden);
  products_.gate_up.forward(stream, kept_.norm2, gate_up_, kept_.gate_up);
  enqueue_swiglu(device_, stream, kept_.gate_up, kept_.activated, rows, sizes_.ffn_hidden);
  products_.down.forward(stream, kept_.activated, down_, scratch.sum);
  enqueue_add(device_, stream, kept_.middle, scratch.sum, y, rows * hidden);
}

void Layer::backward(cudaStream_t stream, const void* x, const void* d_y, void* d_x,
                     const Scratch& scratch) const {
  const std::int64_t rows = sizes_.rows(), hidden = sizes_.hidden;
  products_.down.weight_gradient(stream, d_y, kept_.activated, d_down_);
  products_.down.data_gradient(stream, d_y, down_, scratch.d_activated);
  enqueue_swiglu_backward(device_, stream, kept_.gate_up, scratch.d_activated, scratch.d_gate_up,
                          rows, sizes_.ffn_hidden);
  products_.gate_up.weight_gradient(stream, scratch.d_gate_up, kept_.norm2, d_gate_up_);
  products_.gate_up.data_gradient(stream, scratch.d_gate_up, gate_up_, scratch.d_norm);
  enqueue_rms_norm_backward(device_, stream, kept_.middle, norm2_, kept_.inverse2, scratch.d_norm,
                            scratch.d_branch, d_norm2_, scratch.d_weight, rows, hidden);
  enqueue_add(device_, stream, d_y, scratch.d_branch, scratch.d_middle, rows * hidden);

  products_.out.weight_gradient(stream, scratch.d_middle, kept_.attended, d_out_);
  products_.out.data_gradient(stream, scratch.d_middle, out_, scratch.d_attended);
  const std::int64_t stride = sizes_.qkv_columns(), q = sizes_.query_columns();
  attention_backward(
      device_, stream, attention(), operands(),
      {.d_o = {scratch.d_attended, q},
       .d_q = {scratch.d_qkv, stride},
       .d_k = {element(scratch.d_qkv, q), stride},
       .d_v = {element(scratch.d_qkv, q + sizes_.kv_heads * sizes_.head_dim), stride},
       .delta = scratch.delta,
       .d_q_sum = scratch.d_q_sum});
  products_.qkv.weight_gradient(stream, scratch.d_qkv, kept_.norm1, d_qkv_);
  products_.qkv.data_gradient(stream, scratch.d_qkv, qkv_, scratch.d_norm);
  enqueue_rms_norm_backward(device_, stream, x, norm1_, kept_.inverse1, scratch.d_norm,
                            scratch.d_branch, d_norm1_, scratch.d_weight, rows, hidden);
  enqueue_add(device_, stream, scratch.d_middle, scratch.d_branch, d_x, rows * hidden);
}

void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::LayerMeasurement& what) {
  const LayerSizes sizes = layer_sizes(what.model, what.micro_batch);
  const LayerProducts products(device, blas, sizes, candidates);
  const DeviceMemory weights(bytes(sizes.parameters(), kBf16)), gradients(weights.bytes());
  const std::size_t stream_bytes = bytes(sizes.rows() * sizes.hidden, kBf16);
  const DeviceMemory x(stream_bytes), y(stream_bytes), d_y(stream_bytes), d_x(stream_bytes);
  // Deviation 0.02, as GPT models are initialised (Radford et al. 2019).
  fill_random_bf16(device, weights.as<void>(), weights.bytes() / kBf16, 1, 0.02F);
  fill_random_bf16(device, x.as<void>(), x.bytes() / kBf16, 2);
  fill_random_bf16(device, d_y.as<void>(), d_y.bytes() / kBf16, 3);
  const Layer layer(device, sizes, products, weights.as<void>(), gradients.as<void>());
  const Scratch scratch(sizes);
  what.measured = time_calls(device, policy, [&](cudaStream_t stream, std::int64_t) {
    layer.forward(stream, x.as<void>(), y.as<void>(), scratch);
    if (what.direction != calib::Direction::Forward) {
      layer.backward(stream, x.as<void>(), d_y.as<void>(), d_x.as<void>(), scratch);
    }
  });
}

}  // namespace real_runner
