#include "sim/engine/network.hpp"

#include <csignal>
#include <functional>
#include <stdexcept>

#include "tests/sim/networks.hpp"

namespace sim {
namespace {

using testing::Log;
using units::bytes;
using units::gigabytes;
using units::gigabytes_per_second;
using units::microseconds;
using units::seconds;

constexpr auto kNoCap = units::BytesPerSecond{};
constexpr double kB = 50e9;    // link capacity of the textbook cases, bytes/s
constexpr double kL = 5e-6;    // latency, s
constexpr double kTol = 1e-9;  // relative

class AnyNetwork : public ::testing::TestWithParam<NetworkBackend> {
 protected:
  std::unique_ptr<Network> make() { return make_network(GetParam()); }
  static std::uint32_t link(Network& n, double capacity = kB) {
    return n.add_link(units::bytes_per_second(capacity));
  }
  static void flow(Network& n, double size, std::vector<Hop> hops, std::uint64_t tag,
                   double latency = kL, double cap = 0.0) {
    n.start_flow(bytes(size), seconds(latency), n.add_route(hops), units::bytes_per_second(cap),
                 tag);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, AnyNetwork,
                         ::testing::Values(NetworkBackend::Kernel, NetworkBackend::Public),
                         testing::backend_name);

TEST_P(AnyNetwork, SingleFlowTakesLatencyPlusSizeOverBandwidth) {
  auto n = make();
  const auto up = link(*n);
  const auto down = link(*n);
  flow(*n, 1e9, {{up}, {down}}, 1);
  EXPECT_NEAR(testing::run(*n).time_s[1], kL + 1e9 / kB, kTol * 0.02);
}

TEST_P(AnyNetwork, FourFlowsIntoOnePortShareIt) {
  auto n = make();
  const auto down = link(*n);
  for (std::uint64_t i = 0; i < 4; ++i) {
    flow(*n, 1e9, {{link(*n)}, {down}}, i);
  }
  const Log log = testing::run(*n);
  EXPECT_EQ(log.order, (std::vector<std::uint64_t>{0, 1, 2, 3}));
  for (const auto& [tag, time] : log.time_s) {
    EXPECT_NEAR(time, kL + 4e9 / kB, kTol * 0.08);
  }
}

TEST_P(AnyNetwork, SharesDoNotDependOnLatency) {
  auto n = make();
  const auto down = link(*n);
  flow(*n, 1e9, {{down}}, 1, 5e-6);
  flow(*n, 1e9, {{down}}, 2, 50e-6);
  const Log log = testing::run(*n);
  // Alone for 45 us, then half each; the second has the last 45 us for itself.
  EXPECT_NEAR(log.time_s.at(1), 5e-6 + 2e9 / kB - 45e-6, kTol * 0.04);
  EXPECT_NEAR(log.time_s.at(2), 5e-6 + 2e9 / kB, kTol * 0.04);
}

TEST_P(AnyNetwork, DirectionsOfACableAreIndependent) {
  auto n = make();
  const auto there = link(*n);
  const auto back = link(*n);
  flow(*n, 1e9, {{there}}, 1);
  flow(*n, 1e9, {{back}}, 2);
  EXPECT_NEAR(testing::run(*n).time_s[2], kL + 1e9 / kB, kTol * 0.02);
}

TEST_P(AnyNetwork, RingAllReduceStepByStepMeetsTheFormula) {
  // 2(n-1) steps of S/n bytes each: Patarasuk and Yuan, JPDC 69(2), 2009.
  constexpr std::uint64_t kRanks = 16;
  constexpr double kSize = 1e9;
  auto n = make();
  std::vector<std::uint32_t> ports;
  for (std::uint64_t r = 0; r < kRanks; ++r) {
    ports.push_back(link(*n));
  }
  const auto step = [&] {
    for (std::uint64_t r = 0; r < kRanks; ++r) {
      flow(*n, kSize / kRanks, {{ports[r]}}, r);
    }
  };
  std::uint64_t arrived = 0;
  step();
  n->run([&](std::uint64_t) {
    if (++arrived % kRanks == 0 && arrived / kRanks < 2 * (kRanks - 1)) {
      step();
    }
  });
  EXPECT_EQ(n->events(), kRanks * 2 * (kRanks - 1));
  const double expected = 2 * (kRanks - 1) * (kSize / kRanks / kB + kL);
  EXPECT_NEAR(n->now().base(), expected, kTol * expected);
}

TEST_P(AnyNetwork, WeightStandsForSoManyFlows) {
  auto n = make();
  const auto shared = link(*n);
  flow(*n, 1e9, {{shared, 3.0F}}, 1);
  flow(*n, 1e9, {{shared}}, 2);
  const Log log = testing::run(*n);
  EXPECT_NEAR(log.time_s.at(1), kL + 4e9 / kB, kTol * 0.08);
  EXPECT_NEAR(log.time_s.at(2), kL + 4e9 / kB, kTol * 0.08);
  EXPECT_NEAR(n->carried(shared).base(), 4e9, 1.0);
}

TEST_P(AnyNetwork, LinkPassedTwiceCountsTwice) {
  auto n = make();
  const auto shared = link(*n);
  flow(*n, 1e9, {{shared}, {shared}}, 1, 0.0);
  EXPECT_NEAR(testing::run(*n).time_s[1], 2e9 / kB, kTol * 0.04);
}

TEST_P(AnyNetwork, RateCapBoundsAFlowAndLeavesTheRest) {
  auto n = make();
  const auto shared = link(*n);
  flow(*n, 1e9, {{shared}}, 1, 0.0, 10e9);
  flow(*n, 4e9, {{shared}}, 2, 0.0);
  flow(*n, 1e9, {{link(*n)}}, 3, 0.0, 4 * kB);      // a cap above the link does nothing
  flow(*n, 1e9, {{link(*n), 2.0F}}, 4, 0.0, 20e9);  // per unit of weight: 40 of 50 GB/s
  const Log log = testing::run(*n);
  EXPECT_NEAR(log.time_s.at(1), 0.1, kTol);
  EXPECT_NEAR(log.time_s.at(2), 0.1, kTol);
  EXPECT_NEAR(log.time_s.at(3), 0.02, kTol);
  EXPECT_NEAR(log.time_s.at(4), 0.05, kTol);
}

TEST_P(AnyNetwork, CapsCanBeUsedOneAfterTheOther) {
  auto n = make();
  const auto shared = link(*n);
  int left = 50;
  flow(*n, 1e8, {{shared}}, 0, 0.0, 10e9);
  n->run([&](std::uint64_t) {
    if (--left > 0) {
      flow(*n, 1e8, {{shared}}, 0, 0.0, 10e9);
    }
  });
  EXPECT_NEAR(n->now().base(), 50 * 0.01, kTol);
}

TEST_P(AnyNetwork, NothingToCarryIsDoneAfterItsLatency) {
  auto n = make();
  flow(*n, 0.0, {{link(*n)}}, 1);
  flow(*n, 1e9, {}, 2);
  flow(*n, 1e9, {}, 3, kL, 10e9);  // no links, but a cap
  const Log log = testing::run(*n);
  EXPECT_DOUBLE_EQ(log.time_s.at(1), kL);
  EXPECT_DOUBLE_EQ(log.time_s.at(2), kL);
  EXPECT_DOUBLE_EQ(log.time_s.at(3), kL + 0.1);
}

TEST_P(AnyNetwork, EqualTimesAreDeliveredInOrderOfCreation) {
  auto n = make();
  n->after(seconds(0.02), 1);
  flow(*n, 1e9, {{link(*n)}}, 2, 0.0);  // 0.02 s
  n->after(seconds(0.02), 3);
  flow(*n, 5e8, {{link(*n)}}, 4, 0.01);  // 0.02 s as well
  n->after(seconds(0.01), 5);
  n->after(seconds(0.02), 6);
  n->after(seconds(0.0), 7);
  Log log;
  n->run([&](std::uint64_t tag) {
    log.order.push_back(tag);
    if (tag == 1) {
      n->after(seconds(0.0), 8);  // now, but created last
    }
  });
  EXPECT_EQ(log.order, (std::vector<std::uint64_t>{7, 5, 1, 2, 3, 4, 6, 8}));
}

TEST_P(AnyNetwork, HandlerCanGoOnForever) {
  auto n = make();
  std::uint64_t fired = 0;
  n->after(microseconds(1), 0);
  n->run([&](std::uint64_t) {
    if (++fired < 5000) {
      n->after(microseconds(1), 0);
    }
  });
  EXPECT_EQ(n->events(), 5000U);
  EXPECT_NEAR(n->now().base(), 5e-3, kTol * 5e-3);
}

TEST_P(AnyNetwork, CountsBytesOfFlowsUnderWay) {
  auto n = make();
  const auto a = link(*n);
  const auto b = link(*n);
  flow(*n, 1e9, {{a, 2.0F}, {b}}, 1, 0.0);  // 25 GB/s per unit
  n->after(seconds(0.01), 2);
  double half_way = 0.0;
  n->run([&](std::uint64_t tag) { half_way = tag == 2 ? n->carried(a).base() : half_way; });
  EXPECT_NEAR(half_way, 0.01 * kB, 1e-6 * kB);
  EXPECT_NEAR(n->carried(a).base(), 2e9, 1.0);
  EXPECT_NEAR(n->carried(b).base(), 1e9, 1.0);
}

TEST_P(AnyNetwork, RunsAgainWithTheClockGoingOn) {
  auto n = make();
  const auto only = link(*n);
  flow(*n, 1e9, {{only}}, 1, 0.0);
  testing::run(*n);
  flow(*n, 1e9, {{only}}, 2, 0.0);
  EXPECT_NEAR(testing::run(*n).time_s[2], 0.04, kTol);
  EXPECT_EQ(n->events(), 2U);
}

TEST_P(AnyNetwork, SecondNetworkStartsAtZero) {
  for (int i = 0; i < 3; ++i) {
    auto n = make();
    EXPECT_EQ(n->now(), seconds(0));
    flow(*n, 1e9, {{link(*n)}}, 1);
    EXPECT_NEAR(testing::run(*n).time_s[1], kL + 0.02, kTol * 0.02);
  }
}

TEST_P(AnyNetwork, TwoAtOnceAreRefused) {
  auto n = make();
  EXPECT_THROW(make(), std::logic_error);
  n.reset();
  EXPECT_NO_THROW(make());
}

TEST_P(AnyNetwork, HandlersExceptionReachesTheCaller) {
  auto n = make();
  flow(*n, 1e9, {{link(*n)}}, 1);
  n->after(seconds(0.001), 2);
  EXPECT_THROW(n->run([](std::uint64_t) { throw std::out_of_range("handler"); }),
               std::out_of_range);
  n.reset();
  EXPECT_NO_THROW(make());
}

TEST_P(AnyNetwork, RefusesWhatMakesNoSense) {
  auto n = make();
  EXPECT_THROW(n->add_link(kNoCap), std::logic_error);
  EXPECT_THROW(n->after(seconds(-1), 0), std::logic_error);
  EXPECT_THROW(flow(*n, 1e9, {{7}}, 0), std::logic_error);
  const auto ok = link(*n);
  EXPECT_THROW(flow(*n, -1, {{ok}}, 0), std::logic_error);
  EXPECT_THROW(flow(*n, 1, {{ok, 0.0F}}, 0), std::logic_error);
}

TEST_P(AnyNetwork, LeavesTheHandlerOfInterruptsAlone) {
  auto n = make();
  n->after(seconds(0), 0);
  testing::run(*n);
  struct sigaction now {};
  sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

TEST_P(AnyNetwork, LongChainDoesNotOverflowTheStack) {
  // The solver's recursion overflows 8 MiB at 100,000 links. The public backend, quadratic in live
  // flows, gets a chain that ends soon.
  const bool fast = GetParam() == NetworkBackend::Kernel && kernel_backend_available();
  const std::uint32_t links = fast ? 100'000 : 3'000;
  auto n = make();
  for (std::uint32_t i = 0; i <= links; ++i) {
    link(*n);
  }
  for (std::uint32_t i = 0; i < links; ++i) {
    flow(*n, 1e9, {{i}, {i + 1}}, i);
  }
  testing::run(*n);
  EXPECT_NEAR(n->now().base(), kL + 2e9 / kB, kTol * 0.04);
}

TEST(KernelNetwork, TakesFractionalWeights) {
  if (!kernel_backend_available()) {
    GTEST_SKIP() << "SimGrid's solver was not found";
  }
  auto n = make_network(NetworkBackend::Kernel);
  const auto only = n->add_link(units::bytes_per_second(kB));
  const Network::RouteId route = n->add_route(std::vector<Hop>{{only, 0.5F}});
  n->start_flow(gigabytes(1), seconds(0), route, kNoCap, 1);
  EXPECT_NEAR(testing::run(*n).time_s[1], 0.01, kTol * 0.01);
}

TEST(Engine, TellsTheVersionOfSimGrid) {
  EXPECT_EQ(simgrid_version().substr(0, 2), "3.");
}

}  // namespace
}  // namespace sim
