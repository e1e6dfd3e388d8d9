#include <algorithm>
#include <array>

#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "real_runner/cuda_check.hpp"
#include "real_runner/device.hpp"
#include "real_runner/kernels/memory_kernels.cuh"

namespace real_runner {

namespace {

constexpr unsigned kThreads = 256;

__global__ void fill_fp16(__half* to, std::int64_t count, std::uint64_t seed) {
  for_random(count, seed, 1.0F, [&](std::int64_t i, float x) { to[i] = __float2half_rn(x); });
}
__global__ void fill_fp8(__nv_fp8_e4m3* to, std::int64_t count, std::uint64_t seed) {
  for_random(count, seed, 1.0F, [&](std::int64_t i, float x) { to[i] = __nv_fp8_e4m3(x); });
}

DeviceFacts facts_of(int index) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  std::array<char, 32> bus{};
  check(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), index),
        "cudaDeviceGetPCIBusId");
  return {.index = index,
          .name = properties.name,
          .pci_bus_id = bus.data(),
          .sms = properties.multiProcessorCount,
          .major = properties.major,
          .minor = properties.minor,
          .memory_bytes = properties.totalGlobalMem,
          .l2_bytes = static_cast<std::size_t>(properties.l2CacheSize),
          .shared_bytes_per_block = properties.sharedMemPerBlockOptin};
}

}  // namespace

std::vector<DeviceFacts> find_devices() {
  int count = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result == cudaErrorInsufficientDriver || result == cudaErrorStubLibrary) {
    throw topology::RuntimeFailure(
        "no NVIDIA driver that CUDA 13 can use was found, expected 580 or newer; install it, or "
        "use "
        "--dry-run to see the plan");
  }
  if (result == cudaErrorNoDevice || (result == cudaSuccess && count == 0)) {
    throw topology::RuntimeFailure(
        "no CUDA device is visible; check nvidia-smi, CUDA_VISIBLE_DEVICES and, in a container, "
        "--gpus, or use --dry-run to see the plan");
  }
  if (result == cudaErrorSystemNotReady) {
    throw topology::RuntimeFailure(
        "the devices are there but not ready; where they are joined by NVSwitches, start "
        "nvidia-fabricmanager of the driver's own version and wait until nvidia-smi -q says "
        "\"Fabric State: Completed\"");
  }
  check(result, "cudaGetDeviceCount");
  std::vector<DeviceFacts> devices;
  for (int i = 0; i < count; ++i) {
    devices.push_back(facts_of(i));
  }
  return devices;
}

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
}
Stream::~Stream() {
  cudaStreamDestroy(stream_);
}
void Stream::wait() const {
  check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
}

Event::Event() {
  check(cudaEventCreate(&event_), "cudaEventCreate");
}
Event::~Event() {
  if (event_ != nullptr) {
    cudaEventDestroy(event_);
  }
}
void Event::record(cudaStream_t stream) const {
  check(cudaEventRecord(event_, stream), "cudaEventRecord");
}
units::Seconds Event::since(const Event& start) const {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, start.event_, event_), "cudaEventElapsedTime");
  return units::milliseconds(static_cast<double>(milliseconds));
}

DeviceMemory::DeviceMemory(std::size_t bytes) : bytes_(bytes) {
  check(cudaMalloc(&data_, std::max<std::size_t>(bytes, 1)),
        "cudaMalloc of " + std::to_string(bytes >> 20) + " MiB");
}
DeviceMemory::~DeviceMemory() {
  cudaFree(data_);
}

Device::Device(const DeviceFacts& facts)
    : facts_(facts), nvml_(facts.pci_bus_id), stream_([&] {
        check(cudaSetDevice(facts.index), "cudaSetDevice");
        return Stream();
      }()) {}

void Device::make_current() const {
  check(cudaSetDevice(facts_.index), "cudaSetDevice");
}

std::int64_t Device::rotating_sets(std::size_t set_bytes) const {
  constexpr std::size_t kLeast = 2, kMost = 4096, kTimesCache = 2;
  const std::size_t wanted =
      kTimesCache * facts_.l2_bytes / std::max<std::size_t>(set_bytes, 1) + 1;
  return static_cast<std::int64_t>(std::clamp(wanted, kLeast, kMost));
}

RotatingMemory::RotatingMemory(const Device& device, std::size_t set_bytes)
    : set_bytes_((set_bytes + 255) / 256 * 256),
      sets_(device.rotating_sets(set_bytes_)),
      memory_(set_bytes_ * static_cast<std::size_t>(sets_)) {}

unsigned loop_grid(const Device& device, std::int64_t items, unsigned threads) {
  const std::int64_t blocks = (items + threads - 1) / threads;
  // 2048 threads of an SM (H100; 1536 on Ada), twice over so that the last ones even out.
  const std::int64_t most = static_cast<std::int64_t>(device.facts().sms) * (4096 / threads);
  return static_cast<unsigned>(std::clamp<std::int64_t>(blocks, 1, most));
}

void fill_random_bf16(const Device& device, void* to, std::size_t count, std::uint64_t seed,
                      float deviation) {
  const auto n = static_cast<std::int64_t>(count);
  fill_random_bf16<<<loop_grid(device, n, kThreads), kThreads, 0, device.stream()>>>(
      static_cast<bf16*>(to), n, seed, deviation);
  check(cudaGetLastError(), "filling with random bf16");
}
void fill_random_fp32(const Device& device, void* to, std::size_t count, std::uint64_t seed,
                      float deviation) {
  const auto n = static_cast<std::int64_t>(count);
  fill_random_fp32<<<loop_grid(device, n, kThreads), kThreads, 0, device.stream()>>>(
      static_cast<float*>(to), n, seed, deviation);
  check(cudaGetLastError(), "filling with random fp32");
}
void fill_random_fp16(const Device& device, void* to, std::size_t count, std::uint64_t seed) {
  const auto n = static_cast<std::int64_t>(count);
  fill_fp16<<<loop_grid(device, n, kThreads), kThreads, 0, device.stream()>>>(
      static_cast<__half*>(to), n, seed);
  check(cudaGetLastError(), "filling with random fp16");
}
void fill_random_fp8(const Device& device, void* to, std::size_t count, std::uint64_t seed) {
  const auto n = static_cast<std::int64_t>(count);
  fill_fp8<<<loop_grid(device, n, kThreads), kThreads, 0, device.stream()>>>(
      static_cast<__nv_fp8_e4m3*>(to), n, seed);
  check(cudaGetLastError(), "filling with random fp8");
}

}  // namespace real_runner
