// Max-min shares of both backends against a reference that shares no code with them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/sim/networks.hpp"

namespace sim {
namespace {

struct RandomFlow {
  std::vector<Hop> hops;
  double size = 0.0;
  double start = 0.0;
  double cap = 0.0;  // 0 = none
};

struct Scenario {
  std::vector<double> capacity;
  std::vector<RandomFlow> flows;
};

Scenario random_scenario(unsigned seed, std::size_t flows, std::size_t links) {
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t n) { return random() % n; };
  Scenario s;
  for (std::size_t l = 0; l < links; ++l) {
    s.capacity.push_back(static_cast<double>(1 + below(8)) * 25e9);
  }
  for (std::size_t f = 0; f < flows; ++f) {
    RandomFlow flow;
    std::vector<std::uint32_t> ids(links);
    for (std::uint32_t l = 0; l < links; ++l) {
      ids[l] = l;
    }
    std::shuffle(ids.begin(), ids.end(), random);
    ids.resize(1 + below(5));
    for (const std::uint32_t id : ids) {
      flow.hops.push_back({id, static_cast<float>(1 + below(3))});
    }
    flow.size = 1e8 * static_cast<double>(1 + below(100));
    flow.start = 1e-4 * static_cast<double>(below(50));
    flow.cap = below(4) == 0 ? static_cast<double>(1 + below(20)) * 1e9 : 0.0;
    s.flows.push_back(std::move(flow));
  }
  return s;
}

/// Progressive filling: raise all rates alike until a link is full or a cap is met, freeze those,
/// go on. Source: Bertsekas and Gallager, "Data Networks", 2nd ed., section 6.5.2. Plain and cubic
/// on purpose.
std::vector<double> fair_rates(const Scenario& s, const std::vector<bool>& active) {
  std::vector<double> rate(s.flows.size(), 0.0);
  std::vector<bool> frozen(s.flows.size());
  std::vector<double> room = s.capacity;
  for (std::size_t f = 0; f < frozen.size(); ++f) {
    frozen[f] = !active[f];
  }
  while (std::find(frozen.begin(), frozen.end(), false) != frozen.end()) {
    double level = std::numeric_limits<double>::infinity();
    std::size_t tight = s.capacity.size();
    std::vector<double> demand(s.capacity.size(), 0.0);
    for (std::size_t f = 0; f < frozen.size(); ++f) {
      for (const Hop& hop : s.flows[f].hops) {
        demand[hop.link] += frozen[f] ? 0.0 : static_cast<double>(hop.weight);
      }
    }
    for (std::size_t l = 0; l < demand.size(); ++l) {
      if (demand[l] > 0.0 && room[l] / demand[l] < level) {
        level = room[l] / demand[l];
        tight = l;
      }
    }
    const auto capped = [&](std::size_t f) {
      return s.flows[f].cap > 0.0 && s.flows[f].cap <= level;
    };
    bool any_capped = false;
    double lowest = level;
    for (std::size_t f = 0; f < frozen.size(); ++f) {
      if (!frozen[f] && capped(f)) {
        any_capped = true;
        lowest = std::min(lowest, s.flows[f].cap);
      }
    }
    for (std::size_t f = 0; f < frozen.size(); ++f) {
      const auto& hops = s.flows[f].hops;
      const bool crosses =
          std::any_of(hops.begin(), hops.end(), [&](const Hop& h) { return h.link == tight; });
      if (!frozen[f] && (any_capped ? s.flows[f].cap == lowest : crosses)) {
        frozen[f] = true;
        rate[f] = lowest;
        for (const Hop& hop : hops) {
          room[hop.link] -= lowest * static_cast<double>(hop.weight);
        }
      }
    }
  }
  return rate;
}

/// Times at which the flows end, by stepping from event to event.
std::vector<double> reference_ends(const Scenario& s) {
  enum class State { Waiting, Active, Done };
  const std::size_t n = s.flows.size();
  std::vector<State> state(n, State::Waiting);
  std::vector<double> left(n);
  std::vector<double> end(n, 0.0);
  double now = 0.0;
  for (std::size_t f = 0; f < n; ++f) {
    left[f] = s.flows[f].size;
  }
  for (std::size_t done = 0; done < n;) {
    std::vector<bool> active(n);
    for (std::size_t f = 0; f < n; ++f) {
      state[f] = state[f] == State::Waiting && s.flows[f].start <= now ? State::Active : state[f];
      active[f] = state[f] == State::Active;
    }
    const std::vector<double> rate = fair_rates(s, active);
    double next = std::numeric_limits<double>::infinity();
    for (std::size_t f = 0; f < n; ++f) {
      next = state[f] == State::Waiting ? std::min(next, s.flows[f].start) : next;
      next = state[f] == State::Active ? std::min(next, now + left[f] / rate[f]) : next;
    }
    for (std::size_t f = 0; f < n; ++f) {
      if (state[f] == State::Active) {
        left[f] -= rate[f] * (next - now);
        if (left[f] <= s.flows[f].size * 1e-13) {
          state[f] = State::Done;
          end[f] = next;
          ++done;
        }
      }
    }
    now = next;
  }
  return end;
}

std::vector<double> simulated_ends(const Scenario& s, NetworkBackend backend) {
  auto network = make_network(backend);
  for (const double capacity : s.capacity) {
    network->add_link(units::bytes_per_second(capacity));
  }
  for (std::size_t f = 0; f < s.flows.size(); ++f) {
    const RandomFlow& flow = s.flows[f];
    network->start_flow(units::bytes(flow.size), units::seconds(flow.start),
                        network->add_route(flow.hops), units::bytes_per_second(flow.cap), f);
  }
  const testing::Log log = testing::run(*network);
  std::vector<double> end(s.flows.size());
  for (const auto& [flow, time] : log.time_s) {
    end[flow] = time;
  }
  std::vector<double> expected(s.capacity.size(), 0.0);
  for (const RandomFlow& flow : s.flows) {
    for (const Hop& hop : flow.hops) {
      expected[hop.link] += flow.size * static_cast<double>(hop.weight);
    }
  }
  for (std::uint32_t l = 0; l < expected.size(); ++l) {
    EXPECT_NEAR(network->carried(l).base(), expected[l], 1e-9 * expected[l])
        << "bytes are conserved";
  }
  return end;
}

void expect_equal(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t f = 0; f < found.size(); ++f) {
    EXPECT_NEAR(found[f], expected[f], 1e-9 * expected[f]) << "flow " << f;
  }
}

class Shares : public ::testing::TestWithParam<NetworkBackend> {};
INSTANTIATE_TEST_SUITE_P(Backends, Shares,
                         ::testing::Values(NetworkBackend::Kernel, NetworkBackend::Public),
                         testing::backend_name);

TEST_P(Shares, AreMaxMinFairOnRandomFlows) {
  const std::size_t sizes[][2] = {{5, 5}, {20, 8}, {60, 12}, {120, 40}};
  for (unsigned seed = 1; seed <= 8; ++seed) {
    for (const auto& [flows, links] : sizes) {
      const Scenario s = random_scenario(seed, flows, links);
      SCOPED_TRACE(::testing::Message()
                   << "seed " << seed << ", " << flows << " flows, " << links << " links");
      expect_equal(simulated_ends(s, GetParam()), reference_ends(s));
    }
  }
}

/// Neighbouring flows start alike, as the ranks of a tensor-parallel group do.
Scenario in_convoys_of(std::size_t n, Scenario s) {
  for (std::size_t f = 0; f < s.flows.size(); ++f) {
    const RandomFlow& first = s.flows[f - f % n];
    s.flows[f].size = first.size;
    s.flows[f].start = first.start;
    s.flows[f].cap = first.cap;
  }
  return s;
}

/// When the last flow of each convoy ends, with one route for all its ways.
std::vector<double> convoy_ends(const Scenario& s, std::size_t n, NetworkBackend backend) {
  auto network = make_network(backend);
  for (const double capacity : s.capacity) {
    network->add_link(units::bytes_per_second(capacity));
  }
  for (std::size_t f = 0; f < s.flows.size(); f += n) {
    std::vector<std::span<const Hop>> ways;
    for (std::size_t i = f; i < std::min(f + n, s.flows.size()); ++i) {
      ways.emplace_back(s.flows[i].hops);
    }
    const RandomFlow& flow = s.flows[f];
    network->start_flow(units::bytes(flow.size), units::seconds(flow.start),
                        network->add_route(ways), units::bytes_per_second(flow.cap), f / n);
  }
  std::vector<double> end((s.flows.size() + n - 1) / n);
  for (const auto& [convoy, time] : testing::run(*network).time_s) {
    end[convoy] = time;
  }
  EXPECT_EQ(network->events(), s.flows.size()) << "every flow of a convoy counts";
  return end;
}

TEST_P(Shares, OfConvoysAreThoseOfTheirFlows) {
  const std::size_t sizes[][2] = {{20, 200}, {60, 60}, {120, 40}, {200, 2000}};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    for (const auto& [flows, links] : sizes) {
      const std::size_t n = 1 + seed * 3 % 8;
      const Scenario s = in_convoys_of(n, random_scenario(seed, flows, links));
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << flows << " flows, " << links
                                        << " links, convoys of " << n);
      const std::vector<double> each = reference_ends(s);
      std::vector<double> last((flows + n - 1) / n, 0.0);
      for (std::size_t f = 0; f < flows; ++f) {
        last[f / n] = std::max(last[f / n], each[f]);
      }
      expect_equal(convoy_ends(s, n, GetParam()), last);
    }
  }
}

TEST(Backends, AgreeOnManyRandomFlows) {
  for (unsigned seed = 100; seed < 103; ++seed) {
    const Scenario s = random_scenario(seed, 500, 150);
    expect_equal(simulated_ends(s, NetworkBackend::Kernel),
                 simulated_ends(s, NetworkBackend::Public));
  }
}

TEST(KernelShares, RepeatToTheBit) {
  if (!kernel_backend_available()) {
    GTEST_SKIP() << "the public backend counts from SimGrid's clock, which is never reset";
  }
  const Scenario s = random_scenario(7, 400, 60);
  EXPECT_EQ(simulated_ends(s, NetworkBackend::Kernel), simulated_ends(s, NetworkBackend::Kernel));
}

}  // namespace
}  // namespace sim
