#include <array>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {
using topology::Named;

constexpr std::array kMlps{Named<sim::MlpKind>{sim::MlpKind::Plain, "plain"},
                           Named<sim::MlpKind>{sim::MlpKind::Gated, "gated"}};
std::optional<sim::MlpKind> mlp_from_name(std::string_view text) {
  return value_in(kMlps, text);
}

struct Switch {
  std::string_view key;
  bool sim::Framework::*field;
};
constexpr std::array kSwitches{
    Switch{"flash_attention", &sim::Framework::flash_attention},
    Switch{"triton_attention", &sim::Framework::triton_attention},
    Switch{"fused_softmax", &sim::Framework::fused_softmax},
    Switch{"fused_norm", &sim::Framework::fused_norm},
    Switch{"fused_residual", &sim::Framework::fused_residual},
    Switch{"fused_mlp_activation", &sim::Framework::fused_mlp_activation},
    Switch{"fused_elementwise", &sim::Framework::fused_elementwise},
    Switch{"autocast", &sim::Framework::autocast},
    Switch{"channels_last", &sim::Framework::channels_last},
    Switch{"fused_cross_entropy", &sim::Framework::fused_cross_entropy},
    Switch{"fused_gradient_accumulation", &sim::Framework::fused_gradient_accumulation},
    Switch{"recompute_cheap_activations", &sim::Framework::recompute_cheap_activations},
    Switch{"overlap_grad_reduce", &sim::Framework::overlap_grad_reduce},
    Switch{"overlap_param_gather", &sim::Framework::overlap_param_gather},
    Switch{"overlap_tp", &sim::Framework::overlap_tp},
    Switch{"overlap_tp_backward", &sim::Framework::overlap_tp_backward},
    Switch{"deduplicated_dispatch", &sim::Framework::deduplicated_dispatch},
    Switch{"fp16_gradients", &sim::Framework::fp16_gradients},
    Switch{"pure_16_bit", &sim::Framework::pure_16_bit},
    Switch{"overlap_p2p", &sim::Framework::overlap_p2p},
    Switch{"zero_bubble", &sim::Framework::zero_bubble}};

struct Dial {
  std::string_view key;
  double sim::Framework::*field;
};
constexpr std::array kDials{
    Dial{"depthwise_rate", &sim::Framework::depthwise_rate},
    Dial{"selective_recompute_share", &sim::Framework::selective_recompute_share},
    Dial{"gradient_bytes", &sim::Framework::gradient_bytes},
    Dial{"reduce_bytes", &sim::Framework::reduce_bytes},
    Dial{"reserved_memory_gib", &sim::Framework::reserved_memory_gib},
    Dial{"fragmentation", &sim::Framework::fragmentation}};

/// Entries cite one source for all of their values.
std::string cited(const Document& entry) {
  const Json* source = find(entry.root, "/source");
  const Json* as_of = find(entry.root, "/as_of");
  if (source == nullptr || !source->is_string()) {
    return {};
  }
  return as_of == nullptr || !as_of->is_string()
             ? source->get<std::string>()
             : fmt::format("{} ({})", source->get<std::string>(), as_of->get<std::string>());
}

Values::Record record_for(const Document& entry, const std::string& id, const std::string& prefix,
                          std::vector<Explained>* explained) {
  return {prefix, id.empty() ? std::string() : "catalog " + id,
          id.empty() ? std::string() : cited(entry), explained, nullptr};
}

sim::MoeSpec read_moe(const Values& in) {
  sim::MoeSpec moe;
  moe.experts = in.integer("experts");
  moe.top_k = in.integer("top_k");
  moe.ffn_hidden = in.integer("ffn_hidden");
  moe.shared_experts = in.integer("shared_experts", moe.shared_experts);
  moe.shared_ffn_hidden =
      in.integer("shared_ffn_hidden", moe.shared_experts > 0 ? moe.ffn_hidden : 0);
  moe.first_dense_layers = in.integer("first_dense_layers", moe.first_dense_layers);
  moe.every = in.integer("every", moe.every);
  if (moe.top_k > moe.experts) {
    in.refuse("top_k", fmt::format("a token cannot use {} of {} experts", moe.top_k, moe.experts));
  }
  return moe;
}

sim::LatentAttention read_mla(const Values& in) {
  sim::LatentAttention mla;
  mla.q_rank = in.integer("q_rank", mla.q_rank);
  mla.kv_rank = in.integer("kv_rank");
  mla.qk_nope_dim = in.integer("qk_nope_dim");
  mla.qk_rope_dim = in.integer("qk_rope_dim");
  mla.v_dim = in.integer("v_dim");
  return mla;
}

int read_head_dim(const Values& in, const sim::ModelSpec& model) {
  if (in.has("head_dim")) {
    return in.integer("head_dim");
  }
  if (model.hidden % model.heads != 0) {
    in.refuse("heads", fmt::format("{} does not divide hidden = {}; give head_dim", model.heads,
                                   model.hidden));
  }
  return in.integer("head_dim", model.hidden / model.heads, "hidden / heads");
}
}  // namespace

sim::ModelSpec read_model(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained) {
  if (is_tower_model(entry)) {
    return read_tower_model(entry, id, explained);
  }
  const Values in(entry, record_for(entry, id, "model", explained));
  sim::ModelSpec model;
  model.name = in.text("name", id.empty() ? "custom model" : id);
  model.layers = in.integer("layers");
  model.encoder_layers = in.integer("encoder_layers", model.encoder_layers);
  model.hidden = in.integer("hidden");
  model.ffn_hidden = in.integer("ffn_hidden");
  model.heads = in.integer("heads");
  model.kv_heads = in.integer("kv_heads", model.heads, "heads, that is no grouped-query attention");
  model.head_dim = read_head_dim(in, model);
  model.vocab = in.integer("vocab");
  model.max_positions = in.integer("max_positions", model.max_positions, "no learned positions");
  model.mlp = in.word("mlp", model.mlp, mlp_from_name, "plain");
  model.causal = in.flag("causal", model.causal);
  model.tied_embeddings = in.flag("tied_embeddings", model.tied_embeddings);
  model.linear_bias = in.flag("linear_bias", model.linear_bias);
  model.dropout = in.flag("dropout", model.dropout);
  model.rms_norm = in.flag("rms_norm", model.rms_norm);
  model.sliding_window = in.integer("sliding_window", model.sliding_window, "full attention");
  model.full_attention_every = in.integer("full_attention_every", model.full_attention_every);
  model.mtp_layers = in.integer("mtp_layers", model.mtp_layers);
  if (in.has("moe")) {
    model.moe = read_moe(in.map("moe"));
  }
  if (in.has("mla")) {
    model.mla = read_mla(in.map("mla"));
  }
  if (model.heads % model.kv_heads != 0) {
    in.refuse("kv_heads",
              fmt::format("{} does not divide heads = {}", model.kv_heads, model.heads));
  }
  return model;
}

sim::Framework read_framework(const Document& entry, const std::string& id,
                              std::vector<Explained>* explained) {
  const Values in(entry, record_for(entry, id, "framework", explained));
  sim::Framework framework;
  framework.id = id.empty() ? "custom" : id;
  framework.flash_generation = in.integer("flash_generation", framework.flash_generation);
  framework.dispatch = in.word("dispatch", framework.dispatch, sim::dispatch_from_name, "eager");
  for (const Switch& one : kSwitches) {
    framework.*one.field = in.flag(one.key, framework.*one.field);
  }
  for (const Dial& one : kDials) {
    framework.*one.field = in.number(one.key, framework.*one.field);
  }
  return framework;
}

}  // namespace scenarios
