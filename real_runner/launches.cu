// What it costs to launch an empty kernel, an empty graph, and a node of a graph.
#include <chrono>
#include <functional>

#include "real_runner/cuda_check.hpp"
#include "real_runner/interrupt.hpp"
#include "real_runner/memory_ops.hpp"

namespace real_runner {

namespace {

__global__ void nothing() {}

/// `nodes` empty kernels in a row as a graph.
class EmptyGraph {
 public:
  EmptyGraph(cudaStream_t stream, std::int64_t nodes) {
    cudaGraph_t graph = nullptr;
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
    for (std::int64_t i = 0; i < nodes; ++i) {
      nothing<<<1, 32, 0, stream>>>();
    }
    check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
    const cudaError_t result = cudaGraphInstantiate(&ready_, graph, 0);
    cudaGraphDestroy(graph);
    check(result, "cudaGraphInstantiate");
  }
  ~EmptyGraph() { cudaGraphExecDestroy(ready_); }
  EmptyGraph(const EmptyGraph&) = delete;
  EmptyGraph& operator=(const EmptyGraph&) = delete;
  void launch(cudaStream_t stream) const {
    check(cudaGraphLaunch(ready_, stream), "cudaGraphLaunch");
  }

 private:
  cudaGraphExec_t ready_ = nullptr;
};

/// By the host's clock, from before `enqueue` until the device has done it.
template <class Enqueue>
calib::Measured time_on_host(const Device& device, const SamplingPolicy& policy, Enqueue enqueue) {
  using Clock = std::chrono::steady_clock;
  constexpr int kWarmUp = 20;
  StoppingRule rule(policy);
  for (int i = 0; !rule.done() && !(interrupted() && !rule.empty()); ++i) {
    const auto start = Clock::now();
    enqueue();
    check(cudaStreamSynchronize(device.stream()), "waiting for empty kernels");
    const auto spent = units::seconds(std::chrono::duration<double>(Clock::now() - start).count());
    if (i >= kWarmUp) {
      rule.add(spent, spent);
    }
  }
  return measured(rule, {device.nvml().look()}, device);
}

/// All figures of a measurement divided by `count`.
void per(calib::Measured& m, double count) {
  m.time = m.time / count;
  if (m.low) {
    m.low = *m.low / count;
  }
  if (m.high) {
    m.high = *m.high / count;
  }
}

}  // namespace

void measure(const Device& device, const SamplingPolicy& policy, calib::LaunchMeasurement& what) {
  const std::int64_t count = what.kernels;
  switch (what.kind) {
    case calib::LaunchKind::Kernel:
      // One: launched and waited for. Many: one after the other, the wait is shared.
      what.measured = time_on_host(device, policy, [&] {
        for (std::int64_t i = 0; i < count; ++i) {
          nothing<<<1, 32, 0, device.stream()>>>();
        }
      });
      per(what.measured, static_cast<double>(count));
      return;
    case calib::LaunchKind::Graph: {
      const EmptyGraph graph(device.stream(), count);
      what.measured = time_on_host(device, policy, [&] { graph.launch(device.stream()); });
      return;  // per launch of the whole graph
    }
    case calib::LaunchKind::GraphNode: {
      const EmptyGraph graph(device.stream(), count);
      what.measured = time_calls(
          device, policy, [&](cudaStream_t stream, std::int64_t) { graph.launch(stream); },
          Launching::Direct);
      per(what.measured, static_cast<double>(count));
      return;
    }
    case calib::LaunchKind::Collective:
      break;
  }
  throw NotHere("launches of collectives are measured with the collectives");
}

}  // namespace real_runner
