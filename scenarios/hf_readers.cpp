#include "scenarios/hf_readers.hpp"

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace scenarios {

namespace {

/// A key that is missing or null.
int integer_or(const Values& in, std::string_view key, int fallback) {
  return in.has(key) ? in.integer(key) : fallback;
}
bool flag_or(const Values& in, std::string_view key, bool fallback) {
  return in.has(key) ? in.flag(key) : fallback;
}
bool is_positive(const Values& in, std::string_view key) {
  return in.has(key) && in.number(key) > 0.0;
}

/// Every `full_every`-th layer sees everything; nothing: none does.
void add_window(HfBlock& block, int window, std::optional<int> full_every) {
  block.number("sliding_window", window);
  if (full_every) {
    block.number("full_attention_every", *full_every);
  }
}

/// Windows of every layer alike, or of all but every n-th; others have no words in a scenario.
void read_layer_types(const Values& in, HfBlock& block, int layers) {
  const Json& types = in.json("layer_types");
  if (types.size() != static_cast<std::size_t>(layers)) {
    in.refuse("layer_types", fmt::format("has {} entries for {} layers", types.size(), layers));
  }
  const auto full = [&types](std::size_t i) { return types[i] == "full_attention"; };
  std::size_t first_full = 0;
  while (first_full < types.size() && !full(first_full)) {
    ++first_full;
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool known = full(i) || types[i] == "sliding_attention";
    const bool regular = full(i) == (i % (first_full + 1) == first_full);
    if (!known || !regular) {
      in.refuse("layer_types",
                fmt::format("layer {} is \"{}\", but a scenario knows sliding_attention in all "
                            "layers but every n-th, which is full_attention; write the model "
                            "block by hand",
                            i, types[i].get<std::string>()));
    }
  }
  if (first_full > 0) {
    const bool none = first_full == types.size();
    add_window(block, in.integer("sliding_window"),
               none ? std::nullopt : std::optional(static_cast<int>(first_full) + 1));
  }
}

void read_window(const Values& in, HfBlock& block, int layers) {
  if (in.is_list("layer_types")) {
    return read_layer_types(in, block, layers);
  }
  const int window = integer_or(in, "sliding_window", 0);
  // Qwen's configurations carry a window that is off, or that begins at a layer.
  if (window == 0 || !flag_or(in, "use_sliding_window", !in.has("use_sliding_window"))) {
    return;
  }
  const int first = integer_or(in, "max_window_layers", 0);
  if (first >= layers) {
    return;
  }
  if (first > 0) {
    in.refuse("max_window_layers",
              fmt::format("the window begins at layer {} of {}, but a scenario has one window for "
                          "all layers; write the model block by hand",
                          first, layers));
  }
  add_window(block, window, std::nullopt);
}

/// Llama and what is built like it: names of keys, gated MLP, RMSNorm, rotary embedding.
void read_decoder(const Values& in, HfBlock& block, int default_head_dim) {
  const int hidden = in.integer("hidden_size");
  const int heads = in.integer("num_attention_heads");
  const int kv_heads = integer_or(in, "num_key_value_heads", heads);
  const int layers = in.integer("num_hidden_layers");
  if (heads % kv_heads != 0) {
    in.refuse("num_key_value_heads",
              fmt::format("{} does not divide num_attention_heads = {}", kv_heads, heads));
  }
  if (!in.has("head_dim") && default_head_dim == 0 && hidden % heads != 0) {
    in.refuse("num_attention_heads",
              fmt::format("{} does not divide hidden_size = {}, and there is no head_dim", heads,
                          hidden));
  }
  block.number("layers", layers);
  block.number("hidden", hidden);
  block.number("ffn_hidden", in.integer("intermediate_size"));
  block.number("heads", heads);
  block.number("kv_heads", kv_heads);
  block.number("head_dim", integer_or(in, "head_dim",
                                      default_head_dim > 0 ? default_head_dim : hidden / heads));
  block.number("vocab", in.integer("vocab_size"));
  block.text("mlp", "gated");
  block.flag("rms_norm", true);
  block.flag("tied_embeddings", flag_or(in, "tie_word_embeddings", false));
  const bool attention_bias = flag_or(in, "attention_bias", false);
  const bool mlp_bias = flag_or(in, "mlp_bias", false);
  block.flag("linear_bias", attention_bias && mlp_bias);
  if (attention_bias != mlp_bias) {
    block.remark(fmt::format("only {} has biases: they are left out",
                             attention_bias ? "attention" : "the MLP"));
  }
  block.flag("dropout", is_positive(in, "attention_dropout"));
  read_window(in, block, layers);
}

void read_llama(const Values& in, HfBlock& block) {
  read_decoder(in, block, 0);
}

void read_qwen2(const Values& in, HfBlock& block) {
  read_decoder(in, block, 0);
  block.remark("the biases of the query, key and value projections are left out");
}

/// Qwen3Config's own default: its heads are wider than hidden / heads.
constexpr int kQwen3HeadDim = 128;

void read_qwen3(const Values& in, HfBlock& block) {
  read_decoder(in, block, kQwen3HeadDim);
  block.remark("the norms of queries and keys are left out");
}

void check_experts(const Values& in, int experts, int top_k) {
  if (top_k > experts) {
    in.refuse("num_experts_per_tok",
              fmt::format("a token cannot visit {} of {} experts", top_k, experts));
  }
}

void read_mixtral(const Values& in, HfBlock& block) {
  read_decoder(in, block, 0);
  const int experts = in.integer("num_local_experts"), top_k = in.integer("num_experts_per_tok");
  check_experts(in, experts, top_k);
  block.map(
      "moe",
      {{"experts", experts}, {"top_k", top_k}, {"ffn_hidden", in.integer("intermediate_size")}});
}

/// Layers without experts that stand at the beginning, as a scenario has them.
int leading_dense_layers(const Values& in) {
  const std::vector<int> dense =
      in.is_list("mlp_only_layers") ? in.integers("mlp_only_layers") : std::vector<int>{};
  for (std::size_t i = 0; i < dense.size(); ++i) {
    if (dense[i] != static_cast<int>(i)) {
      in.refuse("mlp_only_layers",
                fmt::format("layer {} has no experts, but a scenario knows such layers only at the "
                            "beginning; write the model block by hand",
                            dense[i]));
    }
  }
  return static_cast<int>(dense.size());
}

void read_qwen_moe(const Values& in, HfBlock& block, int default_head_dim) {
  read_decoder(in, block, default_head_dim);
  const int experts = in.integer("num_experts"), top_k = in.integer("num_experts_per_tok");
  check_experts(in, experts, top_k);
  Json moe{
      {"experts", experts}, {"top_k", top_k}, {"ffn_hidden", in.integer("moe_intermediate_size")}};
  if (const int shared = integer_or(in, "shared_expert_intermediate_size", 0); shared > 0) {
    moe["shared_experts"] = 1;
    moe["shared_ffn_hidden"] = shared;
  }
  const int every = integer_or(in, "decoder_sparse_step", 1);
  const int dense = leading_dense_layers(in);
  if (dense % every != 0) {
    in.refuse("decoder_sparse_step",
              fmt::format("every {} layers after {} without experts do not follow one pattern; "
                          "write the model block by hand",
                          every, dense));
  }
  moe["first_dense_layers"] = dense;
  moe["every"] = every;
  block.map("moe", std::move(moe));
}

void read_qwen2_moe(const Values& in, HfBlock& block) {
  read_qwen_moe(in, block, 0);
  block.remark(
      "the biases of the query, key and value projections and the shared expert's gate "
      "are left out");
}

void read_qwen3_moe(const Values& in, HfBlock& block) {
  read_qwen_moe(in, block, kQwen3HeadDim);
  block.remark("the norms of queries and keys are left out");
}

/// DeepSeek-V2 and later: latent attention, experts after some dense layers.
void read_deepseek(const Values& in, HfBlock& block) {
  const int nope = in.integer("qk_nope_head_dim"), rope = in.integer("qk_rope_head_dim");
  if (nope + rope == 0) {
    in.refuse("qk_nope_head_dim", "0 beside qk_rope_head_dim = 0 leaves queries without a width");
  }
  read_decoder(in, block, in.integer("v_head_dim"));
  if (const int mtp = integer_or(in, "num_nextn_predict_layers", 0); mtp > 0) {
    block.number("mtp_layers", mtp);
    block.remark(fmt::format("the counts include {} multi-token prediction module(s)", mtp));
  }
  if (in.has("n_routed_experts")) {
    const int experts = in.integer("n_routed_experts"), top_k = in.integer("num_experts_per_tok");
    check_experts(in, experts, top_k);
    const int expert = in.integer("moe_intermediate_size");
    if (integer_or(in, "moe_layer_freq", 1) != 1) {
      in.refuse("moe_layer_freq",
                "is not 1, but the layers after the first dense ones all have experts in what is "
                "published; write the model block by hand");
    }
    block.map("moe", {{"experts", experts},
                      {"top_k", top_k},
                      {"ffn_hidden", expert},
                      {"shared_experts", integer_or(in, "n_shared_experts", 0)},
                      {"shared_ffn_hidden", expert},
                      {"first_dense_layers", integer_or(in, "first_k_dense_replace", 0)}});
  }
  block.map("mla", {{"q_rank", integer_or(in, "q_lora_rank", 0)},
                    {"kv_rank", in.integer("kv_lora_rank")},
                    {"qk_nope_dim", nope},
                    {"qk_rope_dim", rope},
                    {"v_dim", in.integer("v_head_dim")}});
}

void read_gpt2(const Values& in, HfBlock& block) {
  const int hidden = in.integer("n_embd"), heads = in.integer("n_head");
  if (hidden % heads != 0) {
    in.refuse("n_head", fmt::format("{} does not divide n_embd = {}", heads, hidden));
  }
  constexpr int kInner = 4;  // GPT2Config: 4 x n_embd where n_inner is null
  if (!in.has("n_inner") && hidden > std::numeric_limits<int>::max() / kInner) {
    in.refuse("n_embd", "is too large for an MLP four times as wide; give n_inner");
  }
  block.number("layers", in.integer("n_layer"));
  block.number("hidden", hidden);
  block.number("ffn_hidden", in.has("n_inner") ? in.integer("n_inner") : kInner * hidden);
  block.number("heads", heads);
  block.number("head_dim", hidden / heads);
  block.number("vocab", in.integer("vocab_size"));
  block.number("max_positions", in.integer("n_positions"));
  block.text("mlp", "plain");
  block.flag("tied_embeddings", flag_or(in, "tie_word_embeddings", true));
  block.flag("linear_bias", true);
  block.flag("dropout", is_positive(in, "attn_pdrop") || is_positive(in, "resid_pdrop"));
}

// By the configuration classes of transformers 4.x, src/transformers/models/*/configuration_*.py.
constexpr std::array kReaders{HfReader{"deepseek_v2", read_deepseek},
                              HfReader{"deepseek_v3", read_deepseek},
                              HfReader{"gpt2", read_gpt2},
                              HfReader{"kimi_k2", read_deepseek},
                              HfReader{"llama", read_llama},
                              HfReader{"mistral", read_llama},
                              HfReader{"mixtral", read_mixtral},
                              HfReader{"qwen2", read_qwen2},
                              HfReader{"qwen2_moe", read_qwen2_moe},
                              HfReader{"qwen3", read_qwen3},
                              HfReader{"qwen3_moe", read_qwen3_moe}};

}  // namespace

std::span<const HfReader> hf_readers() {
  return kReaders;
}

}  // namespace scenarios
