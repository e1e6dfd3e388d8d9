#pragma once
// Calls of CUDA, cuBLASLt and NCCL that fail become exceptions that say which call, on which
// device, and why.
#include <string_view>

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <nccl.h>

#include "real_runner/not_here.hpp"
#include "topology/error.hpp"

namespace real_runner {

/// @throws NotHere where memory is short or cuBLASLt does not take a shape or an algorithm,
/// topology::RuntimeFailure for all else
void check(cudaError_t result, std::string_view call);
void check(cublasStatus_t result, std::string_view call);
void check(ncclResult_t result, std::string_view call);

}  // namespace real_runner
