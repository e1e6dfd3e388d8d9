#include "real_runner/grids.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace real_runner {

namespace {

using calib::AttentionMeasurement;
using calib::Collective;
using calib::CollectiveMeasurement;
using calib::Direction;
using calib::GemmLayout;
using calib::GemmMeasurement;
using calib::GemmShape;
using topology::Precision;

using Sizes = std::vector<std::int64_t>;

/// A weight: n outputs, k inputs.
struct Weight {
  std::int64_t n, k;
};

// Squares first, then projections of models in the catalog: Llama 3 8B (qkv, gate and up, down,
// vocabulary), Llama 3 70B (qkv, a TP-8 shard of gate and up, and of down), GPT-3 175B over TP 8,
// BERT large.
const std::vector<Weight> kWeights{{1024, 1024},   {2048, 2048},  {4096, 4096},  {8192, 8192},
                                   {16384, 8192},  {6144, 4096},  {28672, 4096}, {4096, 14336},
                                   {128256, 4096}, {10240, 8192}, {7168, 8192},  {8192, 3584},
                                   {4608, 12288},  {12288, 6144}, {4096, 1024},  {1024, 4096}};
const std::vector<Weight> kFewWeights{{4096, 4096}, {28672, 4096}, {8192, 3584}, {2048, 2048}};

void add_products(std::vector<GemmMeasurement>& all, Precision precision, GemmLayout layout,
                  const Sizes& tokens, const std::vector<Weight>& weights) {
  for (const Weight& w : weights) {
    for (const std::int64_t m : tokens) {
      // Backward, the roles change: dgrad is [m, n] x [n, k], wgrad [n, m] x [m, k].
      const GemmShape shape = layout == GemmLayout::Forward ? GemmShape{.m = m, .n = w.n, .k = w.k}
                              : layout == GemmLayout::Dgrad ? GemmShape{.m = m, .n = w.k, .k = w.n}
                                                            : GemmShape{.m = w.n, .n = w.k, .k = m};
      all.push_back({.precision = precision, .layout = layout, .shape = shape, .measured = {}});
    }
  }
}

void add_sweeps(std::vector<GemmMeasurement>& all) {
  // Wave and tile quantisation: small steps of m and of n. Depth: steps of k. Batches of small
  // ones.
  for (std::int64_t m = 1152; m <= 3968; m += 256) {
    all.push_back({.shape = {.m = m, .n = 4096, .k = 4096}, .measured = {}});
  }
  for (const std::int64_t n : {2112, 2944, 3328, 4224, 5248, 6400}) {
    all.push_back({.shape = {.m = 4096, .n = n, .k = 4096}, .measured = {}});
  }
  for (const std::int64_t k : {64, 128, 256, 512, 2048, 16384, 32768}) {
    all.push_back({.shape = {.m = 4096, .n = 4096, .k = k}, .measured = {}});
  }
  for (const std::int64_t m : {512, 2048}) {
    for (const std::int64_t k : {64, 128}) {
      all.push_back({.shape = {.m = m, .n = m, .k = k, .batch = 64}, .measured = {}});
    }
  }
}

}  // namespace

std::vector<GemmMeasurement> gemm_grid(Detail detail) {
  std::vector<GemmMeasurement> all;
  if (detail == Detail::Quick) {
    for (const Precision p : {Precision::Bf16, Precision::Fp8, Precision::Tf32}) {
      add_products(all, p, GemmLayout::Forward, {128, 1024, 8192}, kFewWeights);
    }
    add_products(all, Precision::Bf16, GemmLayout::Dgrad, {4096}, kFewWeights);
    add_products(all, Precision::Bf16, GemmLayout::Wgrad, {4096}, kFewWeights);
    return all;
  }
  const Sizes tokens{1, 16, 64, 256, 1024, 2048, 4096, 8192, 16384};
  add_products(all, Precision::Bf16, GemmLayout::Forward, tokens, kWeights);
  add_sweeps(all);
  add_products(all, Precision::Bf16, GemmLayout::Dgrad, {1024, 2048, 4096, 8192}, kWeights);
  add_products(all, Precision::Bf16, GemmLayout::Wgrad, {1024, 2048, 4096, 8192}, kWeights);
  add_products(all, Precision::Fp8, GemmLayout::Forward, {16, 256, 1024, 4096, 8192}, kWeights);
  for (const Precision p : {Precision::Fp16, Precision::Tf32, Precision::Fp32}) {
    add_products(all, p, GemmLayout::Forward, {64, 512, 2048, 8192}, kFewWeights);
    add_products(all, p, GemmLayout::Dgrad, {2048}, kFewWeights);
    add_products(all, p, GemmLayout::Wgrad, {2048}, kFewWeights);
  }
  return all;
}

std::vector<AttentionMeasurement> attention_grid(Detail detail) {
  struct Heads {
    std::int64_t heads, kv_heads, head_dim;
    calib::Mask mask;
  };
  std::vector<Heads> kinds{{32, 8, 128, calib::Mask::Causal}};
  Sizes lengths{1024, 4096};
  if (detail == Detail::Full) {
    kinds = {{32, 8, 128, calib::Mask::Causal},
             {32, 32, 128, calib::Mask::Causal},
             {32, 32, 128, calib::Mask::Full},
             {16, 16, 64, calib::Mask::Causal},
             {16, 16, 64, calib::Mask::Full}};
    lengths = {512, 1024, 2048, 4096, 8192, 16384};
  }
  constexpr std::int64_t kTokens = 16384;  // batch x length: as much work for every length
  std::vector<AttentionMeasurement> all;
  for (const Heads& kind : kinds) {
    for (const std::int64_t length : lengths) {
      for (const Direction direction : {Direction::Forward, Direction::Backward}) {
        all.push_back({.direction = direction,
                       .shape = {.batch = std::max<std::int64_t>(1, kTokens / length),
                                 .query_length = length,
                                 .key_length = length,
                                 .heads = kind.heads,
                                 .kv_heads = kind.kv_heads,
                                 .head_dim = kind.head_dim,
                                 .mask = kind.mask},
                       .measured = {}});
      }
    }
  }
  return all;
}

std::vector<calib::MemoryBoundMeasurement> memory_grid(Detail detail) {
  std::vector<calib::MemoryBoundMeasurement> all;
  const auto add = [&](const char* op,
                       const std::vector<std::pair<std::int64_t, std::int64_t>>& shapes,
                       Precision precision = Precision::Bf16) {
    for (const auto& [rows, columns] : shapes) {
      all.push_back({.op = op,
                     .precision = precision,
                     .rows = rows,
                     .columns = columns,
                     .bytes = {},
                     .measured = {}});
    }
  };
  using Shapes = std::vector<std::pair<std::int64_t, std::int64_t>>;
  const Shapes hidden = detail == Detail::Quick
                            ? Shapes{{4096, 4096}, {16384, 8192}}
                            : Shapes{{64, 4096},   {512, 4096},   {2048, 1024},  {2048, 8192},
                                     {8192, 4096}, {8192, 12288}, {16384, 8192}, {32768, 2048}};
  for (const char* op : {"layer_norm", "rms_norm", "rms_norm_backward", "softmax", "gelu", "swiglu",
                         "swiglu_backward", "dropout_add", "embedding", "moe_permute"}) {
    add(op, hidden);
  }
  add("cross_entropy", detail == Detail::Quick
                           ? Shapes{{4096, 32000}}
                           : Shapes{{1024, 32000}, {8192, 32000}, {4096, 128256}});
  const Shapes elements = detail == Detail::Quick
                              ? Shapes{{1, 1 << 22}, {1, 1 << 27}}
                              : Shapes{{1, 1 << 16}, {1, 1 << 18}, {1, 1 << 20}, {1, 1 << 22},
                                       {1, 1 << 24}, {1, 1 << 26}, {1, 1 << 28}};
  add("adamw", elements, Precision::Fp32);
  add("copy", elements, Precision::Fp32);
  add("triad", elements, Precision::Fp32);
  return all;
}

std::vector<calib::TransferMeasurement> transfer_grid(Detail detail) {
  using calib::TransferDirection;
  std::vector<calib::TransferMeasurement> all;
  for (const auto direction : {TransferDirection::HostToDevice, TransferDirection::DeviceToHost,
                               TransferDirection::DeviceToDevice}) {
    for (const bool pinned : {true, false}) {
      if (!pinned && direction == TransferDirection::DeviceToDevice) {
        continue;
      }
      const double largest = pinned ? 0x1p30 : 0x1p26;
      const double factor = detail == Detail::Quick ? 256 : 16;
      for (double size = 4096; size <= largest; size *= factor) {
        all.push_back({.direction = direction,
                       .pinned = pinned,
                       .bytes = units::bytes(size),
                       .measured = {}});
      }
    }
  }
  return all;
}

std::vector<calib::LaunchMeasurement> launch_grid(Detail detail) {
  using calib::LaunchKind;
  std::vector<calib::LaunchMeasurement> all;
  for (const std::int64_t kernels : {1, 16, 256}) {
    if (detail == Detail::Full || kernels != 16) {
      all.push_back({.kind = LaunchKind::Kernel, .kernels = kernels, .measured = {}});
      all.push_back({.kind = LaunchKind::Graph, .kernels = kernels, .measured = {}});
    }
  }
  all.push_back({.kind = LaunchKind::GraphNode, .kernels = 1024, .measured = {}});
  return all;
}

namespace {

calib::MeasuredModel model_of(std::int64_t hidden, std::int64_t ffn_hidden, std::int64_t heads,
                              std::int64_t kv_heads, std::int64_t seq_len) {
  calib::MeasuredModel model;
  model.hidden = hidden;
  model.ffn_hidden = ffn_hidden;
  model.heads = heads;
  model.kv_heads = kv_heads;
  model.seq_len = seq_len;
  return model;
}

calib::OverlapMeasurement overlap_of(const GemmShape& gemm, Collective op, units::Bytes bytes) {
  calib::OverlapMeasurement overlap;
  overlap.gemm = gemm;
  overlap.op = op;
  overlap.bytes = bytes;
  return overlap;
}

}  // namespace

std::vector<calib::LayerMeasurement> layer_grid(Detail detail) {
  // Llama 3 8B, a narrow and a wide one (70B); sequences as models are trained with.
  struct Width {
    std::int64_t hidden, ffn, heads, kv_heads;
  };
  std::vector<Width> widths{{4096, 14336, 32, 8}};
  if (detail == Detail::Full) {
    widths = {{2048, 5504, 16, 16}, {4096, 14336, 32, 8}, {8192, 28672, 64, 8}};
  }
  std::vector<calib::LayerMeasurement> all;
  for (const Width& w : widths) {
    for (const std::int64_t micro_batch : detail == Detail::Full ? Sizes{1, 4} : Sizes{1}) {
      for (const Direction direction : {Direction::Forward, Direction::Both}) {
        all.push_back({.model = model_of(w.hidden, w.ffn, w.heads, w.kv_heads, 4096),
                       .micro_batch = micro_batch,
                       .direction = direction,
                       .measured = {}});
      }
    }
  }
  return all;
}

std::vector<calib::StepMeasurement> step_grid(Detail detail, int ranks) {
  std::vector<calib::StepMeasurement> all;
  const auto add = [&](std::int64_t dp, calib::MeasuredModel model, std::int64_t layers,
                       std::int64_t micro_batch) {
    model.vocab = 32000;
    all.push_back({.model = model,
                   .layers = layers,
                   .dp = dp,
                   .micro_batch = micro_batch,
                   .global_batch = micro_batch * dp,
                   .measured = {}});
  };
  const auto small = model_of(2048, 5504, 16, 16, 2048);
  const auto llama = model_of(4096, 14336, 32, 8, 4096);
  for (const std::int64_t dp : ranks > 1 ? Sizes{1, ranks} : Sizes{1}) {
    add(dp, small, 4, 4);
    if (detail == Detail::Full) {
      add(dp, llama, 4, 1);
      add(dp, llama, 8, 2);
    }
  }
  return all;
}

std::vector<calib::OverlapMeasurement> overlap_grid(Detail detail, int ranks) {
  std::vector<calib::OverlapMeasurement> all;
  const auto bytes = units::mebibytes(512);  // the collective outlasts the products
  for (const std::int64_t m : detail == Detail::Full ? Sizes{2048, 4096, 8192} : Sizes{4096}) {
    const GemmShape gemm{.m = m, .n = 8192, .k = 8192};
    if (ranks > 1) {
      for (const Collective op :
           {Collective::AllReduce, Collective::AllGather, Collective::ReduceScatter}) {
        all.push_back(overlap_of(gemm, op, bytes));
      }
      continue;
    }
    // On a device alone a copy on so many SMs stands for the collective; NCCL uses 8 to 32.
    for (const std::int64_t sms : detail == Detail::Full ? Sizes{8, 16, 24, 32} : Sizes{16}) {
      all.push_back(overlap_of(gemm, Collective::AllReduce, bytes));
      all.back().stand_in_sms = sms;
    }
  }
  return all;
}

std::vector<calib::PowerMeasurement> power_grid(Detail detail, int ranks) {
  const auto duration = units::seconds(detail == Detail::Full ? 5 : 2);
  std::vector<calib::PowerMeasurement> all;
  for (const calib::Load load :
       {calib::Load::Idle, calib::Load::Memory, calib::Load::Compute, calib::Load::Communication}) {
    if (load != calib::Load::Communication || ranks > 1) {
      all.emplace_back();
      all.back().load = load;
      all.back().duration = duration;
    }
  }
  return all;
}

namespace {

/// A way that NCCL may be told to take; nothing: its own choice.
struct Way {
  std::optional<calib::Algorithm> algorithm;
  std::optional<calib::Protocol> protocol;
};

std::vector<Way> ways(Collective op, Detail detail) {
  using calib::Algorithm;
  std::vector<Way> all{{}};
  const bool by_algorithm = op == Collective::AllReduce || op == Collective::AllGather ||
                            op == Collective::ReduceScatter || op == Collective::Broadcast;
  if (detail == Detail::Quick || !by_algorithm) {
    return all;
  }
  for (const calib::Protocol protocol : calib::kProtocols) {
    all.push_back({Algorithm::Ring, protocol});
    if (op == Collective::AllReduce) {
      all.push_back({Algorithm::Tree, protocol});
    }
  }
  if (op != Collective::Broadcast) {
    all.push_back({Algorithm::Nvls, calib::Protocol::Simple});
  }
  if (op == Collective::AllGather || op == Collective::ReduceScatter) {
    all.push_back({Algorithm::Pat, calib::Protocol::Simple});
  }
  if (op == Collective::AllReduce) {
    all.push_back({Algorithm::NvlsTree, calib::Protocol::Simple});
  }
  return all;
}

/// LL carries flags in half of its words and is never chosen for large data.
/// Source: NCCL tuning.cc (LL's bandwidth cap); above this it only costs time.
const units::Bytes kLargestLl = units::mebibytes(64);

}  // namespace

std::vector<CollectiveMeasurement> collective_grid(Detail detail, const CollectiveRange& range) {
  std::vector<CollectiveMeasurement> all;
  if (range.ranks < 2) {
    return all;
  }
  for (const Collective op :
       {Collective::AllReduce, Collective::AllGather, Collective::ReduceScatter,
        Collective::AllToAll, Collective::Broadcast, Collective::SendRecv}) {
    // A communicator per way is dear to make: the way changes outside, the size inside.
    for (const Way& way : ways(op, detail)) {
      const double factor = detail == Detail::Quick ? 16 : way.algorithm ? 8 : 4;
      const double cap = way.protocol == calib::Protocol::Ll ? kLargestLl.base() : 0x1p63;
      for (double size = range.smallest.base(); size <= std::min(range.largest.base(), cap);
           size *= factor) {
        const bool shared_out = op == Collective::AllGather || op == Collective::ReduceScatter ||
                                op == Collective::AllToAll;
        if (shared_out && size < 2.0 * range.ranks) {
          continue;  // less than one bf16 for each rank
        }
        for (const bool in_place : {false, true}) {
          // NCCL runs all-to-all and messages out of place; ways are compared out of place.
          if (in_place && (detail == Detail::Quick || op == Collective::AllToAll ||
                           op == Collective::SendRecv || way.algorithm)) {
            continue;
          }
          all.push_back({.op = op,
                         .bytes = units::bytes(size),
                         .ranks = range.ranks,
                         .nodes = range.nodes,
                         .precision = Precision::Bf16,
                         .algorithm = way.algorithm,
                         .protocol = way.protocol,
                         .in_place = in_place,
                         .system = {},
                         .measured = {}});
        }
      }
    }
  }
  return all;
}

}  // namespace real_runner
