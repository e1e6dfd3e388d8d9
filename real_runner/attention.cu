#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "real_runner/attention.hpp"
#include "real_runner/cuda_check.hpp"
#include "real_runner/kernels/attention_kernels.cuh"
#include "real_runner/plain_attention.hpp"

namespace real_runner {

namespace {

Heads<const bf16> input(const AttentionTensor& t) {
  return {static_cast<const bf16*>(t.data), t.stride};
}
Heads<bf16> output(const AttentionTensor& t) {
  return {static_cast<bf16*>(t.data), t.stride};
}

AttentionArguments arguments(const AttentionSizes& s, const AttentionOperands& o) {
  return {.q = input(o.q),
          .k = input(o.k),
          .v = input(o.v),
          .o = output(o.o),
          .lse = o.lse,
          .batch = s.batch,
          .tokens = s.tokens,
          .heads = s.heads,
          .kv_heads = s.kv_heads,
          .causal = s.causal ? 1 : 0,
          .scale = 1.0F / std::sqrt(static_cast<float>(s.head_dim))};
}

template <class Kernel>
void allow_shared(const Device& device, Kernel* kernel, std::size_t bytes, const char* name) {
  if (bytes > device.facts().shared_bytes_per_block) {
    throw NotHere(std::string(name) + " needs " + std::to_string(bytes / 1024) +
                  " KiB of shared memory per block, this device has " +
                  std::to_string(device.facts().shared_bytes_per_block / 1024));
  }
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(bytes)),
        name);
}

unsigned tiles(int tokens, int tile) {
  return static_cast<unsigned>((tokens + tile - 1) / tile);
}

template <int D>
void forward(const Device& device, cudaStream_t stream, const AttentionSizes& s,
             const AttentionOperands& o) {
  constexpr std::size_t kShared = forward_shared_bytes(D);
  allow_shared(device, attention_forward<D>, kShared, "attention_forward");
  const dim3 grid(tiles(s.tokens, kForwardQueries), static_cast<unsigned>(s.heads),
                  static_cast<unsigned>(s.batch));
  attention_forward<D><<<grid, kForwardThreads, kShared, stream>>>(arguments(s, o));
  check(cudaGetLastError(), "launching attention_forward");
}

template <int D>
void backward(const Device& device, cudaStream_t stream, const AttentionSizes& s,
              const AttentionOperands& o, const AttentionGradientOperands& g) {
  constexpr std::size_t kShared = backward_shared_bytes(D);
  allow_shared(device, attention_backward<D>, kShared, "attention_backward");
  const std::int64_t tokens = static_cast<std::int64_t>(s.batch) * s.tokens;
  const auto columns = static_cast<std::int64_t>(s.heads) * D;
  check(cudaMemsetAsync(g.d_q_sum, 0, sizeof(float) * static_cast<std::size_t>(tokens * columns),
                        stream),
        "cudaMemsetAsync");
  attention_delta<D>
      <<<dim3(static_cast<unsigned>(tokens), static_cast<unsigned>(s.heads)), 32, 0, stream>>>(
          arguments(s, o), input(g.d_o), g.delta);
  check(cudaGetLastError(), "launching attention_delta");
  const AttentionGradients gradients{.d_o = input(g.d_o),
                                     .delta = g.delta,
                                     .d_q = g.d_q_sum,
                                     .d_k = output(g.d_k),
                                     .d_v = output(g.d_v)};
  const dim3 grid(tiles(s.tokens, kBackwardKeys), static_cast<unsigned>(s.kv_heads),
                  static_cast<unsigned>(s.batch));
  attention_backward<D><<<grid, kBackwardThreads, kShared, stream>>>(arguments(s, o), gradients);
  check(cudaGetLastError(), "launching attention_backward");
  constexpr unsigned kThreads = 256;
  attention_query_gradient<<<loop_grid(device, tokens * columns / kPerChunk, kThreads), kThreads, 0,
                             stream>>>(g.d_q_sum, output(g.d_q), tokens, static_cast<int>(columns));
  check(cudaGetLastError(), "launching attention_query_gradient");
}

[[noreturn]] void no_such_head(int head_dim) {
  throw NotHere("our attention kernels have heads of 64 and 128, not of " +
                std::to_string(head_dim));
}

/// All tensors of one attention, each token's heads next to each other.
class Tensors {
 public:
  explicit Tensors(const AttentionSizes& s) {
    const std::size_t tokens =
        static_cast<std::size_t>(s.batch) * static_cast<std::size_t>(s.tokens);
    const auto wide = static_cast<std::size_t>(s.heads) * static_cast<std::size_t>(s.head_dim);
    const auto narrow = static_cast<std::size_t>(s.kv_heads) * static_cast<std::size_t>(s.head_dim);
    for (const std::size_t columns : {wide, narrow, narrow, wide, wide, wide, narrow, narrow}) {
      offsets_.push_back(layout_.add(sizeof(bf16) * tokens * columns));
      counts_.push_back(tokens * columns);
    }
    const std::size_t rows = tokens * static_cast<std::size_t>(s.heads);
    lse_ = layout_.add(sizeof(float) * rows);
    delta_ = layout_.add(sizeof(float) * rows);
    d_q_sum_ = layout_.add(sizeof(float) * tokens * wide);
    wide_ = static_cast<std::int64_t>(wide);
    narrow_ = static_cast<std::int64_t>(narrow);
  }

  enum Which : std::size_t { Q, K, V, O, DO, DQ, DK, DV };

  [[nodiscard]] std::size_t bytes() const { return layout_.bytes(); }
  [[nodiscard]] std::size_t count(Which which) const { return counts_[which]; }
  [[nodiscard]] AttentionTensor tensor(unsigned char* set, Which which) const {
    const bool narrow = which == K || which == V || which == DK || which == DV;
    return {set + offsets_[which], narrow ? narrow_ : wide_};
  }
  [[nodiscard]] AttentionOperands operands(unsigned char* set) const {
    return {tensor(set, Q), tensor(set, K), tensor(set, V), tensor(set, O),
            reinterpret_cast<float*>(set + lse_)};
  }
  [[nodiscard]] AttentionGradientOperands gradients(unsigned char* set) const {
    return {tensor(set, DO),
            tensor(set, DQ),
            tensor(set, DK),
            tensor(set, DV),
            reinterpret_cast<float*>(set + delta_),
            reinterpret_cast<float*>(set + d_q_sum_)};
  }

 private:
  SetLayout layout_;
  std::vector<std::size_t> offsets_, counts_;
  std::size_t lse_ = 0, delta_ = 0, d_q_sum_ = 0;
  std::int64_t wide_ = 0, narrow_ = 0;
};

std::vector<float> on_host(const AttentionTensor& tensor, std::size_t count) {
  std::vector<std::uint16_t> bits(count);
  check(cudaMemcpy(bits.data(), tensor.data, 2 * count, cudaMemcpyDeviceToHost), "cudaMemcpy");
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t word = static_cast<std::uint32_t>(bits[i]) << 16;
    __builtin_memcpy(&values[i], &word, sizeof word);
  }
  return values;
}

}  // namespace

void attention_forward(const Device& device, cudaStream_t stream, const AttentionSizes& sizes,
                       const AttentionOperands& operands) {
  switch (sizes.head_dim) {
    case 64:
      return forward<64>(device, stream, sizes, operands);
    case 128:
      return forward<128>(device, stream, sizes, operands);
    default:
      no_such_head(sizes.head_dim);
  }
}

void attention_backward(const Device& device, cudaStream_t stream, const AttentionSizes& sizes,
                        const AttentionOperands& operands,
                        const AttentionGradientOperands& gradients) {
  switch (sizes.head_dim) {
    case 64:
      return backward<64>(device, stream, sizes, operands, gradients);
    case 128:
      return backward<128>(device, stream, sizes, operands, gradients);
    default:
      no_such_head(sizes.head_dim);
  }
}

double attention_error(const Device& device, AttentionSizes sizes) {
  // Not a multiple of any tile, so that the edges are seen; few heads, as the host computes them
  // too.
  sizes.batch = 1;
  sizes.tokens = 200;
  const int group = std::max(1, sizes.heads / sizes.kv_heads);
  sizes.kv_heads = 2;
  sizes.heads = 2 * std::min(group, 2);
  const Tensors tensors(sizes);
  const DeviceMemory memory(tensors.bytes());
  auto* const set = memory.as<unsigned char>();
  // NaN where nobody writes
  check(cudaMemsetAsync(set, 0xFF, memory.bytes(), device.stream()), "cudaMemsetAsync");
  std::vector<std::vector<float>> inputs;
  for (const auto which : {Tensors::Q, Tensors::K, Tensors::V, Tensors::DO}) {
    fill_random_bf16(device, tensors.tensor(set, which).data, tensors.count(which), 1 + which);
    check(cudaStreamSynchronize(device.stream()), "filling attention's operands");
    inputs.push_back(on_host(tensors.tensor(set, which), tensors.count(which)));
  }
  attention_forward(device, device.stream(), sizes, tensors.operands(set));
  attention_backward(device, device.stream(), sizes, tensors.operands(set), tensors.gradients(set));
  check(cudaStreamSynchronize(device.stream()), "attention");
  const PlainResult plain =
      plain_attention({sizes.tokens, sizes.heads, sizes.kv_heads, sizes.head_dim, sizes.causal},
                      inputs[0], inputs[1], inputs[2], inputs[3]);
  const auto error = [&](const std::vector<double>& expected, Tensors::Which which) {
    return relative_error(expected, on_host(tensors.tensor(set, which), tensors.count(which)));
  };
  return std::max({error(plain.o, Tensors::O), error(plain.d_q, Tensors::DQ),
                   error(plain.d_k, Tensors::DK), error(plain.d_v, Tensors::DV)});
}

void measure(const Device& device, const SamplingPolicy& policy,
             calib::AttentionMeasurement& what) {
  const calib::AttentionShape& s = what.shape;
  const AttentionSizes sizes{.batch = static_cast<int>(s.batch),
                             .tokens = static_cast<int>(s.query_length),
                             .heads = static_cast<int>(s.heads),
                             .kv_heads = static_cast<int>(s.kv_heads),
                             .head_dim = static_cast<int>(s.head_dim),
                             .causal = s.mask == calib::Mask::Causal};
  const double error = attention_error(device, sizes);
  const Tensors tensors(sizes);
  const RotatingMemory memory(device, tensors.bytes());
  for (std::int64_t turn = 0; turn < memory.sets(); ++turn) {
    auto* const set = memory.at<unsigned char>(turn);
    for (const auto which : {Tensors::Q, Tensors::K, Tensors::V, Tensors::DO}) {
      fill_random_bf16(device, tensors.tensor(set, which).data, tensors.count(which), 1 + which);
    }
    attention_forward(device, device.stream(), sizes,
                      tensors.operands(set));  // backward needs o, lse
  }
  what.measured = time_calls(device, policy, [&](cudaStream_t stream, std::int64_t turn) {
    auto* const set = memory.at<unsigned char>(turn);
    if (what.direction != calib::Direction::Backward) {
      attention_forward(device, stream, sizes, tensors.operands(set));
    }
    if (what.direction != calib::Direction::Forward) {
      attention_backward(device, stream, sizes, tensors.operands(set), tensors.gradients(set));
    }
  });
  if (error > kBf16Tolerance) {
    what.measured.flags.push_back(calib::Flag::WrongResult);
  }
}

}  // namespace real_runner
