#pragma once
// The machine that a run measures: this process' devices, its place among the ranks, and what is
// kept from one figure to the next.
#include <memory>
#include <vector>

#include "calib/records.hpp"
#include "real_runner/collectives.hpp"
#include "real_runner/gemm.hpp"
#include "real_runner/options.hpp"
#include "real_runner/plan.hpp"

namespace real_runner {

class Session {
 public:
  /// Finds the devices and meets the other processes.
  /// @throws topology::RuntimeFailure without a device, without the other ranks, or where ranks
  /// would share a device and --share-device does not allow it
  explicit Session(const Options& options);

  [[nodiscard]] PlanMachine plan_machine() const;
  [[nodiscard]] calib::Machine machine() const;
  [[nodiscard]] calib::Software software() const;
  [[nodiscard]] bool is_first() const { return world_.first_rank == 0; }
  [[nodiscard]] Rendezvous& rendezvous() { return *rendezvous_; }
  /// Sentences about what disturbs: other processes on a device, shared devices.
  [[nodiscard]] std::vector<std::string> warnings() const;

  /// Fills in the figures. What one device does, rank 0 does; the others return at once.
  /// @throws NotHere where it cannot be had here
  void measure(const SamplingPolicy& policy, calib::Measurement& what);

  /// After a failure: whether the device still answers. Not with other ranks: they would wait.
  [[nodiscard]] bool may_go_on() const;

 private:
  Options options_;
  std::unique_ptr<Rendezvous> rendezvous_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<std::unique_ptr<Blas>> blas_;
  World world_;
  std::unique_ptr<CollectiveBench> collectives_;
};

}  // namespace real_runner
