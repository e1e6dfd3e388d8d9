#pragma once
// How a model is spread over the accelerators, and how it is trained.
#include <optional>
#include <string>
#include <string_view>

#include "sim/plan/rank_order.hpp"
#include "topology/hardware.hpp"

namespace sim {

enum class Sharding {
  Ddp,
  Zero1,
  Zero2,
  Zero3
};  ///< what data-parallel ranks split: nothing, optimizer, + gradients, + parameters
enum class Recompute { None, Selective, Full };  ///< selective: core attention only
enum class Schedule {
  OneForwardOneBackward,
  Interleaved,
  ZeroBubble  ///< ZB-H1: weight gradients are passes of their own, which fill the drain
};
enum class Job { Pretrain, FineTune, Lora, Qlora };
/// Linear layers of a transformer that get adapters with LoRA and QLoRA.
enum class LoraTargets {
  All,
  Attention,  ///< the projections to queries, keys and values, and that of the output
  Qkv         ///< those to queries, keys and values only
};
enum class Optimizer { AdamW, Adafactor, Sgd, Muon };
enum class ContextParallel { Ring, AllGather, Ulysses };
/// How the host hands kernels to the device; StepParameters say how long that takes.
enum class Dispatch {
  Eager,    ///< one Python call per operator
  Legacy,   ///< the same through the wrappers of training code of before 2023
  Compiled  ///< one program per step (XLA, Neuron): the host is never waited for
};

/// Degrees of parallelism. world size = tp * pp * cp * dp; experts take ep out of dp * cp.
struct Layout {
  int tp = 1, pp = 1, virtual_stages = 1, dp = 1, cp = 1, ep = 1;
  int expert_tp = 0;  ///< tensor parallel degree of the experts; 0 = tp
  bool sequence_parallel = false;
  Sharding sharding = Sharding::Ddp;
  int shard_degree =
      0;  ///< ranks that share one copy of sharded state (HSDP); 0 = all of dp (and cp)
  Schedule schedule = Schedule::OneForwardOneBackward;
  ContextParallel context_parallel = ContextParallel::Ring;
  RankOrder order{};
  [[nodiscard]] int world_size() const { return tp * pp * cp * dp; }
  /// Whether layers exchange parameters or gradients in every micro-batch, as FSDP does. ZeRO-2
  /// under a pipeline keeps its gradients until the last micro-batch instead and then does what
  /// ZeRO-1 does.
  [[nodiscard]] bool shards_every_pass() const {
    return sharding == Sharding::Zero3 || (sharding == Sharding::Zero2 && pp == 1);
  }
};

/// One optimizer step. Sequences and tokens are counted over the whole job.
struct Training {
  int sequence_length = 0;
  int global_batch = 0;  ///< sequences per step
  int micro_batch = 1;   ///< sequences per rank and pass
  topology::Precision precision = topology::Precision::Bf16;
  Optimizer optimizer = Optimizer::AdamW;
  Recompute recompute = Recompute::None;
  int recompute_layers = -1;  ///< with Full: layers per stage that are recomputed; -1 = all
  bool activation_offload = false;
  Job job = Job::Pretrain;
  int lora_rank = 16;
  LoraTargets lora_targets = LoraTargets::All;
};

/// Habits of a training framework: what it overlaps, fuses, and how its host code launches
/// work. Values come from scenarios/catalog/frameworks.yaml, which cites each.
struct Framework {
  std::string id = "megatron";
  bool flash_attention = true;  ///< fused attention; else batched GEMMs and a softmax over s x s
  /// Generation of the fused attention kernels: 1 and 2 run with Ampere's instructions, 3 with
  /// Hopper's.
  int flash_generation = 3;
  bool triton_attention = false;  ///< fused attention in Triton, which takes a bias (ALiBi)
  bool fused_softmax = true;  ///< without flash attention: scale, mask and softmax in one kernel
  bool fused_norm = true;
  bool fused_residual = true;        ///< bias, dropout and residual add in one kernel
  bool fused_mlp_activation = true;  ///< bias + GELU or SwiGLU in one kernel
  /// Of towers (sim/workload/tower.hpp): activations, biases and residual additions run in the
  /// kernel before them.
  bool fused_elementwise = false;
  /// Of towers: PyTorch's automatic mixed precision. Weights are fp32 and cast in every pass; layer
  /// and group norms run in fp32 between casts.
  bool autocast = false;
  /// Of towers: maps are stored with their channels together, as tensor cores read them; else the
  /// library transposes what enters and leaves a convolution.
  bool channels_last = true;
  /// Share of the vector units' fp32 peak that depthwise filters reach: an assumption, believable
  /// between 0.05 and 0.5; their inner loop loads about one operand per multiply-add.
  double depthwise_rate = 0.25;
  bool fused_cross_entropy = false;
  bool fused_gradient_accumulation =
      true;  ///< weight gradients are added to the main gradient by the GEMM
  /// Norm outputs and MLP activation outputs are not kept for the backward pass but computed again
  /// there.
  bool recompute_cheap_activations = false;
  bool overlap_grad_reduce = true;   ///< gradient reduction behind the backward pass
  bool overlap_param_gather = true;  ///< parameter gathers behind compute
  bool overlap_tp = false;           ///< forward TP collectives in chunks behind their GEMM
  bool overlap_tp_backward = true;   ///< backward TP collectives beside the weight-gradient GEMM
  /// Mixture-of-experts dispatch sends a token once to each scale-up domain that wants it and
  /// copies it there (DeepEP, HybridEP); otherwise once to each expert's rank.
  bool deduplicated_dispatch = false;
  bool overlap_p2p = true;  ///< pipeline sends behind compute
  /// Weight gradients can be passes of their own, and stages step their optimizer without waiting
  /// for each other: what zero-bubble schedules take.
  bool zero_bubble = false;
  /// Share of a layer's forward pass that "selective" recomputation repeats; 0 = Megatron's: core
  /// attention only.
  double selective_recompute_share = 0.0;
  Dispatch dispatch = Dispatch::Eager;
  double gradient_bytes = 4.0;  ///< of the main gradient, per parameter
  /// Training in fp16 keeps and reduces its gradients in fp16, whatever the two widths here say.
  bool fp16_gradients = false;
  /// Weights, gradients and optimizer states all in 16 bits, without an fp32 master copy.
  bool pure_16_bit = false;
  double reduce_bytes = 4.0;  ///< per parameter when gradients are reduced over data-parallel ranks
  double reserved_memory_gib = 2.0;  ///< CUDA context, library workspaces, NCCL buffers
  double fragmentation = 0.05;       ///< share of allocated memory that the allocator loses
};

std::string_view name(Sharding s);
std::string_view name(Recompute r);
std::string_view name(Schedule s);
std::string_view name(Job j);
std::string_view name(Optimizer o);
std::string_view name(LoraTargets t);
std::string_view name(ContextParallel c);
std::string_view name(Dispatch d);
std::optional<Sharding> sharding_from_name(std::string_view name);
std::optional<Recompute> recompute_from_name(std::string_view name);
std::optional<Schedule> schedule_from_name(std::string_view name);
std::optional<Job> job_from_name(std::string_view name);
std::optional<Optimizer> optimizer_from_name(std::string_view name);
std::optional<LoraTargets> lora_targets_from_name(std::string_view name);
std::optional<ContextParallel> context_parallel_from_name(std::string_view name);
std::optional<Dispatch> dispatch_from_name(std::string_view name);

}  // namespace sim
