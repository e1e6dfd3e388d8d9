#include "scenarios/scenario.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "scenarios/consistency.hpp"
#include "scenarios/entries.hpp"
#include "scenarios/format.hpp"
#include "scenarios/graph_cluster.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/scenario_parts.hpp"
#include "scenarios/values.hpp"
#include "sim/power/sustained_clock.hpp"

namespace scenarios {

namespace {

using Log = std::vector<Explained>*;

sim::ModelSpec resolve_model(const Document& document, const Catalog& catalog, Log log) {
  const Reference model = resolve_reference(document, "/model", EntryKind::Model, catalog);
  return read_model(model.entry, model.id, log);
}

sim::Framework resolve_framework(const Document& document, const Catalog& catalog, Log log) {
  if (find(document.root, "/framework") == nullptr) {
    log->push_back({"framework", "megatron", "default"});
    return catalog.framework("megatron", {}, log);
  }
  const Reference framework =
      resolve_reference(document, "/framework", EntryKind::Framework, catalog);
  return read_framework(framework.entry, framework.id, log);
}

void read_recompute(const Values& in, sim::Training& training) {
  const Values by_layers = in.map("recompute");
  if (by_layers.has("layers")) {
    training.recompute = sim::Recompute::Full;
    training.recompute_layers = by_layers.integer("layers");
  } else {
    training.recompute = in.word("recompute", training.recompute, sim::recompute_from_name, "none");
  }
}

sim::Training read_training(const Values& in, const sim::ModelSpec& model) {
  sim::Training training;
  if (model.has_towers()) {
    if (in.has("sequence_length")) {
      in.refuse("sequence_length",
                "a model of towers counts samples, whose size is the model's; leave it out");
    }
    training.sequence_length = 1;
  } else {
    if (!in.has("sequence_length")) {
      in.refuse("sequence_length", "is missing; add the tokens of a sequence, such as 4096");
    }
    training.sequence_length = in.integer("sequence_length");
  }
  training.global_batch = in.integer("global_batch");
  training.micro_batch = in.integer("micro_batch", training.micro_batch);
  training.precision =
      in.word("precision", training.precision, topology::precision_from_name, "bf16");
  training.optimizer = in.word("optimizer", training.optimizer, sim::optimizer_from_name, "adamw");
  read_recompute(in, training);
  training.activation_offload = in.flag("activation_offload", training.activation_offload);
  training.job = in.word("job", training.job, sim::job_from_name, "pretrain");
  if (training.job == sim::Job::Lora || training.job == sim::Job::Qlora || in.has("lora_rank") ||
      in.has("lora_targets")) {
    training.lora_rank = in.integer("lora_rank", training.lora_rank);
    training.lora_targets =
        in.word("lora_targets", training.lora_targets, sim::lora_targets_from_name, "all");
  }
  return training;
}

int default_dp(const sim::Layout& layout, int gpus) {
  const long others = static_cast<long>(layout.tp) * layout.pp * layout.cp;
  return static_cast<int>(std::max(1L, gpus / others));
}

sim::Layout read_layout(const Values& in, const sim::ModelSpec& model, int gpus) {
  sim::Layout layout;
  layout.tp = in.integer("tp", layout.tp);
  layout.pp = in.integer("pp", layout.pp);
  layout.virtual_stages = in.integer("virtual_stages", layout.virtual_stages);
  layout.cp = in.integer("cp", layout.cp);
  layout.dp = in.integer("dp", default_dp(layout, gpus), "gpus / (tp x pp x cp)");
  layout.ep = in.integer("ep", layout.ep);
  if (model.moe) {
    layout.expert_tp = in.integer("expert_tp", layout.tp, "tp");
  }
  layout.sequence_parallel = in.flag("sequence_parallel", layout.sequence_parallel);
  layout.sharding = in.word("sharding", layout.sharding, sim::sharding_from_name, "ddp");
  if (in.has("shard_degree")) {
    layout.shard_degree = in.integer("shard_degree");
  }
  layout.schedule =
      in.word("schedule", layout.schedule, sim::schedule_from_name,
              layout.virtual_stages > 1 ? "interleaved" : "1f1b", "by virtual_stages");
  layout.order = in.word("order", layout.order, sim::rank_order_from_name, "tp-cp-ep-dp-pp");
  if (layout.cp > 1 || in.has("context_parallel")) {
    layout.context_parallel = in.word("context_parallel", layout.context_parallel,
                                      sim::context_parallel_from_name, "ring");
  }
  return layout;
}

/// The part as JSON text; its values are explained as they stand.
std::string kept(const Document& document, const std::string& key, Log log) {
  const Json* part = find(document.root, child({}, key));
  if (part == nullptr) {
    return "{}";
  }
  const Values in = Values(document, {{}, {}, {}, log, nullptr}).map(key);
  for (const std::string& name : in.keys()) {
    [[maybe_unused]] const std::string noted = in.text(name);
  }
  return part->dump();
}

}  // namespace

namespace {

void set_power_cap(const Document& document, topology::ClusterSpec& spec, Log log) {
  const Values in = Values(document, {{}, {}, {}, log, nullptr}).map("cluster");
  if (!in.has("power_cap")) {
    return;
  }
  const auto cap = in.quantity<units::Watts>("power_cap");
  const auto set = [&](topology::Accelerator& a) {
    const units::Watts least = sim::least_power_cap(a);
    if (cap < least || cap > a.tdp) {
      in.refuse("power_cap",
                fmt::format("found {}, expected {} to {} for {}; below, its links "
                            "would slow too, which is not modelled",
                            in.text("power_cap"), format_power(least), format_power(a.tdp), a.id));
    }
    a.power_cap = cap;
  };
  set(spec.accelerator);
  for (topology::NodeGroup& group : spec.other_nodes) {
    set(group.accelerator);
  }
}

topology::ClusterSpec resolve_uncapped(const Catalog& catalog, const Document& document, Log log) {
  const Values in = Values(document, {{}, {}, {}, nullptr, nullptr}).map("cluster");
  if (in.has("graph") || in.has("node")) {
    return resolve_cluster(catalog, graph_cluster_parts(document, in), log);
  }
  if (!in.has("fabric")) {
    throw topology::InputError(document.place("/cluster").value, "cluster",
                               "\"fabric\" is missing (or \"graph\", see gpuplan import)");
  }
  Reference fabric = resolve_reference(document, "/cluster/fabric", EntryKind::Fabric, catalog);
  ClusterParts parts;
  parts.fabric = std::move(fabric.entry);
  parts.id = fabric.id.empty() ? "custom" : fabric.id;
  parts.label = fabric.id.empty() ? std::string() : "catalog " + fabric.id;
  parts.gpus_where = in.where("gpus");
  if (in.has("gpus")) {
    parts.gpus = in.integer("gpus");
    parts.gpus_source = to_string(topology::Location{parts.gpus_where.file, parts.gpus_where.line});
  }
  if (in.has("accelerator")) {
    parts.accelerator = in.text("accelerator");
    parts.accelerator_where = in.where("accelerator");
  }
  parts.overrides = extract(document, "/cluster/overrides");
  return resolve_cluster(catalog, parts, log);
}

}  // namespace

topology::ClusterSpec resolve_cluster(const Catalog& catalog, const Document& document,
                                      std::vector<Explained>* explained) {
  topology::ClusterSpec spec = resolve_uncapped(catalog, document, explained);
  set_power_cap(document, spec, explained);
  return spec;
}

Scenario load_scenario(const std::filesystem::path& path, std::span<const std::string> sets,
                       const Catalog& catalog, LayoutIs layout) {
  return load_scenario_text({}, path, sets, catalog, layout);
}

Scenario load_scenario_text(const std::optional<std::string>& text,
                            const std::filesystem::path& path, std::span<const std::string> sets,
                            const Catalog& catalog, LayoutIs layout) {
  return scenario_of(with_sets(read_scenario_over_bases(path, text), sets), path.stem().string(),
                     catalog, layout);
}

Scenario scenario_of(const Document& document, const std::string& file_name, const Catalog& catalog,
                     LayoutIs layout) {
  Scenario scenario;
  Log log = &scenario.values;
  const Values in(document, {{}, {}, {}, log, nullptr});
  scenario.name = in.text("name", file_name, "the file's name");
  scenario.model = resolve_model(document, catalog, log);
  scenario.cluster = resolve_cluster(catalog, document, log);
  scenario.training = read_training(in.map("training"), scenario.model);
  scenario.layout = read_layout(in.map("layout"), scenario.model, scenario.cluster.gpus);
  scenario.framework = resolve_framework(document, catalog, log);
  scenario.task = read_task(in, scenario.model, scenario.training);
  scenario.network = read_network(in, scenario.cluster.network);
  scenario.whole_run = read_run(in, catalog, scenario.cluster.accelerator.id, log);
  scenario.buying = read_purchase(in, document, catalog, log);
  add_reclaims(scenario.buying, catalog, log, scenario.whole_run);
  scenario.data = read_data(in, catalog, scenario.model, scenario.cluster, scenario.whole_run, log);
  scenario.phases = read_phases(document, file_name, catalog, layout, log);
  scenario.run = kept(document, "run", nullptr);
  scenario.purchase = kept(document, "purchase", nullptr);
  scenario.limits = kept(document, "limits", log);
  check_consistency(scenario, document, layout);
  return scenario;
}

Scenario load_scenario(const std::filesystem::path& path, std::span<const std::string> sets) {
  return load_scenario(path, sets, Catalog::open());
}

}  // namespace scenarios
