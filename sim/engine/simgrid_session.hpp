#pragma once
// One SimGrid engine from its birth to its end, quiet and without its signal handlers. Internal to
// sim/engine.
#include <memory>
#include <string>
#include <vector>

namespace simgrid::s4u {
class Engine;
class Host;
}  // namespace simgrid::s4u
namespace simgrid::kernel::resource {
class Model;
class StandardLinkImpl;
}  // namespace simgrid::kernel::resource

namespace sim {

class ExplicitZone;

/// Owns the engine of this process. It must be made, run and destroyed on one thread.
///
/// SimGrid 3.32 reads its configuration once per process and takes over SIGINT, SIGSEGV and SIGBUS;
/// here the configuration is the same for all sessions and the handlers are put back. It never
/// resets its clock either: a session starts at the time at which the last one ended.
class SimgridSession {
 public:
  using Link = simgrid::kernel::resource::StandardLinkImpl;

  SimgridSession();
  ~SimgridSession();
  SimgridSession(const SimgridSession&) = delete;
  SimgridSession& operator=(const SimgridSession&) = delete;

  /// Lets `model` take part in the main loop.
  void add_model(std::shared_ptr<simgrid::kernel::resource::Model> model);
  /// SimGrid's main loop: until no model has anything left.
  void run();

  [[nodiscard]] simgrid::s4u::Host* add_host(const std::string& name);
  /// A link without latency, also while the session runs.
  [[nodiscard]] Link* add_link(const std::string& name, double bandwidth);
  /// The links that the next communication crosses; one that stands k times counts k-fold. `links`
  /// must live until that communication has started.
  void set_route(const std::vector<Link*>& links);

 private:
  std::unique_ptr<simgrid::s4u::Engine> engine_;
  ExplicitZone* zone_ = nullptr;  // owned by the engine
};

}  // namespace sim
