#pragma once
// One GPU: what it is, and RAII owners of what lives on it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cuda_runtime.h>

#include "real_runner/nvml.hpp"
#include "topology/units.hpp"

namespace real_runner {

struct DeviceFacts {
  int index = 0;  ///< as CUDA counts
  std::string name, pci_bus_id;
  int sms = 0, major = 0, minor = 0;
  std::size_t memory_bytes = 0, l2_bytes = 0, shared_bytes_per_block = 0;

  [[nodiscard]] bool has_fp8() const { return major > 8 || (major == 8 && minor >= 9); }
};

/// All devices that CUDA shows.
/// @throws topology::RuntimeFailure where there is no device or no driver, saying which
std::vector<DeviceFacts> find_devices();

class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  [[nodiscard]] cudaStream_t get() const { return stream_; }
  void wait() const;

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event();
  ~Event();
  Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  Event& operator=(Event&&) = delete;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  [[nodiscard]] cudaEvent_t get() const { return event_; }
  void record(cudaStream_t stream) const;
  [[nodiscard]] units::Seconds since(const Event& start) const;

 private:
  cudaEvent_t event_ = nullptr;
};

/// A block of device memory. @throws NotHere if there is not enough
class DeviceMemory {
 public:
  DeviceMemory() = default;
  explicit DeviceMemory(std::size_t bytes);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(data_);
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// The device that a thread works on, with its stream. Invariant: current when made.
class Device {
 public:
  explicit Device(const DeviceFacts& facts);
  [[nodiscard]] const DeviceFacts& facts() const { return facts_; }
  [[nodiscard]] const Nvml& nvml() const { return nvml_; }
  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  void make_current() const;

  /// Sets of `set_bytes` that together are larger than the L2 cache, so that a call finds none of
  /// its operands there; at least two.
  [[nodiscard]] std::int64_t rotating_sets(std::size_t set_bytes) const;

 private:
  DeviceFacts facts_;
  Nvml nvml_;
  Stream stream_;
};

/// One allocation cut into equal sets; turn i uses set i modulo their number.
class RotatingMemory {
 public:
  RotatingMemory(const Device& device, std::size_t set_bytes);
  template <class T>
  [[nodiscard]] T* at(std::int64_t turn, std::size_t offset_bytes = 0) const {
    return reinterpret_cast<T*>(memory_.as<unsigned char>() +
                                static_cast<std::size_t>(turn % sets_) * set_bytes_ + offset_bytes);
  }
  [[nodiscard]] std::size_t bytes() const { return memory_.bytes(); }
  [[nodiscard]] std::int64_t sets() const { return sets_; }

 private:
  std::size_t set_bytes_;
  std::int64_t sets_;
  DeviceMemory memory_;
};

/// Where each of several operands begins in a set: 256-byte aligned, as cudaMalloc does.
class SetLayout {
 public:
  /// Its offset.
  std::size_t add(std::size_t bytes) {
    const std::size_t at = end_;
    end_ += (bytes + 255) / 256 * 256;
    return at;
  }
  [[nodiscard]] std::size_t bytes() const { return end_; }

 private:
  std::size_t end_ = 0;
};

// Fills, on the device's stream. Random numbers are about normal with the deviation given.
void fill_random_bf16(const Device& device, void* to, std::size_t count, std::uint64_t seed,
                      float deviation = 1);
void fill_random_fp32(const Device& device, void* to, std::size_t count, std::uint64_t seed,
                      float deviation = 1);
void fill_random_fp16(const Device& device, void* to, std::size_t count, std::uint64_t seed);
void fill_random_fp8(const Device& device, void* to, std::size_t count, std::uint64_t seed);

/// Blocks of `threads` for a grid-stride loop over `items`: as many as keep the device busy.
unsigned loop_grid(const Device& device, std::int64_t items, unsigned threads);

}  // namespace real_runner
