#pragma once
// Names and limits of every field of a record, once, so that reading and writing cannot disagree.
// Private to this room.
//
// each_field(record, visit) calls visit(key, value, rule) for every field in the order of the file.
#include <array>
#include <limits>
#include <type_traits>

#include "calib/records.hpp"
#include "topology/names.hpp"

namespace calib::fields {

/// What a field may hold. A field that need not be there keeps its default.
struct Rule {
  bool required = true;
  double low = 0.0, high = 1e18;
};
inline constexpr Rule kNeeded{}, kMaybe{.required = false};
inline constexpr Rule kPositive{.low = 1e-12}, kCount{.low = 1.0, .high = 1099511627776.0};
inline constexpr Rule kMaybeCount{.required = false, .low = 1.0, .high = 1099511627776.0};
inline constexpr Rule kTemperature{.required = false, .low = -100.0, .high = 1000.0};

using topology::Named;
inline constexpr std::array kFlags{Named<Flag>{Flag::Throttled, "throttled"},
                                   Named<Flag>{Flag::Noisy, "noisy"},
                                   Named<Flag>{Flag::Busy, "busy"},
                                   Named<Flag>{Flag::WrongResult, "wrong-result"},
                                   Named<Flag>{Flag::SharedDevice, "shared-device"},
                                   Named<Flag>{Flag::Socket, "socket"}};
inline constexpr std::array kLayouts{Named<GemmLayout>{GemmLayout::Forward, "forward"},
                                     Named<GemmLayout>{GemmLayout::Dgrad, "dgrad"},
                                     Named<GemmLayout>{GemmLayout::Wgrad, "wgrad"}};
inline constexpr std::array kDirections{Named<Direction>{Direction::Forward, "forward"},
                                        Named<Direction>{Direction::Backward, "backward"},
                                        Named<Direction>{Direction::Both, "both"}};
inline constexpr std::array kLaunches{Named<LaunchKind>{LaunchKind::Kernel, "kernel"},
                                      Named<LaunchKind>{LaunchKind::Graph, "graph"},
                                      Named<LaunchKind>{LaunchKind::GraphNode, "graph_node"},
                                      Named<LaunchKind>{LaunchKind::Collective, "collective"}};
inline constexpr std::array kTransfers{
    Named<TransferDirection>{TransferDirection::HostToDevice, "h2d"},
    Named<TransferDirection>{TransferDirection::DeviceToHost, "d2h"},
    Named<TransferDirection>{TransferDirection::DeviceToDevice, "d2d"}};
inline constexpr std::array kTransports{Named<Transport>{Transport::Nvlink, "nvlink"},
                                        Named<Transport>{Transport::Pcie, "pcie"},
                                        Named<Transport>{Transport::Infiniband, "infiniband"},
                                        Named<Transport>{Transport::Roce, "roce"},
                                        Named<Transport>{Transport::Efa, "efa"},
                                        Named<Transport>{Transport::Socket, "socket"},
                                        Named<Transport>{Transport::SharedDevice, "shared-device"},
                                        Named<Transport>{Transport::Unknown, "unknown"}};
inline constexpr std::array kLoads{
    Named<Load>{Load::Idle, "idle"}, Named<Load>{Load::Memory, "memory"},
    Named<Load>{Load::Compute, "compute"}, Named<Load>{Load::Communication, "communication"}};

/// A value that must be one of a list of words.
struct Word {
  std::string& text;
  const std::vector<std::string>& allowed;
};
struct MaybeWord {
  std::optional<std::string>& text;
  const std::vector<std::string>& allowed;
};
/// The mask as the file has it: true or false.
struct Causal {
  Mask& mask;
};

template <class Visit>
void each_field(Measured& m, Visit&& visit) {
  visit("time_s", m.time, kPositive);
  visit("low_s", m.low, kMaybe);
  visit("high_s", m.high, kMaybe);
  visit("noise", m.noise, kMaybe);
  visit("samples", m.samples, kMaybeCount);
  visit("clock_hz", m.clock_hz, kMaybe);
  visit("temperature_c", m.temperature_c, kTemperature);
  visit("power_w", m.power, kMaybe);
  visit("flags", m.flags, kMaybe);
}

template <class Visit>
void each_field(GemmShape& s, Visit&& visit) {
  visit("m", s.m, kCount);
  visit("n", s.n, kCount);
  visit("k", s.k, kCount);
  visit("batch", s.batch, kMaybeCount);
}

template <class Visit>
void each_field(Machine& m, Visit&& visit) {
  visit("accelerator", m.accelerator, kMaybe);
  visit("device_name", m.device_name, kMaybe);
  visit("devices", m.devices, kMaybeCount);
  visit("nodes", m.nodes, kMaybeCount);
  visit("sms", m.sms, kMaybeCount);
  visit("memory", m.memory, kMaybe);
  visit("power_limit_w", m.power_limit, kMaybe);
  visit("cpu", m.cpu, kMaybe);
  visit("uuid", m.uuid, kMaybe);
}

template <class Visit>
void each_field(Software& s, Visit&& visit) {
  visit("driver", s.driver, kMaybe);
  visit("cuda", s.cuda, kMaybe);
  visit("cublas", s.cublas, kMaybe);
  visit("nccl", s.nccl, kMaybe);
  visit("os", s.os, kMaybe);
  visit("framework", s.framework, kMaybe);
}

template <class Visit>
void each_field(RunHeader& h, Visit&& visit) {
  visit("source", h.source, kNeeded);
  visit("started", h.started, kNeeded);
  visit("machine", h.machine, kNeeded);
  visit("software", h.software, kMaybe);
  visit("notes", h.notes, kMaybe);
}

template <class Visit>
void each_field(RunEnd& e, Visit&& visit) {
  visit("complete", e.complete, kNeeded);
  visit("reason", e.reason, kMaybe);
}

template <class Visit>
void each_field(GemmMeasurement& r, Visit&& visit) {
  visit("precision", r.precision, kNeeded);
  visit("layout", r.layout, kMaybe);
  each_field(r.shape, visit);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(AttentionMeasurement& r, Visit&& visit) {
  visit("precision", r.precision, kNeeded);
  visit("direction", r.direction, kNeeded);
  visit("batch", r.shape.batch, kCount);
  visit("seq_len", r.shape.query_length, kCount);
  visit("heads", r.shape.heads, kCount);
  visit("kv_heads", r.shape.kv_heads, kCount);
  visit("head_dim", r.shape.head_dim, kCount);
  visit("causal", Causal{r.shape.mask}, kNeeded);
  visit("window", r.shape.window, kMaybe);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(MemoryBoundMeasurement& r, Visit&& visit) {
  visit("operator", Word{r.op, memory_bound_operators()}, kNeeded);
  visit("precision", r.precision, kNeeded);
  visit("rows", r.rows, kCount);
  visit("columns", r.columns, kCount);
  visit("bytes", r.bytes, kPositive);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(LaunchMeasurement& r, Visit&& visit) {
  visit("operator", r.kind, kNeeded);
  visit("kernels", r.kernels, kCount);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(TransferMeasurement& r, Visit&& visit) {
  visit("direction", r.direction, kNeeded);
  visit("pinned", r.pinned, kNeeded);
  visit("bytes", r.bytes, kPositive);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(CollectiveMeasurement& r, Visit&& visit) {
  visit("op", r.op, kNeeded);
  visit("bytes", r.bytes, kNeeded);
  visit("ranks", r.ranks, kCount);
  visit("nodes", r.nodes, kCount);
  visit("precision", r.precision, kMaybe);
  visit("algorithm", r.algorithm, kMaybe);
  visit("protocol", r.protocol, kMaybe);
  visit("in_place", r.in_place, kMaybe);
  visit("transport", r.transport, kMaybe);
  visit("checked", r.checked, kMaybe);
  visit("errors", r.errors, kMaybe);
  visit("system", r.system, kMaybe);
  visit("nic_byte_per_s", r.nic_bandwidth, kMaybe);
  each_field(r.measured, visit);
}

/// The product of an overlap record, an object of its own.
struct OverlapGemm {
  GemmShape& shape;
  topology::Precision& precision;
};
template <class Visit>
void each_field(const OverlapGemm& g, Visit&& visit) {
  each_field(g.shape, visit);
  visit("precision", g.precision, kNeeded);
}

template <class Visit>
void each_field(OverlapMeasurement& r, Visit&& visit) {
  visit("gemm", OverlapGemm{r.gemm, r.precision}, kNeeded);
  visit("op", r.op, kNeeded);
  visit("bytes", r.bytes, kPositive);
  visit("alone_s", r.gemm_alone, kPositive);
  visit("together_s", r.gemm_together, kPositive);
  visit("collective_alone_s", r.collective_alone, kPositive);
  visit("collective_together_s", r.collective_together, kPositive);
  visit("stand_in_sms", r.stand_in_sms, kMaybeCount);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(PowerMeasurement& r, Visit&& visit) {
  visit("load", r.load, kNeeded);
  visit("power_w", r.power, kNeeded);
  visit("power_low_w", r.low, kMaybe);
  visit("power_high_w", r.high, kMaybe);
  visit("duration_s", r.duration, kNeeded);
  visit("samples", r.samples, kCount);
  visit("clock_hz", r.clock_hz, kMaybe);
  visit("temperature_c", r.temperature_c, kTemperature);
  visit("device", r.device, kMaybe);
}

template <class Visit>
void each_field(MeasuredModel& m, Visit&& visit) {
  visit("hidden", m.hidden, kCount);
  visit("ffn_hidden", m.ffn_hidden, kCount);
  visit("heads", m.heads, kCount);
  visit("kv_heads", m.kv_heads, kCount);
  visit("seq_len", m.seq_len, kCount);
  visit("head_dim", m.head_dim, kMaybeCount);
  visit("vocab", m.vocab, kMaybeCount);
  visit("gated", m.gated, kMaybe);
  visit("causal", m.causal, kMaybe);
}

template <class Visit>
void each_field(LayerMeasurement& r, Visit&& visit) {
  visit("model", r.model, kNeeded);
  visit("tp", r.tp, kMaybeCount);
  visit("micro_batch", r.micro_batch, kCount);
  visit("precision", r.precision, kNeeded);
  visit("direction", r.direction, kNeeded);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(StepMeasurement& r, Visit&& visit) {
  visit("model", r.model, kNeeded);
  visit("layers", r.layers, kCount);
  visit("dp", r.dp, kCount);
  visit("micro_batch", r.micro_batch, kCount);
  visit("global_batch", r.global_batch, kCount);
  visit("precision", r.precision, kMaybe);
  visit("optimizer", r.optimizer, kNeeded);
  each_field(r.measured, visit);
}

template <class Visit>
void each_field(OperatorMeasurement& r, Visit&& visit) {
  visit("name", r.op, kNeeded);
  visit("category", MaybeWord{r.category, operator_categories()}, kMaybe);
  visit("stream", r.stream, kMaybe);
  visit("count", r.count, kCount);
  visit("total_s", r.total, kMaybe);
  each_field(r.measured, visit);
}

}  // namespace calib::fields
