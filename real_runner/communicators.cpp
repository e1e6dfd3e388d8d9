#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "real_runner/collectives.hpp"
#include "real_runner/cuda_check.hpp"

namespace real_runner {

namespace {

using Clock = std::chrono::steady_clock;
using topology::RuntimeFailure;
using units::Seconds;

const Seconds kPatience = units::seconds(60);

/// As NCCL spells them: NCCL user guide, NCCL_ALGO and NCCL_PROTO.
const char* nccl_name(calib::Algorithm algorithm) {
  switch (algorithm) {
    case calib::Algorithm::Ring:
      return "Ring";
    case calib::Algorithm::Tree:
      return "Tree";
    case calib::Algorithm::Nvls:
      return "NVLS";
    case calib::Algorithm::NvlsTree:
      return "NVLSTree";
    case calib::Algorithm::Pat:
      return "PAT";
    case calib::Algorithm::CollNetDirect:
      return "CollnetDirect";
    case calib::Algorithm::CollNetChain:
      return "CollnetChain";
    default:
      break;
  }
  throw NotHere(fmt::format("NCCL has no algorithm {}", calib::name(algorithm)));
}
const char* nccl_name(calib::Protocol protocol) {
  return protocol == calib::Protocol::Ll      ? "LL"
         : protocol == calib::Protocol::Ll128 ? "LL128"
                                              : "Simple";
}

/// Sets an environment variable while it lives; NCCL reads these two once per communicator
/// (graph/tuning.cc), so each may have its own.
class Setting {
 public:
  Setting(const char* name, const char* value) : name_(name) {
    if (const char* now = std::getenv(name)) {  // NOLINT(concurrency-mt-unsafe): one thread here
      before_ = now;
    }
    if (value != nullptr) {
      ::setenv(name, value, 1);  // NOLINT(concurrency-mt-unsafe)
    }
  }
  ~Setting() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    } else {
      ::unsetenv(name_);  // NOLINT(concurrency-mt-unsafe)
    }
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

std::string unique_id_of_rank_0(const World& world) {
  ncclUniqueId id{};
  if (world.first_rank == 0) {
    check(ncclGetUniqueId(&id), "ncclGetUniqueId");
  }
  return world.rendezvous->broadcast(std::string(id.internal, sizeof id.internal));
}

/// What NCCL says of an algorithm or protocol that it does not have for an operation (enqueue.cc).
bool is_refusal(ncclResult_t result) {
  return result == ncclInvalidUsage || result == ncclInternalError;
}

RuntimeFailure lost(const World& world, const char* what, Seconds patience) {
  return RuntimeFailure(
      fmt::format("rank {}: {} of {} ranks was not done within {:.0f} s: a rank or its link was "
                  "lost; look at the other ranks' output, NCCL_DEBUG=INFO says more",
                  world.first_rank, what, world.ranks, patience.base()));
}

Clock::time_point after(Seconds patience) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(patience.base()));
}

}  // namespace

Communicators::Communicators(const World& world, std::optional<calib::Algorithm> algorithm,
                             std::optional<calib::Protocol> protocol)
    : world_(world),
      algorithm_(algorithm),
      protocol_(protocol),
      comms_(world.local.size(), nullptr) {
  const Setting algorithms("NCCL_ALGO", algorithm ? nccl_name(*algorithm) : nullptr);
  const Setting protocols("NCCL_PROTO", protocol ? nccl_name(*protocol) : nullptr);
  const std::string text = unique_id_of_rank_0(world);
  ncclUniqueId id{};
  std::memcpy(id.internal, text.data(), sizeof id.internal);
  // Blocking communicators: the others start a thread per call, which shows in small messages. So a
  // lost rank would keep this call for ever, and another thread makes it.
  auto made = std::make_shared<std::vector<ncclComm_t>>(comms_.size(), nullptr);
  std::vector<int> devices;
  for (const Device* device : world.local) {
    devices.push_back(device->facts().index);
  }
  std::packaged_task<void()> start([made, devices, id, ranks = world.ranks,
                                    first = world.first_rank, forced = algorithm.has_value()] {
    check(ncclGroupStart(), "ncclGroupStart");
    for (std::size_t i = 0; i < devices.size(); ++i) {
      check(cudaSetDevice(devices[i]), "cudaSetDevice");
      check(ncclCommInitRank(&(*made)[i], ranks, id, first + static_cast<int>(i)),
            "ncclCommInitRank");
    }
    const ncclResult_t result = ncclGroupEnd();
    if (forced && is_refusal(result)) {
      throw NotHere("NCCL does not start with this algorithm and protocol");
    }
    check(result, "starting NCCL");
  });
  std::future<void> started = start.get_future();
  std::thread(std::move(start)).detach();
  if (started.wait_for(std::chrono::duration<double>(kPatience.base())) !=
      std::future_status::ready) {
    throw lost(world, "starting NCCL", kPatience);
  }
  started.get();
  comms_ = *made;
}

Communicators::~Communicators() {
  for (const ncclComm_t comm : comms_) {
    if (comm == nullptr) {
      continue;
    }
    if (std::uncaught_exceptions() > 0) {
      ncclCommAbort(comm);  // an orderly end would wait for ranks that may be lost
    } else {
      ncclCommDestroy(comm);
    }
  }
}

std::string Communicators::version() {
  int v = 0;
  check(ncclGetVersion(&v), "ncclGetVersion");
  return fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
}

void Communicators::give_up(const char* what, Seconds patience) {
  for (ncclComm_t& comm : comms_) {
    ncclCommAbort(comm);
    comm = nullptr;
  }
  throw lost(world_, what, patience);
}

void Communicators::group(const std::function<void(std::size_t)>& enqueue) {
  check(ncclGroupStart(), "ncclGroupStart");
  for (std::size_t i = 0; i < comms_.size(); ++i) {
    world_.local[i]->make_current();
    enqueue(i);
  }
  const ncclResult_t result = ncclGroupEnd();
  if (algorithm_ && is_refusal(result)) {
    throw NotHere(fmt::format("NCCL has no {} with {} for this", nccl_name(*algorithm_),
                              protocol_ ? nccl_name(*protocol_) : "any protocol"));
  }
  check(result, "ncclGroupEnd");
}

void Communicators::wait(Seconds patience) {
  const auto end = after(patience);
  for (std::size_t i = 0; i < comms_.size(); ++i) {
    world_.local[i]->make_current();
    cudaError_t state = cudaErrorNotReady;
    while ((state = cudaStreamQuery(world_.local[i]->stream())) == cudaErrorNotReady) {
      ncclResult_t comm_state = ncclSuccess;
      check(ncclCommGetAsyncError(comms_[i], &comm_state), "ncclCommGetAsyncError");
      check(comm_state, "a collective");
      if (Clock::now() > end) {
        give_up("a collective", patience);
      }
      std::this_thread::yield();
    }
    check(state, "a collective");
  }
}

}  // namespace real_runner
