#include "scenarios/training_row.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "scenarios/row_fields.hpp"
#include "scenarios/row_model.hpp"
#include "scenarios/row_recipe.hpp"
#include "topology/error.hpp"

namespace scenarios {

using sim::Layout;
using sim::ModelSpec;
using sim::Recompute;
using sim::Sharding;
using sim::Training;
using topology::ClusterSpec;
using topology::FabricKind;
using topology::NetworkKind;
using topology::Precision;

namespace {

/// What is offloaded does not say what is recomputed.
bool recompute_unstated(const Fields& f) {
  return f.text("recompute_id").empty() || f.text("recompute_id") == "offload";
}

Recompute recompute_of(const Fields& f, Training& t) {
  const std::string_view text = f.text("recompute_id");
  t.activation_offload = text.find("offload") != std::string_view::npos;
  if (text == "full-offload") {
    return Recompute::Full;
  }
  if (recompute_unstated(f)) {
    return Recompute::None;
  }
  const auto value = sim::recompute_from_name(text);
  if (!value) {
    throw Skip{fmt::format("recompute_id \"{}\" is not known", text)};
  }
  return *value;
}

Precision precision_of(const Fields& f) {
  const std::string_view text = f.text("precision_id");
  if (text == "mxfp8") {
    return Precision::Fp8;
  }
  if (text == "nvfp4") {
    return Precision::Fp4;
  }
  const auto value = topology::precision_from_name(text);
  if (!value) {
    throw Skip{fmt::format("precision_id \"{}\" is not known", text)};
  }
  return *value;
}

/// Half of the tokens of Wikipedia cut to sequences of 512 are padding, hardly any at 128 (Krell et
/// al., arXiv 2107.02027, section 2); runs that remove it compute on what is left.
bool padding_removed(const Fields& f) {
  return f.text("notes").find("padding removed") != std::string_view::npos &&
         f.required("seq_len") >= 512;
}

Training training_of(const Fields& f, std::vector<std::string>& assumptions) {
  Training t;
  t.sequence_length = f.required("seq_len");
  if (padding_removed(f)) {
    t.sequence_length /= 2;
    assumptions.emplace_back("padding is removed: sequences of half the stated length on average");
  }
  t.global_batch = f.required("global_batch");
  t.precision = precision_of(f);
  t.recompute = recompute_of(f, t);
  if (!f.text("job").empty()) {
    const auto job = sim::job_from_name(f.text("job"));
    if (!job) {
      throw Skip{fmt::format("job \"{}\" is not modelled", f.text("job"))};
    }
    t.job = *job;
  }
  add_lora_recipe(f, t);
  return t;
}

Layout layout_of(const Fields& f, int gpus, const ModelSpec& model,
                 std::vector<std::string>& assumptions) {
  Layout l;
  l.tp = f.degree("tp");
  l.pp = f.degree("pp");
  l.virtual_stages = l.pp > 1 ? f.degree("vpp") : 1;
  l.cp = f.degree("cp");
  l.ep = model.moe ? f.degree("ep") : 1;
  const int model_parallel = l.tp * l.pp * l.cp;
  if (gpus % model_parallel != 0) {
    throw Skip{fmt::format("tp {} x pp {} x cp {} does not divide {} accelerators", l.tp, l.pp,
                           l.cp, gpus)};
  }
  l.dp = gpus / model_parallel;
  l.sequence_parallel =
      f.text("sequence_parallel") == "yes" ||
      (f.text("sequence_parallel").empty() && l.tp > 1 && f.integer("year").value_or(0) >= 2023);
  l.schedule =
      l.virtual_stages > 1 ? sim::Schedule::Interleaved : sim::Schedule::OneForwardOneBackward;
  l.sharding = sim::sharding_from_name(f.text("sharding")).value_or(Sharding::Ddp);
  l.shard_degree = f.integer("shard_degree").value_or(0);
  if (l.shard_degree <= 1 || l.shard_degree >= l.dp * l.cp || l.dp * l.cp % l.shard_degree != 0) {
    l.shard_degree = 0;
  }
  if (model.moe && f.text("ep").empty() && l.sharding == Sharding::Zero3) {
    l.ep = std::gcd(model.moe->experts, l.dp * l.cp);
    assumptions.emplace_back(
        "ep not stated, experts assumed to be spread over the sharded data-parallel ranks");
  }
  if (model.moe && l.ep > 1) {
    l.expert_tp = l.tp * l.dp * l.cp % (l.tp * l.ep) == 0 &&
                          f.text("notes").find("ETP=1") == std::string_view::npos
                      ? l.tp
                      : 1;
    if (model.moe->experts % l.ep != 0 || l.tp * l.dp * l.cp % (l.ep * l.expert_tp) != 0) {
      throw Skip{fmt::format("ep {} divides neither {} experts nor the ranks of a pipeline stage",
                             l.ep, model.moe->experts)};
    }
  }
  return l;
}

/// NIC-to-NIC and per-switch latency by technology: InfiniBand 1.8 us and 0.25 us, RoCE 2.5 and 0.6
/// us (topology survey, section 10), EFA 15 us, Omni-Path 2 us.
void set_latency(ClusterSpec& c) {
  c.nic_latency = c.network == NetworkKind::Efa ? units::microseconds(15) : units::microseconds(2);
  c.switch_latency =
      c.network == NetworkKind::Infiniband ? units::microseconds(0.25) : units::microseconds(0.6);
}

/// A torus of `chips` with axes as equal as their factors allow: what cloud slices look like.
std::vector<int> torus_extents(int chips, int axes) {
  std::vector<int> extents;
  for (int left = axes; left > 0; --left) {
    const double ideal = std::pow(static_cast<double>(chips), 1.0 / left);
    int extent = std::max(1, static_cast<int>(std::floor(ideal + 1e-9)));
    while (chips % extent != 0) {
      --extent;
    }
    extents.push_back(extent);
    chips /= extent;
  }
  return extents;
}

ClusterSpec cluster_of(const Fields& f, const RowCatalog& catalog,
                       std::vector<std::string>& assumptions) {
  ClusterSpec c;
  c.id = std::string(f.text("id"));
  c.accelerator = catalog.accelerator(f.text("accelerator_id"));
  c.gpus = f.required("count");
  c.network = topology::network_from_name(f.text("network")).value_or(NetworkKind::Unknown);
  const bool torus = c.network == NetworkKind::Ici;
  c.gpus_per_node = std::min(c.gpus, f.integer("gpus_per_node").value_or(torus ? 4 : 8));
  c.scale_up_domain = std::min(
      c.gpus, f.integer("scaleup_domain").value_or(torus ? c.accelerator.scale_up.domain : 8));
  c.fabric = c.gpus <= c.scale_up_domain ? FabricKind::SingleDomain : FabricKind::RailOptimised;
  if (const auto rate = f.number("nic_gbps_per_gpu"); rate && *rate > 0) {
    c.nic_bandwidth = units::gigabits_per_second(*rate);
  } else if (c.gpus > c.scale_up_domain) {
    const bool recent = c.accelerator.year >= 2022;
    c.nic_bandwidth = units::gigabits_per_second(recent ? 400 : 200);
    assumptions.push_back(fmt::format(
        "interconnect rate not stated, {} Gbit/s per accelerator assumed", recent ? 400 : 200));
  }
  if (torus) {  // links per chip: four make a 2-D torus, six a 3-D one
    const topology::ScaleUp& ici = c.accelerator.scale_up;
    c.fabric = FabricKind::Torus;
    c.torus = torus_extents(c.gpus, ici.bandwidth / ici.peer_bandwidth > 5.0 ? 3 : 2);
  }
  set_latency(c);
  return c;
}

units::Seconds measured_of(const Fields& f, const Training& t, int gpus) {
  if (const auto step = f.number("measured_step_s"); step && *step > 0) {
    return units::seconds(*step);
  }
  if (const auto rate = f.number("tokens_per_s_per_gpu"); rate && *rate > 0) {
    return units::seconds(static_cast<double>(t.global_batch) * t.sequence_length / (*rate * gpus));
  }
  return {};
}

void set_micro_batch(const Fields& f, MeasuredJob& m) {
  Training& t = m.job.training;
  t.micro_batch = f.integer("micro_batch").value_or(0);
  if (t.micro_batch <= 0) {
    t.micro_batch = 1;
    m.unstated.micro_batch = true;
    m.unstated.virtual_stages = m.job.layout.pp > 1 && f.text("vpp").empty();
  }
  const int per_rank = t.global_batch / m.job.layout.dp;
  if (per_rank < 1) {
    throw Skip{
        fmt::format("global batch {} is smaller than dp {}", t.global_batch, m.job.layout.dp)};
  }
  t.micro_batch = std::min(t.micro_batch, per_rank);
}

/// Images and the like: split over the batch only.
MeasuredJob tower_job(const Fields& f, const RowCatalog& catalog) {
  MeasuredJob m;
  m.job.model = tower_model_of(f, catalog.models);
  m.job.training.sequence_length = 1;
  m.job.training.global_batch = f.required("global_batch");
  m.job.training.precision = precision_of(f);
  m.job.cluster = cluster_of(f, catalog, m.assumptions);
  m.job.layout.dp = m.job.cluster.gpus;
  m.job.layout.sharding = sim::sharding_from_name(f.text("sharding")).value_or(Sharding::Ddp);
  m.job.framework = catalog.framework(tower_framework_id(f));
  set_micro_batch(f, m);
  m.measured = measured_of(f, m.job.training, m.job.cluster.gpus);
  return m;
}

MeasuredJob training_table_job(const Fields& f, const RowCatalog& catalog) {
  if (f.text("family") == "vision") {
    return tower_job(f, catalog);
  }
  if (f.text("model").find("Nemotron-H") != std::string_view::npos) {
    throw Skip{"state-space (Mamba) layers are not modelled"};
  }
  MeasuredJob m;
  m.job.model = model_of(f, catalog.models, m.assumptions);
  m.job.training = training_of(f, m.assumptions);
  m.job.cluster = cluster_of(f, catalog, m.assumptions);
  m.job.layout = layout_of(f, m.job.cluster.gpus, m.job.model, m.assumptions);
  m.job.framework = catalog.framework(framework_id(f));
  set_micro_batch(f, m);
  m.unstated.recompute = recompute_unstated(f) && !recomputes_by_recipe(f);
  if (recomputes_by_recipe(f)) {
    m.job.training.recompute = Recompute::Full;
    m.assumptions.emplace_back("recompute as in the recipe that the source names");
  }
  m.measured = measured_of(f, m.job.training, m.job.cluster.gpus);
  return m;
}

/// vTrain's table: GPT on A100-80GB with NVLink 3, Megatron-LM, fp16, full recompute, no sequence
/// parallelism.
MeasuredJob vtrain_job(const Fields& f, const RowCatalog& catalog) {
  MeasuredJob m;
  ModelSpec& model = m.job.model;
  model.name = "GPT";
  model.layers = f.required("layers");
  model.hidden = f.required("hidden");
  model.heads = f.required("heads");
  model.ffn_hidden = 4 * model.hidden;
  model.kv_heads = model.heads;
  model.head_dim = model.hidden / model.heads;
  model.vocab = 51200;
  model.max_positions = f.required("seq_len");
  model.linear_bias = model.dropout = model.tied_embeddings = true;
  m.job.training = {.sequence_length = f.required("seq_len"),
                    .global_batch = f.required("global_batch"),
                    .micro_batch = f.required("micro_batch"),
                    .precision = Precision::Fp16,
                    .recompute = Recompute::Full};
  m.job.layout.tp = f.required("tp");
  m.job.layout.pp = f.required("pp");
  m.job.layout.dp = f.required("dp");
  ClusterSpec& c = m.job.cluster;
  c.accelerator = catalog.accelerator("a100-80gb-sxm");
  c.gpus = f.required("gpus");
  c.gpus_per_node = c.scale_up_domain = std::max(1, c.gpus);
  m.job.framework = catalog.framework("megatron-deepspeed");
  m.measured = units::seconds(f.number("measured_step_s").value_or(0.0));
  if (m.measured <= units::Seconds{}) {
    throw Skip{"measured_step_s is empty"};
  }
  return m;
}

}  // namespace

RowJob job_from_row(const TableRow& row, const RowCatalog& catalog) {
  const Fields f(row);
  try {
    return row.contains("accelerator_id") ? training_table_job(f, catalog) : vtrain_job(f, catalog);
  } catch (const Skip& skip) {
    return skip.reason;
  } catch (const topology::InputError& unknown) {
    return std::string(unknown.what());
  }
}

}  // namespace scenarios
