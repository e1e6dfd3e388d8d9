// One node or one scale-up domain, without a scale-out network.
#include <utility>

#include <fmt/format.h>

#include "topology/build/scale_up.hpp"
#include "topology/error.hpp"

namespace topology::build {

namespace {
class SingleDomainRouter final : public Router {
 public:
  explicit SingleDomainRouter(Locality local) : local_(std::move(local)) {}
  bool route(Walk& walk, int from, int to, const RouteRequest& /*request*/) const override {
    expects(local_.walk(walk, from, to), "a single domain reaches all of its accelerators");
    return walk.intact();
  }

 private:
  Locality local_;
};
}  // namespace

std::unique_ptr<Router> build_single_domain(const ClusterSpec& spec, Draft& draft) {
  Locality local = draw_locality(spec, draft);
  const auto covers = [&](const std::unique_ptr<LocalNet>& net) {
    return net != nullptr && net->size() >= spec.gpus;
  };
  if (spec.gpus > 1 && !covers(local.scale_up) && !covers(local.host)) {
    throw InputError(
        {}, "cluster.fabric",
        fmt::format(
            "{} accelerators are more than one scale-up domain of {} or one node of {} joins; "
            "choose a fabric with a network, or give accelerator.host_bandwidth",
            spec.gpus, spec.scale_up_domain, spec.gpus_per_node));
  }
  return std::make_unique<SingleDomainRouter>(std::move(local));
}

}  // namespace topology::build
