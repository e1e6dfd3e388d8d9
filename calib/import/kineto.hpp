#pragma once
// Records out of PyTorch profiler (Kineto) traces.
#include <string>
#include <string_view>

#include "calib/import/description.hpp"
#include "calib/records.hpp"

namespace calib {

/// One run with a record per operator on the host (cpu_op) and per kernel, copy and fill on each
/// stream of the device: the median, 5th and 95th percentile of its calls. `text`: the trace's
/// JSON, unpacked. Names of kernels lose their template arguments.
/// @throws topology::InputError if it is no such trace or holds no event.
RunRecords import_kineto(std::string_view text, const std::string& file, const Description& known);

/// What a kernel does, by its name: one of operator_categories(). Libraries' naming habits (cuBLAS,
/// CUTLASS, cuDNN, FlashAttention, NCCL, PyTorch), not a specification.
std::string kernel_category(std::string_view name);

}  // namespace calib
