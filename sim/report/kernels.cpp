#include "sim/report/kernels.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "sim/step/data_parallel.hpp"
#include "sim/step/layer_times.hpp"

namespace sim {

using topology::Precision;
using units::Bytes;

namespace {

std::string shape_text(const Operator& o) {
  if (o.work == Work::Gemm) {
    const calib::GemmShape& g = o.gemm;
    return fmt::format("m {}, n {}, k {}{}", g.m, g.n, g.k,
                       g.batch > 1 ? fmt::format(", {} of them", g.batch) : "");
  }
  if (o.work == Work::AttentionForward || o.work == Work::AttentionBackward) {
    const calib::AttentionShape& a = o.attention;
    return fmt::format("{} heads of {}, {} queries, {} keys{}{}", a.heads, a.head_dim,
                       a.query_length, a.key_length,
                       a.batch > 1 ? fmt::format(", {} of them", a.batch) : "",
                       a.window > 0 ? fmt::format(", window {}", a.window) : "");
  }
  return {};
}

Bytes traffic(const calib::DeviceProfile& device, const Operator& o) {
  switch (o.work) {
    case Work::Gemm:
      return calib::gemm_traffic(device, o.gemm, o.precision) + o.size;
    case Work::AttentionForward:
      return calib::attention_forward_traffic(device, o.attention, o.precision);
    case Work::AttentionBackward:
      return calib::attention_backward_traffic(device, o.attention, o.precision);
    case Work::Memory:
      return o.size;
    case Work::Collective:
      break;
  }
  return {};
}

class RowBuilder {
 public:
  explicit RowBuilder(const CostModel& costs) : costs_(costs) {}

  void add(const Operators& operators, KernelPhase phase, double times) {
    for (const Operator& o : operators) {
      if (o.work != Work::Collective && times > 0.0) {
        add(o, phase, times);
      }
    }
  }
  void add_memory(std::string_view what, Part part, KernelPhase phase, Bytes size) {
    if (size > Bytes{}) {
      add({.work = Work::Memory, .part = part, .size = size, .name = what}, phase, 1.0);
    }
  }
  std::vector<KernelRow> take() {
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const KernelRow& a, const KernelRow& b) { return a.time > b.time; });
    return std::move(rows_);
  }

 private:
  void add(const Operator& o, KernelPhase phase, double times) {
    const std::string what = (o.expert ? "expert " : "") + std::string(o.name);
    const std::string shape = shape_text(o);
    const auto precision =
        o.work == Work::Memory ? std::nullopt : std::optional<Precision>(o.precision);
    const auto [known, fresh] =
        at_.try_emplace({what, o.part, phase, precision, shape, o.weight_gradient}, rows_.size());
    if (fresh) {
      rows_.push_back({.name = what + (o.weight_gradient ? ", weight gradient" : ""),
                       .part = o.part,
                       .phase = phase,
                       .precision = precision,
                       .shape = shape});
    }
    KernelRow& row = rows_[known->second];
    row.calls += times;
    row.flops += (matrix_flops({o}) + o.vector) * times;
    row.bytes += traffic(costs_.profiles().device, o) * times;
    row.time += costs_.kernel(o) * times;
  }

  const CostModel& costs_;
  std::vector<KernelRow> rows_;
  std::map<std::tuple<std::string, Part, KernelPhase, std::optional<Precision>, std::string, bool>,
           std::size_t>
      at_;
};

std::string source_of(const topology::Accelerator& a, const std::string& figure) {
  const auto found = a.figures.find(figure);
  return found == a.figures.end() ? "" : found->second.source;
}

/// The source of a peak, which is another format's where the unit lacks `precision`.
std::string source_of_peak(const topology::Accelerator& a, units::FlopsPerSecond peak,
                           Precision precision) {
  const auto figure = [](Precision p) { return fmt::format("peak.{}", topology::name(p)); };
  for (std::size_t i = 0; a.figures.count(figure(precision)) == 0 && i < a.peak.size(); ++i) {
    if (a.peak[i] == peak) {
      precision = static_cast<Precision>(i);
    }
  }
  return source_of(a, figure(precision));
}

std::vector<Roof> roofs_of(const topology::Accelerator& a, const std::vector<KernelRow>& kernels) {
  std::vector<Roof> roofs;
  for (const KernelRow& k : kernels) {
    const bool known = std::any_of(roofs.begin(), roofs.end(),
                                   [&k](const Roof& r) { return r.precision == k.precision; });
    if (k.precision && !known) {
      roofs.push_back({.precision = *k.precision,
                       .peak = a.peak_for(*k.precision),
                       .source = source_of_peak(a, a.peak_for(*k.precision), *k.precision)});
    }
  }
  std::stable_sort(roofs.begin(), roofs.end(),
                   [](const Roof& x, const Roof& y) { return x.peak > y.peak; });
  return roofs;
}

}  // namespace

std::string_view name(KernelPhase phase) {
  constexpr std::array<std::string_view, 4> kNames{"forward", "backward", "recompute", "optimizer"};
  return kNames[static_cast<std::size_t>(phase)];
}

double KernelRow::intensity() const {
  return bytes > Bytes{} ? flops.base() / bytes.base() : 0.0;
}

Roofline roofline(const TrainingJob& job, const Profiles& profiles, const StepGraph& graph,
                  int stage) {
  const CostModel costs(job, profiles);
  const RankShape shape = costs.shape();
  const std::vector<ChunkContents> chunks = chunk_contents(job);
  const double micro_batches = graph.micro_batches;
  RowBuilder rows(costs);
  for (int v = 0; v < graph.virtual_stages; ++v) {
    const ChunkContents& chunk = chunks[static_cast<std::size_t>(v * graph.pp + stage)];
    if (chunk.embedding) {
      rows.add(embedding_forward(shape), KernelPhase::Forward, micro_batches);
      rows.add(embedding_backward(shape), KernelPhase::Backward, micro_batches);
    }
    for (int c = 0; c < kLayerClasses; ++c) {
      const double times = micro_batches * chunk.count[static_cast<std::size_t>(c)];
      if (times > 0.0) {
        const auto kind = static_cast<LayerKind>(c % kLayerKinds);
        const int window = window_of(job.model, c);
        const Recomputed again = recomputed(costs, kind, window);
        rows.add(layer_forward(shape, kind, window), KernelPhase::Forward, times);
        rows.add(layer_backward(shape, kind, window), KernelPhase::Backward, times);
        rows.add(again.operators, KernelPhase::Recompute, times * again.share);
      }
    }
    if (chunk.head) {
      rows.add(head_forward(shape), KernelPhase::Forward, micro_batches);
      rows.add(head_backward(shape), KernelPhase::Backward, micro_batches);
    }
  }
  rows.add_memory("optimizer", Part::Optimizer, KernelPhase::Optimizer,
                  optimizer_traffic(costs, graph, stage));
  const topology::Accelerator& a = job.cluster.accelerator;
  Roofline result{.accelerator = a.id,
                  .stage = stage,
                  .memory_bandwidth = a.memory_bandwidth,
                  .memory_source = source_of(a, "memory_bandwidth"),
                  .roofs = {},
                  .kernels = rows.take()};
  result.roofs = roofs_of(a, result.kernels);
  return result;
}

}  // namespace sim
