#pragma once
// Max-min shares on crowded links: those whose flows want more than they have. Flows that meet on
// crowded links, directly or through others, form a knot, and only the knots in which something
// changed are shared anew. A small knot is filled at once; a large one is given to SimGrid's
// solver, which then keeps its flows until they end. Internal to sim/engine.
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>

#include "sim/engine/route_table.hpp"
#include "sim/engine/simgrid_lmm.hpp"

namespace sim {

/// A flow that runs by itself, and SimGrid's name for it. Objects are used again and again; they
/// never change their state, so SimGrid has nothing to clean up.
class Flow final : public simgrid::kernel::resource::Action {
 public:
  Flow(simgrid::kernel::resource::Model* model, std::uint32_t its_number)
      : Action(model, 0.0, false), number(its_number) {}
  void update_remains_lazy(double /*now*/) override {}

  std::uint32_t number;     ///< in Crowds::flow()
  std::uint32_t slot = 0;   ///< of its transfer
  std::uint32_t way = 0;    ///< among those of the transfer's route
  std::uint32_t id = 0;     ///< of the way in the RouteTable
  double bound = 0.0;       ///< bytes/s per unit of weight that it can reach at most
  double left_bytes = 0.0;  ///< at since_s
  double rate = 0.0;        ///< bytes/s per unit of weight, since since_s
  double since_s = 0.0;

 private:
  friend class Crowds;
  /// By hop: its place among the flows of the crowded link, or kApart.
  std::vector<std::uint32_t> place_{};
  std::uint32_t crowds_ = 0;   ///< on how many crowded links it is
  std::uint32_t known_ = 0;    ///< ... that the solver knows of
  std::uint32_t visited_ = 0;  ///< the last round that saw it
};

class Crowds {
 public:
  Crowds(const RouteTable& routes, simgrid::kernel::resource::Model& model,
         simgrid::kernel::lmm::System& system)
      : routes_(routes), model_(model), system_(system) {}

  /// A flow on a way, on no crowded link yet.
  Flow& add(std::uint32_t slot, std::uint32_t way, std::uint32_t id);
  [[nodiscard]] Flow& flow(std::uint32_t number) { return flows_[number]; }
  [[nodiscard]] const Flow& flow(std::uint32_t number) const { return flows_[number]; }
  /// One of the links of the flow is crowded. No effect where that is known.
  void join(Flow& flow, std::uint32_t hop);
  /// Takes the flow off; its number is used again.
  void remove(Flow& flow);

  [[nodiscard]] bool stale() const { return !changed_.empty() || solver_is_stale_; }
  /// Calls settle(flow, rate) for the flows of all knots in which something changed.
  template <class Settle>
  void share(const Settle& settle);

 private:
  static constexpr std::uint32_t kApart = ~0U;
  /// Flows up to which a knot is small. The work to fill one grows with the square.
  static constexpr std::size_t kSmall = 16;

  struct Member {
    std::uint32_t flow = 0, hop = 0;
  };
  struct Crowd {
    std::vector<Member> members{};
    simgrid::kernel::lmm::Constraint* constraint = nullptr;
    std::uint32_t visited = 0;  ///< the last round that saw it
    std::uint32_t slot = 0;     ///< in knot_links_
    bool changed = false;
  };

  Crowd& crowd(std::uint32_t link);
  void mark(std::uint32_t link);
  bool gather(std::uint32_t link);
  void fill();
  void hand_over(std::uint32_t link);
  void make_variable(Flow& flow);

  const RouteTable& routes_;
  simgrid::kernel::resource::Model& model_;
  simgrid::kernel::lmm::System& system_;
  std::deque<Flow> flows_;
  std::vector<std::uint32_t> idle_;
  std::vector<Crowd> crowds_;           // by link
  std::vector<std::uint32_t> changed_;  // links
  bool solver_is_stale_ = false;
  std::uint32_t round_ = 0;
  // The knot that is shared just now:
  std::vector<std::uint32_t> knot_flows_, knot_links_;
  std::vector<double> rates_, room_, weight_;
};

template <class Settle>
void Crowds::share(const Settle& settle) {
  for (const std::uint32_t link : changed_) {
    if (!crowds_[link].changed) {
      continue;  // in a knot that was shared already
    }
    if (gather(link)) {
      fill();
      for (std::size_t i = 0; i < knot_flows_.size(); ++i) {
        settle(flows_[knot_flows_[i]], rates_[i]);
      }
    } else {
      hand_over(link);
    }
  }
  changed_.clear();
  if (!solver_is_stale_) {
    return;
  }
  solver_is_stale_ = false;
  system_.solve();
  auto* settled = model_.get_modified_set();
  while (!settled->empty()) {
    auto& flow = static_cast<Flow&>(settled->front());
    settled->pop_front();
    if (flow.get_variable() != nullptr) {
      settle(flow, flow.get_rate());
    }
  }
}

}  // namespace sim
