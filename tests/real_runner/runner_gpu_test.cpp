// What needs a device. Skipped in one line where there is none.
#include <cmath>
#include <memory>
#include <vector>

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
