#include "scenarios/row_model.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace scenarios {

using sim::ModelSpec;

namespace {

/// Letters that a name begins with, in lower case: "mpt" of "MPT 7B".
std::string first_word(std::string_view name) {
  std::string word;
  for (const char c : name) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) {
      break;
    }
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

/// The catalog model with the row's shape, which knows what the columns do not tell.
/// Two names that begin with different words ("MPT 7B", "GPT-3 6.7B") are different architectures
/// even where their sizes agree, if the catalog knows both words.
const ModelSpec* known_model(const Fields& f, std::span<const ModelSpec> models) {
  const std::string family = first_word(f.text("model"));
  const bool family_known = std::any_of(models.begin(), models.end(), [&](const ModelSpec& m) {
    return first_word(m.name) == family;
  });
  const int experts = f.integer("moe_experts").value_or(0);
  for (const ModelSpec& m : models) {
    if (m.has_towers()) {
      continue;
    }
    const int model_experts = m.moe ? m.moe->experts : 0;
    const bool same_heads = m.heads == f.integer("heads") && m.kv_heads == f.integer("kv_heads");
    const bool same_ffn = m.ffn_hidden == f.integer("ffn_hidden") ||
                          (m.moe && m.moe->ffn_hidden == f.integer("ffn_hidden"));
    if (family_known && first_word(m.name) != family) {
      continue;
    }
    if (m.hidden == f.integer("hidden") && model_experts == experts && same_heads && same_ffn) {
      return &m;
    }
  }
  return nullptr;
}

/// Of two kinds of MLP the one whose parameter count is nearer to the published one.
sim::MlpKind mlp_by_parameters(ModelSpec m, double published) {
  const auto distance = [&m, published](sim::MlpKind kind) {
    m.mlp = kind;
    return std::abs(std::log(sim::parameters(m).total() / published));
  };
  return distance(sim::MlpKind::Gated) < distance(sim::MlpKind::Plain) ? sim::MlpKind::Gated
                                                                       : sim::MlpKind::Plain;
}

}  // namespace

ModelSpec tower_model_of(const Fields& f, std::span<const ModelSpec> models) {
  const std::string_view name = f.text("model");
  // NVIDIA's MLPerf rows name the U-Net alone and say that the images' latents are read from disk.
  const std::string_view sought =
      name == "Stable Diffusion v2 UNet" ? "Stable Diffusion 2 base from latents" : name;
  const auto found = std::find_if(models.begin(), models.end(), [sought](const ModelSpec& m) {
    return m.has_towers() && m.name == sought;
  });
  if (found == models.end()) {
    throw Skip{fmt::format("the catalog has no model of towers named \"{}\"", name)};
  }
  return *found;
}

ModelSpec model_of(const Fields& f, std::span<const ModelSpec> models,
                   std::vector<std::string>& assumptions) {
  ModelSpec m;
  const ModelSpec* known = known_model(f, models);
  if (known != nullptr) {
    m = *known;
  }
  m.name = std::string(f.text("model"));
  m.layers = f.required("layers");
  m.hidden = f.required("hidden");
  m.heads = f.required("heads");
  m.kv_heads = f.integer("kv_heads").value_or(m.heads);
  m.vocab = f.integer("vocab").value_or(51200);
  if (known != nullptr) {
    return m;
  }
  m.ffn_hidden = f.integer("ffn_hidden").value_or(4 * m.hidden);
  m.head_dim = m.hidden / m.heads;
  if (const int experts = f.integer("moe_experts").value_or(0); experts > 0) {
    m.moe =
        sim::MoeSpec{.experts = experts, .top_k = f.degree("moe_topk"), .ffn_hidden = m.ffn_hidden};
  }
  const double published = f.number("params_b").value_or(0.0) * 1e9;
  m.mlp = published > 0 ? mlp_by_parameters(m, published) : sim::MlpKind::Plain;
  m.rms_norm = m.mlp == sim::MlpKind::Gated;
  const bool gpt = m.mlp == sim::MlpKind::Plain;
  m.max_positions = gpt ? f.required("seq_len") : 0;
  m.linear_bias = gpt && f.text("model").find("MPT") == std::string_view::npos;
  m.dropout = m.linear_bias && f.integer("year").value_or(2024) < 2024;
  m.tied_embeddings = gpt;
  m.causal = f.text("model").find("BERT") == std::string_view::npos;
  assumptions.emplace_back("architecture inferred from the row's sizes and parameter count");
  return m;
}

}  // namespace scenarios
