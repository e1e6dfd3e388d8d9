#include "real_runner/stopwatch.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "real_runner/cuda_check.hpp"
#include "real_runner/interrupt.hpp"

namespace real_runner {

namespace {

using units::Seconds;

/// The calls of one sample, ready to be launched again and again.
class Sample {
 public:
  Sample(const Device& device, const Call& call, std::int64_t repeats, Launching launching)
      : stream_(device.stream()), call_(call), repeats_(repeats) {
    if (launching == Launching::Graph) {
      capture();
    }
  }
  ~Sample() {
    if (graph_ != nullptr) {
      cudaGraphExecDestroy(graph_);
    }
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  void launch() {
    if (graph_ != nullptr) {
      check(cudaGraphLaunch(graph_, stream_), "cudaGraphLaunch");
      return;
    }
    for (std::int64_t i = 0; i < repeats_; ++i) {
      call_(stream_, turn_++);
    }
  }

 private:
  void capture() {
    cudaGraph_t graph = nullptr;
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
    try {
      for (std::int64_t i = 0; i < repeats_; ++i) {
        call_(stream_, i);
      }
    } catch (...) {
      cudaStreamEndCapture(stream_, &graph);  // the first error counts
      if (graph != nullptr) {
        cudaGraphDestroy(graph);
      }
      throw;
    }
    check(cudaStreamEndCapture(stream_, &graph), "cudaStreamEndCapture");
    const cudaError_t result = cudaGraphInstantiate(&graph_, graph, 0);
    cudaGraphDestroy(graph);
    check(result, "cudaGraphInstantiate");
    check(cudaGraphUpload(graph_, stream_), "cudaGraphUpload");
  }

  cudaStream_t stream_;
  const Call& call_;
  std::int64_t repeats_, turn_ = 0;
  cudaGraphExec_t graph_ = nullptr;
};

/// Samples that are queued at once, so that the device never waits for the host between them.
int samples_in_batch(Seconds sample) {
  constexpr double kBatch = 10e-3;
  return std::clamp(static_cast<int>(kBatch / std::max(sample.base(), 1e-9)), 1, 10);
}

}  // namespace

void Watch::look_if_due() {
  constexpr auto kEvery = std::chrono::milliseconds(25);  // a look may take milliseconds itself
  if (looks_.empty() || std::chrono::steady_clock::now() - last_ >= kEvery) {
    looks_.push_back(device_.nvml().look());
    last_ = std::chrono::steady_clock::now();
  }
}

units::Seconds rough_time(const Device& device, const Call& call, int calls) {
  const Event start, stop;
  call(device.stream(), 0);
  check(cudaStreamSynchronize(device.stream()), "the first call");
  start.record(device.stream());
  for (int i = 1; i <= calls; ++i) {
    call(device.stream(), i);
  }
  stop.record(device.stream());
  check(cudaEventSynchronize(stop.get()), "cudaEventSynchronize");
  return stop.since(start) / calls;
}

units::Seconds trial_time(const Device& device, const Call& call) {
  const Seconds rough = rough_time(device, call);
  if (rough > units::microseconds(200)) {
    return rough;
  }
  constexpr int kCalls = 16, kTrials = 3;
  Sample sample(device, call, kCalls, Launching::Graph);
  const Event start, stop;
  Seconds least = rough;
  sample.launch();
  for (int trial = 0; trial < kTrials; ++trial) {
    sample.launch();  // so that the timed one is queued before the device is done
    start.record(device.stream());
    sample.launch();
    stop.record(device.stream());
    check(cudaEventSynchronize(stop.get()), "cudaEventSynchronize");
    least = std::min(least, stop.since(start) / kCalls);
  }
  return least;
}

calib::Measured measured(const StoppingRule& rule, const std::vector<DeviceState>& looks,
                         const Device& device) {
  const Statistics statistics = rule.statistics();
  const DeviceState state = typical(looks);
  calib::Measured result{.time = statistics.median,
                         .low = statistics.low,
                         .high = statistics.high,
                         .noise = statistics.noise,
                         .samples = statistics.samples,
                         .clock_hz = state.sm_clock_hz,
                         .temperature_c = state.temperature_c,
                         .power = state.power,
                         .flags = {}};
  if (state.throttled) {
    result.flags.push_back(calib::Flag::Throttled);
  }
  if (!rule.quiet()) {
    result.flags.push_back(calib::Flag::Noisy);
  }
  if (device.nvml().other_processes().value_or(0) > 0) {
    result.flags.push_back(calib::Flag::Busy);
  }
  return result;
}

calib::Measured time_calls(const Device& device, const SamplingPolicy& policy, const Call& call,
                           Launching launching) {
  const Seconds one = rough_time(device, call);
  const std::int64_t repeats = repeats_in_sample(one, policy);
  Sample sample(device, call, repeats, launching);
  const Seconds expected = one * static_cast<double>(repeats);
  const int batch = samples_in_batch(expected);
  // The first sample of a batch starts while the host still enqueues: it is not counted, unless it
  // is so long that a launch of some 10 us does not show.
  const bool lead = expected < units::milliseconds(5);
  std::vector<Event> marks(static_cast<std::size_t>(batch) + 1);
  StoppingRule rule(policy);
  Watch watch(device);

  // Warm-up: the clock rises with the load within milliseconds.
  for (Seconds warm; warm < units::milliseconds(5);
       warm += std::max(expected, units::microseconds(100))) {
    sample.launch();
  }
  while (!rule.done() && !(interrupted() && !rule.empty())) {
    if (lead) {
      sample.launch();
    }
    marks.front().record(device.stream());
    for (std::size_t i = 1; i < marks.size(); ++i) {
      sample.launch();
      marks[i].record(device.stream());
    }
    watch.look_if_due();
    check(cudaEventSynchronize(marks.back().get()), "waiting for the samples");
    for (std::size_t i = 1; i < marks.size(); ++i) {
      const Seconds spent = marks[i].since(marks[i - 1]);
      rule.add(spent / static_cast<double>(repeats), spent);
    }
  }
  return measured(rule, watch.looks(), device);
}

}  // namespace real_runner
