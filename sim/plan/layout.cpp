#include "sim/plan/layout.hpp"

#include <array>

#include "topology/names.hpp"

namespace sim {

namespace {
using topology::Named;
constexpr std::array kSharding{
    Named<Sharding>{Sharding::Ddp, "ddp"}, Named<Sharding>{Sharding::Zero1, "zero1"},
    Named<Sharding>{Sharding::Zero2, "zero2"}, Named<Sharding>{Sharding::Zero3, "zero3"}};
constexpr std::array kRecompute{Named<Recompute>{Recompute::None, "none"},
                                Named<Recompute>{Recompute::Selective, "selective"},
                                Named<Recompute>{Recompute::Full, "full"}};
constexpr std::array kSchedule{Named<Schedule>{Schedule::OneForwardOneBackward, "1f1b"},
                               Named<Schedule>{Schedule::Interleaved, "interleaved"},
                               Named<Schedule>{Schedule::ZeroBubble, "zb-h1"}};
constexpr std::array kJob{Named<Job>{Job::Pretrain, "pretrain"}, Named<Job>{Job::FineTune, "sft"},
                          Named<Job>{Job::Lora, "lora"}, Named<Job>{Job::Qlora, "qlora"}};
constexpr std::array kLoraTargets{Named<LoraTargets>{LoraTargets::All, "all"},
                                  Named<LoraTargets>{LoraTargets::Attention, "attention"},
                                  Named<LoraTargets>{LoraTargets::Qkv, "qkv"}};
constexpr std::array kOptimizer{Named<Optimizer>{Optimizer::AdamW, "adamw"},
                                Named<Optimizer>{Optimizer::Adafactor, "adafactor"},
                                Named<Optimizer>{Optimizer::Sgd, "sgd"},
                                Named<Optimizer>{Optimizer::Muon, "muon"}};
constexpr std::array kContext{Named<ContextParallel>{ContextParallel::Ring, "ring"},
                              Named<ContextParallel>{ContextParallel::AllGather, "all-gather"},
                              Named<ContextParallel>{ContextParallel::Ulysses, "ulysses"}};
constexpr std::array kDispatch{Named<Dispatch>{Dispatch::Eager, "eager"},
                               Named<Dispatch>{Dispatch::Legacy, "legacy"},
                               Named<Dispatch>{Dispatch::Compiled, "compiled"}};
}  // namespace

std::string_view name(Sharding v) {
  return name_in(kSharding, v);
}
std::string_view name(Recompute v) {
  return name_in(kRecompute, v);
}
std::string_view name(Schedule v) {
  return name_in(kSchedule, v);
}
std::string_view name(Job v) {
  return name_in(kJob, v);
}
std::string_view name(Optimizer v) {
  return name_in(kOptimizer, v);
}
std::string_view name(LoraTargets v) {
  return name_in(kLoraTargets, v);
}
std::string_view name(ContextParallel v) {
  return name_in(kContext, v);
}
std::string_view name(Dispatch v) {
  return name_in(kDispatch, v);
}
std::optional<Sharding> sharding_from_name(std::string_view t) {
  return value_in(kSharding, t);
}
std::optional<Recompute> recompute_from_name(std::string_view t) {
  return value_in(kRecompute, t);
}
std::optional<Schedule> schedule_from_name(std::string_view t) {
  return value_in(kSchedule, t);
}
std::optional<Job> job_from_name(std::string_view t) {
  return value_in(kJob, t);
}
std::optional<Optimizer> optimizer_from_name(std::string_view t) {
  return value_in(kOptimizer, t);
}
std::optional<LoraTargets> lora_targets_from_name(std::string_view t) {
  return value_in(kLoraTargets, t);
}
std::optional<ContextParallel> context_parallel_from_name(std::string_view t) {
  return value_in(kContext, t);
}
std::optional<Dispatch> dispatch_from_name(std::string_view t) {
  return value_in(kDispatch, t);
}

}  // namespace sim
