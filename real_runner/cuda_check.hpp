#pragma once
// Calls of CUDA, cuBLASLt and NCCL that fail become exceptions that say which call, on which
// device, and why.
#include <stdexcept>
#include <string_view>

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <nccl.h>

#include "topology/error.hpp"

namespace real_runner {

/// This figure cannot be had here (too little memory, no such algorithm): it is left out, the run
/// goes on.
class NotHere : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @throws NotHere where memory is short, topology::RuntimeFailure for all else
void check(cudaError_t result, std::string_view call);
void check(cublasStatus_t result, std::string_view call);
void check(ncclResult_t result, std::string_view call);

}  // namespace real_runner
