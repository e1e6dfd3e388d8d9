#include "real_runner/collectives.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "real_runner/collective_check.hpp"
#include "real_runner/cuda_check.hpp"
#include "real_runner/interrupt.hpp"
#include "real_runner/rank_env.hpp"

namespace real_runner {

namespace {

using calib::Collective;
using calib::CollectiveMeasurement;
using units::Seconds;

constexpr ncclDataType_t kType = ncclBfloat16;
constexpr std::size_t kElement = 2;

/// One rank's buffers: out of place two, in place one; where the library wants its share to begin.
class RankBuffers {
 public:
  RankBuffers(const CollectiveMeasurement& what, int rank)
      : memory_(static_cast<std::size_t>(what.bytes.base()) * (what.in_place ? 1 : 2)) {
    const auto bytes = static_cast<std::size_t>(what.bytes.base());
    auto* const first = memory_.as<unsigned char>();
    view_ = {.send = first,
             .receive = what.in_place ? first : first + bytes,
             .bytes = bytes,
             .rank = rank,
             .ranks = static_cast<int>(what.ranks),
             .in_place = what.in_place};
    const std::size_t share = static_cast<std::size_t>(view_.chunk()) * kElement;
    if (what.in_place && what.op == Collective::AllGather) {
      view_.send = first + static_cast<std::size_t>(rank) * share;
    }
    if (what.in_place && what.op == Collective::ReduceScatter) {
      view_.receive = first + static_cast<std::size_t>(rank) * share;
    }
  }
  [[nodiscard]] const CollectiveBuffers& view() const { return view_; }

 private:
  DeviceMemory memory_;
  CollectiveBuffers view_;
};

constexpr Seconds kPatience = units::seconds(60);

/// Samples in step: events of the local ranks around what is enqueued.
class InStep {
 public:
  InStep(const World& world, Communicators& communicators, const std::function<void()>& enqueue)
      : world_(world),
        communicators_(communicators),
        enqueue_(enqueue),
        watch_(*world.local.front()) {
    for (std::size_t i = 0; i < world.local.size(); ++i) {
      world.local[i]->make_current();
      starts_.emplace_back();
      stops_.emplace_back();
    }
  }

  Agreed sample(std::int64_t repeats) {
    mark(starts_);
    for (std::int64_t repeat = 0; repeat < repeats; ++repeat) {
      enqueue_();
    }
    mark(stops_);
    watch_.look_if_due();
    communicators_.wait(kPatience);
    Seconds mine;
    for (std::size_t i = 0; i < stops_.size(); ++i) {
      world_.local[i]->make_current();
      mine = std::max(mine, stops_[i].since(starts_[i]));
    }
    return agree(*world_.rendezvous, mine);
  }

  [[nodiscard]] const std::vector<DeviceState>& looks() const { return watch_.looks(); }

 private:
  void mark(const std::vector<Event>& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      world_.local[i]->make_current();
      events[i].record(world_.local[i]->stream());
    }
  }

  const World& world_;
  Communicators& communicators_;
  const std::function<void()>& enqueue_;
  std::vector<Event> starts_, stops_;
  Watch watch_;
};

/// The buffers of all local ranks. @throws NotHere on all ranks if one has too little memory
std::vector<RankBuffers> make_buffers(const World& world, const CollectiveMeasurement& what) {
  std::vector<RankBuffers> buffers;
  double short_of_memory = 0;
  try {
    for (std::size_t i = 0; i < world.local.size(); ++i) {
      world.local[i]->make_current();
      buffers.emplace_back(what, world.rank(i));
    }
  } catch (const NotHere&) {
    short_of_memory = 1;
  }
  if (world.rendezvous->maximum(short_of_memory) > 0) {
    throw NotHere(fmt::format("a rank has too little memory for {:.0f} bytes", what.bytes.base()));
  }
  return buffers;
}

/// Wrong elements over all ranks after one operation on known data.
std::int64_t check_result(const World& world, Communicators& communicators, Collective op,
                          const std::vector<RankBuffers>& buffers,
                          const std::function<void()>& enqueue) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    world.local[i]->make_current();
    fill_send_buffer(*world.local[i], op, buffers[i].view());
  }
  enqueue();
  communicators.wait(kPatience);
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    world.local[i]->make_current();
    wrong += wrong_elements(*world.local[i], op, buffers[i].view());
  }
  return static_cast<std::int64_t>(world.rendezvous->sum(static_cast<double>(wrong)));
}

bool set_to(const Environment& environment, const char* name, const char* value) {
  return environment(name).value_or("") == value;
}

/// What /sys says of the network cards: NCCL takes InfiniBand verbs where there are any.
calib::Transport network() {
  namespace fs = std::filesystem;
  const Environment environment = process_environment();
  std::error_code none;
  const fs::path devices = "/sys/class/infiniband";
  if (set_to(environment, "NCCL_NET", "Socket") || set_to(environment, "NCCL_IB_DISABLE", "1") ||
      !fs::exists(devices, none)) {
    return calib::Transport::Socket;
  }
  for (const auto& device : fs::directory_iterator(devices, none)) {
    const std::string name = device.path().filename().string();
    if (name.rfind("efa", 0) == 0 || name.rfind("rdmap", 0) == 0) {
      return calib::Transport::Efa;
    }
    std::ifstream file(device.path() / "ports/1/link_layer");
    std::string layer;
    if (file >> layer) {
      return layer == "InfiniBand" ? calib::Transport::Infiniband : calib::Transport::Roce;
    }
  }
  return calib::Transport::Socket;
}

}  // namespace

Agreed agree(Rendezvous& rendezvous, Seconds mine) {
  Agreed agreed;
  for (const std::string& each :
       rendezvous.exchange(fmt::format("{} {:.17g}", interrupted() ? 1 : 0, mine.base()))) {
    agreed.stop = agreed.stop || each.front() == '1';
    agreed.slowest = std::max(agreed.slowest, units::seconds(std::stod(each.substr(2))));
  }
  return agreed;
}

calib::Measured time_in_step(const World& world, Communicators& communicators,
                             const SamplingPolicy& policy, const std::function<void()>& enqueue) {
  InStep in_step(world, communicators, enqueue);
  in_step.sample(2);  // warm-up
  const Seconds one = in_step.sample(1).slowest;
  const std::int64_t repeats = repeats_in_sample(one, policy);
  StoppingRule rule(policy);
  for (bool stop = false; !stop && !rule.done();) {
    const Agreed agreed = in_step.sample(repeats);
    rule.add(agreed.slowest / static_cast<double>(repeats), agreed.slowest);
    stop = agreed.stop;
  }
  return measured(rule, in_step.looks(), *world.local.front());
}

calib::Transport transport_of(const World& world) {
  if (world.shared_device) {
    return calib::Transport::SharedDevice;
  }
  if (world.nodes > 1) {
    return network();
  }
  const Environment environment = process_environment();
  if (set_to(environment, "NCCL_P2P_DISABLE", "1") &&
      set_to(environment, "NCCL_SHM_DISABLE", "1")) {
    return calib::Transport::Socket;
  }
  const auto links = world.local.front()->nvml().active_nvlinks();
  return !links       ? calib::Transport::Unknown
         : *links > 0 ? calib::Transport::Nvlink
                      : calib::Transport::Pcie;
}

void enqueue_collective(Communicators& communicators, const World& world, std::size_t local_index,
                        Collective op, std::size_t bytes, void* send, void* receive,
                        cudaStream_t stream) {
  const ncclComm_t comm = communicators.at(local_index);
  const auto ranks = static_cast<std::size_t>(world.ranks);
  const std::size_t count = bytes / kElement, share = count / ranks;
  switch (op) {
    case Collective::AllReduce:
      return check(ncclAllReduce(send, receive, count, kType, ncclSum, comm, stream),
                   "ncclAllReduce");
    case Collective::AllGather:
      return check(ncclAllGather(send, receive, share, kType, comm, stream), "ncclAllGather");
    case Collective::ReduceScatter:
      return check(ncclReduceScatter(send, receive, share, kType, ncclSum, comm, stream),
                   "ncclReduceScatter");
    case Collective::AllToAll:
      return check(ncclAlltoAll(send, receive, share, kType, comm, stream), "ncclAlltoAll");
    case Collective::Broadcast:
      return check(ncclBroadcast(send, receive, count, kType, 0, comm, stream), "ncclBroadcast");
    case Collective::SendRecv: {  // to the next, from the one before: nccl-tests' sendrecv
      const int rank = world.rank(local_index);
      check(ncclSend(send, count, kType, (rank + 1) % world.ranks, comm, stream), "ncclSend");
      return check(
          ncclRecv(receive, count, kType, (rank + world.ranks - 1) % world.ranks, comm, stream),
          "ncclRecv");
    }
    case Collective::Reduce:
    case Collective::Barrier:
      break;
  }
  throw NotHere(fmt::format("{} is not measured", calib::name(op)));
}

CollectiveBench::CollectiveBench(const World& world) : world_(world) {}
CollectiveBench::~CollectiveBench() = default;

Communicators& CollectiveBench::communicators(std::optional<calib::Algorithm> algorithm,
                                              std::optional<calib::Protocol> protocol) {
  if (!now_ || !now_->is(algorithm, protocol)) {
    now_.reset();
    now_ = std::make_unique<Communicators>(world_, algorithm, protocol);
  }
  return *now_;
}

Communicators& CollectiveBench::own_choice() {
  return communicators({}, {});
}

void CollectiveBench::measure(const SamplingPolicy& policy, CollectiveMeasurement& what) {
  const auto way = std::make_tuple(what.op, what.algorithm, what.protocol);
  if (std::find(refused_.begin(), refused_.end(), way) != refused_.end()) {
    throw NotHere("NCCL refused this way before");
  }
  what.transport = transport_of(world_);
  what.system = world_.system;
  try {
    Communicators& way_of = communicators(what.algorithm, what.protocol);
    const std::vector<RankBuffers> buffers = make_buffers(world_, what);
    const std::function<void()> enqueue = [&] {
      way_of.group([&](std::size_t i) {
        const CollectiveBuffers& b = buffers[i].view();
        enqueue_collective(way_of, world_, i, what.op, b.bytes, b.send, b.receive,
                           world_.local[i]->stream());
      });
    };
    what.errors = check_result(world_, way_of, what.op, buffers, enqueue);
    what.checked = true;
    what.measured = time_in_step(world_, way_of, policy, enqueue);
  } catch (const NotHere&) {
    if (what.algorithm) {
      refused_.push_back(way);
      now_.reset();  // a communicator that refused once is not trusted again
    }
    throw;
  }
  const auto flag = [&](calib::Flag which) { what.measured.flags.push_back(which); };
  if (what.errors > 0) {
    flag(calib::Flag::WrongResult);
  }
  if (world_.shared_device) {
    flag(calib::Flag::SharedDevice);
  }
  if (what.transport == calib::Transport::Socket || world_.shared_device) {
    flag(calib::Flag::Socket);
  }
}

}  // namespace real_runner
