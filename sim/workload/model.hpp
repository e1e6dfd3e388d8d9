#pragma once
// The network that is trained: shapes only, no layout.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/workload/tower.hpp"

namespace sim {

enum class MlpKind { Plain, Gated };  ///< two matrices (GELU, ReLU^2) or three (SwiGLU, GEGLU)

/// Mixture-of-experts part. The layers that are not MoE use ModelSpec::ffn_hidden.
struct MoeSpec {
  int experts = 0;
  int top_k = 1;
  int ffn_hidden = 0;  ///< of one routed expert
  int shared_experts = 0;
  int shared_ffn_hidden = 0;  ///< of one shared expert
  int first_dense_layers = 0;
  int every = 1;  ///< every n-th layer is MoE
};

/// Multi-head latent attention (DeepSeek-V2). q_rank 0: queries are not compressed.
struct LatentAttention {
  int q_rank = 0;
  int kv_rank = 0;
  int qk_nope_dim = 0, qk_rope_dim = 0, v_dim = 0;
};

/// A transformer. Sizes count elements.
struct ModelSpec {
  std::string name;
  int layers = 0;  ///< decoder (or encoder-only) layers
  int encoder_layers =
      0;  ///< further encoder layers of an encoder-decoder (T5); these see no causal mask
  int hidden = 0;
  int ffn_hidden = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int vocab = 0;
  int max_positions = 0;  ///< learned position embeddings; 0 with rotary and the like
  MlpKind mlp = MlpKind::Plain;
  bool causal = true;
  bool tied_embeddings = false;
  bool linear_bias = false;
  bool dropout = false;          ///< dropout in attention and residuals during training
  bool rms_norm = false;         ///< otherwise LayerNorm with bias
  int sliding_window = 0;        ///< tokens; 0 = full attention
  int full_attention_every = 0;  ///< with a window: every n-th layer sees everything; 0: none
  int mtp_layers = 0;            ///< multi-token prediction modules
  std::optional<MoeSpec> moe{};
  std::optional<LatentAttention> mla{};
  /// A network of another kind, instead of all of the above: one sample of the job goes through
  /// each tower. Counts as one layer.
  std::vector<Tower> towers{};
  [[nodiscard]] bool has_towers() const { return !towers.empty(); }
  /// Whether attention of a layer sees its window only.
  [[nodiscard]] bool is_windowed(int layer) const {
    return sliding_window > 0 &&
           (full_attention_every == 0 || (layer + 1) % full_attention_every != 0);
  }
};

/// A model of towers. Its only layer has one head, so that nothing can split it but the batch.
ModelSpec tower_model(std::string name, std::vector<Tower> towers);

/// Parameters by part, elements.
struct ParameterCount {
  double embedding = 0;  ///< input (and position) embedding
  double output = 0;     ///< logits matrix, 0 when tied
  double dense = 0;      ///< attention, norms, dense MLP, router, shared experts, biases
  double experts = 0;    ///< routed experts
  double total() const { return embedding + output + dense + experts; }
  double active = 0;  ///< used by one token
};
ParameterCount parameters(const ModelSpec& model);

/// What a layer is made of.
enum class LayerKind { Dense, Moe, Encoder, CrossAttention, Towers };
inline constexpr int kLayerKinds = 5;

/// Layers count from the first encoder layer (if any) through the decoder and the MTP modules.
LayerKind layer_kind(const ModelSpec& model, int layer);

/// Parameters of one layer, elements. `expert` is one routed expert, `mlp` the dense or shared MLP.
struct LayerParameters {
  double norms = 0, attention = 0, router = 0, mlp = 0, expert = 0;
};
LayerParameters layer_parameters(const ModelSpec& model, LayerKind kind);

/// Whether decoder layer `layer` holds routed experts.
bool is_moe_layer(const ModelSpec& model, int layer);

}  // namespace sim
