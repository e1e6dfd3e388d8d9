// What needs a device. Skipped in one line where there is none.
#include <cmath>
#include <memory>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include "real_runner/attention.hpp"
#include "real_runner/collective_check.hpp"
#include "real_runner/cuda_check.hpp"
#include "real_runner/gemm.hpp"
#include "real_runner/layer.hpp"
#include "real_runner/memory_ops.hpp"
#include "real_runner/plain_attention.hpp"
#include "real_runner/plan.hpp"
#include "real_runner/step.hpp"
#include "topology/error.hpp"

namespace real_runner {
namespace {

class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    try {
      device_ = std::make_unique<Device>(find_devices().front());
      blas_ = std::make_unique<Blas>(*device_);
    } catch (const topology::RuntimeFailure& e) {
      GTEST_SKIP() << "no device: " << e.what();
    }
  }
  [[nodiscard]] const Device& device() const { return *device_; }
  [[nodiscard]] const Blas& blas() const { return *blas_; }

 private:
  std::unique_ptr<Device> device_;
  std::unique_ptr<Blas> blas_;
};

std::vector<float> to_host(const Device& device, const DeviceMemory& memory) {
  std::vector<float> values(memory.bytes() / sizeof(float));
  check(cudaStreamSynchronize(device.stream()), "cudaStreamSynchronize");
  check(cudaMemcpy(values.data(), memory.as<float>(), memory.bytes(), cudaMemcpyDeviceToHost),
        "cudaMemcpy");
  return values;
}

TEST_F(Gpu, AttentionAgreesWithTheFormula) {
  for (const int head_dim : {64, 128}) {
    for (const bool causal : {false, true}) {
      const AttentionSizes sizes{.batch = 1,
                                 .tokens = 300,
                                 .heads = 8,
                                 .kv_heads = 2,
                                 .head_dim = head_dim,
                                 .causal = causal};
      EXPECT_LT(attention_error(device(), sizes), kBf16Tolerance) << head_dim << " " << causal;
    }
  }
}

TEST_F(Gpu, ProductsAreRightInAllThreeLayouts) {
  constexpr std::int64_t kM = 96, kN = 64, kK = 160;
  for (const auto layout :
       {calib::GemmLayout::Forward, calib::GemmLayout::Dgrad, calib::GemmLayout::Wgrad}) {
    const ProductShape shape{topology::Precision::Fp32, layout, {.m = kM, .n = kN, .k = kK}};
    const Product product(blas(), shape, 1);
    const DeviceMemory a(shape.a_bytes()), b(shape.b_bytes()), c(shape.c_bytes());
    fill_random_fp32(device(), a.as<void>(), kM * kK, 1);
    fill_random_fp32(device(), b.as<void>(), kK * kN, 2);
    product.run(device().stream(), a.as<void>(), b.as<void>(), c.as<void>());
    const auto ha = to_host(device(), a), hb = to_host(device(), b), hc = to_host(device(), c);
    double worst = 0;
    for (std::int64_t i = 0; i < kM; ++i) {
      for (std::int64_t j = 0; j < kN; ++j) {
        double sum = 0;
        for (std::int64_t l = 0; l < kK; ++l) {
          const auto at_a = layout == calib::GemmLayout::Wgrad ? l * kM + i : i * kK + l;
          const auto at_b = layout == calib::GemmLayout::Forward ? j * kK + l : l * kN + j;
          sum += static_cast<double>(ha[static_cast<std::size_t>(at_a)]) *
                 static_cast<double>(hb[static_cast<std::size_t>(at_b)]);
        }
        worst = std::max(
            worst, std::abs(sum - static_cast<double>(hc[static_cast<std::size_t>(i * kN + j)])));
      }
    }
    EXPECT_LT(worst, 1e-3) << static_cast<int>(layout);
  }
}

/// Numbers of `T` on the device, as fp32.
template <class T>
std::vector<float> widened(const Device& device, const DeviceMemory& memory) {
  std::vector<T> values(memory.bytes() / sizeof(T));
  check(cudaStreamSynchronize(device.stream()), "cudaStreamSynchronize");
  check(cudaMemcpy(values.data(), memory.as<T>(), memory.bytes(), cudaMemcpyDeviceToHost),
        "cudaMemcpy");
  std::vector<float> wide;
  for (const T& value : values) {
    wide.push_back(static_cast<float>(value));
  }
  return wide;
}

/// How far a forward product of random operands of `In`, result in `Out`, lies from their product
/// in double: |difference| / |product| over all elements.
template <class In, class Out, class Fill>
double product_error(const Device& device, const Blas& blas, topology::Precision precision,
                     Fill fill) {
  constexpr std::size_t kM = 96, kN = 64, kK = 160;  // multiples of 16, as fp8 needs
  const ProductShape shape{precision, calib::GemmLayout::Forward, {.m = kM, .n = kN, .k = kK}};
  const Product product(blas, shape, 1);
  const DeviceMemory a(shape.a_bytes()), b(shape.b_bytes()), c(shape.c_bytes());
  fill(a.as<void>(), kM * kK, 1);
  fill(b.as<void>(), kN * kK, 2);
  product.run(device.stream(), a.as<void>(), b.as<void>(), c.as<void>());
  const auto ha = widened<In>(device, a), hb = widened<In>(device, b);
  std::vector<double> expected;
  for (std::size_t i = 0; i < kM; ++i) {
    for (std::size_t j = 0; j < kN; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < kK; ++l) {
        sum += static_cast<double>(ha[i * kK + l]) * static_cast<double>(hb[j * kK + l]);
      }
      expected.push_back(sum);
    }
  }
  return relative_error(expected, widened<Out>(device, c));
}

TEST_F(Gpu, ProductsAreRightInEveryPrecision) {
  const Device& d = device();
  // tf32 rounds operands to 11 bits, the 16-bit formats the result to 11 and 8.
  EXPECT_LT((product_error<float, float>(d, blas(), topology::Precision::Tf32,
                                         [&](void* to, std::size_t n, std::uint64_t seed) {
                                           fill_random_fp32(d, to, n, seed);
                                         })),
            2e-3);
  EXPECT_LT(
      (product_error<__nv_bfloat16, __nv_bfloat16>(
          d, blas(), topology::Precision::Bf16,
          [&](void* to, std::size_t n, std::uint64_t seed) { fill_random_bf16(d, to, n, seed); })),
      kBf16Tolerance);
  EXPECT_LT((product_error<__half, __half>(d, blas(), topology::Precision::Fp16,
                                           [&](void* to, std::size_t n, std::uint64_t seed) {
                                             fill_random_fp16(d, to, n, seed);
                                           })),
            2e-3);
  if (!d.facts().has_fp8()) {
    GTEST_SKIP() << "this device has no fp8";
  }
  // Products of e4m3 are exact in fp32; Hopper's fast accumulation keeps
  // about 14 bits of the sum (DeepSeek-V3, arXiv 2412.19437, section 3.5.2).
  EXPECT_LT(
      (product_error<__nv_fp8_e4m3, __nv_bfloat16>(
          d, blas(), topology::Precision::Fp8,
          [&](void* to, std::size_t n, std::uint64_t seed) { fill_random_fp8(d, to, n, seed); })),
      kBf16Tolerance);
}

TEST_F(Gpu, EveryOperatorOfTheQuickPlanOnOneDeviceIsMeasured) {
  const SamplingPolicy policy = quick_sampling();
  for (const std::string& op : calib::memory_bound_operators()) {
    calib::MemoryBoundMeasurement what;
    what.op = op;
    what.rows = 512;
    what.columns = 4096;
    measure(device(), policy, what);
    EXPECT_GT(what.measured.time, units::Seconds{}) << op;
  }
}

TEST_F(Gpu, TrainingLowersTheLoss) {
  calib::StepMeasurement what;
  what.model.hidden = 512;
  what.model.ffn_hidden = 1024;
  what.model.heads = 4;
  what.model.kv_heads = 2;
  what.model.seq_len = 256;
  what.model.vocab = 1024;
  what.layers = 2;
  what.micro_batch = 2;
  Trainer trainer(device(), blas(), what, 1);
  trainer.forward();
  const double before = trainer.loss();
  EXPECT_NEAR(before, std::log(1024.0), 0.5);  // knows nothing yet
  for (int step = 0; step < 30; ++step) {
    train_alone(trainer);
  }
  trainer.forward();
  EXPECT_LT(trainer.loss(), before - 0.5);
}

TEST_F(Gpu, CollectivePatternIsAcceptedAndFaultsAreCounted) {
  const DeviceMemory memory(4096);
  const CollectiveBuffers buffers{.send = memory.as<void>(),
                                  .receive = memory.as<void>(),
                                  .bytes = 4096,
                                  .rank = 0,
                                  .ranks = 1,
                                  .in_place = true};
  fill_send_buffer(device(), calib::Collective::Broadcast, buffers);
  EXPECT_EQ(wrong_elements(device(), calib::Collective::Broadcast, buffers), 0);
  check(cudaMemset(memory.as<void>(), 0xFF, 20), "cudaMemset");
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  EXPECT_EQ(wrong_elements(device(), calib::Collective::Broadcast, buffers), 10);
}

}  // namespace
}  // namespace real_runner
