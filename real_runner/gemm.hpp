#pragma once
// Matrix products through cuBLASLt: C[m, n] = A[m, k] B[k, n], row-major, in the three memory
// layouts of a linear layer's forward pass, data gradient and weight gradient.
#include <memory>
#include <vector>

#include <cublasLt.h>

#include "calib/records.hpp"
#include "real_runner/device.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

/// cuBLASLt's handle and workspace. One stream at a time may use it.
class Blas {
 public:
  explicit Blas(const Device& device);
  ~Blas();
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;
  [[nodiscard]] cublasLtHandle_t handle() const { return handle_; }
  [[nodiscard]] const DeviceMemory& workspace() const { return workspace_; }
  /// Of the library, "13.1.0".
  static std::string version();

 private:
  cublasLtHandle_t handle_ = nullptr;
  DeviceMemory workspace_;
};

struct ProductShape {
  topology::Precision precision = topology::Precision::Bf16;
  /// Forward: B is stored [n, k] (a weight [out, in]). Dgrad: B is [k, n]. Wgrad: A is stored [k,
  /// m].
  calib::GemmLayout layout = calib::GemmLayout::Forward;
  calib::GemmShape shape;

  /// Bytes of A, B and C; fp8 gives bf16.
  [[nodiscard]] std::size_t a_bytes() const;
  [[nodiscard]] std::size_t b_bytes() const;
  [[nodiscard]] std::size_t c_bytes() const;
};

/// A product ready to run with one of the heuristics' algorithms.
class Product {
 public:
  /// @throws NotHere if cuBLASLt has no algorithm for it on this device
  Product(const Blas& blas, const ProductShape& shape, int candidates);
  ~Product();
  Product(Product&&) noexcept;

  /// C = A B + beta C, on the stream.
  void run(cudaStream_t stream, const void* a, const void* b, void* c, float beta = 0) const;

  [[nodiscard]] std::size_t candidates() const;
  /// Of the candidates, in the heuristics' order; 0, what PyTorch takes, from the start.
  void choose(std::size_t candidate);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Tries the candidates and keeps the fastest. `run`: one call of the product on rotating buffers.
void choose_fastest(const Device& device, Product& product, const Call& run);

/// Operands of a product in rotating memory, filled with random numbers.
class ProductBuffers {
 public:
  ProductBuffers(const Device& device, const ProductShape& shape);
  void run(const Product& product, cudaStream_t stream, std::int64_t turn) const;

 private:
  ProductBuffers(const Device& device, const ProductShape& shape, SetLayout layout);
  std::size_t a_ = 0, b_ = 0, c_ = 0;
  RotatingMemory memory_;
};

/// Fills in `what.measured`. @throws NotHere as Product
void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::GemmMeasurement& what);

}  // namespace real_runner
