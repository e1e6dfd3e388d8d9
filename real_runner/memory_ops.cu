#include <algorithm>
#include <functional>
#include <utility>

#include "real_runner/cuda_check.hpp"
#include "real_runner/kernels/memory_kernels.cuh"
#include "real_runner/memory_ops.hpp"

namespace real_runner {

namespace {

constexpr std::size_t kBf16 = 2, kFp32 = 4;
constexpr std::size_t kScratch = 32 * sizeof(float);  // of over_block()
constexpr std::int64_t kVocabulary = 32000;           // rows of an embedding table, Llama 2's
constexpr AdamW kAdamW{.rate = 1e-4F,
                       .beta1 = 0.9F,
                       .beta2 = 0.95F,
                       .epsilon = 1e-8F,
                       .decay = 0.1F,
                       .correction1 = 1.0F,
                       .correction2 = 1.0F};

/// Shapes of one operator, and where its operands lie in a set of rotating memory.
struct Work {
  const Device& device;
  std::int64_t rows, columns;

  [[nodiscard]] std::int64_t count() const { return rows * columns; }
  [[nodiscard]] std::size_t bf16_bytes(std::int64_t elements) const {
    return kBf16 * static_cast<std::size_t>(elements);
  }
  [[nodiscard]] unsigned row_blocks() const { return static_cast<unsigned>(rows); }
  [[nodiscard]] unsigned loop_blocks() const {
    return loop_grid(device, count() / kPerChunk, kRowThreads);
  }
  [[nodiscard]] int width() const { return static_cast<int>(columns); }
};

using Timed = calib::Measured;

/// Times `launch(memory, turn, stream)` on sets of `bytes` filled with random bf16.
template <class Launch>
Timed timed(const Work& work, const SamplingPolicy& policy, std::size_t bytes, Launch launch) {
  const RotatingMemory memory(work.device, bytes);
  fill_random_bf16(work.device, memory.at<void>(0), memory.bytes() / kBf16, 1);
  return time_calls(work.device, policy, [&](cudaStream_t stream, std::int64_t turn) {
    launch(memory, turn, stream);
    check(cudaGetLastError(), "launching a kernel");
  });
}

Timed layer_norm_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), y = set.add(w.bf16_bytes(w.count()));
  const auto weight = set.add(w.bf16_bytes(w.columns)), bias = set.add(w.bf16_bytes(w.columns));
  const auto kept = set.add(2 * kFp32 * static_cast<std::size_t>(w.rows));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 layer_norm<<<w.row_blocks(), kRowThreads, kScratch, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, weight), m.at<bf16>(turn, bias),
                     m.at<bf16>(turn, y), m.at<float>(turn, kept), w.width());
               });
}

Timed rms_norm_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), y = set.add(w.bf16_bytes(w.count()));
  const auto weight = set.add(w.bf16_bytes(w.columns));
  const auto kept = set.add(kFp32 * static_cast<std::size_t>(w.rows));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 rms_norm<<<w.row_blocks(), kRowThreads, kScratch, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, weight), m.at<bf16>(turn, y),
                     m.at<float>(turn, kept), w.width());
               });
}

Timed rms_norm_backward_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), d_y = set.add(w.bf16_bytes(w.count()));
  const auto d_x = set.add(w.bf16_bytes(w.count())), weight = set.add(w.bf16_bytes(w.columns));
  const auto kept = set.add(kFp32 * static_cast<std::size_t>(w.rows));
  const auto d_weight = set.add(kFp32 * static_cast<std::size_t>(w.columns));
  const std::size_t shared = rms_norm_backward_shared_bytes(w.width());
  check(cudaFuncSetAttribute(rms_norm_backward, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(shared)),
        "cudaFuncSetAttribute for rms_norm_backward");
  const auto blocks =
      static_cast<unsigned>(std::min<std::int64_t>(w.rows, std::int64_t{4} * w.device.facts().sms));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 rms_norm_backward<<<blocks, kRowThreads, shared, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, weight), m.at<float>(turn, kept),
                     m.at<bf16>(turn, d_y), m.at<bf16>(turn, d_x), m.at<float>(turn, d_weight),
                     w.rows, w.width());
               });
}

Timed softmax_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), y = set.add(w.bf16_bytes(w.count()));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 softmax<<<w.row_blocks(), kRowThreads, kScratch, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, y), w.width());
               });
}

Timed gelu_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), y = set.add(w.bf16_bytes(w.count()));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 gelu<<<w.loop_blocks(), kRowThreads, 0, s>>>(m.at<bf16>(turn, x),
                                                              m.at<bf16>(turn, y), w.count());
               });
}

Timed swiglu_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(2 * w.count())), y = set.add(w.bf16_bytes(w.count()));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 swiglu<<<w.loop_blocks(), kRowThreads, 0, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, y), w.rows, w.width());
               });
}

Timed swiglu_backward_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(2 * w.count())), d_x = set.add(w.bf16_bytes(2 * w.count()));
  const auto d_y = set.add(w.bf16_bytes(w.count()));
  return timed(
      w, policy, set.bytes(), [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
        swiglu_backward<<<w.loop_blocks(), kRowThreads, 0, s>>>(
            m.at<bf16>(turn, x), m.at<bf16>(turn, d_y), m.at<bf16>(turn, d_x), w.rows, w.width());
      });
}

Timed dropout_add_time(const Work& w, const SamplingPolicy& policy) {
  SetLayout set;
  const auto x = set.add(w.bf16_bytes(w.count())), residual = set.add(w.bf16_bytes(w.count()));
  const auto y = set.add(w.bf16_bytes(w.count()));
  const auto mask = set.add(static_cast<std::size_t>(w.count()));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 dropout_add<<<w.loop_blocks(), kRowThreads, 0, s>>>(
                     m.at<bf16>(turn, x), m.at<bf16>(turn, residual), m.at<bf16>(turn, y),
                     m.at<std::uint64_t>(turn, mask), static_cast<std::uint64_t>(turn), w.count());
               });
}

/// Row numbers on the device; `permute`: each once.
DeviceMemory indices(const Work& w, std::int64_t bound, int permute) {
  DeviceMemory memory(sizeof(std::int32_t) * static_cast<std::size_t>(w.rows));
  constexpr std::int64_t kPrime = 1000003;  // divides no number of rows that is measured
  fill_indices<<<loop_grid(w.device, w.rows, kRowThreads), kRowThreads, 0, w.device.stream()>>>(
      memory.as<std::int32_t>(), w.rows, bound, permute, kPrime);
  check(cudaGetLastError(), "filling row numbers");
  return memory;
}

Timed gather_time(const Work& w, const SamplingPolicy& policy, std::int64_t table_rows,
                  int permute) {
  const DeviceMemory index = indices(w, table_rows, permute);
  SetLayout set;
  const auto table = set.add(w.bf16_bytes(table_rows * w.columns));
  const auto y = set.add(w.bf16_bytes(w.count()));
  return timed(
      w, policy, set.bytes(), [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
        gather_rows<<<w.row_blocks(), kRowThreads, 0, s>>>(
            m.at<bf16>(turn, table), index.as<std::int32_t>(), m.at<bf16>(turn, y), w.width());
      });
}

Timed cross_entropy_time(const Work& w, const SamplingPolicy& policy) {
  const DeviceMemory label = indices(w, w.columns, 0);
  SetLayout set;
  const auto logits = set.add(w.bf16_bytes(w.count()));
  const auto loss = set.add(kFp32 * static_cast<std::size_t>(w.rows));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 // A scale of 1 keeps the numbers, which are overwritten at each turn, within
                 // range.
                 cross_entropy<<<w.row_blocks(), kRowThreads, kScratch, s>>>(
                     m.at<bf16>(turn, logits), label.as<std::int32_t>(), m.at<float>(turn, loss),
                     1.0F, w.width());
               });
}

Timed adamw_time(const Work& w, const SamplingPolicy& policy) {
  const auto elements = static_cast<std::size_t>(w.count());
  SetLayout set;
  const auto weight = set.add(kFp32 * elements), m1 = set.add(kFp32 * elements);
  const auto m2 = set.add(kFp32 * elements), gradient = set.add(kBf16 * elements);
  const auto out = set.add(kBf16 * elements);
  const RotatingMemory memory(w.device, set.bytes());
  fill_random_fp32(w.device, memory.at<void>(0), memory.bytes() / kFp32, 1);
  for (std::int64_t turn = 0; turn < memory.sets(); ++turn) {
    fill_random_bf16(w.device, memory.at<void>(turn, gradient), elements, 2, 0.01F);
    fill_value_fp32<<<w.loop_blocks(), kRowThreads, 0, w.device.stream()>>>(
        memory.at<float>(turn, m2), w.count(), 1e-4F);  // the square of the gradient's deviation
  }
  return time_calls(w.device, policy, [&](cudaStream_t s, std::int64_t turn) {
    adamw<<<w.loop_blocks(), kRowThreads, 0, s>>>(
        memory.at<float>(turn, weight), memory.at<float>(turn, m1), memory.at<float>(turn, m2),
        memory.at<bf16>(turn, gradient), memory.at<bf16>(turn, out), kAdamW, w.count());
    check(cudaGetLastError(), "launching adamw");
  });
}

Timed copy_time(const Work& w, const SamplingPolicy& policy) {
  const std::size_t bytes = kFp32 * static_cast<std::size_t>(w.count());
  SetLayout set;
  const auto from = set.add(bytes), to = set.add(bytes);
  const auto chunks = static_cast<std::int64_t>(bytes / sizeof(Chunk));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 copy_chunks<<<loop_grid(w.device, chunks, kRowThreads), kRowThreads, 0, s>>>(
                     m.at<Chunk>(turn, from), m.at<Chunk>(turn, to), chunks);
               });
}

Timed triad_time(const Work& w, const SamplingPolicy& policy) {
  const std::size_t bytes = kFp32 * static_cast<std::size_t>(w.count());
  SetLayout set;
  const auto a = set.add(bytes), b = set.add(bytes), c = set.add(bytes);
  const auto fours = static_cast<std::int64_t>(bytes / sizeof(Four));
  return timed(w, policy, set.bytes(),
               [&](const RotatingMemory& m, std::int64_t turn, cudaStream_t s) {
                 triad<<<loop_grid(w.device, fours, kRowThreads), kRowThreads, 0, s>>>(
                     m.at<Four>(turn, a), m.at<Four>(turn, b), m.at<Four>(turn, c), 3.0F, fours);
               });
}

using Operator = std::function<Timed(const Work&, const SamplingPolicy&)>;

Operator operator_named(const std::string& name) {
  static const std::pair<const char*, Operator> kOperators[] = {
      {"layer_norm", layer_norm_time},
      {"rms_norm", rms_norm_time},
      {"rms_norm_backward", rms_norm_backward_time},
      {"softmax", softmax_time},
      {"gelu", gelu_time},
      {"swiglu", swiglu_time},
      {"swiglu_backward", swiglu_backward_time},
      {"dropout_add", dropout_add_time},
      {"embedding",
       [](const Work& w, const SamplingPolicy& p) { return gather_time(w, p, kVocabulary, 0); }},
      {"moe_permute",
       [](const Work& w, const SamplingPolicy& p) { return gather_time(w, p, w.rows, 1); }},
      {"cross_entropy", cross_entropy_time},
      {"adamw", adamw_time},
      {"copy", copy_time},
      {"triad", triad_time}};
  for (const auto& [known, measure_it] : kOperators) {
    if (name == known) {
      return measure_it;
    }
  }
  throw NotHere("there is no kernel for the operator " + name);
}

}  // namespace

void measure(const Device& device, const SamplingPolicy& policy,
             calib::MemoryBoundMeasurement& what) {
  what.measured = operator_named(what.op)({device, what.rows, what.columns}, policy);
}

TriadLoad::TriadLoad(const Device& device) : device_(device), memory_(3 * bytes_) {
  fill_random_fp32(device, memory_.as<void>(), memory_.bytes() / kFp32, 1);
}

void TriadLoad::run(cudaStream_t stream) const {
  const auto fours = static_cast<std::int64_t>(bytes_ / sizeof(Four));
  Four* const a = memory_.as<Four>();
  triad<<<loop_grid(device_, fours, kRowThreads), kRowThreads, 0, stream>>>(
      a, a + fours, a + 2 * fours, 3.0F, fours);
  check(cudaGetLastError(), "launching triad");
}

namespace {

// With so much shared memory a block has a multiprocessor almost to itself: no block of a large
// product fits beside it. NCCL's blocks on Hopper take about as much.
constexpr int kStandInShared = 96 * 1024, kStandInThreads = 512;

}  // namespace

CopyOnSms::CopyOnSms(const Device& device, int sms, std::size_t bytes)
    : sms_(sms), bytes_(bytes), memory_(2 * bytes) {
  fill_random_fp32(device, memory_.as<void>(), memory_.bytes() / kFp32, 1);
  check(cudaFuncSetAttribute(copy_chunks, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             kStandInShared),
        "cudaFuncSetAttribute for the copy that stands for a collective");
}

void CopyOnSms::run(cudaStream_t stream) const {
  Chunk* const from = memory_.as<Chunk>();
  const auto chunks = static_cast<std::int64_t>(bytes_ / sizeof(Chunk));
  copy_chunks<<<static_cast<unsigned>(sms_), kStandInThreads, kStandInShared, stream>>>(
      from, from + chunks, chunks);
  check(cudaGetLastError(), "launching the copy that stands for a collective");
}

}  // namespace real_runner
