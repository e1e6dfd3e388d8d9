#include "real_runner/session.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <set>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "real_runner/accelerator.hpp"
#include "real_runner/attention.hpp"
#include "real_runner/cuda_check.hpp"
#include "real_runner/memory_ops.hpp"
#include "real_runner/overlap.hpp"
#include "real_runner/power.hpp"
#include "real_runner/rank_env.hpp"
#include "real_runner/report.hpp"
#include "real_runner/step.hpp"

namespace real_runner {

namespace {

using topology::RuntimeFailure;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// The devices of this process: all if it is alone, else its own by local rank; wraps where a node
/// has fewer devices than processes.
std::vector<DeviceFacts> own_devices(const std::vector<DeviceFacts>& all, const RankPlace& place,
                                     const Options& options) {
  const int wanted =
      options.devices.value_or(place.world_size > 1 ? 1 : static_cast<int>(all.size()));
  std::vector<DeviceFacts> own;
  for (int i = 0; i < wanted; ++i) {
    own.push_back(all[static_cast<std::size_t>(place.local_rank * wanted + i) % all.size()]);
  }
  return own;
}

/// NCCL 2.30 and later lets ranks share a device if asked; before, it does where it takes the ranks
/// to be on different hosts, and then they speak over sockets.
void allow_sharing(int rank) {
  const std::string host = fmt::format("{}-rank-{}", host_name(), rank);
  ::setenv("NCCL_MULTI_RANK_GPU_ENABLE", "1", 0);  // NOLINT(concurrency-mt-unsafe): one thread yet
  ::setenv("NCCL_HOSTID", host.c_str(), 0);        // NOLINT(concurrency-mt-unsafe)
  ::setenv("NCCL_NET", "Socket", 0);               // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

Session::Session(const Options& options) : options_(options) {
  const std::vector<DeviceFacts> all = find_devices();
  const RankPlace place = rank_place(process_environment());
  rendezvous_ = std::make_unique<Rendezvous>(place);
  std::string mine;
  for (const DeviceFacts& facts : own_devices(all, place, options)) {
    devices_.push_back(std::make_unique<Device>(facts));
    blas_.push_back(std::make_unique<Blas>(*devices_.back()));
    world_.local.push_back(devices_.back().get());
    mine += fmt::format("{}/{};", host_name(), facts.pci_bus_id);
  }
  // Everybody's devices: ranks are numbered through, equal names are shared devices.
  const std::vector<std::string> everybody = rendezvous_->exchange(mine);
  std::set<std::string> seen, hosts;
  world_.ranks = 0;
  for (int process = 0; process < place.world_size; ++process) {
    if (process == place.rank) {
      world_.first_rank = world_.ranks;
    }
    std::string text = everybody[static_cast<std::size_t>(process)];
    for (std::size_t end = 0; (end = text.find(';')) != std::string::npos; text.erase(0, end + 1)) {
      world_.shared_device = !seen.insert(text.substr(0, end)).second || world_.shared_device;
      hosts.insert(text.substr(0, text.find('/')));
      ++world_.ranks;
    }
  }
  world_.nodes = static_cast<int>(hosts.size());
  world_.rendezvous = rendezvous_.get();
  world_.system = options.system;
  if (world_.shared_device && !options.share_device) {
    throw RuntimeFailure(fmt::format(
        "{} ranks share {} devices; start one rank per device, or say --share-device to try things "
        "out: the records are labelled",
        world_.ranks, seen.size()));
  }
  if (world_.shared_device) {
    allow_sharing(place.rank);
  }
  collectives_ = std::make_unique<CollectiveBench>(world_);
}

PlanMachine Session::plan_machine() const {
  const DeviceFacts& facts = devices_.front()->facts();
  return {.accelerator = machine().accelerator,
          .ranks = world_.ranks,
          .nodes = world_.nodes,
          .memory = units::bytes(static_cast<double>(facts.memory_bytes)) /
                    (world_.shared_device ? world_.ranks : 1),
          .fp8 = facts.has_fp8()};
}

calib::Machine Session::machine() const {
  const Device& device = *devices_.front();
  const auto memory = units::bytes(static_cast<double>(device.facts().memory_bytes));
  calib::Machine machine;
  machine.accelerator = options_.accelerator.empty()
                            ? accelerator_named(device.facts().name, memory)
                            : options_.accelerator;
  machine.device_name = device.facts().name;
  machine.devices = world_.ranks;
  machine.nodes = world_.nodes;
  machine.sms = device.facts().sms;
  machine.memory = memory;
  machine.power_limit = device.nvml().power_limit();
  machine.cpu = cpu_name();
  machine.uuid = device.nvml().uuid();
  return machine;
}

calib::Software Session::software() const {
  int runtime = 0;
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  calib::Software software;
  software.driver = devices_.front()->nvml().driver_version();
  software.cuda = fmt::format("{}.{}", runtime / 1000, runtime % 1000 / 10);
  software.cublas = Blas::version();
  software.nccl = Communicators::version();
  software.os = os_name();
  return software;
}

std::vector<std::string> Session::warnings() const {
  std::vector<std::string> warnings;
  for (const auto& device : devices_) {
    if (const int others = device->nvml().other_processes().value_or(0); others > 0) {
      warnings.push_back(
          fmt::format("{} other process(es) use device {}: figures are flagged busy, end them and "
                      "measure again",
                      others, device->facts().index));
    }
  }
  if (world_.shared_device) {
    warnings.emplace_back(
        "ranks share a device: collectives are for trying out, not for a profile");
  }
  if (machine().accelerator.empty()) {
    warnings.push_back(
        fmt::format("no catalog entry is known for \"{}\"; name one by --accelerator",
                    devices_.front()->facts().name));
  }
  return warnings;
}

bool Session::may_go_on() const {
  if (world_.ranks > 1) {
    return false;
  }
  devices_.front()->make_current();
  cudaGetLastError();  // a launch that was refused; what broke the device comes again
  return cudaDeviceSynchronize() == cudaSuccess;
}

void Session::measure(const SamplingPolicy& policy, calib::Measurement& what) {
  const Device& device = *devices_.front();
  const Blas& blas = *blas_.front();
  const int candidates = options_.algorithms;
  std::vector<const Blas*> all_blas;
  for (const auto& each : blas_) {
    all_blas.push_back(each.get());
  }
  device.make_current();
  const auto alone = [&](const auto& figure) {
    if (is_first()) {
      figure();
    }
  };
  std::visit(
      Overloaded{[&](calib::GemmMeasurement& w) {
                   alone([&] { real_runner::measure(device, blas, policy, candidates, w); });
                 },
                 [&](calib::AttentionMeasurement& w) {
                   alone([&] { real_runner::measure(device, policy, w); });
                 },
                 [&](calib::MemoryBoundMeasurement& w) {
                   alone([&] { real_runner::measure(device, policy, w); });
                 },
                 [&](calib::LaunchMeasurement& w) {
                   alone([&] { real_runner::measure(device, policy, w); });
                 },
                 [&](calib::TransferMeasurement& w) {
                   alone([&] { real_runner::measure(device, policy, w); });
                 },
                 [&](calib::CollectiveMeasurement& w) { collectives_->measure(policy, w); },
                 [&](calib::OverlapMeasurement& w) {
                   if (w.stand_in_sms) {
                     alone([&] { measure_with_stand_in(device, blas, policy, candidates, w); });
                   } else {
                     measure_with_collective(*collectives_, all_blas, policy, candidates, w);
                   }
                 },
                 [&](calib::PowerMeasurement& w) {
                   if (w.load == calib::Load::Communication) {
                     measure_communication(*collectives_, w);
                   } else {
                     alone([&] { real_runner::measure(device, blas, w); });
                   }
                 },
                 [&](calib::LayerMeasurement& w) {
                   alone([&] { real_runner::measure(device, blas, policy, candidates, w); });
                 },
                 [&](calib::StepMeasurement& w) {
                   if (w.dp > 1) {
                     measure_data_parallel(*collectives_, all_blas, policy, candidates, w);
                   } else {
                     alone([&] { real_runner::measure(device, blas, policy, candidates, w); });
                   }
                 },
                 [](calib::OperatorMeasurement&) {}},
      what);
}

}  // namespace real_runner
