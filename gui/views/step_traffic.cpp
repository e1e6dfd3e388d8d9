#include "gui/views/step_traffic.hpp"

#include <algorithm>
#include <utility>

#include <QCoreApplication>

namespace gui {

using sim::Axis;
using sim::Collective;
using sim::Role;
using topology::LinkId;

namespace {

struct Traffic {
  Q_DECLARE_TR_FUNCTIONS(traffic)
};

/// What is left of each link at the begin of the step.
topology::FabricHealth health_at_begin(const std::vector<scenarios::FaultWords>& words,
                                       const topology::Cluster& cluster) {
  topology::FabricHealth health;
  for (const sim::LinkFault& fault : scenarios::link_faults(words, cluster, units::seconds(1))) {
    if (fault.begin <= units::Seconds{} && fault.end > units::Seconds{}) {
      health.left.resize(cluster.link_count(), 1.0F);
      health.left[fault.link] = std::min(health.left[fault.link], fault.left);
    }
  }
  return health;
}

std::vector<std::uint32_t> roles_of(const sim::Layout& l, const sim::Groups& groups) {
  const auto many = [&groups](Axis axis) { return groups.of(axis).ranks > 1; };
  std::vector<std::uint32_t> roles;
  const auto ring = [&](Axis axis) {
    if (many(axis)) {
      roles.push_back(Role::collective(axis, Collective::AllReduce));
    }
  };
  ring(Axis::Tensor);
  if (many(Axis::Context)) {
    roles.push_back(
        Role::collective(Axis::Context, l.context_parallel == sim::ContextParallel::Ulysses
                                            ? Collective::AllToAll
                                            : Collective::AllReduce));
  }
  if (many(Axis::Expert)) {
    roles.push_back(Role::collective(Axis::Expert, Collective::AllToAll));
  }
  if (l.pp > 1) {
    roles.push_back(Role::kForward);
  }
  if (many(Axis::Replica)) {
    ring(Axis::Shard);
    ring(Axis::Replica);
  } else {
    ring(Axis::Data);
  }
  if (many(Axis::Expert)) {
    ring(Axis::ExpertData);
  }
  return roles;
}

}  // namespace

LinkBytes::LinkBytes(std::vector<std::uint32_t> kinds, std::size_t links)
    : kinds_(std::move(kinds)), row_of_(links, kIdle) {}

void LinkBytes::set(LinkId link, std::span<const double> bytes, int alike) {
  const bool as_last = !alike_.empty() && alike_.back() == alike &&
                       std::equal(bytes.begin(), bytes.end(),
                                  bytes_.end() - static_cast<std::ptrdiff_t>(kinds_.size()));
  if (!as_last) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    alike_.push_back(alike);
  }
  row_of_[link] = static_cast<std::uint32_t>(alike_.size() - 1);
}

std::span<const double> LinkBytes::of(LinkId link) const {
  if (row_of_.empty() || row_of_[link] == kIdle) {
    return {};
  }
  return std::span(bytes_).subspan(row_of_[link] * kinds_.size(), kinds_.size());
}

int LinkBytes::alike(LinkId link) const {
  return row_of_.empty() || row_of_[link] == kIdle ? 1 : alike_[row_of_[link]];
}

StepTraffic::StepTraffic(topology::Cluster cluster, JobOnFabric job)
    : cluster_(std::move(cluster)),
      job_(std::move(job)),
      health_(health_at_begin(job_.faults, cluster_)),
      groups_(sim::communicators(job_.layout, cluster_.spec())),
      grid_(job_.layout, groups_),
      rank_on_(static_cast<std::size_t>(cluster_.spec().gpus), -1),
      roles_(roles_of(job_.layout, groups_)) {
  for (int rank = 0; rank < job_.layout.world_size(); ++rank) {
    const auto gpu = static_cast<std::size_t>(gpu_of(rank));
    if (gpu < rank_on_.size()) {
      rank_on_[gpu] = rank;
    }
  }
}

void StepTraffic::set_bytes(LinkBytes bytes) {
  bytes_ = std::move(bytes);
  for (const std::uint32_t kind : bytes_.kinds()) {
    if (kind != LinkBytes::kNeighbours && kind != Role::kBackward &&
        std::find(roles_.begin(), roles_.end(), kind) == roles_.end()) {
      roles_.push_back(kind);
    }
  }
}

StepTraffic::Seat StepTraffic::seat(int rank) const {
  const auto [worker, tp] = grid_.seat(rank);
  return {.tensor = tp, .replica = grid_.replica(worker), .stage = grid_.stage(worker)};
}

std::vector<int> StepTraffic::members(int gpu, std::uint32_t role) const {
  const int rank = rank_on(gpu);
  if (rank < 0) {
    return {};
  }
  const auto [worker, tp] = grid_.seat(rank);
  const Axis axis = Role::axis(role);
  std::vector<int> gpus;
  if (axis == Axis::Tensor) {
    for (int i = 0; i < grid_.ranks_per_worker(); ++i) {
      gpus.push_back(gpu_of(grid_.rank(worker, i)));
    }
  } else if (axis == Axis::Pipeline) {
    for (int stage = 0; stage < job_.layout.pp; ++stage) {
      const sim::WorkerId one = grid_.neighbour(worker, stage - grid_.stage(worker));
      gpus.push_back(gpu_of(grid_.rank(one, tp)));
    }
  } else {
    const sim::WorkerGrid::Members m = grid_.members(worker, axis);
    for (std::uint32_t i = 0; i < m.size; ++i) {
      gpus.push_back(gpu_of(grid_.rank(grid_.member(worker, axis, i), tp)));
    }
  }
  return gpus;
}

std::vector<int> StepTraffic::targets(int gpu, std::uint32_t role) const {
  const int rank = rank_on(gpu);
  std::vector<int> gpus;
  if (rank < 0) {
    return gpus;
  }
  const auto [worker, tp] = grid_.seat(rank);
  const int stage = grid_.stage(worker);
  const bool round = job_.layout.virtual_stages > 1;  // the last stage hands on to the first
  if ((role == Role::kForward && stage == job_.layout.pp - 1 && !round) ||
      (role == Role::kBackward && stage == 0 && !round)) {
    return gpus;
  }
  sim::flow_targets(grid_, groups_, worker, tp, role, gpus);
  for (int& one : gpus) {
    one = gpu_of(one);
  }
  return gpus;
}

std::vector<int> StepTraffic::sources(int gpu, std::uint32_t role) const {
  if (Role::all_to_all(role)) {
    return targets(gpu, role);  // whom one sends to sends back
  }
  std::vector<int> gpus;
  for (const int member : members(gpu, role)) {
    const std::vector<int> to = targets(member, role);
    if (std::find(to.begin(), to.end(), gpu) != to.end()) {
      gpus.push_back(member);
    }
  }
  return gpus;
}

int StepTraffic::per_domain(int gpu, std::uint32_t role) const {
  const Axis axis = Role::axis(role);
  const int rank = rank_on(gpu);
  if (rank < 0 || axis == Axis::Tensor || axis == Axis::Pipeline) {
    return std::max(1, groups_.of(axis).per_domain);
  }
  return static_cast<int>(grid_.members(grid_.seat(rank).worker, axis).per_domain);
}

bool StepTraffic::way(int from_gpu, int to_gpu, std::uint32_t role,
                      std::vector<LinkId>& links) const {
  std::vector<topology::Hop> hops;
  if (!cluster_.route_into(from_gpu, to_gpu,
                           {.routing = job_.routing, .flow = role, .health = &health_}, hops)) {
    return false;
  }
  for (const topology::Hop& hop : hops) {
    for (const LinkId link : cluster_.members(hop.link)) {
      if (health_.up(link)) {
        links.push_back(link);
      }
    }
  }
  return true;
}

QString role_text(std::uint32_t role) {
  if (role == LinkBytes::kNeighbours) {
    return Traffic::tr("other jobs");
  }
  if (role == Role::kForward) {
    return Traffic::tr("pipeline, activations");
  }
  if (role == Role::kBackward) {
    return Traffic::tr("pipeline, gradients");
  }
  const bool all = Role::all_to_all(role);
  switch (Role::axis(role)) {
    case Axis::Tensor:
      return all ? Traffic::tr("tensor-parallel all-to-all") : Traffic::tr("tensor-parallel ring");
    case Axis::Context:
      return all ? Traffic::tr("context-parallel all-to-all")
                 : Traffic::tr("context-parallel ring");
    case Axis::Expert:
      return all ? Traffic::tr("expert all-to-all") : Traffic::tr("expert ring");
    case Axis::Data:
      return all ? Traffic::tr("data-parallel all-to-all") : Traffic::tr("data-parallel ring");
    case Axis::Shard:
      return all ? Traffic::tr("all-to-all of a shard group")
                 : Traffic::tr("ring of a shard group");
    case Axis::Replica:
      return all ? Traffic::tr("all-to-all between shard groups")
                 : Traffic::tr("ring between shard groups");
    case Axis::ExpertData:
      return all ? Traffic::tr("data-parallel all-to-all of experts")
                 : Traffic::tr("data-parallel ring of experts");
    case Axis::Pipeline:
      break;
  }
  return Traffic::tr("pipeline");
}

}  // namespace gui
