#pragma once
// One SimGrid engine from its birth to its end, quiet and without its signal handlers. Internal to
// sim/engine; the only places that may include this are the two backends.
#include <memory>

#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>

namespace sim {

/// The one network zone: routes are stated for each flow, not computed.
class ExplicitZone final : public simgrid::kernel::routing::NetZoneImpl {
 public:
  using LinkImpl = simgrid::kernel::resource::StandardLinkImpl;

  ExplicitZone() : NetZoneImpl("fabric") {}
  /// The links that the next communication crosses; one that stands k times counts k-fold.
  void set_route(const std::vector<LinkImpl*>& links) { route_ = &links; }
  void get_local_route(const simgrid::kernel::routing::NetPoint* source,
                       const simgrid::kernel::routing::NetPoint* destination,
                       simgrid::kernel::routing::Route* into, double* latency) override;

 private:
  const std::vector<LinkImpl*>* route_ = nullptr;
};

/// Owns the engine of this process. It must be made, run and destroyed on one thread.
///
/// SimGrid 3.32 reads its configuration once per process and takes over SIGINT, SIGSEGV and SIGBUS;
/// here the configuration is the same for all sessions and the handlers are put back. It never
/// resets its clock either: a session starts at the time at which the last one ended.
class SimgridSession {
 public:
  SimgridSession();
  [[nodiscard]] simgrid::s4u::Engine& engine() { return *engine_; }
  [[nodiscard]] ExplicitZone& zone() { return *zone_; }

 private:
  std::unique_ptr<simgrid::s4u::Engine> engine_;
  ExplicitZone* zone_ = nullptr;  // owned by the engine
};

}  // namespace sim
