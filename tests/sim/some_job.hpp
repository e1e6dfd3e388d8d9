#pragma once
// Jobs for tests: small enough to count by hand, on accelerators with round figures.
#include <filesystem>

#include "calib/collective_catalog.hpp"
#include "calib/profile.hpp"
#include "calib/steady_load.hpp"
#include "sim/training_job.hpp"

namespace sim::test {

inline std::filesystem::path profile_directory() {
  return std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios/catalog/profiles";
}

/// An H100 SXM, figures of NVIDIA's datasheet.
inline topology::Accelerator h100() {
  topology::Accelerator a;
  a.id = "h100-sxm";
  a.profile = "h100-sxm";
  a.year = 2022;
  const auto set = [&a](topology::Precision p, double teraflops) {
    a.peak[static_cast<std::size_t>(p)] = units::teraflops_per_second(teraflops);
  };
  set(topology::Precision::Bf16, 989.4);
  set(topology::Precision::Fp16, 989.4);
  set(topology::Precision::Fp8, 1978.9);
  set(topology::Precision::Tf32, 494.7);
  set(topology::Precision::Fp32, 67);
  a.memory = units::gibibytes(80);
  a.memory_bandwidth = units::gigabytes_per_second(3350);
  a.compute_units = 132;
  a.scale_up = {.kind = topology::ScaleUpKind::Switched,
                .link = "NVLink4",
                .bandwidth = units::gigabytes_per_second(450),
                .peer_bandwidth = units::gigabytes_per_second(450),
                .latency = units::microseconds(0.6),
                .domain = 8,
                .in_switch_reduction = true};
  a.host_bandwidth = units::gigabytes_per_second(55);
  a.tdp = units::watts(700);
  a.idle_power = units::watts(70);
  return a;
}

/// `gpus` H100 in nodes of 8 on rail-optimised 400 Gbit/s InfiniBand.
inline topology::ClusterSpec h100_cluster(int gpus) {
  topology::ClusterSpec c;
  c.id = "test";
  c.accelerator = h100();
  c.gpus = gpus;
  c.gpus_per_node = std::min(gpus, 8);
  c.scale_up_domain = std::min(gpus, 8);
  c.network = topology::NetworkKind::Infiniband;
  c.nic_bandwidth = units::gigabits_per_second(400);
  c.nic_latency = units::microseconds(2);
  c.switch_latency = units::microseconds(0.25);
  c.fabric = gpus > 8 ? topology::FabricKind::RailOptimised : topology::FabricKind::SingleDomain;
  c.node_overhead_power = units::watts(1500);
  return c;
}

/// A Llama-like model with round sizes.
inline ModelSpec small_llama(int layers = 32) {
  ModelSpec m;
  m.name = "small";
  m.layers = layers;
  m.hidden = 4096;
  m.ffn_hidden = 14336;
  m.heads = 32;
  m.kv_heads = 8;
  m.head_dim = 128;
  m.vocab = 128256;
  m.mlp = MlpKind::Gated;
  m.rms_norm = true;
  return m;
}

/// GPT-3 175B, arXiv 2005.14165 table 2.1, with Megatron's padded vocabulary.
inline ModelSpec gpt3() {
  ModelSpec m;
  m.name = "GPT-3 175B";
  m.layers = 96;
  m.hidden = 12288;
  m.ffn_hidden = 49152;
  m.heads = m.kv_heads = 96;
  m.head_dim = 128;
  m.vocab = 51200;
  m.max_positions = 2048;
  m.linear_bias = m.dropout = m.tied_embeddings = true;
  return m;
}

/// A Mixtral-like mixture of 8 experts.
inline ModelSpec small_moe() {
  ModelSpec m = small_llama(8);
  m.moe = MoeSpec{.experts = 8, .top_k = 2, .ffn_hidden = 14336};
  return m;
}

inline TrainingJob job(const ModelSpec& model, Layout layout) {
  TrainingJob j;
  j.model = model;
  j.layout = layout;
  j.layout.schedule =
      layout.virtual_stages > 1 ? Schedule::Interleaved : Schedule::OneForwardOneBackward;
  j.layout.sequence_parallel = layout.tp > 1;
  j.training.sequence_length = 4096;
  j.training.global_batch = 4 * layout.dp * layout.pp;
  j.cluster = h100_cluster(layout.world_size());
  return j;
}

/// The committed profiles of the H100, under steady load.
struct H100Profiles {
  calib::DeviceProfile device =
      calib::under_steady_load(calib::read_profile(profile_directory() / "h100-sxm.json"));
  calib::CollectiveProfile collectives = calib::collective_profile_for(h100(), profile_directory());
  [[nodiscard]] Profiles view() const { return {.device = device, .collectives = collectives}; }
};

}  // namespace sim::test
