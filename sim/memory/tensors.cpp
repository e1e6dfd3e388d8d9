#include "sim/memory/tensors.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/memory/state_bytes.hpp"
#include "sim/memory/tower_tensors.hpp"
#include "sim/plan/rank_parameters.hpp"
#include "sim/plan/trained.hpp"
#include "sim/step/layer_times.hpp"

namespace sim {

using topology::Precision;
using units::Bytes;
using units::bytes;

std::string_view name(MemoryKind kind) {
  constexpr std::array<std::string_view, 8> kNames{"parameters",  "gradients",    "optimizer",
                                                   "activations", "working_set",  "logits",
                                                   "reserved",    "fragmentation"};
  return kNames[static_cast<std::size_t>(kind)];
}

Bytes MemoryUse::of(MemoryKind kind) const {
  Bytes sum;
  for (const Tensor& t : tensors) {
    sum += t.kind == kind ? t.size : Bytes{};
  }
  return sum;
}

namespace {

bool full_precision(const Training& t) {
  return t.precision == Precision::Fp32 || t.precision == Precision::Tf32;
}
bool eight_bit(const Training& t) {
  return t.precision == Precision::Fp8 || t.precision == Precision::Fp4 ||
         t.precision == Precision::Int8;
}

/// Bytes per parameter of the copy that computes, by job and precision. QLoRA: 4-bit NormalFloat
/// with double-quantised scales, 0.516 bytes (arXiv 2305.14314, section 3).
double weight_bytes(const Training& t) {
  if (t.job == Job::Qlora) {
    return 0.516;
  }
  return full_precision(t) ? 4.0 : 2.0;
}

/// Bytes of optimizer state per trained parameter, the fp32 master weight included.
double optimizer_bytes(const TrainingJob& job) {
  const Training& t = job.training;
  if (job.framework.pure_16_bit) {
    return t.optimizer == Optimizer::AdamW ? 4.0 : 2.0;
  }
  const double master = full_precision(t) ? 0.0 : 4.0;
  switch (t.optimizer) {
    case Optimizer::AdamW:
      return master + 8.0;
    case Optimizer::Adafactor:
      return master + 0.1;  // factored second moment: rows + columns
    case Optimizer::Sgd:
    case Optimizer::Muon:
      return master + 4.0;
  }
  return master + 8.0;
}

/// What the stages of a job share.
struct JobParts {
  std::vector<ChunkContents> chunks;
  Groups groups;
  std::array<RankParameters, kLayerKinds> layer{};
  std::array<std::vector<Tensor>, kLayerKinds> activations;
  RankParameters embedding, head;
};

JobParts parts_of(const TrainingJob& job) {
  JobParts parts{.chunks = chunk_contents(job),
                 .groups = communicators(job.layout, job.cluster),
                 .layer = {},
                 .activations = {},
                 .embedding = embedding_rank_parameters(job),
                 .head = head_rank_parameters(job)};
  for (int kind = 0; kind < kLayerKinds; ++kind) {
    const auto uses = [kind](const ChunkContents& c) {
      const auto k = static_cast<std::size_t>(kind);
      return c.count[k] + c.count[k + kLayerKinds] > 0;
    };
    if (std::any_of(parts.chunks.begin(), parts.chunks.end(), uses)) {
      parts.layer[static_cast<std::size_t>(kind)] =
          layer_rank_parameters(job, static_cast<LayerKind>(kind));
      parts.activations[static_cast<std::size_t>(kind)] =
          layer_activations(job, static_cast<LayerKind>(kind));
    }
  }
  return parts;
}

/// All chunks of one stage together.
struct StageContents {
  std::array<int, kLayerKinds> layers{};
  bool embedding = false, head = false;
  [[nodiscard]] int total() const { return std::accumulate(layers.begin(), layers.end(), 0); }
  bool operator==(const StageContents&) const = default;
};

StageContents stage_contents(const TrainingJob& job, const JobParts& parts, int stage) {
  StageContents c;
  for (auto i = static_cast<std::size_t>(stage); i < parts.chunks.size();
       i += static_cast<std::size_t>(job.layout.pp)) {
    const ChunkContents& chunk = parts.chunks[i];
    for (std::size_t k = 0; k < kLayerKinds; ++k) {
      c.layers[k] += chunk.count[k] + chunk.count[k + kLayerKinds];
    }
    c.embedding |= chunk.embedding;
    c.head |= chunk.head;
  }
  return c;
}

RankParameters stage_parameters(const JobParts& parts, const StageContents& stage) {
  RankParameters sum;
  for (std::size_t k = 0; k < kLayerKinds; ++k) {
    sum.add(parts.layer[k], stage.layers[k]);
  }
  return sum.add(parts.embedding, stage.embedding ? 1.0 : 0.0)
      .add(parts.head, stage.head ? 1.0 : 0.0);
}

/// Parameters that FSDP gathers at a time: the largest of its units.
double gathered_unit(const TrainingJob& job) {
  if (job.model.has_towers()) {
    return largest_block(job.model.towers);
  }
  const bool moe = job.model.moe.has_value();
  const RankParameters layer = layer_rank_parameters(job, moe ? LayerKind::Moe : LayerKind::Dense);
  return std::max(layer.dense + layer.experts, embedding_rank_parameters(job).dense);
}

/// Adds weights, gradients and optimizer states.
void add_model_states(MemoryUse& use, const TrainingJob& job, const RankParameters& p,
                      const Groups& groups) {
  const Sharding s = job.layout.sharding;
  const double dense_ranks = groups.of(Axis::Shard).ranks;
  const double expert_ranks = groups.of(Axis::ExpertData).ranks;
  const auto split = [&](bool sharded) {
    return sharded ? p.dense / dense_ranks + p.experts / expert_ranks : p.dense + p.experts;
  };
  const double trained = trained_share(job);
  const bool fsdp = job.layout.shards_every_pass();
  const auto add = [&use](MemoryKind kind, const char* what, double size) {
    use.tensors.push_back({kind, what, bytes(size)});
  };
  // FSDP keeps its shard in fp32, which is the master copy; others keep 16-bit weights beside it.
  add(MemoryKind::Parameters, "weights",
      split(s == Sharding::Zero3) * weight_bytes(job.training) *
          (fsdp && !adapters_only(job.training) && s == Sharding::Zero3 ? 0.0 : 1.0));
  add(MemoryKind::Gradients, "main gradient",
      trained * split(fsdp) * std::max(gradient_bytes(job.framework, job.training), fsdp ? 4.0 : 0.0));
  add(MemoryKind::OptimizerStates, "master weight and moments",
      trained * split(s != Sharding::Ddp) * optimizer_bytes(job));
  if (fsdp) {
    const double unit = gathered_unit(job);
    const double width = full_precision(job.training) ? 4.0 : 2.0;
    add(MemoryKind::WorkingSet, "gathered layer and the next one", 2.0 * unit * width);
    add(MemoryKind::WorkingSet, "unsharded gradient of a layer", trained * unit * width);
  }
}

Bytes total(const std::vector<Tensor>& tensors) {
  Bytes sum;
  for (const Tensor& t : tensors) {
    sum += t.size;
  }
  return sum;
}

/// Input of each layer: all that full recomputation keeps.
Bytes checkpoint(const TrainingJob& job) {
  if (job.model.has_towers()) {
    return tower_memory(job).block_inputs;
  }
  const double tokens =
      static_cast<double>(job.training.sequence_length) / job.layout.cp * job.training.micro_batch;
  const double split = job.layout.sequence_parallel ? job.layout.tp : 1.0;
  return bytes(tokens * job.model.hidden * (full_precision(job.training) ? 4.0 : 2.0) / split);
}

/// Share of a stage's activations that is kept for the backward pass. What Megatron's selective
/// recomputation drops, the scores, is not in the list to begin with.
double kept_share(const TrainingJob& job, int layers) {
  switch (job.training.recompute) {
    case Recompute::None:
      return 1.0;
    case Recompute::Selective:
      return 1.0 - job.framework.selective_recompute_share;
    case Recompute::Full:
      break;
  }
  const int recomputed = job.training.recompute_layers;
  return recomputed < 0 || layers == 0
             ? 0.0
             : std::max(0.0, 1.0 - static_cast<double>(recomputed) / layers);
}

void add_activations(MemoryUse& use, const TrainingJob& job, const JobParts& parts,
                     const StageContents& stage) {
  const double per_stage =
      static_cast<double>(chunks_in_flight(job, use.stage)) / job.layout.virtual_stages;
  const bool full = job.training.recompute == Recompute::Full;
  const double kept = kept_share(job, stage.total());
  Bytes working;
  for (std::size_t kind = 0; kind < kLayerKinds; ++kind) {
    const double count = stage.layers[kind];
    if (count <= 0.0) {
      continue;
    }
    const std::vector<Tensor>& tensors = parts.activations[kind];
    for (const Tensor& t : tensors) {
      if (kept > 0.0) {
        use.tensors.push_back({t.kind, t.name, t.size * (count * kept * per_stage)});
      }
    }
    if (full && !job.training.activation_offload) {
      use.tensors.push_back({MemoryKind::Activations, "layer inputs",
                             checkpoint(job) * (count * (1.0 - kept) * per_stage)});
    }
    working = std::max(working, kind == static_cast<std::size_t>(LayerKind::Towers)
                                    ? tower_memory(job).largest_block
                                    : total(tensors));
  }
  if (full) {
    use.tensors.push_back({MemoryKind::WorkingSet, "layer being recomputed", working});
  }
}

/// Logits, their softmax in fp32 and their gradient on the last stage; one micro-batch at a time.
void add_logits(MemoryUse& use, const TrainingJob& job) {
  const double tokens =
      static_cast<double>(job.training.sequence_length) / job.layout.cp * job.training.micro_batch;
  const double width = job.framework.fused_cross_entropy ? 4.0 : 10.0;
  use.tensors.push_back({MemoryKind::Logits, "logits and their gradient",
                         bytes(tokens * job.model.vocab / job.layout.tp * width)});
}

MemoryUse stage_use(const TrainingJob& job, const JobParts& parts, const StageContents& contents,
                    int stage) {
  MemoryUse use{
      .stage = stage, .tensors = {}, .total = {}, .capacity = job.cluster.accelerator.memory};
  use.tensors.reserve(24);
  add_model_states(use, job, stage_parameters(parts, contents), parts.groups);
  add_activations(use, job, parts, contents);
  if (contents.head) {
    add_logits(use, job);
  }
  const Bytes allocated = total(use.tensors);
  use.tensors.push_back({MemoryKind::Fragmentation, "allocator fragmentation",
                         allocated * job.framework.fragmentation});
  use.tensors.push_back({MemoryKind::Reserved, "CUDA context, libraries, communication buffers",
                         units::gibibytes(job.framework.reserved_memory_gib)});
  use.total = total(use.tensors);
  return use;
}

}  // namespace

int chunks_in_flight(const TrainingJob& job, int stage) {
  const Layout& l = job.layout;
  const int micro_batches =
      std::max(1, job.training.global_batch / (l.dp * job.training.micro_batch));
  const int behind = l.pp - stage - 1;
  if (l.schedule == Schedule::ZeroBubble) {
    // Put-off weight gradients keep the inputs of linear layers, 32 of the 34 bytes per token and
    // hidden value that a layer keeps (arXiv 2401.10241, table 2): counted as all of them.
    return std::min(l.pp, micro_batches);
  }
  const int warm_up = l.virtual_stages > 1 ? 2 * behind + (l.virtual_stages - 1) * l.pp : behind;
  return std::min(warm_up + 1, micro_batches * l.virtual_stages);
}

std::vector<Tensor> layer_activations(const TrainingJob& job, LayerKind kind) {
  if (kind == LayerKind::Towers) {
    return tower_memory(job).activations;
  }
  const ModelSpec& m = job.model;
  const Layout& l = job.layout;
  const Training& t = job.training;
  const Framework& f = job.framework;
  const double wide = full_precision(t) ? 4.0 : 2.0;
  const double narrow =
      eight_bit(t) ? 1.0 : wide;  // inputs of linear layers are kept as they were cast
  const double tokens = static_cast<double>(t.sequence_length) / l.cp * t.micro_batch;
  const double local = l.sequence_parallel ? tokens / l.tp : tokens;
  const double h = m.hidden;
  const double tp = l.tp;
  const double query_dim = m.mla ? m.mla->qk_nope_dim + m.mla->qk_rope_dim : m.head_dim;
  const double value_dim = m.mla ? m.mla->v_dim : m.head_dim;
  const double kv = m.mla ? m.heads : std::max<double>(m.kv_heads, tp);
  std::vector<Tensor> a;
  const auto keep = [&a](const char* what, double size) {
    if (size > 0.0) {
      a.push_back({MemoryKind::Activations, what, bytes(size)});
    }
  };
  keep("norm inputs", 2.0 * local * h * wide);
  keep("qkv input", f.recompute_cheap_activations ? 0.0 : local * h * narrow);
  keep("queries, keys, values",
       tokens * (m.heads * query_dim + kv * (query_dim + value_dim)) / tp * wide);
  keep("attention output", tokens * m.heads * value_dim / tp * wide);
  if (f.flash_attention) {
    keep("softmax statistics", tokens * m.heads / tp * 4.0);
  } else if (t.recompute != Recompute::Selective) {
    const double scores = tokens * t.sequence_length * m.heads / tp;
    keep("attention scores", scores * (m.dropout ? 2.0 * wide + 1.0 : wide));
  }
  keep("dropout masks", m.dropout ? 2.0 * local * h : 0.0);
  const double gates = m.mlp == MlpKind::Gated ? 2.0 : 1.0;
  const auto mlp = [&](double inputs, double rows, double ffn) {
    keep("mlp input", f.recompute_cheap_activations ? 0.0 : inputs * h * narrow);
    keep("mlp hidden", rows * gates * ffn * wide);
    keep("mlp activation", f.recompute_cheap_activations ? 0.0 : rows * ffn * narrow);
  };
  if (kind == LayerKind::Moe) {
    const MoeSpec& moe = *m.moe;
    const double expert_tp = l.expert_tp > 0 ? l.expert_tp : tp;
    const double routed = tokens / tp * expert_tp * moe.top_k;
    keep("dispatched tokens", routed * h * wide);
    mlp(local, routed, moe.ffn_hidden / expert_tp);
    keep("expert outputs", routed * h * wide);
    if (moe.shared_experts > 0) {
      mlp(0.0, tokens, static_cast<double>(moe.shared_experts) * moe.shared_ffn_hidden / tp);
    }
  } else {
    mlp(local, tokens, m.ffn_hidden / tp);
  }
  return a;
}

MemoryUse memory_use(const TrainingJob& job) {
  const JobParts parts = parts_of(job);
  MemoryUse heaviest;
  StageContents before;
  for (int stage = 0; stage < job.layout.pp; ++stage) {
    // Later stages hold no more micro-batches, so one that holds the same layers as its predecessor
    // needs no more.
    const StageContents contents = stage_contents(job, parts, stage);
    if (stage > 0 && contents == before) {
      continue;
    }
    before = contents;
    MemoryUse use = stage_use(job, parts, contents, stage);
    if (stage == 0 || use.total > heaviest.total) {
      heaviest = std::move(use);
    }
  }
  return heaviest;
}

double computing_weight_bytes(const Training& training) {
  return weight_bytes(training);
}

double optimizer_state_bytes(const TrainingJob& job) {
  return optimizer_bytes(job);
}

}  // namespace sim
