// The parts of a step: for the breakdown, and for the losses from peak to achieved.
#include <array>

#include "scenarios/figure_table.hpp"

namespace scenarios {

namespace {

constexpr std::string_view kGemmBand =
    "the mean 90 % band of the profile's matrix products, as if all calls erred the same way";
constexpr std::string_view kMemoryBand =
    "the mean 90 % band of the profile's matrix products, which is taken for these kernels too";
constexpr std::string_view kCollectiveBand =
    "the mean 90 % band of the profile's collectives, as if all calls erred the same way";
constexpr std::string_view kNoBand =
    "none of its own: no table measures it; it is inside the band of the whole step, which comes "
    "from measured steps";
constexpr std::string_view kKernelInputs =
    "model training layout framework cluster.accelerator.profile "
    "cluster.accelerator.peak.{precision} "
    "cluster.accelerator.memory_bandwidth cluster.accelerator.l2_cache "
    "cluster.accelerator.compute_units cluster.accelerator.tdp";
constexpr std::string_view kTransferInputs =
    "model training layout framework cluster.gpus cluster.node.accelerators "
    "cluster.accelerator.scale_up cluster.scale_up_domain cluster.nic.bandwidth "
    "cluster.nic.latency cluster.node.nics cluster.switch.latency cluster.network "
    "cluster.leaf_oversubscription cluster.spine_oversubscription network placement";
constexpr std::string_view kNccl =
    "cost model of NCCL's tuner (NCCL 2.30, src/graph/tuning.cc): the fastest of its algorithms "
    "and "
    "protocols; coefficients fitted to nccl-tests";
constexpr std::string_view kOverlap =
    "exposed = t - min(t, compute beside it) x (1 - overlap_tax) + collective_skew where nothing "
    "hides it; t = base + steps x hop + bytes / plateau bandwidth";

constexpr std::array kParts{
    Figure{
        "gemm", "matrix products", "s",
        "Time of the busiest stage in matrix products, recomputation apart.",
        "sum over products of FLOP / (dense peak x efficiency(m, n, k)), tiles and waves rounded "
        "up, x clock recovery in a step; never faster than the traffic of their epilogue",
        "efficiency surface fitted to measured products; waves and tiles as in NVIDIA's Matrix "
        "Multiplication Background guide (DU-09798-001)",
        kKernelInputs, "throttle_share", kGemms | kSteps, kGemmBand},
    Figure{"attention", "attention", "s", "Time of the busiest stage in fused attention kernels.",
           "forward: FLOP / measured rate; backward: 2.5 x FLOP at a share of that rate x "
           "attention_backward_slowdown",
           "FlashAttention-2, arXiv 2307.08691, section 4.1; FlashAttention-3, arXiv 2407.08608; "
           "forward rate fitted to measurements",
           kKernelInputs, "attention_backward_slowdown", kAttention | kSteps,
           "the mean 90 % band of the profile's attention kernels, as if all calls erred the same "
           "way"},
    Figure{"memory_bound", "memory-bound kernels", "s",
           "Norms, activations, dropout, residuals, casts, routing.",
           "sum over kernels of memory_slowdown x (launch + bytes read and written / rate(bytes)); "
           "the rate reaches a share of the data sheet's bandwidth",
           "bytes: each tensor once (operators of sim/workload); share of the bandwidth from the "
           "profile",
           kKernelInputs, "memory_slowdown", kMemoryKernels | kSteps, kMemoryBand},
    Figure{"embedding", "embedding", "s", "Look-up of the input tokens and its gradient.",
           "memory_slowdown x (launch + bytes / rate(bytes))", "as memory-bound kernels",
           kKernelInputs, "memory_slowdown", kMemoryKernels | kSteps, kMemoryBand},
    Figure{"loss", "loss over the vocabulary", "s",
           "Softmax cross-entropy; its matrix product counts as one of those.",
           "memory_slowdown x (launch + bytes of the logits / rate(bytes))",
           "as memory-bound kernels", kKernelInputs, "memory_slowdown", kMemoryKernels | kSteps,
           kMemoryBand},
    Figure{"recompute", "recomputation", "s",
           "Forward kernels that run again in the backward pass, to save memory.",
           "share of the layers recomputed x their forward time; collectives that run again stay "
           "communication",
           "Korthikanti et al., arXiv 2205.05198 (full and selective recomputation)", kKernelInputs,
           "", kGemms | kAttention | kSteps, kGemmBand},
    Figure{"tp_comm", "tensor-parallel communication", "s",
           "All-reduce, or all-gather and reduce-scatter, of activations inside tensor-parallel "
           "groups that compute does not hide.",
           kOverlap, kNccl, kTransferInputs, "overlap_tax collective_skew", kCollectives | kSteps,
           kCollectiveBand},
    Figure{"cp_comm", "context-parallel communication", "s",
           "Keys and values exchanged between parts of a sequence that compute does not hide.",
           kOverlap, kNccl, kTransferInputs, "overlap_tax collective_skew", kCollectives | kSteps,
           kCollectiveBand},
    Figure{"ep_comm", "expert-parallel communication", "s",
           "All-to-all of tokens to their experts and back that compute does not hide.",
           "as tensor-parallel communication; with deduplicated dispatch over D domains a share "
           "D (1 - (1 - 1/D)^k) / k of the copies travels",
           "DeepSeek-V3, arXiv 2412.19437, section 3.2.2; cost model of NCCL's tuner",
           kTransferInputs, "overlap_tax collective_skew", kCollectives | kSteps, kCollectiveBand},
    Figure{"pp_comm", "pipeline communication", "s",
           "Sends between pipeline stages that hold the sender up. Sends that overlap show in the "
           "bubble.",
           "2 x micro-batches x chunks x (latency + bytes / bandwidth) where sends block", kNccl,
           kTransferInputs, "", kCollectives | kSteps, kCollectiveBand},
    Figure{
        "dp_comm", "data-parallel communication", "s",
        "Gradient reduction and parameter gathers that compute does not hide, and what they take "
        "from compute beside them.",
        "end of the last reduction - end of the last backward pass + start-up of the gathers + "
        "overlap_tax x hidden time",
        "Rajbhandari et al., ZeRO, arXiv 1910.02054; cost model of NCCL's tuner", kTransferInputs,
        "overlap_tax collective_skew", kCollectives | kSteps, kCollectiveBand},
    Figure{"optimizer", "optimizer", "s", "Update of the parameters after the last gradient.",
           "memory_slowdown x (launch + bytes of weights, gradients and states of the rank / rate)",
           "bytes as in ZeRO, arXiv 1910.02054, section 3.1", kKernelInputs, "memory_slowdown",
           kMemoryKernels | kSteps, kNoBand},
    Figure{"offload", "copies to host memory", "s",
           "Activations copied to and from host memory that compute does not hide.",
           "max(0, bytes / host bandwidth - time of the pass)",
           "bandwidth of the host link from the catalog",
           "model training layout cluster.accelerator.host_bandwidth", "", kSteps, kNoBand},
    Figure{"host", "waiting for the host", "s",
           "The device waits for the host to launch work, and what the host does once per step.",
           "per pass max(0, launches x dispatch - time on the device), + step_host",
           "fitted to published training runs (gpuplan-fit-steps)",
           "framework.dispatch layout training.micro_batch training.global_batch model.layers",
           "kernel_dispatch layer_dispatch collective_dispatch legacy_dispatch step_host", kSteps,
           kNoBand},
    Figure{"bubble", "pipeline bubble", "s",
           "The busiest stage waits for its neighbours while the pipeline fills and drains.",
           "step - what the busiest stage does itself; equal stages: (pp - 1) (f + b), f and b of "
           "one chunk; sends add their latency",
           "Narayanan et al., arXiv 2104.04473, section 2.2; ZB-H1: Qi et al., arXiv 2401.10241, "
           "table 1",
           "layout.pp layout.virtual_stages layout.schedule layout.dp training.global_batch "
           "training.micro_batch model.layers framework.overlap_p2p cluster.nic.latency "
           "cluster.switch.latency",
           "", kGemms | kAttention | kCollectives | kSteps, kNoBand},
    Figure{
        "straggler", "waiting for slower devices", "s",
        "The slowest of like accelerators holds the others up.",
        "compute x speed_spread x sqrt(2 ln n), the leading term of the expected maximum of n "
        "normal variables",
        "spread: Sinha et al., \"Not All GPUs Are Created Equal\", SC'22: 8 % between the extremes "
        "of a few hundred A100; value fitted to published training runs",
        "cluster.gpus", "speed_spread", kSteps, kNoBand},
    Figure{
        "data_loading", "waiting for data", "s",
        "The step waits for reading or decoding its input; nothing where the scenario has no data.",
        "max(0, read, decode - compute); read = bytes / storage bandwidth, decode = core time / "
        "cores",
        "Mohan et al., \"Analyzing and Mitigating Data Stalls in DNN Training\", VLDB 2021, arXiv "
        "2007.06775, section 3",
        "data training.global_batch training.sequence_length cluster.node.cpu_cores "
        "cluster.storage_network",
        "", kNothing, "none: datasets and storage have no measured band"},
};

constexpr std::string_view kCounted = "none: tensors are counted, not measured";
constexpr std::string_view kZero =
    "Rajbhandari et al., ZeRO, arXiv 1910.02054, table 1; Megatron-LM, "
    "docs/source/api-guide/dist_optimizer.md";
constexpr std::string_view kStates =
    "model layout training.precision training.optimizer training.job "
    "framework.pure_16_bit framework.gradient_bytes";

constexpr std::array kMemory{
    Figure{
        "parameters", "parameters", "B", "Weights that compute, on the heaviest rank.",
        "parameters of the rank's stage, over its shards under ZeRO-3 and FSDP, x bytes: 4 fp32, 2 "
        "for 16 bits and below, 0.516 for QLoRA's frozen weights",
        "ZeRO, arXiv 1910.02054, table 1; QLoRA, arXiv 2305.14314, section 3", kStates, "",
        kNothing, kCounted},
    Figure{"gradients", "gradients", "B", "Main gradients, on the heaviest rank.",
           "trained parameters of the rank x bytes of a gradient", kZero, kStates, "", kNothing,
           kCounted},
    Figure{"optimizer", "optimizer states", "B",
           "Master weights and moments, on the heaviest rank.",
           "trained parameters of the rank over the shards x bytes: AdamW 12 with a master copy, 8 "
           "without",
           kZero, kStates, "", kNothing, kCounted},
    Figure{
        "activations", "activations", "B",
        "Tensors kept for the backward pass, on the heaviest rank.",
        "bytes of one layer's tensors for one micro-batch x layers x chunks in flight, less what "
        "is recomputed; in flight with 1F1B: stages behind + 1",
        "counted one by one, checked against Korthikanti et al., arXiv 2205.05198, table 2; in "
        "flight: Narayanan et al., arXiv 2104.04473",
        "model training layout framework.flash_attention framework.recompute_cheap_activations "
        "framework.selective_recompute_share",
        "", kNothing, kCounted},
    Figure{
        "working_set", "working set", "B",
        "The layer that is gathered (FSDP) or recomputed, and the next one.",
        "2 x parameters of the largest unit x bytes, + its gradient; or activations of one layer",
        "PyTorch FSDP, arXiv 2304.11277", "model training layout", "", kNothing, kCounted},
    Figure{"logits", "logits", "B", "Logits, softmax and gradient on the last stage.",
           "tokens of a micro-batch x vocabulary / tp x bytes: 4 fused, 10 otherwise",
           "counted: two in 16 bits, fp32 copies where cross-entropy is not fused",
           "model.vocab training.sequence_length training.micro_batch layout.tp layout.cp "
           "framework.fused_cross_entropy",
           "", kNothing, kCounted},
    Figure{"reserved", "reserved by libraries", "B",
           "CUDA context, cuBLAS work space, communication buffers.",
           "the framework's figure as it stands", "a default of gpuplan, no measurement",
           "framework.reserved_memory_gib", "", kNothing, "none: an assumption"},
    Figure{"fragmentation", "fragmentation", "B", "What the allocator cannot use.",
           "share of everything allocated", "a default of gpuplan, no measurement",
           "framework.fragmentation", "", kNothing, "none: an assumption"},
};

}  // namespace

std::span<const Figure> part_figures() {
  return kParts;
}

std::span<const Figure> memory_figures() {
  return kMemory;
}

}  // namespace scenarios
