#include "real_runner/collective_check.hpp"
#include "real_runner/cuda_check.hpp"
#include "real_runner/kernels/collective_kernels.cuh"

namespace real_runner {

namespace {

using calib::Collective;

constexpr unsigned kThreads = 256;

CollectiveKind kind_of(Collective op) {
  switch (op) {
    case Collective::AllGather:
      return CollectiveKind::AllGather;
    case Collective::ReduceScatter:
      return CollectiveKind::ReduceScatter;
    case Collective::AllToAll:
      return CollectiveKind::AllToAll;
    case Collective::Broadcast:
      return CollectiveKind::Broadcast;
    case Collective::SendRecv:
      return CollectiveKind::SendRecv;
    default:
      return CollectiveKind::AllReduce;
  }
}

bool is_shared_out(Collective op) {
  return op == Collective::AllGather || op == Collective::ReduceScatter ||
         op == Collective::AllToAll;
}

}  // namespace

void fill_send_buffer(const Device& device, Collective op, const CollectiveBuffers& b) {
  const std::int64_t sent = op == Collective::AllGather ? b.chunk()
                            : is_shared_out(op)         ? b.chunk() * b.ranks
                                                        : static_cast<std::int64_t>(b.bytes / 2);
  if (!b.in_place) {  // NaN where nobody writes
    check(cudaMemsetAsync(b.receive, 0xFF, b.bytes, device.stream()), "cudaMemsetAsync");
  }
  auto* const send = static_cast<bf16*>(b.send);
  fill_pattern<<<loop_grid(device, sent, kThreads), kThreads, 0, device.stream()>>>(
      send, sent, b.rank, b.ranks);
  check(cudaGetLastError(), "filling a collective's buffer");
}

std::int64_t wrong_elements(const Device& device, Collective op, const CollectiveBuffers& b) {
  const std::int64_t received = op == Collective::ReduceScatter ? b.chunk()
                                : is_shared_out(op)             ? b.chunk() * b.ranks
                                                    : static_cast<std::int64_t>(b.bytes / 2);
  const DeviceMemory wrong(sizeof(unsigned long long));
  check(cudaMemsetAsync(wrong.as<void>(), 0, wrong.bytes(), device.stream()), "cudaMemsetAsync");
  const CollectivePattern pattern{kind_of(op), b.rank, b.ranks,
                                  is_shared_out(op) ? b.chunk() : received};
  check_pattern<<<loop_grid(device, received, kThreads), kThreads, 0, device.stream()>>>(
      static_cast<const bf16*>(b.receive), received, pattern, wrong.as<unsigned long long>());
  unsigned long long count = 0;
  check(cudaMemcpyAsync(&count, wrong.as<void>(), sizeof count, cudaMemcpyDeviceToHost,
                        device.stream()),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(device.stream()), "checking a collective's result");
  return static_cast<std::int64_t>(count);
}

}  // namespace real_runner
