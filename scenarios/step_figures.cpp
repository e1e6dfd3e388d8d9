// The figures of one step.
#include <array>

#include "scenarios/figure_table.hpp"

namespace scenarios {

namespace {

constexpr std::string_view kStepBand =
    "90 % band: each kind of kernel and collective adds its share of the step times the mean band "
    "of "
    "its profile, kinds err independently; never narrower than the band of measured whole steps";
constexpr std::string_view kFollows =
    "follows from the 90 % band of the step time, the only uncertain figure in the formula";
constexpr std::string_view kExact = "none: counted, not measured";
constexpr std::string_view kNoPowerBand =
    "none: no table of measured cluster power stands behind it; a good model of this kind errs by "
    "about 11 % (arXiv 2412.08602)";
constexpr std::string_view kNoPriceBand = "none: prices are as read on their date";
constexpr std::string_view kFromSimulation = "none: what the flow simulation found";
constexpr std::string_view kStepInputs =
    "model training layout framework cluster.gpus cluster.accelerator cluster.node.accelerators "
    "cluster.node.nics cluster.scale_up_domain cluster.nic.bandwidth cluster.nic.latency "
    "cluster.switch.latency cluster.network cluster.leaf_oversubscription "
    "cluster.spine_oversubscription network placement data";
constexpr std::string_view kFlopInputs =
    "model training.sequence_length training.global_batch training.job training.lora_rank "
    "training.lora_targets training.precision cluster.gpus cluster.accelerator.peak.{precision}";
constexpr std::string_view kAllFitted =
    "kernel_dispatch layer_dispatch collective_dispatch legacy_dispatch step_host "
    "throttle_share memory_slowdown attention_backward_slowdown overlap_tax collective_skew "
    "speed_spread";
constexpr std::string_view kPowerInputs =
    "cluster.gpus cluster.node.accelerators cluster.node.host_power cluster.node.nics "
    "cluster.accelerator.tdp cluster.accelerator.idle_power cluster.nic.power cluster.switch.power "
    "cluster.leaf_oversubscription cluster.spine_oversubscription cluster.storage_network "
    "cluster.front_end_network";
constexpr std::string_view kPriceInputs =
    "purchase cluster.gpus cluster.nic.price cluster.switch.price "
    "run.checkpoint.storage.price_per_tb";
constexpr std::string_view kFlowInputs =
    "cluster.kind cluster.gpus cluster.nic.bandwidth cluster.nic.latency cluster.switch.latency "
    "cluster.switch.port_bandwidth cluster.leaf_oversubscription cluster.spine_oversubscription "
    "network neighbours placement layout";
constexpr std::string_view kMaxMin =
    "max-min fair sharing of every link by the flows on it (SimGrid's solver), routes by "
    "network.routing";

constexpr std::array kFigures{
    Figure{"gpus", "accelerators", "1", "Accelerators of the job.", "as given", "the scenario",
           "cluster.gpus", "", kNothing, "none: as given"},
    Figure{
        "step_time_s", "step time", "s",
        "Time from the start of one optimizer step to the start of the next.",
        "T = sum over the other stages of (f + b) + m (F + B) of the busiest stage + exposed "
        "data-parallel communication + optimizer + host + waiting for data: the parts of "
        "breakdown_s add up to it. In flow simulation every transfer shares the links of its route",
        "Narayanan et al., arXiv 2104.04473, section 2.2, for equal stages; kernels and "
        "collectives by profiles fitted to measurements",
        kStepInputs, kAllFitted, kKernels, kStepBand},
    Figure{"closed_form_step_time_s", "step time by closed form", "s",
           "The step time if no two transfers share a link, without waiting for data.",
           "as step_time_s", "Narayanan et al., arXiv 2104.04473, section 2.2", kStepInputs,
           kAllFitted, kKernels, "none of its own: see step_time_s"},
    Figure{"tokens_per_s", "throughput", "1/s",
           "Tokens (samples for models of towers) that the whole job trains on per second.",
           "global_batch x sequence_length / step time", "definition",
           "training.global_batch training.sequence_length", kAllFitted, kKernels, kFollows},
    Figure{"tokens_per_s_per_gpu", "throughput per accelerator", "1/s",
           "Tokens (samples) per second over the accelerators.",
           "global_batch x sequence_length / step time / accelerators", "definition",
           "training.global_batch training.sequence_length cluster.gpus", kAllFitted, kKernels,
           kFollows},
    Figure{
        "model_flops_per_gpu_per_s", "achieved FLOP/s per accelerator", "FLOP/s",
        "FLOPs that the model needs, forward and backward, per second and accelerator; "
        "recomputation does not count.",
        "model FLOP of the global batch / step time / accelerators; a multiply-add counts 2, "
        "backward is twice forward, attention counts the causal half, embedding look-ups nothing",
        "Megatron-LM's count since 2024; PaLM, arXiv 2204.02311, appendix B, but for the mask",
        kFlopInputs, kAllFitted, kKernels, kFollows},
    Figure{
        "peak_flops_per_gpu_per_s", "dense peak of an accelerator", "FLOP/s",
        "What its matrix units do at most in the precision of the linear layers, without sparsity.",
        "as the data sheet states it", "the catalog's entry of the accelerator",
        "training.precision cluster.accelerator.peak.{precision}", "", kNothing,
        "none: a data sheet's figure"},
    Figure{
        "mfu", "model FLOP/s utilisation (MFU)", "share",
        "Share of the dense peak that goes into FLOPs the model needs.",
        "model FLOP / (step time x accelerators x dense peak); attention counts the causal half, "
        "recomputation does not count",
        "Chowdhery et al., PaLM, arXiv 2204.02311, section 4.1 and appendix B", kFlopInputs,
        kAllFitted, kKernels, kFollows},
    Figure{"mfu_full_attention", "MFU with attention in full", "share",
           "MFU by the older convention, all products of queries and keys counted.",
           "as mfu, with all s x s products of attention",
           "Chowdhery et al., PaLM, arXiv 2204.02311, appendix B", kFlopInputs, kAllFitted,
           kKernels, kFollows},
    Figure{"hfu", "hardware FLOP/s utilisation (HFU)", "share",
           "Share of the dense peak that the matrix units work at, recomputation included.",
           "(model FLOP + recomputed FLOP) / (step time x accelerators x dense peak)",
           "Chowdhery et al., PaLM, arXiv 2204.02311, section 4.1; Korthikanti et al., arXiv "
           "2205.05198",
           "model training cluster.gpus cluster.accelerator.peak.{precision}", kAllFitted, kKernels,
           kFollows},
    Figure{"parameters", "parameters", "1", "Parameters of the model.",
           "sum over layers, embeddings and head of the sizes of their weights", "counted", "model",
           "", kNothing, kExact},
    Figure{
        "active_parameters", "active parameters", "1",
        "Parameters that one token meets: of a mixture of experts, its top k and the shared ones.",
        "as parameters, with top_k of the experts", "counted", "model", "", kNothing, kExact},
    Figure{"micro_batches", "micro-batches", "1", "Passes of a step through the pipeline.",
           "global_batch / (dp x micro_batch)", "definition",
           "training.global_batch training.micro_batch layout.dp", "", kNothing, kExact},
    Figure{"memory_bytes", "memory of the heaviest rank", "B",
           "Device memory at its peak on the pipeline stage that needs most.",
           "sum of the kinds under memory",
           "ZeRO, arXiv 1910.02054, table 1; arXiv 2205.05198, table 2",
           "model training layout framework", "", kNothing, kExact},
    Figure{"memory_capacity_bytes", "memory of an accelerator", "B", "What a rank has.",
           "as the data sheet states it", "the catalog's entry of the accelerator",
           "cluster.accelerator.memory", "", kNothing, "none: a data sheet's figure"},
    Figure{"memory_stage", "heaviest stage", "1", "Pipeline stage whose ranks need most memory.",
           "the stage with the largest memory_bytes", "counted", "model layout", "", kNothing,
           kExact},
    Figure{"memory_tensors", "tensors of the heaviest rank", "B",
           "The tensors, or families of alike ones, that add up to the memory.",
           "counted one by one for a layer and a micro-batch, times layers and micro-batches in "
           "flight",
           "ZeRO, arXiv 1910.02054, table 1; arXiv 2205.05198, table 2",
           "model training layout framework", "", kNothing, kExact},
    Figure{"busiest_stage", "busiest stage", "1",
           "Pipeline stage with the most work, whose time the breakdown tells.",
           "the stage that sets the step time", "Narayanan et al., arXiv 2104.04473",
           "model layout", "", kNothing, kExact},
    Figure{
        "power_w", "power", "W",
        "Mean over a step of all nodes and the network (IT equipment), without cooling.",
        "accelerators x mean power + nodes x host power + switches and transceivers",
        "arXiv 2412.08602 and arXiv 2506.14551 (a node in training draws about 76 % of its rating)",
        kPowerInputs, "", kNothing, kNoPowerBand},
    Figure{
        "power_per_gpu_w", "power of an accelerator", "W", "Mean over a step of one accelerator.",
        "idle + (TDP - idle) x sum over parts of share x time / step; shares: matrix products and "
        "recomputation 0.95, attention 0.85, memory-bound 0.60, collectives and copies 0.36, "
        "waiting 0.12",
        "measured ranges for HGX H100 nodes, arXiv 2412.08602 and arXiv 2506.14551",
        "cluster.accelerator.tdp cluster.accelerator.idle_power", "", kNothing, kNoPowerBand},
    Figure{
        "network_power_w", "power of the network", "W",
        "Switches and transceivers of all networks; NICs count with their nodes.",
        "sum of the bill of materials; 90 W per accelerator at 400 Gbit/s where the fabric is not "
        "known",
        "data sheets in the catalog",
        "cluster.gpus cluster.switch.power cluster.leaf_oversubscription "
        "cluster.spine_oversubscription cluster.storage_network cluster.front_end_network",
        "", kNothing, "none: name plates"},
    Figure{"energy_j_per_step", "energy of a step", "J",
           "Of all nodes and the network, without cooling.", "power x step time", "definition",
           kPowerInputs, kAllFitted, kKernels, kNoPowerBand},
    Figure{
        "usd_per_hour", "price of an hour", "USD/h",
        "Of the whole cluster while the job runs, without spares.",
        "rented: accelerators x price of an accelerator-hour; owned: cost of owning over years / "
        "(years x 8760 h x utilisation)",
        "prices with provider and date in the catalog (gpuplan catalog prices); see "
        "gpuplan run --why cost_cluster",
        kPriceInputs, "", kNothing, kNoPriceBand},
    Figure{"usd_per_trillion_tokens", "price of 10^12 tokens", "USD",
           "Of training at this speed without interruption (samples for models of towers).",
           "price of an hour / 3600 s / tokens per second x 10^12", "definition",
           "purchase training.global_batch training.sequence_length", kAllFitted, kKernels,
           kFollows},
    Figure{"power_trace", "power along a step", "W",
           "Of all nodes and the network, moment by moment; ramp_w_per_s in W/s.",
           "every stage draws what its passes, exchanges or waiting draw, from the timeline of the "
           "flow simulation; ramp between neighbouring windows of 100 ms",
           "Choukse et al., arXiv 2508.14318 (synchronous swings); window: arXiv 2312.02741",
           kPowerInputs, "", kNothing, kNoPowerBand},
    Figure{"events", "events", "1", "Events that the flow simulation worked through.", "counted",
           "the simulation", kFlowInputs, "", kNothing, kFromSimulation},
    Figure{"busiest_links", "busiest links", "share",
           "Share of the step in which a link is full; carried_bytes in B.",
           "bytes carried / (bandwidth x step time)", kMaxMin, kFlowInputs, "", kCollectives,
           kFromSimulation},
    Figure{"neighbours", "jobs beside it", "s", "Step times of other jobs on the same network.",
           "their own graphs in the same flow simulation", kMaxMin, kFlowInputs, "", kCollectives,
           kFromSimulation},
    Figure{
        "roofline", "kernels", "1",
        "FLOP, bytes and time of each kernel of the busiest stage against the accelerator's peaks; "
        "units are in the keys.",
        "attainable FLOP/s = min(dense peak, FLOP/byte x memory bandwidth)",
        "Williams, Waterman and Patterson, \"Roofline\", CACM 52(4), 2009; docs/report.md",
        "model training layout framework cluster.accelerator.peak.{precision} "
        "cluster.accelerator.memory_bandwidth",
        "throttle_share memory_slowdown attention_backward_slowdown",
        kGemms | kAttention | kMemoryKernels, "none by kernel: see the bands of the breakdown"},
    Figure{"task", "step of the task", "s",
           "A whole step of preference tuning or reinforcement learning, of which the rest is the "
           "training pass; units are in the keys.",
           "generation (prompts, answers, the longest one's tail) + reference passes + training + "
           "handover of weights, side by side where accelerators are split",
           "docs/workloads.md", "task model training layout cluster.accelerator", "", kKernels,
           "none of its own: no measured runs of this kind are in the validation"},
    Figure{"data_loading", "input of a step", "s",
           "What a step reads and decodes and what the cluster has for it; units are in the keys.",
           "as breakdown_s.data_loading", "Mohan et al., VLDB 2021, arXiv 2007.06775, section 3",
           "data training.global_batch cluster.node.cpu_cores cluster.storage_network", "",
           kNothing, "none: datasets and storage have no measured band"},
    Figure{"wall_s", "time to compute this", "s", "On this machine.", "clock of the computer",
           "measured here", "name", "", kNothing, "none: one reading"},
};

}  // namespace

std::span<const Figure> step_figures() {
  return kFigures;
}

}  // namespace scenarios
