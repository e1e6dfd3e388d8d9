#include "scenarios/plan/plan_request.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "scenarios/quantity.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

namespace {

constexpr std::array<const char*, 2> kOwnPremises{"on-premises", "colocation"};

std::vector<std::string> texts(const Values& in, const char* key) {
  std::vector<std::string> list;
  if (in.has(key)) {
    for (const Json& value : in.json(key)) {
      list.push_back(value.get<std::string>());
    }
  }
  return list;
}

/// Data that must not leave the premises rules out all that stands elsewhere.
std::vector<std::string> allowed_terms(const Values& plan, const Values& scenario,
                                       const std::string& residency) {
  std::vector<std::string> terms = texts(plan, "terms");
  const bool given = !terms.empty();
  if (!given) {
    const Values purchase = scenario.map("purchase");
    terms = purchase.has("terms") ? std::vector<std::string>{purchase.text("terms")}
                                  : std::vector<std::string>{"on-premises", "reserved"};
  }
  if (residency == "on-premises") {
    std::erase_if(terms, [](const std::string& t) { return t != kOwnPremises[0]; });
    if (terms.empty()) {
      plan.refuse(given ? "terms" : "goal",
                  "nothing is left that keeps the data on the premises (limits.residency); add "
                  "on-premises, or take the limit away");
    }
  }
  return terms;
}

}  // namespace

PlanRequest read_plan_request(const Document& document) {
  const Values in(document, {{}, {}, {}, nullptr, nullptr});
  const Values plan = in.map("plan");
  const Values limits = in.map("limits");
  PlanRequest request;
  request.fabrics = texts(plan, "fabrics");
  if (request.fabrics.empty()) {
    const Values cluster = in.map("cluster");
    if (!cluster.has("fabric") || !cluster.json("fabric").is_string()) {
      in.refuse("plan",
                "names no fabrics; add plan: {fabrics: [superpod-h100, ...]} (gpuplan "
                "catalog fabrics)");
    }
    request.fabrics = {cluster.text("fabric")};
  }
  if (plan.has("gpus")) {
    request.gpus = plan.integers("gpus");
  }
  request.goal = plan.word("goal", request.goal, sim::resource_from_name, "money");
  const auto set = [&](sim::Resource resource, double value) {
    request.limits[static_cast<std::size_t>(resource)] = value;
  };
  if (limits.has("deadline")) {
    set(sim::Resource::Time, limits.quantity<units::Seconds>("deadline").base());
  }
  if (limits.has("budget")) {
    set(sim::Resource::Money, limits.quantity<units::Usd>("budget").base());
  }
  if (limits.has("power")) {
    set(sim::Resource::Power, limits.quantity<units::Watts>("power").base());
  }
  if (limits.has("carbon_kg")) {
    set(sim::Resource::Carbon, limits.number("carbon_kg"));
  }
  if (limits.has("gpus")) {
    set(sim::Resource::Accelerators, limits.integer("gpus"));
  }
  request.residency = limits.text("residency", "");
  request.terms = allowed_terms(plan, in, request.residency);
  return request;
}

}  // namespace scenarios
