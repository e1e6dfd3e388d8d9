#include "real_runner/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "real_runner/grids.hpp"

namespace real_runner {

namespace {

using units::Bytes;
using units::Flops;
using units::Seconds;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Shares of the data sheet's rates that a guess of time counts on, and fixed costs; chosen so that
/// a plan is rather too long than too short.
constexpr double kProductShare = 0.6, kAttentionShare = 0.15, kMemoryShare = 0.7, kHostShare = 0.5;
constexpr double kPageableGbS = 6;                 // one host thread copying into staging buffers
const Seconds kShortest = units::microseconds(4);  // a kernel, with the gap to the next
const Seconds kSetUp = units::milliseconds(
    60);  // loading and choosing kernels, filling buffers, warm-up, building the graph
const Seconds kAttentionCheck = units::milliseconds(100);  // the plain formula on the host
const Seconds kCommunicator = units::seconds(2);           // NCCL's start, per way
constexpr double kNetworkGbS = 40, kNvlinkGbS = 150;       // a guess; nobody knows before measuring
constexpr int kTrials = 24;  // calls to choose among cuBLASLt's candidates: 8 of them, thrice

double element_count(const calib::GemmShape& s) {
  return static_cast<double>(s.m * s.n + s.m * s.k + s.k * s.n) * static_cast<double>(s.batch);
}

Flops gemm_flops(const calib::GemmShape& s) {
  return units::flops(2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) *
                      static_cast<double>(s.k) * static_cast<double>(s.batch));
}

Seconds gemm_time(const calib::GemmShape& shape, topology::Precision precision,
                  const RatesGuess& rates) {
  const Seconds compute = gemm_flops(shape) / (rates.peak(precision) * kProductShare);
  const Seconds memory = units::bytes(element_count(shape) * topology::element_bytes(precision)) /
                         (rates.memory() * kMemoryShare);
  return std::max({compute, memory, kShortest});
}

/// All samples of a call that takes `one`, with set-up; `calls`: before the samples, to choose.
Seconds sampling_time(Seconds one, const SamplingPolicy& policy, int calls = 4) {
  const Seconds sample = one * static_cast<double>(repeats_in_sample(one, policy));
  const Seconds wanted =
      std::max(policy.min_time, sample * static_cast<double>(policy.min_samples));
  return kSetUp + one * calls + std::min(wanted, std::max(policy.max_time, sample)) + sample * 2;
}

double tokens_of(const calib::MeasuredModel& model, std::int64_t sequences) {
  return static_cast<double>(model.seq_len) * static_cast<double>(sequences);
}

double parameters_of_layer(const calib::MeasuredModel& m) {
  const auto h = static_cast<double>(m.hidden);
  const double kv = h * static_cast<double>(m.kv_heads) / static_cast<double>(m.heads);
  return h * (2 * h + 2 * kv) + (m.gated ? 3 : 2) * h * static_cast<double>(m.ffn_hidden);
}

Seconds layer_time(const calib::MeasuredModel& model, std::int64_t micro_batch,
                   calib::Direction direction, const RatesGuess& rates) {
  const auto tokens = model.seq_len * micro_batch;
  const calib::AttentionMeasurement attention{.shape = {.batch = micro_batch,
                                                        .query_length = model.seq_len,
                                                        .key_length = model.seq_len,
                                                        .heads = model.heads,
                                                        .kv_heads = model.kv_heads,
                                                        .head_dim = model.hidden / model.heads},
                                              .measured = {}};
  const auto peak = rates.peak(topology::Precision::Bf16);
  const Seconds forward = layer_flops(model, tokens) / (peak * kProductShare) +
                          attention_flops(attention) / (peak * kAttentionShare);
  return forward * (direction == calib::Direction::Forward ? 1.0 : 3.3);
}

/// Time of one call.
Seconds call_time(const calib::Measurement& what, const RatesGuess& rates) {
  return std::visit(
      Overloaded{
          [&](const calib::GemmMeasurement& g) { return gemm_time(g.shape, g.precision, rates); },
          [&](const calib::AttentionMeasurement& a) {
            return std::max(kShortest,
                            attention_flops(a) / (rates.peak(a.precision) * kAttentionShare));
          },
          [&](const calib::MemoryBoundMeasurement& m) {
            return std::max(kShortest, m.bytes / (rates.memory() * kMemoryShare));
          },
          [&](const calib::LaunchMeasurement& l) {
            return kShortest * static_cast<double>(l.kernels);
          },
          [&](const calib::TransferMeasurement& t) {
            const auto rate = t.direction == calib::TransferDirection::DeviceToDevice
                                  ? rates.memory() * (kMemoryShare / 2)
                              : t.pinned ? units::gigabytes_per_second(rates.host_gb_s) * kHostShare
                                         : units::gigabytes_per_second(kPageableGbS);
            return std::max(units::microseconds(10), t.bytes / rate);
          },
          [&](const calib::CollectiveMeasurement& c) {
            const auto rate = units::gigabytes_per_second(c.nodes > 1 ? kNetworkGbS : kNvlinkGbS);
            return units::microseconds(c.nodes > 1 ? 60 : 20) + c.bytes * 2.0 / rate;
          },
          [&](const calib::OverlapMeasurement& o) {
            return gemm_time(o.gemm, o.precision, rates) * 20.0;
          },
          [&](const calib::PowerMeasurement& p) { return p.duration; },
          [&](const calib::LayerMeasurement& l) {
            return layer_time(l.model, l.micro_batch, l.direction, rates);
          },
          [&](const calib::StepMeasurement& s) {
            const double parameters =
                parameters_of_layer(s.model) * static_cast<double>(s.layers) +
                2.0 * static_cast<double>(s.model.vocab.value_or(0) * s.model.hidden);
            const Seconds head =
                units::flops(6 * tokens_of(s.model, s.micro_batch) *
                             static_cast<double>(s.model.vocab.value_or(0) * s.model.hidden)) /
                (rates.peak(s.precision) * kProductShare);
            return layer_time(s.model, s.micro_batch, calib::Direction::Both, rates) *
                       static_cast<double>(s.layers) +
                   head + units::bytes(28 * parameters) / (rates.memory() * kMemoryShare);
          },
          [](const calib::OperatorMeasurement&) { return Seconds{}; }},
      what);
}

Seconds measuring_time(const calib::Measurement& what, const RatesGuess& rates,
                       const SamplingPolicy& policy) {
  const Seconds one = call_time(what, rates);
  if (std::holds_alternative<calib::PowerMeasurement>(what)) {
    return one * 1.4;  // and what comes before, to warm up
  }
  if (std::holds_alternative<calib::OverlapMeasurement>(what)) {
    return kSetUp + one * 4.0 * static_cast<double>(policy.min_samples);
  }
  if (std::holds_alternative<calib::AttentionMeasurement>(what)) {
    return sampling_time(one, policy) + kAttentionCheck;
  }
  const bool gemm = std::holds_alternative<calib::GemmMeasurement>(what);
  return sampling_time(one, policy, gemm ? kTrials : 4);
}

template <class Item>
void add_all(Plan& plan, Part part, const std::vector<Item>& items) {
  for (const Item& item : items) {
    plan.items.push_back({part, item, {}});
  }
}

void add_part(Plan& plan, Part part, const Options& options, const PlanMachine& machine) {
  const Detail detail = options.quick ? Detail::Quick : Detail::Full;
  switch (part) {
    case Part::Power:
      return add_all(plan, part, power_grid(detail, machine.ranks));
    case Part::Launch:
      return add_all(plan, part, launch_grid(detail));
    case Part::Transfer:
      return add_all(plan, part, transfer_grid(detail));
    case Part::Memory:
      return add_all(plan, part, memory_grid(detail));
    case Part::Gemm:
      return add_all(plan, part, gemm_grid(detail));
    case Part::Attention:
      return add_all(plan, part, attention_grid(detail));
    case Part::Overlap:
      return add_all(plan, part, overlap_grid(detail, machine.ranks));
    case Part::Layer:
      return add_all(plan, part, layer_grid(detail));
    case Part::Step:
      return add_all(plan, part, step_grid(detail, machine.ranks));
    case Part::Collectives:
      return add_all(plan, part,
                     collective_grid(detail, {machine.ranks, machine.nodes, options.smallest,
                                              options.largest}));
  }
}

void leave_out(Plan& plan, const Options& options, const PlanMachine& machine) {
  if (machine.ranks < 2 && options.has(Part::Collectives)) {
    plan.left_out.emplace_back(
        "collectives: one rank has nobody to speak to; start several (docs/runner.md)");
  }
  std::size_t fp8 = 0, large = 0;
  const auto too_much = [&](const PlanItem& item) {
    const auto* gemm = std::get_if<calib::GemmMeasurement>(&item.what);
    if (gemm != nullptr && gemm->precision == topology::Precision::Fp8 && !machine.fp8) {
      ++fp8;
      return true;
    }
    const bool fits = memory_needed(item.what) <= machine.memory * 0.9;  // some is the driver's
    large += fits ? 0 : 1;
    return !fits;
  };
  plan.items.erase(std::remove_if(plan.items.begin(), plan.items.end(), too_much),
                   plan.items.end());
  if (fp8 > 0) {
    plan.left_out.push_back(
        fmt::format("gemm: {} products in fp8, which this device has not", fp8));
  }
  if (large > 0) {
    plan.left_out.push_back(
        fmt::format("{} figures that need more memory than the device has", large));
  }
}

/// NCCL's start is paid once per operation and way.
Seconds communicators(const Plan& plan) {
  std::map<std::pair<int, int>, bool> seen;
  for (const PlanItem& item : plan.items) {
    if (const auto* c = std::get_if<calib::CollectiveMeasurement>(&item.what)) {
      seen[{c->algorithm ? static_cast<int>(*c->algorithm) : -1,
            c->protocol ? static_cast<int>(*c->protocol) : -1}] = true;
    }
  }
  return kCommunicator * static_cast<double>(seen.size());
}

struct PartSum {
  std::size_t figures = 0;
  Seconds time;
};

std::map<Part, PartSum> by_part(const Plan& plan) {
  std::map<Part, PartSum> sums;
  for (const PlanItem& item : plan.items) {
    ++sums[item.part].figures;
    sums[item.part].time += item.estimate;
  }
  return sums;
}

std::string_view planned_as(const PlanMachine& machine) {
  return rates_guess(machine.accelerator).accelerator;
}

}  // namespace

Seconds Plan::estimate() const {
  Seconds total = communicators(*this);
  for (const PlanItem& item : items) {
    total += item.estimate;
  }
  return total;
}

Plan make_plan(const Options& options, const PlanMachine& machine) {
  Plan plan;
  plan.sampling = options.quick ? quick_sampling() : SamplingPolicy{};
  for (const Part part : options.parts) {
    add_part(plan, part, options, machine);
  }
  leave_out(plan, options, machine);
  const RatesGuess& rates = rates_guess(machine.accelerator);
  for (PlanItem& item : plan.items) {
    if (auto* memory = std::get_if<calib::MemoryBoundMeasurement>(&item.what)) {
      memory->bytes = memory_traffic(memory->op, memory->rows, memory->columns);
    }
    item.estimate = measuring_time(item.what, rates, plan.sampling);
  }
  return plan;
}

Bytes memory_traffic(const std::string& op, std::int64_t rows, std::int64_t columns) {
  const auto r = static_cast<double>(rows), c = static_cast<double>(columns);
  const double elements = r * c;
  constexpr double kBf16 = 2, kFp32 = 4, kIndex = 4, kMask = 1;
  if (op == "layer_norm") {  // x, y, weight, bias, mean and 1/deviation of a row
    return units::bytes(2 * kBf16 * elements + 2 * kBf16 * c + 2 * kFp32 * r);
  }
  if (op == "rms_norm") {
    return units::bytes(2 * kBf16 * elements + kBf16 * c + kFp32 * r);
  }
  if (op == "rms_norm_backward") {  // x, dy, dx, weight, its gradient in fp32
    return units::bytes(3 * kBf16 * elements + kBf16 * c + kFp32 * c + kFp32 * r);
  }
  if (op == "swiglu") {  // gate and up in, one out
    return units::bytes(3 * kBf16 * elements);
  }
  if (op == "swiglu_backward") {  // gate, up, dy in; two gradients out
    return units::bytes(5 * kBf16 * elements);
  }
  if (op == "dropout_add") {  // x, residual, y, mask
    return units::bytes(3 * kBf16 * elements + kMask * elements);
  }
  if (op == "embedding" || op == "moe_permute") {
    return units::bytes(2 * kBf16 * elements + kIndex * r);
  }
  if (op == "cross_entropy") {  // logits read, gradient written in their place, label and loss
    return units::bytes(2 * kBf16 * elements + (kIndex + kFp32) * r);
  }
  if (op ==
      "adamw") {  // weight, two moments in fp32 read and written; bf16 gradient in, weight out
    return units::bytes((6 * kFp32 + 2 * kBf16) * elements);
  }
  if (op == "copy") {
    return units::bytes(2 * kFp32 * elements);
  }
  if (op == "triad") {  // a = b + s c
    return units::bytes(3 * kFp32 * elements);
  }
  return units::bytes(2 * kBf16 * elements);  // softmax, gelu: in and out
}

Bytes memory_needed(const calib::Measurement& what) {
  constexpr double kAtLeast = 0x1p30;  // rotating buffers, workspace, context
  const double bytes = std::visit(
      Overloaded{
          [](const calib::GemmMeasurement& g) {
            return 4.0 * element_count(g.shape) * topology::element_bytes(g.precision);
          },
          [](const calib::AttentionMeasurement& a) {
            return 40.0 * static_cast<double>(a.shape.batch * a.shape.query_length * a.shape.heads *
                                              a.shape.head_dim);
          },
          [](const calib::MemoryBoundMeasurement& m) {
            return 2 * memory_traffic(m.op, m.rows, m.columns).base();
          },
          [](const calib::LaunchMeasurement&) { return 0.0; },
          [](const calib::TransferMeasurement& t) { return 2 * t.bytes.base(); },
          [](const calib::CollectiveMeasurement& c) {
            return (c.in_place ? 1.1 : 2.1) * c.bytes.base();
          },
          [](const calib::OverlapMeasurement& o) {
            return 4.0 * element_count(o.gemm) * topology::element_bytes(o.precision) +
                   2.1 * o.bytes.base();
          },
          [](const calib::PowerMeasurement&) { return 0x1p32; },
          [](const calib::LayerMeasurement& l) {
            return 4 * parameters_of_layer(l.model) +
                   tokens_of(l.model, l.micro_batch) * 2 *
                       static_cast<double>(16 * l.model.hidden + 6 * l.model.ffn_hidden);
          },
          [](const calib::StepMeasurement& s) {
            const auto layers = static_cast<double>(s.layers);
            const auto vocab = static_cast<double>(s.model.vocab.value_or(0));
            return 16 * (parameters_of_layer(s.model) * layers +
                         2 * vocab * static_cast<double>(s.model.hidden)) +
                   tokens_of(s.model, s.micro_batch) *
                       (2 * layers *
                            static_cast<double>(10 * s.model.hidden + 4 * s.model.ffn_hidden) +
                        4 * vocab);
          },
          [](const calib::OperatorMeasurement&) { return 0.0; }},
      what);
  return units::bytes(std::max(kAtLeast, bytes));
}

Flops attention_flops(const calib::AttentionMeasurement& attention) {
  const calib::AttentionShape& s = attention.shape;
  const auto q = static_cast<double>(s.query_length), k = static_cast<double>(s.key_length);
  const double pairs = s.mask == calib::Mask::Causal ? q * (k + 1) / 2 : q * k;
  const double products = attention.direction == calib::Direction::Forward    ? 2
                          : attention.direction == calib::Direction::Backward ? 5
                                                                              : 7;
  return units::flops(2 * products * pairs * static_cast<double>(s.batch * s.heads * s.head_dim));
}

Flops layer_flops(const calib::MeasuredModel& model, std::int64_t tokens) {
  return units::flops(2 * parameters_of_layer(model) * static_cast<double>(tokens));
}

std::string describe(const calib::Measurement& what) {
  return std::visit(
      Overloaded{
          [](const calib::GemmMeasurement& g) {
            constexpr const char* kLayouts[] = {"forward", "dgrad", "wgrad"};
            return fmt::format("gemm {} {} {} x {} x {}{}", topology::name(g.precision),
                               kLayouts[static_cast<int>(g.layout)], g.shape.m, g.shape.n,
                               g.shape.k,
                               g.shape.batch > 1 ? fmt::format(" batch {}", g.shape.batch) : "");
          },
          [](const calib::AttentionMeasurement& a) {
            return fmt::format("attention {} batch {} length {} heads {}/{} x {} {}",
                               a.direction == calib::Direction::Forward ? "forward" : "backward",
                               a.shape.batch, a.shape.query_length, a.shape.heads, a.shape.kv_heads,
                               a.shape.head_dim,
                               a.shape.mask == calib::Mask::Causal ? "causal" : "full");
          },
          [](const calib::MemoryBoundMeasurement& m) {
            return fmt::format("{} {} {} x {}", m.op, topology::name(m.precision), m.rows,
                               m.columns);
          },
          [](const calib::LaunchMeasurement& l) {
            constexpr const char* kKinds[] = {"kernel", "graph", "graph node", "collective"};
            return fmt::format("launch {} of {}", kKinds[static_cast<int>(l.kind)], l.kernels);
          },
          [](const calib::TransferMeasurement& t) {
            constexpr const char* kWays[] = {"h2d", "d2h", "d2d"};
            return fmt::format("transfer {} {} {:.0f} B", kWays[static_cast<int>(t.direction)],
                               t.pinned ? "pinned" : "pageable", t.bytes.base());
          },
          [](const calib::CollectiveMeasurement& c) {
            return fmt::format("{} {:.0f} B {} ranks {} {} {}", calib::name(c.op), c.bytes.base(),
                               c.ranks, c.algorithm ? calib::name(*c.algorithm) : "own-choice",
                               c.protocol ? calib::name(*c.protocol) : "own-choice",
                               c.in_place ? "in-place" : "out-of-place");
          },
          [](const calib::OverlapMeasurement& o) {
            return fmt::format("overlap gemm {} x {} x {} with {}", o.gemm.m, o.gemm.n, o.gemm.k,
                               o.stand_in_sms ? fmt::format("a copy on {} SMs", *o.stand_in_sms)
                                              : std::string(calib::name(o.op)));
          },
          [](const calib::PowerMeasurement& p) {
            return fmt::format("power {}", calib::name(p.load));
          },
          [](const calib::LayerMeasurement& l) {
            return fmt::format(
                "layer hidden {} micro-batch {} {}", l.model.hidden, l.micro_batch,
                l.direction == calib::Direction::Forward ? "forward" : "forward and backward");
          },
          [](const calib::StepMeasurement& s) {
            return fmt::format("step hidden {} layers {} dp {} micro-batch {}", s.model.hidden,
                               s.layers, s.dp, s.micro_batch);
          },
          [](const calib::OperatorMeasurement& o) { return o.op; }},
      what);
}

std::string plan_text(const Plan& plan, const PlanMachine& machine) {
  std::string text = fmt::format("Plan for {} rank{} on {} node{}, times as for {}\n",
                                 machine.ranks, machine.ranks > 1 ? "s" : "", machine.nodes,
                                 machine.nodes > 1 ? "s" : "", planned_as(machine));
  for (const auto& [part, sum] : by_part(plan)) {
    text += fmt::format("  {:<12} {:>5} figures {:>7.0f} s   {}\n", name(part), sum.figures,
                        sum.time.base(), description(part));
  }
  text += fmt::format("  {:<12} {:>5} figures {:>7.0f} s\n", "all", plan.items.size(),
                      plan.estimate().base());
  for (const std::string& sentence : plan.left_out) {
    text += fmt::format("left out: {}\n", sentence);
  }
  return text;
}

std::string plan_json(const Plan& plan, const PlanMachine& machine) {
  nlohmann::ordered_json json{{"plan", true},
                              {"planned_as", planned_as(machine)},
                              {"ranks", machine.ranks},
                              {"nodes", machine.nodes},
                              {"figures", plan.items.size()},
                              {"estimate_s", plan.estimate().base()},
                              {"parts", nlohmann::ordered_json::object()},
                              {"left_out", plan.left_out}};
  for (const auto& [part, sum] : by_part(plan)) {
    json["parts"][std::string(name(part))] = {{"figures", sum.figures},
                                              {"estimate_s", sum.time.base()}};
  }
  return json.dump() + "\n";
}

}  // namespace real_runner
