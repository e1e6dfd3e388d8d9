#include "real_runner/overlap.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "real_runner/cuda_check.hpp"
#include "real_runner/interrupt.hpp"
#include "real_runner/memory_ops.hpp"

namespace real_runner {

namespace {

using units::Seconds;

/// The two that run beside each other, on all devices of this process: products on the devices' own
/// streams, the other on second ones.
struct Pair {
  std::vector<Device*> devices;
  std::function<void()> product, other;  ///< enqueue one of each
  std::vector<cudaStream_t> seconds;
  std::function<void()> wait;              ///< for the devices' own streams
  std::function<Agreed(Seconds)> slowest;  ///< over all ranks
};

class Timer {
 public:
  explicit Timer(const Pair& pair) : pair_(pair) {
    for (std::size_t i = 0; i < pair.devices.size(); ++i) {
      pair.devices[i]->make_current();
      starts_.emplace_back();
      stops_.emplace_back();
      joins_.emplace_back();
    }
  }

  enum class Which { Product, Other, Both };

  /// Time from the first start to the last end of `which`, while `products` and `others` run.
  Agreed sample(Which which, std::int64_t products, std::int64_t others) {
    // What is not timed starts first, so that it is there when the timed one starts.
    if (which == Which::Product) {
      run_others(others);
      mark(starts_, Which::Product);
      run_products(products);
      mark(stops_, Which::Product);
    } else {
      if (which == Which::Other) {
        run_products(products);
      }
      mark(starts_, Which::Other);
      run_others(others);
      if (which == Which::Both) {
        run_products(products);
      }
    }
    if (which == Which::Other) {
      mark(stops_, Which::Other);
    }
    join();
    if (which == Which::Both) {
      mark(stops_, Which::Product);
    }
    pair_.wait();
    Seconds mine;
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      pair_.devices[i]->make_current();
      mine = std::max(mine, stops_[i].since(starts_[i]));
    }
    return pair_.slowest(mine);
  }

 private:
  void run_products(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      pair_.product();
    }
  }
  void run_others(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      pair_.other();
    }
  }
  void mark(const std::vector<Event>& events, Which where) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      pair_.devices[i]->make_current();
      events[i].record(where == Which::Other ? pair_.seconds[i] : pair_.devices[i]->stream());
    }
  }
  /// The devices' own streams wait for the second ones.
  void join() {
    mark(joins_, Which::Other);
    for (std::size_t i = 0; i < joins_.size(); ++i) {
      pair_.devices[i]->make_current();
      check(cudaStreamWaitEvent(pair_.devices[i]->stream(), joins_[i].get(), 0),
            "cudaStreamWaitEvent");
    }
  }

  const Pair& pair_;
  std::vector<Event> starts_, stops_, joins_;
};

/// Median over samples of `which`, per call; agreed on by all ranks.
calib::Measured time_beside(Timer& timer, const Device& device, const SamplingPolicy& policy,
                            Timer::Which which, std::int64_t products, std::int64_t others) {
  StoppingRule rule(policy);
  Watch watch(device);
  timer.sample(which, products, others);  // warm-up
  const double calls = which == Timer::Which::Product ? static_cast<double>(products)
                       : which == Timer::Which::Other ? static_cast<double>(others)
                                                      : 1.0;
  for (bool stop = false; !stop && !rule.done();) {
    const Agreed agreed = timer.sample(which, products, others);
    rule.add(agreed.slowest / calls, agreed.slowest);
    watch.look_if_due();
    stop = agreed.stop;
  }
  return measured(rule, watch.looks(), device);
}

void measure_pair(const Pair& pair, const SamplingPolicy& policy, calib::OverlapMeasurement& what) {
  const Device& device = *pair.devices.front();
  Timer timer(pair);
  using Which = Timer::Which;
  constexpr std::int64_t kAlone = 4;
  what.gemm_alone = time_beside(timer, device, policy, Which::Product, kAlone, 0).time;
  what.collective_alone = time_beside(timer, device, policy, Which::Other, 0, kAlone).time;
  // Whichever is timed is outlasted by the other, also if it is slowed down to half its speed.
  const auto outlast = [](Seconds timed, Seconds one) {
    return static_cast<std::int64_t>(std::ceil(2 * timed / one)) + 1;
  };
  what.gemm_together = time_beside(timer, device, policy, Which::Product, kAlone,
                                   outlast(what.gemm_alone * kAlone, what.collective_alone))
                           .time;
  what.collective_together = time_beside(timer, device, policy, Which::Other,
                                         outlast(what.collective_alone, what.gemm_alone), 1)
                                 .time;
  what.measured = time_beside(timer, device, policy, Which::Both, 1, 1);
}

/// A product with its operands, ready on one device.
struct ReadyProduct {
  Product product;
  ProductBuffers buffers;
  ReadyProduct(const Device& device, const Blas& blas, const ProductShape& shape, int candidates)
      : product(blas, shape, candidates), buffers(device, shape) {
    choose_fastest(device, product, [&](cudaStream_t stream, std::int64_t turn) {
      buffers.run(product, stream, turn);
    });
  }
};

ProductShape shape_of(const calib::OverlapMeasurement& what) {
  return {what.precision, calib::GemmLayout::Forward, what.gemm};
}

}  // namespace

void measure_with_stand_in(const Device& device, const Blas& blas, const SamplingPolicy& policy,
                           int candidates, calib::OverlapMeasurement& what) {
  const ReadyProduct ready(device, blas, shape_of(what), candidates);
  const CopyOnSms copy(device, static_cast<int>(what.stand_in_sms.value_or(1)),
                       static_cast<std::size_t>(what.bytes.base()));
  const Stream second;
  std::int64_t turn = 0;
  // The pair changes nothing of the device: it only enqueues.
  measure_pair(
      {.devices = {const_cast<Device*>(&device)},  // NOLINT(cppcoreguidelines-pro-type-const-cast)
       .product = [&] { ready.buffers.run(ready.product, device.stream(), turn++); },
       .other = [&] { copy.run(second.get()); },
       .seconds = {second.get()},
       .wait = [&] { check(cudaStreamSynchronize(device.stream()), "a product beside a copy"); },
       .slowest =
           [](Seconds mine) {
             return Agreed{mine, interrupted()};
           }},
      policy, what);
}

void measure_with_collective(CollectiveBench& collectives, const std::vector<const Blas*>& blas,
                             const SamplingPolicy& policy, int candidates,
                             calib::OverlapMeasurement& what) {
  const World& world = collectives.world();
  Communicators& communicators = collectives.own_choice();
  std::vector<std::unique_ptr<ReadyProduct>> ready;
  std::vector<std::unique_ptr<Stream>> seconds;
  std::vector<DeviceMemory> data;
  const auto bytes = static_cast<std::size_t>(what.bytes.base());
  for (std::size_t i = 0; i < world.local.size(); ++i) {
    world.local[i]->make_current();
    ready.push_back(
        std::make_unique<ReadyProduct>(*world.local[i], *blas[i], shape_of(what), candidates));
    seconds.push_back(std::make_unique<Stream>());
    data.emplace_back(2 * bytes);
    fill_random_bf16(*world.local[i], data.back().as<void>(), data.back().bytes() / 2, 1);
  }
  std::int64_t turn = 0;
  Pair pair{
      .devices = world.local, .product = {}, .other = {}, .seconds = {}, .wait = {}, .slowest = {}};
  for (const auto& each : seconds) {
    pair.seconds.push_back(each->get());
  }
  pair.product = [&] {
    for (std::size_t i = 0; i < ready.size(); ++i) {
      world.local[i]->make_current();
      ready[i]->buffers.run(ready[i]->product, world.local[i]->stream(), turn);
    }
    ++turn;
  };
  pair.other = [&] {
    communicators.group([&](std::size_t i) {
      enqueue_collective(communicators, world, i, what.op, bytes, data[i].as<void>(),
                         data[i].as<unsigned char>() + bytes, seconds[i]->get());
    });
  };
  pair.wait = [&] { communicators.wait(units::seconds(60)); };
  pair.slowest = [&](Seconds mine) { return agree(*world.rendezvous, mine); };
  measure_pair(pair, policy, what);
  if (world.shared_device) {
    what.measured.flags.push_back(calib::Flag::SharedDevice);
  }
}

}  // namespace real_runner
