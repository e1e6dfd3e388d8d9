#include "real_runner/power.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "real_runner/cuda_check.hpp"
#include "real_runner/interrupt.hpp"
#include "real_runner/memory_ops.hpp"
#include "real_runner/stopping_rule.hpp"

namespace real_runner {

namespace {

using Clock = std::chrono::steady_clock;
using units::Seconds;

/// Before it, clocks, voltage and fans settle: the driver's power figure is an average of up to 1
/// s.
constexpr double kSettle = 1.2;  // s

Seconds since(Clock::time_point start) {
  return units::seconds(std::chrono::duration<double>(Clock::now() - start).count());
}

/// Looks at the device while `work` (some 20 ms of it per call, waited for) repeats; what `stop`
/// says after a round, all ranks agree on.
void sample(const Device& device, const std::function<void()>& work, calib::PowerMeasurement& what,
            const std::function<bool(bool)>& stop) {
  const Seconds duration = what.duration;
  std::vector<DeviceState> looks;
  std::vector<Seconds> watts;  // statistics_of() takes one kind of quantity
  const auto start = Clock::now();
  do {
    work();
    const DeviceState state = device.nvml().look();
    if (since(start) >= units::seconds(kSettle) && state.power) {
      looks.push_back(state);
      watts.push_back(units::seconds(state.power->base()));
    }
  } while (!stop(interrupted() || since(start) >= duration + units::seconds(kSettle)));
  if (watts.empty()) {
    throw NotHere("the driver tells no power of this device");
  }
  const Statistics statistics = statistics_of(watts);
  const DeviceState state = typical(looks);
  what.power = units::watts(statistics.median.base());
  what.low = units::watts(statistics.low.base());
  what.high = units::watts(statistics.high.base());
  what.duration = since(start) - units::seconds(kSettle);
  what.samples = statistics.samples;
  what.clock_hz = state.sm_clock_hz;
  what.temperature_c = state.temperature_c;
  if (const std::string uuid = device.nvml().uuid(); !uuid.empty()) {
    what.device = uuid;
  }
}

/// Calls that take about 20 ms.
int calls_in_round(Seconds one) {
  return std::clamp(static_cast<int>(0.02 / std::max(one.base(), 1e-6)), 1, 1000);
}

/// Two rounds are always queued, so that the device never runs dry while the host looks.
class Queue {
 public:
  Queue(const Device& device, const Call& call)
      : device_(device), call_(call), calls_(calls_in_round(rough_time(device, call))) {}
  void round() {
    for (int i = 0; i < calls_; ++i) {
      call_(device_.stream(), turn_++);
    }
    ends_[rounds_ % 2].record(device_.stream());
    if (++rounds_ > 1) {
      check(cudaEventSynchronize(ends_[rounds_ % 2].get()), "a load for the power figures");
    }
  }

 private:
  const Device& device_;
  const Call& call_;
  int calls_;
  std::int64_t turn_ = 0;
  std::size_t rounds_ = 0;
  Event ends_[2];
};

}  // namespace

void measure(const Device& device, const Blas& blas, calib::PowerMeasurement& what) {
  const auto as_told = [](bool stop) { return stop; };
  if (what.load == calib::Load::Idle) {
    check(cudaStreamSynchronize(device.stream()), "waiting for an idle device");
    sample(
        device, [] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }, what, as_told);
    return;
  }
  if (what.load == calib::Load::Memory) {
    const TriadLoad triad(device);
    const Call call = [&](cudaStream_t stream, std::int64_t) { triad.run(stream); };
    Queue queue(device, call);
    sample(
        device, [&] { queue.round(); }, what, as_told);
    check(cudaStreamSynchronize(device.stream()), "the memory-bound load");
    return;
  }
  constexpr std::int64_t kLarge = 8192;  // fills every SM for milliseconds
  const ProductShape shape{topology::Precision::Bf16,
                           calib::GemmLayout::Forward,
                           {.m = kLarge, .n = kLarge, .k = kLarge}};
  const Product product(blas, shape, 1);
  const ProductBuffers buffers(device, shape);
  const Call call = [&](cudaStream_t stream, std::int64_t turn) {
    buffers.run(product, stream, turn);
  };
  Queue queue(device, call);
  sample(
      device, [&] { queue.round(); }, what, as_told);
  check(cudaStreamSynchronize(device.stream()), "the compute-bound load");
}

void measure_communication(CollectiveBench& collectives, calib::PowerMeasurement& what) {
  const World& world = collectives.world();
  Communicators& communicators = collectives.own_choice();
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  std::vector<DeviceMemory> data;
  for (Device* device : world.local) {
    device->make_current();
    data.emplace_back(2 * kBytes);
    fill_random_bf16(*device, data.back().as<void>(), kBytes, 1);
  }
  constexpr int kCalls = 8;
  const auto work = [&] {
    for (int call = 0; call < kCalls; ++call) {
      communicators.group([&](std::size_t i) {
        enqueue_collective(communicators, world, i, calib::Collective::AllReduce, kBytes,
                           data[i].as<void>(), data[i].as<unsigned char>() + kBytes,
                           world.local[i]->stream());
      });
    }
    communicators.wait(units::seconds(60));
  };
  sample(*world.local.front(), work, what, [&](bool stop) {
    return world.rendezvous->maximum(stop ? 1 : 0) > 0;  // all ranks leave in the same round
  });
}

}  // namespace real_runner
