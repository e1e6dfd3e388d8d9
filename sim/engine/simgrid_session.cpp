#include "sim/engine/simgrid_session.hpp"

#include <array>
#include <csignal>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>

#include "sim/engine/network.hpp"

namespace sim {

/// The one network zone: routes are stated for each flow, not computed.
class ExplicitZone final : public simgrid::kernel::routing::NetZoneImpl {
 public:
  ExplicitZone() : NetZoneImpl("fabric") {}
  void set_route(const std::vector<SimgridSession::Link*>& links) { route_ = &links; }
  void get_local_route(const simgrid::kernel::routing::NetPoint* /*source*/,
                       const simgrid::kernel::routing::NetPoint* /*destination*/,
                       simgrid::kernel::routing::Route* into, double* /*latency*/) override {
    into->link_list_.insert(into->link_list_.end(), route_->begin(), route_->end());
  }

 private:
  const std::vector<SimgridSession::Link*>* route_ = nullptr;
};

namespace {

/// Puts back the signal handlers that were there before.
class SignalKeeper {
 public:
  SignalKeeper() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &before_[i]);
    }
  }
  ~SignalKeeper() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &before_[i], nullptr);
    }
  }
  SignalKeeper(const SignalKeeper&) = delete;
  SignalKeeper& operator=(const SignalKeeper&) = delete;

 private:
  static constexpr std::array kSignals{SIGINT, SIGSEGV, SIGBUS};
  std::array<struct sigaction, kSignals.size()> before_{};
};

std::unique_ptr<simgrid::s4u::Engine> make_quiet_engine() {
  const SignalKeeper keeper;
  std::string program = "gpuplan";
  std::string quiet = "--log=root.thres:error";
  std::array<char*, 3> arguments{program.data(), quiet.data(), nullptr};
  int count = 2;
  return std::make_unique<simgrid::s4u::Engine>(&count, arguments.data());
}

/// Textbook max-min sharing: no cross traffic of acknowledgements, no TCP window, and shares exact
/// to 1e-9 of a link where the default stops at 1e-5.
void configure() {
  for (const char* setting :
       {"network/model:CM02", "network/crosstraffic:0", "network/TCP-gamma:1e30",
        "maxmin/precision:1e-9", "surf/precision:1e-12"}) {
    simgrid::s4u::Engine::set_config(setting);
  }
}

/// Makes the root zone of the engine that is alive; SimGrid registers and deletes it.
ExplicitZone* make_root_zone() {
  return new ExplicitZone;
}

/// Runs an empty engine, because the first run() of a process seals its platform and later ones do
/// not: after this, no session's zone is sealed and links can be added while it runs.
void prime() {
  const auto engine = make_quiet_engine();
  configure();
  make_root_zone();
  engine->run();  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the engine deletes its zone
}

}  // namespace

SimgridSession::SimgridSession() {
  static std::once_flag primed;
  std::call_once(primed, prime);
  engine_ = make_quiet_engine();
  zone_ = make_root_zone();
}

SimgridSession::~SimgridSession() = default;

void SimgridSession::add_model(std::shared_ptr<simgrid::kernel::resource::Model> model) {
  engine_->add_model(std::move(model));
}

void SimgridSession::run() {
  engine_->run();
}

simgrid::s4u::Host* SimgridSession::add_host(const std::string& name) {
  return zone_->get_iface()->create_host(name, 1.0)->seal();
}

SimgridSession::Link* SimgridSession::add_link(const std::string& name, double bandwidth) {
  return zone_->get_iface()->create_link(name, bandwidth)->set_latency(0.0)->seal()->get_impl();
}

void SimgridSession::set_route(const std::vector<Link*>& links) {
  zone_->set_route(links);
}

/// Of the library that is loaded, which need not be the one whose headers were used.
std::string_view simgrid_version() {
  static const std::string version = [] {
    int major = 0;
    int minor = 0;
    int patch = 0;
    sg_version_get(&major, &minor, &patch);
    return patch == 0 ? fmt::format("{}.{}", major, minor)
                      : fmt::format("{}.{}.{}", major, minor, patch);
  }();
  return version;
}

}  // namespace sim
