#include "real_runner/gemm.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "real_runner/cuda_check.hpp"

namespace real_runner {

namespace {

using calib::GemmLayout;
using topology::Precision;
using units::Seconds;

/// cuBLASLt's advice for Hopper, and PyTorch's choice there. Source: cuBLAS documentation,
/// cublasSetWorkspace.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

struct Types {
  cudaDataType_t in, out;
  cublasComputeType_t compute;
};
Types types_of(Precision precision) {
  switch (precision) {
    case Precision::Fp32:
      return {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case Precision::Tf32:
      return {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case Precision::Fp16:
      return {CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F};
    case Precision::Fp8:
      return {CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F};
    case Precision::Bf16:
      return {CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F};
    case Precision::Fp4:
    case Precision::Int8:
      break;
  }
  throw NotHere(fmt::format("products in {} are not measured", topology::name(precision)));
}

std::size_t bytes_of(cudaDataType_t type) {
  return type == CUDA_R_32F ? 4 : type == CUDA_R_8F_E4M3 ? 1 : 2;
}

std::size_t area(std::int64_t rows, std::int64_t columns, std::int64_t batch) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
         static_cast<std::size_t>(batch);
}

/// Owns a description of cuBLASLt, whichever kind.
template <class T, cublasStatus_t (*Destroy)(T)>
class Owned {
 public:
  Owned() = default;
  ~Owned() {
    if (value != nullptr) {
      Destroy(value);
    }
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T value = nullptr;
};
using Description = Owned<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using Matrix = Owned<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using Preference = Owned<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

template <class T>
void set(const Description& description, cublasLtMatmulDescAttributes_t attribute, const T& value) {
  check(cublasLtMatmulDescSetAttribute(description.value, attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}

/// A column-major matrix of cuBLASLt: `rows` lie next to each other.
void make(Matrix& matrix, cudaDataType_t type, std::int64_t rows, std::int64_t columns,
          std::int64_t batch) {
  check(cublasLtMatrixLayoutCreate(&matrix.value, type, static_cast<std::uint64_t>(rows),
                                   static_cast<std::uint64_t>(columns), rows),
        "cublasLtMatrixLayoutCreate");
  if (batch > 1) {
    const auto count = static_cast<std::int32_t>(batch);
    const std::int64_t stride = rows * columns;
    check(cublasLtMatrixLayoutSetAttribute(matrix.value, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                           sizeof count),
          "cublasLtMatrixLayoutSetAttribute");
    check(cublasLtMatrixLayoutSetAttribute(
              matrix.value, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride),
          "cublasLtMatrixLayoutSetAttribute");
  }
}

}  // namespace

std::size_t ProductShape::a_bytes() const {
  return area(shape.m, shape.k, shape.batch) * bytes_of(types_of(precision).in);
}
std::size_t ProductShape::b_bytes() const {
  return area(shape.k, shape.n, shape.batch) * bytes_of(types_of(precision).in);
}
std::size_t ProductShape::c_bytes() const {
  return area(shape.m, shape.n, shape.batch) * bytes_of(types_of(precision).out);
}

Blas::Blas(const Device& device) : workspace_(kWorkspaceBytes) {
  device.make_current();
  check(cublasLtCreate(&handle_), "cublasLtCreate");
}
Blas::~Blas() {
  cublasLtDestroy(handle_);
}
std::string Blas::version() {
  const std::size_t v = cublasLtGetVersion();
  return fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
}

struct Product::Parts {
  const Blas& blas;
  Description description;
  Matrix a, b, c;
  DeviceMemory scales;  // of fp8: ones
  std::vector<cublasLtMatmulHeuristicResult_t> found;
  std::size_t chosen = 0;
};

// cuBLASLt is column-major, so it computes C^T[n, m] = B^T A^T: our B is its first operand, our A
// its second. A row-major [r, c] is its column-major [c, r].
Product::Product(const Blas& blas, const ProductShape& what, int candidates)
    : parts_(new Parts{
          .blas = blas, .description = {}, .a = {}, .b = {}, .c = {}, .scales = {}, .found = {}}) {
  const std::int64_t m = what.shape.m, n = what.shape.n, k = what.shape.k, batch = what.shape.batch;
  const Types types = types_of(what.precision);
  Parts& p = *parts_;
  check(cublasLtMatmulDescCreate(&p.description.value, types.compute, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  const bool forward = what.layout == GemmLayout::Forward, wgrad = what.layout == GemmLayout::Wgrad;
  set(p.description, CUBLASLT_MATMUL_DESC_TRANSA, forward ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(p.description, CUBLASLT_MATMUL_DESC_TRANSB, wgrad ? CUBLAS_OP_T : CUBLAS_OP_N);
  make(p.b, types.in, forward ? k : n, forward ? n : k, batch);
  make(p.a, types.in, wgrad ? m : k, wgrad ? k : m, batch);
  make(p.c, types.out, n, m, batch);
  if (what.precision == Precision::Fp8) {
    // One scale per tensor, as Transformer Engine and torch._scaled_mm have it; fast accumulation
    // as in Transformer Engine's forward pass.
    constexpr std::array kOnes{1.0F, 1.0F};
    p.scales = DeviceMemory(sizeof kOnes);
    check(cudaMemcpy(p.scales.as<float>(), kOnes.data(), sizeof kOnes, cudaMemcpyHostToDevice),
          "cudaMemcpy of fp8 scales");
    check(cudaStreamSynchronize(nullptr),
          "cudaMemcpy of fp8 scales");  // our streams do not wait for it
    const float* const first = p.scales.as<float>();
    const float* const second = first + 1;
    set(p.description, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, first);
    set(p.description, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, second);
    set(p.description, CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
  }
  Preference preference;
  check(cublasLtMatmulPreferenceCreate(&preference.value), "cublasLtMatmulPreferenceCreate");
  const std::size_t workspace = blas.workspace().bytes();
  check(
      cublasLtMatmulPreferenceSetAttribute(
          preference.value, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace),
      "cublasLtMatmulPreferenceSetAttribute");
  p.found.resize(static_cast<std::size_t>(candidates));
  int count = 0;
  const cublasStatus_t result = cublasLtMatmulAlgoGetHeuristic(
      blas.handle(), p.description.value, p.b.value, p.a.value, p.c.value, p.c.value,
      preference.value, candidates, p.found.data(), &count);
  p.found.resize(static_cast<std::size_t>(result == CUBLAS_STATUS_SUCCESS ? count : 0));
  std::erase_if(p.found, [](const auto& each) { return each.state != CUBLAS_STATUS_SUCCESS; });
  if (p.found.empty()) {
    throw NotHere(fmt::format("cuBLASLt has no algorithm for {} {} x {} x {} here",
                              topology::name(what.precision), m, n, k));
  }
}
Product::~Product() = default;
Product::Product(Product&&) noexcept = default;

void Product::run(cudaStream_t stream, const void* a, const void* b, void* c, float beta) const {
  const Parts& p = *parts_;
  const float alpha = 1;
  check(cublasLtMatmul(p.blas.handle(), p.description.value, &alpha, b, p.b.value, a, p.a.value,
                       &beta, c, p.c.value, c, p.c.value, &p.found[p.chosen].algo,
                       p.blas.workspace().as<void>(), p.blas.workspace().bytes(), stream),
        "cublasLtMatmul");
}

std::size_t Product::candidates() const {
  return parts_->found.size();
}
void Product::choose(std::size_t candidate) {
  parts_->chosen = candidate;
}

void choose_fastest(const Device& device, Product& product, const Call& run) {
  std::size_t best = 0;
  Seconds least = units::seconds(1e9);
  for (std::size_t i = 0; i < product.candidates(); ++i) {
    product.choose(i);
    try {
      const Seconds time = trial_time(device, run);
      if (time < least) {
        least = time;
        best = i;
      }
    } catch (const NotHere&) {
      continue;  // the heuristics promise more than the library keeps
    }
  }
  product.choose(best);
}

ProductBuffers::ProductBuffers(const Device& device, const ProductShape& shape)
    : ProductBuffers(device, shape, SetLayout{}) {}

ProductBuffers::ProductBuffers(const Device& device, const ProductShape& shape, SetLayout layout)
    : a_(layout.add(shape.a_bytes())),
      b_(layout.add(shape.b_bytes())),
      c_(layout.add(shape.c_bytes())),
      memory_(device, layout.bytes()) {
  constexpr std::uint64_t kSeed = 1;
  auto* const all = memory_.at<void>(0);
  switch (shape.precision) {
    case Precision::Fp32:
    case Precision::Tf32:
      fill_random_fp32(device, all, memory_.bytes() / 4, kSeed);
      break;
    case Precision::Fp16:
      fill_random_fp16(device, all, memory_.bytes() / 2, kSeed);
      break;
    case Precision::Fp8:
      fill_random_fp8(device, all, memory_.bytes(), kSeed);
      break;
    default:
      fill_random_bf16(device, all, memory_.bytes() / 2, kSeed);
      break;
  }
}

void ProductBuffers::run(const Product& product, cudaStream_t stream, std::int64_t turn) const {
  product.run(stream, memory_.at<void>(turn, a_), memory_.at<void>(turn, b_),
              memory_.at<void>(turn, c_));
}

void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::GemmMeasurement& what) {
  const ProductShape shape{what.precision, what.layout, what.shape};
  Product product(blas, shape, candidates);
  const ProductBuffers buffers(device, shape);
  const Call run = [&](cudaStream_t stream, std::int64_t turn) {
    buffers.run(product, stream, turn);
  };
  choose_fastest(device, product, run);
  what.measured = time_calls(device, policy, run);
}

}  // namespace real_runner
