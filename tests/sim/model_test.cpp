#include "sim/workload/model.hpp"

#include <gtest/gtest.h>

#include "some_job.hpp"

namespace sim {
namespace {

TEST(Parameters, Gpt3MatchesTheClosedForm) {
  // Narayanan et al., arXiv 2104.04473, equation 2: P = 12 L h^2 (1 + 13/(12 h) + (V + s)/(12 L
  // h)).
  const ModelSpec m = test::gpt3();
  const double h = m.hidden;
  const double l = m.layers;
  const double expected =
      12 * l * h * h * (1 + 13 / (12 * h) + (m.vocab + m.max_positions) / (12 * l * h));
  EXPECT_NEAR(parameters(m).total() / expected, 1.0, 1e-6);
}

TEST(Parameters, TiedLogitsCountOnce) {
  ModelSpec m = test::gpt3();
  const double tied = parameters(m).total();
  m.tied_embeddings = false;
  EXPECT_DOUBLE_EQ(parameters(m).total() - tied, static_cast<double>(m.vocab) * m.hidden);
}

TEST(Parameters, TokenUsesTopKExperts) {
  const ModelSpec m = test::small_moe();
  const ParameterCount count = parameters(m);
  EXPECT_DOUBLE_EQ(count.active, count.total() - count.experts * 6.0 / 8.0);
}

TEST(Parameters, LatentAttentionMatchesDeepSeekV3) {
  // DeepSeek-V3, arXiv 2412.19437: per layer q 7168 x 1536 + 1536 x 24576, kv 7168 x 576 + 512 x
  // 32768, out 16384 x 7168.
  ModelSpec m = test::small_llama(1);
  m.hidden = 7168;
  m.heads = m.kv_heads = 128;
  m.mla = LatentAttention{
      .q_rank = 1536, .kv_rank = 512, .qk_nope_dim = 128, .qk_rope_dim = 64, .v_dim = 128};
  const double expected = 7168. * 1536 + 1536. * 24576 + 7168. * 576 + 512. * 32768 + 16384. * 7168;
  EXPECT_DOUBLE_EQ(layer_parameters(m, LayerKind::Dense).attention, expected);
}

TEST(LayerKind, FirstLayersOfAMixtureMayBeDense) {
  ModelSpec m = test::small_moe();
  m.moe->first_dense_layers = 3;
  EXPECT_EQ(layer_kind(m, 2), LayerKind::Dense);
  EXPECT_EQ(layer_kind(m, 3), LayerKind::Moe);
  m.moe->first_dense_layers = 0;
  m.moe->every = 2;
  EXPECT_EQ(layer_kind(m, 0), LayerKind::Dense);
  EXPECT_EQ(layer_kind(m, 1), LayerKind::Moe);
}

}  // namespace
}  // namespace sim
