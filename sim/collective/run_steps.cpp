#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "sim/collective/run.hpp"
#include "topology/error.hpp"

namespace sim {

namespace {

using units::Seconds;

/// Where a transfer goes, found once per pair of ends.
struct Path {
  Network::RouteId route = 0;
  Seconds latency;
};

class StepRun {
 public:
  StepRun(const CollectiveTask& task, const CollectiveSchedule& schedule, const RunOptions& options,
          const CollectiveRun* paced_by)
      : task_(task),
        schedule_(schedule),
        network_(make_network(options.backend)),
        number_(task.ways.cluster().channel_count(), kNone),
        cap_(schedule.size(), 0.0),
        queued_behind_(schedule.queued_behind()),
        next_(schedule.size(), CollectiveSchedule::kNone),
        waiting_(schedule.size(), 0),
        state_(schedule.size(), kIdle) {
    find_paths();
    if (paced_by != nullptr) {
      set_caps(paced_by->phases);
    }
    if (options.pace) {
      scale_latencies(options.pace->latency);
    }
    if (options.hops) {
      take_costs(*options.hops);
    }
    link_up();
  }

  CollectiveRun run() {
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      if (waiting_[id] == 0) {
        ready(id);
      }
    }
    network_->run([this](std::uint64_t tag) { handle(tag); });
    topology::expects(done_ == schedule_.size(), "all transfers of a schedule run");
    CollectiveRun result;
    result.time = network_->now() + base_;
    result.flows = result.simulated = schedule_.size();
    result.events = network_->events();
    std::vector<double> carried(number_.size(), 0.0);
    for (std::uint32_t i = 0; i < used_.size(); ++i) {
      carried[used_[i]] = network_->carried(i).base();
    }
    result.busiest = busiest_links(task_.ways, carried, result.time);
    return result;
  }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  static constexpr std::uint8_t kIdle = 0, kPosted = 1, kDone = 2;

  [[nodiscard]] WayEnd end(std::uint32_t number) const {
    return number < schedule_.ranks() ? task_.end(number)
                                      : WayEnd{schedule_.switch_at(number), true};
  }
  Path& path(TransferId id) { return *path_of_[id]; }

  void find_paths() {
    path_of_.reserve(schedule_.size());
    for (const Transfer& t : schedule_.transfers()) {
      const std::uint64_t key = static_cast<std::uint64_t>(t.from) << 32U | t.to;
      auto [it, is_new] = paths_.try_emplace(key);
      if (is_new && t.from != t.to) {
        std::vector<Hop> hops;
        it->second.latency = task_.ways.way(end(t.from), end(t.to), hops);
        for (Hop& hop : hops) {
          hop.link = number(hop.link);
        }
        it->second.route = network_->add_route(hops);
      }
      path_of_.push_back(&it->second);
    }
  }

  std::uint32_t number(topology::LinkId channel) {
    if (number_[channel] == kNone) {
      number_[channel] = network_->add_link(task_.ways.capacity(channel));
      used_.push_back(channel);
    }
    return number_[channel];
  }

  /// All that an end sends another on one channel in a phase takes as long as the fluid run needed.
  void set_caps(const std::vector<Seconds>& phases) {
    using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint16_t, std::uint16_t>;
    std::map<Key, double> bytes;
    const auto key = [](const Transfer& t) { return Key{t.from, t.to, t.channel, t.phase}; };
    for (const Transfer& t : schedule_.transfers()) {
      bytes[key(t)] += t.size.base();
    }
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      const Transfer& t = schedule_[id];
      const Seconds duration = phases[std::min<std::size_t>(t.phase, phases.size() - 1)];
      cap_[id] = duration > Seconds{} ? bytes[key(t)] / duration.base() : 0.0;
    }
  }

  void take_costs(const HopCosts& costs) {
    base_ = costs.base;
    const int domain = domain_size(task_.ways.cluster().spec());
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      const Transfer& t = schedule_[id];
      const bool inside = task_.team.gpu(t.from) / domain == task_.team.gpu(t.to) / domain;
      const HopCost& cost = inside ? costs.inside : costs.across;
      path(id).latency = cost.latency;
      cap_[id] = cost.rate.base();
    }
  }

  /// Stretches all latencies alike, so that the transfers without their bytes take `whole`.
  void scale_latencies(Seconds whole) {
    std::vector<Seconds> arrival(schedule_.size());
    Seconds last;
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      Seconds start;
      for (const TransferId earlier : schedule_.after(id)) {
        start = std::max(start, arrival[earlier]);
      }
      arrival[id] = start + path(id).latency;
      if (queued_behind_[id] != CollectiveSchedule::kNone) {
        arrival[id] = std::max(arrival[id], arrival[queued_behind_[id]]);
      }
      last = std::max(last, arrival[id]);
    }
    const double factor = last > Seconds{} ? whole / last : 0.0;
    for (auto& [key, path] : paths_) {
      path.latency *= factor;
    }
  }

  /// Who waits for whom, the other way round.
  void link_up() {
    frees_begin_.assign(schedule_.size() + 1, 0);
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      waiting_[id] = static_cast<std::uint32_t>(schedule_.after(id).size());
      for (const TransferId earlier : schedule_.after(id)) {
        ++frees_begin_[earlier + 1];
      }
      if (queued_behind_[id] != CollectiveSchedule::kNone) {
        next_[queued_behind_[id]] = id;
      }
    }
    for (std::size_t i = 1; i < frees_begin_.size(); ++i) {
      frees_begin_[i] += frees_begin_[i - 1];
    }
    frees_.resize(frees_begin_.back());
    std::vector<std::size_t> at(frees_begin_.begin(), frees_begin_.end() - 1);
    for (TransferId id = 0; id < schedule_.size(); ++id) {
      for (const TransferId earlier : schedule_.after(id)) {
        frees_[at[earlier]++] = id;
      }
    }
  }

  void ready(TransferId id) { network_->after(path(id).latency, std::uint64_t{id} * 2); }

  void handle(std::uint64_t tag) {
    const auto id = static_cast<TransferId>(tag / 2);
    if (tag % 2 == 0) {
      state_[id] = kPosted;
      const TransferId before = queued_behind_[id];
      if (before == CollectiveSchedule::kNone || state_[before] == kDone) {
        send(id);
      }
    } else {
      arrived(id);
    }
  }

  void send(TransferId id) {
    const std::uint64_t tag = std::uint64_t{id} * 2 + 1;
    if (schedule_[id].from == schedule_[id].to) {
      network_->after({}, tag);
      return;
    }
    network_->start_flow(schedule_[id].size, {}, path(id).route, units::bytes_per_second(cap_[id]),
                         tag);
  }

  void arrived(TransferId id) {
    state_[id] = kDone;
    ++done_;
    if (next_[id] != CollectiveSchedule::kNone && state_[next_[id]] == kPosted) {
      send(next_[id]);
    }
    for (std::size_t i = frees_begin_[id]; i < frees_begin_[id + 1]; ++i) {
      if (--waiting_[frees_[i]] == 0) {
        ready(frees_[i]);
      }
    }
  }

  const CollectiveTask& task_;
  const CollectiveSchedule& schedule_;
  std::unique_ptr<Network> network_;
  std::vector<std::uint32_t> number_;  ///< link of the network by channel
  std::vector<topology::LinkId> used_;
  std::unordered_map<std::uint64_t, Path> paths_;
  std::vector<Path*> path_of_;
  std::vector<double> cap_;
  std::vector<TransferId> queued_behind_, next_;
  std::vector<std::uint32_t> waiting_;
  std::vector<std::size_t> frees_begin_;
  std::vector<TransferId> frees_;
  std::vector<std::uint8_t> state_;
  std::size_t done_ = 0;
  Seconds base_;
};

}  // namespace

CollectiveRun run_steps(const CollectiveTask& task, const CollectiveSchedule& schedule,
                        const RunOptions& options, const CollectiveRun* paced_by) {
  return StepRun(task, schedule, options, paced_by).run();
}

}  // namespace sim
