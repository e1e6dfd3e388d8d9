#include "real_runner/cuda_check.hpp"

#include <fmt/format.h>

namespace real_runner {

using topology::RuntimeFailure;

void check(cudaError_t result, std::string_view call) {
  if (result == cudaSuccess) {
    return;
  }
  int device = -1;
  cudaGetDevice(&device);
  if (result == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // not sticky: the device works on
    throw NotHere(fmt::format("{} on device {}: too little memory is free", call, device));
  }
  throw RuntimeFailure(fmt::format(
      "{}{} failed: {} ({}); nvidia-smi and dmesg may say more, what was measured until now is in "
      "the records",
      call, device < 0 ? "" : fmt::format(" on device {}", device), cudaGetErrorName(result),
      cudaGetErrorString(result)));
}

void check(cublasStatus_t result, std::string_view call) {
  if (result == CUBLAS_STATUS_SUCCESS) {
    return;
  }
  const std::string text = fmt::format("{}: {}", call, cublasLtGetStatusName(result));
  // An invalid value is a shape, a layout or an algorithm that the library does not take here: that
  // is one figure's matter, and its sentence names the call.
  if (result == CUBLAS_STATUS_NOT_SUPPORTED || result == CUBLAS_STATUS_ALLOC_FAILED ||
      result == CUBLAS_STATUS_ARCH_MISMATCH || result == CUBLAS_STATUS_INVALID_VALUE) {
    throw NotHere(text);
  }
  throw RuntimeFailure(text + "; what was measured until now is in the records");
}

void check(ncclResult_t result, std::string_view call) {
  if (result == ncclSuccess || result == ncclInProgress) {
    return;
  }
  throw RuntimeFailure(fmt::format("{} failed: {} ({}); NCCL_DEBUG=WARN shows why", call,
                                   ncclGetErrorString(result), ncclGetLastError(nullptr)));
}

}  // namespace real_runner
