#include "sim/engine/traffic.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>

#include <fmt/format.h>

#include "sim/engine/between_switches.hpp"
#include "topology/routing.hpp"

namespace sim {

using topology::mix64;

namespace {

constexpr std::uint32_t kNone = ~0U;

std::uint64_t colour(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t hash = 0;
  for (const std::uint64_t part : parts) {
    hash = mix64(hash ^ mix64(part));
  }
  return hash;
}

int gpu_of(const PlacedJob& job, int rank) {
  return job.gpus.empty() ? rank : job.gpus[static_cast<std::size_t>(rank)];
}

/// Whether a rank's network stream or passes hold collectives of this kind on the network.
void note(const TimedCollective& c, std::array<bool, Role::kCount>& used) {
  if (c.on_network()) {
    used[Role::collective(c.axis, c.op)] = true;
  }
}

/// The roles that flows of a graph have.
std::array<bool, Role::kCount> used_roles(const StepGraph& g) {
  std::array<bool, Role::kCount> used{};
  used[Role::kForward] = used[Role::kBackward] = g.pp > 1 && g.boundary.on_network();
  for (const ChunkClass& chunk : g.classes) {
    for (const Pass* pass : {&chunk.forward, &chunk.backward, &chunk.weight}) {
      for (const ForkJoin& item : pass->network) {
        note(item.collective, used);
      }
    }
    for (const std::vector<Sync>* syncs : {&chunk.gather_parameters, &chunk.reduce_gradients}) {
      for (const Sync& sync : *syncs) {
        note(sync.hideable, used);
        note(sync.bucket, used);
      }
    }
  }
  return used;
}

}  // namespace

Traffic::Traffic(const topology::Cluster& cluster, std::span<const PlacedJob> jobs,
                 topology::Routing routing, double fabric_efficiency,
                 std::span<const topology::FabricHealth> states, bool unfold)
    : cluster_(cluster), routing_(routing), fabric_efficiency_(fabric_efficiency), states_(states) {
  std::vector<std::uint64_t> capacities(cluster.channel_count(), 0);
  for (topology::LinkId id = 0; id < cluster.channel_count(); ++id) {
    for (std::size_t s = 0; s < states.size(); ++s) {
      capacities[id] =
          colour({capacities[id], std::bit_cast<std::uint64_t>(capacity_of(id, s).base())});
    }
  }
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (const std::uint64_t hash : capacities) {
      problem_.link_colour.push_back(colour({s, hash}));
    }
  }
  for (std::uint32_t i = 0; i < jobs.size(); ++i) {
    add_job(jobs[i], i);
  }
  folding_ = unfold ? fold_nothing(problem_) : fold(problem_);
  index_workers();
  index_flows();
  merge_serial_links();
}

units::BytesPerSecond Traffic::capacity_of(topology::LinkId channel, std::size_t state) const {
  return cluster_.capacity(channel, {.routing = routing_, .health = &states_[state]});
}

units::BytesPerSecond Traffic::capacity(std::size_t link) const {
  const topology::LinkId channel = channel_of(link);
  const double share = between_switches(cluster_, channel) ? fabric_efficiency_ : 1.0;
  return capacity_of(channel, folding_.links.first[link] / cluster_.channel_count()) * share;
}

/// Packets that are on their way over a lost member of a trunk are lost too, so the whole flow
/// waits.
bool Traffic::loses(std::size_t link, std::size_t before, std::size_t after) const {
  const auto members = cluster_.members(channel_of(link));
  return std::any_of(members.begin(), members.end(), [&](topology::LinkId id) {
    return states_[before].up(id) && !states_[after].up(id);
  });
}

void Traffic::add_job(const PlacedJob& job, std::uint32_t number) {
  const WorkerGrid grid(*job.layout, job.graph->groups);
  const auto first = static_cast<std::uint32_t>(worker_.size());
  for (WorkerId w = 0; w < grid.count(); ++w) {
    add_worker(job, grid, w, number);
    worker_.back().ahead = first + grid.neighbour(w, 1);
    worker_.back().behind = first + grid.neighbour(w, -1);
    if (grid.neighbour(w, 1) != w) {
      problem_.peers.items.push_back({.other = worker_.back().ahead, .role = Role::kForward});
      problem_.peers.items.push_back({.other = worker_.back().behind, .role = Role::kBackward});
    }
    problem_.peers.close();
  }
  const auto used = used_roles(*job.graph);
  for (WorkerId w = 0; w < grid.count(); ++w) {
    add_flows(job, grid, first, w, used);
  }
  add_groups(grid, first, used);
}

void Traffic::add_worker(const PlacedJob& job, const WorkerGrid& grid, WorkerId w,
                         std::uint32_t number) {
  Worker worker{.job = number, .stage = grid.stage(w), .graph = job.graph};
  std::uint64_t kind = 0;
  if (!job.other_graphs.empty()) {
    const topology::ClusterSpec& spec = cluster_.spec();
    for (int i = 0; i < grid.ranks_per_worker(); ++i) {
      // A worker is as slow as the slowest kind of accelerator among its ranks.
      const topology::NodeGroup* group = spec.group_of(gpu_of(job, grid.rank(w, i)));
      if (group != nullptr) {
        const auto index = static_cast<std::size_t>(group - spec.other_nodes.data());
        const StepGraph* graph = job.other_graphs[index];
        if (i == 0 ||
            graph->chunk(0, 0).forward.duration > worker.graph->chunk(0, 0).forward.duration) {
          worker.graph = graph;
          kind = index + 1;
        }
      }
    }
  }
  worker.reported = number == 0 && grid.replica(w) == 0;
  worker_.push_back(worker);
  problem_.actor_colour.push_back(colour({number, static_cast<std::uint64_t>(worker.stage), kind}));
}

/// The flows of one worker's ranks, by role.
void Traffic::add_flows(const PlacedJob& job, const WorkerGrid& grid, std::uint32_t first,
                        WorkerId w, const std::array<bool, Role::kCount>& used) {
  const auto add = [&](std::uint32_t role) {
    std::vector<int> to;
    for (int tp = 0; tp < grid.ranks_per_worker(); ++tp) {
      to.clear();
      flow_targets(grid, job.graph->groups, w, tp, role, to);
      add_flow(first + w, role, job, grid.rank(w, tp), to);
    }
  };
  for (const std::uint32_t role : {Role::kForward, Role::kBackward}) {
    if (used[role] && grid.neighbour(w, 1) != w) {
      add(role);
    }
  }
  for (std::size_t a = 0; a < kAxes; ++a) {
    for (const Collective op : {Collective::AllReduce, Collective::AllToAll}) {
      const std::uint32_t role = Role::collective(static_cast<Axis>(a), op);
      if (used[role]) {
        add(role);
      }
    }
  }
}

void Traffic::add_flow(std::uint32_t actor, std::uint32_t role, const PlacedJob& job, int from_rank,
                       std::span<const int> to_ranks) {
  const double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, to_ranks.size()));
  for (std::size_t state = 0; state < states_.size(); ++state) {
    for (const int rank : to_ranks) {
      add_hops(state, role, gpu_of(job, from_rank), gpu_of(job, rank), share);
    }
  }
  problem_.hops.close();
  problem_.flow_actor.push_back(actor);
  problem_.flow_colour.push_back(colour({worker_[actor].job, role}));
  flow_role_.push_back(role);
}

/// Adds to the flow that is being put together what its share to one target loads.
void Traffic::add_hops(std::size_t state, std::uint32_t role, int from, int to, double share) {
  const topology::RouteRequest request{
      .routing = routing_, .flow = role, .health = &states_[state]};
  if (!cluster_.route_into(from, to, request, way_)) {
    throw CutOff(fmt::format(
        "GPU {} cannot reach GPU {} any more: every way between them has lost a link; take the "
        "node out of the job, or let the fault end before the step begins",
        from, to));
  }
  const auto copy = static_cast<topology::LinkId>(state * cluster_.channel_count());
  std::vector<Hop>& items = problem_.hops.items;
  for (const Hop& hop : way_) {
    const topology::LinkId link = copy + hop.link;
    const auto seen =
        std::find_if(items.begin() + static_cast<std::ptrdiff_t>(problem_.hops.begin.back()),
                     items.end(), [&](const Hop& h) { return h.link == link; });
    if (seen == items.end()) {
      items.push_back({link, hop.weight * share});
    } else {
      seen->weight += hop.weight * share;
    }
  }
}

void Traffic::add_groups(const WorkerGrid& grid, std::uint32_t first,
                         const std::array<bool, Role::kCount>& used) {
  actor_groups_.resize(worker_.size() * kAxes, kNone);
  for (std::size_t a = 0; a < kAxes; ++a) {
    const Axis axis = static_cast<Axis>(a);
    const bool meets = used[Role::collective(axis, Collective::AllReduce)] ||
                       used[Role::collective(axis, Collective::AllToAll)];
    if (!meets) {
      continue;
    }
    for (WorkerId w = 0; w < grid.count(); ++w) {
      const bool tensor = axis == Axis::Tensor;
      const WorkerGrid::Members m = tensor ? WorkerGrid::Members{} : grid.members(w, axis);
      if (m.index > 0) {
        continue;
      }
      const auto group = static_cast<std::uint32_t>(problem_.group_colour.size());
      for (std::uint32_t i = 0; i < m.size; ++i) {
        const std::uint32_t member = first + (tensor ? w : grid.member(w, axis, i));
        problem_.members.items.push_back(member);
        actor_groups_[member * kAxes + a] = group;
      }
      problem_.members.close();
      problem_.group_colour.push_back(colour({worker_[first].job, a}));
    }
  }
}

/// Keeps one worker and one group per class.
void Traffic::index_workers() {
  const Classes& actors = folding_.actors;
  std::vector<Worker> kept;
  meeting_of_.assign(actors.size() * kAxes, kNone);
  for (std::uint32_t c = 0; c < actors.size(); ++c) {
    const std::uint32_t w = actors.first[c];
    kept.push_back(worker_[w]);
    kept.back().ahead = actors.of[worker_[w].ahead];
    kept.back().behind = actors.of[worker_[w].behind];
    for (std::size_t a = 0; a < kAxes; ++a) {
      const std::uint32_t group = actor_groups_[w * kAxes + a];
      if (group != kNone) {
        meeting_of_[c * kAxes + a] = folding_.groups.of[group];
      }
    }
  }
  whole_workers_ = worker_.size();
  worker_ = std::move(kept);
  for (const std::uint32_t group : folding_.groups.first) {
    std::vector<std::uint32_t> classes;
    for (const std::uint32_t member : problem_.members[group]) {
      classes.push_back(actors.of[member]);
    }
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    meeting_workers_.items.insert(meeting_workers_.items.end(), classes.begin(), classes.end());
    meeting_workers_.close();
  }
  actor_groups_ = {};
}

/// The different flows of each class of workers, by role.
void Traffic::index_flows() {
  const Classes& flows = folding_.flows;
  std::vector<std::vector<std::uint32_t>> by_key(folding_.actors.size() * Role::kCount);
  for (std::uint32_t c = 0; c < flows.size(); ++c) {
    const std::uint32_t first = flows.first[c];
    const std::uint32_t worker = folding_.actors.of[problem_.flow_actor[first]];
    by_key[std::size_t{worker} * Role::kCount + flow_role_[first]].push_back(c);
  }
  const std::size_t channels = cluster_.channel_count();
  std::vector<std::vector<Hop>> by_state(states_.size());
  first_flow_ = {0};
  for (const std::vector<std::uint32_t>& classes : by_key) {
    for (const std::uint32_t flow_class : classes) {
      for (const Hop& hop : folded_hops(problem_, folding_, flow_class)) {
        by_state[folding_.links.first[hop.link] / channels].push_back(hop);
      }
      for (std::vector<Hop>& hops : by_state) {
        hops_.items.insert(hops_.items.end(), hops.begin(), hops.end());
        hops_.close();
        hops.clear();
      }
    }
    first_flow_.push_back(first_flow_.back() + static_cast<std::uint32_t>(classes.size()));
  }
  whole_flows_ = problem_.flow_colour.size();
  problem_ = {};
  flow_role_ = {};
}

Traffic::Owner Traffic::owner(std::uint32_t flow) const {
  const auto after = std::upper_bound(first_flow_.begin(), first_flow_.end(), flow);
  const auto key = static_cast<std::uint32_t>(after - first_flow_.begin() - 1);
  return {.worker = key / Role::kCount, .role = key % Role::kCount};
}

/// Links that the very same flows cross, one after the other (GPU to NIC, NIC to leaf), are one to
/// the engine: the narrowest.
void Traffic::merge_serial_links() {
  std::vector<std::uint64_t> users(links(), 0);
  for (std::size_t list = 0; list < hops_.size(); ++list) {
    for (const Hop& hop : hops_[list]) {  // links of different states are in different lists
      users[hop.link] += colour({list, std::bit_cast<std::uint64_t>(hop.weight)});
    }
  }
  std::unordered_map<std::uint64_t, std::uint32_t> narrowest;
  for (std::uint32_t link = 0; link < links(); ++link) {
    const auto [it, is_new] = narrowest.emplace(users[link], link);
    if (!is_new && capacity(link) < capacity(it->second)) {
      it->second = link;
    }
  }
  for (std::uint32_t link = 0; link < links(); ++link) {
    same_as_.push_back(narrowest.at(users[link]));
  }
  Lists<Hop> kept;
  for (std::size_t list = 0; list < hops_.size(); ++list) {
    std::copy_if(hops_[list].begin(), hops_[list].end(), std::back_inserter(kept.items),
                 [this](const Hop& hop) { return same_as_[hop.link] == hop.link; });
    kept.close();
  }
  hops_ = std::move(kept);
}

Traffic::Meeting Traffic::meeting(std::uint32_t w, Axis axis) const {
  const std::uint32_t group = meeting_of_[w * kAxes + static_cast<std::size_t>(axis)];
  return {.group = group, .workers = meeting_workers_[group]};
}

std::vector<std::string> Traffic::folded() const {
  std::vector<std::string> sentences;
  const std::size_t flows = folding_.flows.size();
  if (workers() < whole_workers_) {
    sentences.push_back(fmt::format(
        "{} workers (tensor-parallel groups) behave as {} kinds: each kind was simulated once",
        whole_workers_, workers()));
  }
  if (flows < whole_flows_) {
    sentences.push_back(fmt::format(
        "{} ways of their ranks over the network load it as {} kinds: the folding is an equitable "
        "partition of flows and links, so all shares are exact (--unfold simulates every one)",
        whole_flows_, flows));
  }
  return sentences;
}

}  // namespace sim
