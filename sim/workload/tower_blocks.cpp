// What each kind of block consists of.
#include <cmath>

#include "sim/workload/tower_builder.hpp"

namespace sim {

namespace {

constexpr Extent kPoint{1, 1, 1};

bool same(const FeatureMap& a, const FeatureMap& b) {
  return a.channels == b.channels && a.extent.positions() == b.extent.positions();
}

void convolution(TowerBuilder& t, const Block& b, const Extent& stride) {
  if (b.depthwise) {
    t.depthwise(b.kernel, stride, b.bias);
  } else {
    t.convolution({.channels = b.channels,
                   .kernel = b.kernel,
                   .stride = stride,
                   .groups = b.groups,
                   .bias = b.bias});
  }
  t.norm(b.norm);
  t.activation(b.activation);
}

/// He et al., arXiv 1512.03385, figure 5 right; the stride is in the kxk convolution (v1.5).
void bottleneck(TowerBuilder& t, const Block& b, const Extent& stride) {
  const FeatureMap in = t.map();
  t.convolution({.channels = b.inner});
  t.norm(b.norm);
  t.activation(b.activation);
  t.convolution({.channels = b.inner, .kernel = b.kernel, .stride = stride, .groups = b.groups});
  t.norm(b.norm);
  t.activation(b.activation);
  t.convolution({.channels = b.channels});
  t.norm(b.norm);
  const FeatureMap out = t.map();
  if (!same(in, out)) {
    t.set_map(in);
    t.convolution({.channels = b.channels, .stride = stride, .keeps = Keeps::Nothing});
    t.norm(b.norm);
  }
  t.addition();
  t.activation(b.activation);
}

/// Tan and Le, arXiv 1905.11946; squeeze-and-excite: Hu et al., arXiv 1709.01507.
void inverted_bottleneck(TowerBuilder& t, const Block& b, const Extent& stride) {
  const FeatureMap in = t.map();
  if (b.expand > 1) {
    t.convolution({.channels = in.channels * b.expand});
    t.norm(b.norm);
    t.activation(b.activation);
  }
  t.depthwise(b.kernel, stride, false);
  t.norm(b.norm);
  t.activation(b.activation);
  if (b.squeeze > 0) {
    const FeatureMap inner = t.map();
    const double narrow = std::max(1, in.channels / b.squeeze);
    t.movement(inner.elements(), inner.channels);
    t.side_linear(1.0, inner.channels, narrow, true);
    t.side_activation(narrow);
    t.side_linear(1.0, narrow, inner.channels, true);
    t.side_activation(inner.channels);
    t.gate();
  }
  t.convolution({.channels = b.channels});
  t.norm(b.norm);
  if (same(in, t.map())) {
    t.addition();
  }
}

/// Norm, activation, convolution, twice, with the side vector added between; Ho et al., arXiv
/// 2006.11239, appendix B.
void residual(TowerBuilder& t, const Block& b, const Extent& stride) {
  const FeatureMap in = t.map();
  t.norm(b.norm);
  t.activation(b.activation);
  t.convolution({.channels = b.channels, .kernel = b.kernel, .stride = stride, .bias = b.bias});
  if (b.side > 0) {
    t.side_activation(b.side);
    t.side_linear(1.0, b.side, b.channels, true);
    t.addition();
  }
  t.norm(b.norm);
  t.activation(b.activation);
  t.convolution({.channels = b.channels, .kernel = b.kernel, .bias = b.bias});
  const FeatureMap out = t.map();
  if (!same(in, out)) {
    t.set_map(in);
    t.convolution({.channels = b.channels, .stride = stride, .bias = b.bias});
  }
  t.set_map(out);
  t.addition();
}

/// Queries from the map, keys and values from it or from a context.
void attention(TowerBuilder& t, const Block& b, double context_length, double context_channels) {
  const FeatureMap in = t.map();
  const double positions = in.extent.positions();
  const int heads = b.heads;
  const int kv_heads = b.kv_heads > 0 ? b.kv_heads : heads;
  const int dim = b.head_dim > 0 ? b.head_dim : in.channels / heads;
  const bool cross = context_length > 0.0;
  const double keys = cross ? context_length : positions;
  const double window = !cross && b.window > 0 ? b.window : positions;
  if (cross) {
    t.side_linear(positions, in.channels, 1.0 * heads * dim, b.bias);
    t.side_linear(keys, context_channels, 2.0 * kv_heads * dim, b.bias);
  } else {
    t.side_linear(positions, in.channels, (heads + 2.0 * kv_heads) * dim, b.bias);
  }
  const auto whole = [](double x) { return static_cast<std::int64_t>(std::llround(x)); };
  t.attention({.batch = whole(positions / window),
               .query_length = whole(window),
               .key_length = whole(cross ? keys : window),
               .heads = heads,
               .kv_heads = kv_heads,
               .head_dim = dim,
               .mask = b.causal && !cross ? calib::Mask::Causal : calib::Mask::Full});
  t.side_linear(positions, 1.0 * heads * dim, in.channels, b.bias || b.project, Keeps::Nothing);
  t.addition();
}

void mlp(TowerBuilder& t, const Block& b, NormKind norm) {
  const int channels = t.map().channels;
  const bool bias = b.bias || b.project;
  t.norm(norm);
  t.linear(b.gated ? 2 * b.inner : b.inner, bias);
  if (b.gated) {  // one half gates the other
    t.movement(t.map().elements(), t.map().elements() / 2.0);
    t.set_map({t.map().extent, b.inner});
  }
  t.activation(b.activation);
  t.linear(channels, bias);
  t.addition();
}

void transformer(TowerBuilder& t, const Block& b) {
  const int channels = t.map().channels;
  if (b.modulation) {  // shift, scale and gate of both halves; Peebles and Xie, arXiv 2212.09748
    t.side_activation(b.side);
    t.side_linear(1.0, b.side, 6.0 * channels, true);
  }
  if (b.project) {
    t.norm(NormKind::Group);
    t.linear(channels, true);
  }
  if (!b.cross_only) {
    t.norm(b.norm);
    attention(t, b, 0.0, 0.0);
  }
  if (b.context_length > 0) {
    t.norm(b.norm);
    attention(t, b, b.context_length, b.context_channels);
  }
  if (b.inner > 0) {
    mlp(t, b, b.norm);
  }
  if (b.project) {
    t.linear(channels, true);
    t.addition();
  }
}

/// Gulati et al., arXiv 2005.08100, figure 1.
void conformer(TowerBuilder& t, const Block& b) {
  const int channels = t.map().channels;
  mlp(t, b, NormKind::Layer);
  t.norm(NormKind::Layer);
  attention(t, b, 0.0, 0.0);
  t.norm(NormKind::Layer);
  t.linear(2 * channels, true);
  t.movement(t.map().elements(), t.map().elements() / 2.0);  // gated linear unit
  t.set_map({t.map().extent, channels});
  t.depthwise(b.kernel, kPoint, true);
  t.norm(NormKind::Batch);
  t.activation(ActivationKind::Silu);
  t.linear(channels, true);
  t.addition();
  mlp(t, b, NormKind::Layer);
  t.norm(NormKind::Layer);
}

void pool(TowerBuilder& t, const Extent& stride) {
  const FeatureMap in = t.map();
  FeatureMap out = in;
  out.extent = stride.positions() > 1.0 ? Extent{std::max(1, in.extent.frames / stride.frames),
                                                 std::max(1, in.extent.height / stride.height),
                                                 std::max(1, in.extent.width / stride.width)}
                                        : kPoint;
  t.movement(in.elements(), out.elements());
  t.set_map(out);
}

void upsample(TowerBuilder& t, const Block& b) {
  const FeatureMap in = t.map();
  FeatureMap out = in;
  out.extent = {in.extent.frames * b.stride.frames, in.extent.height * b.stride.height,
                in.extent.width * b.stride.width};
  t.movement(in.elements(), out.elements());
  t.set_map(out);
}

/// Battaglia et al., arXiv 1806.01261: an MLP on both ends of an edge and its own features, another
/// on a node and the sum of its edges.
void plain_messages(TowerBuilder& t, const Block& b, double nodes, double edges) {
  const double channels = t.map().channels;
  t.movement(2.0 * edges * channels, 2.0 * edges * channels);  // gather both ends
  t.side_linear(edges, 3.0 * channels, b.inner, true);
  t.side_activation(edges * b.inner);
  t.side_linear(edges, b.inner, channels, true);
  t.movement(edges * channels, nodes * channels);  // sum at nodes
  t.side_linear(nodes, 2.0 * channels, b.inner, true);
  t.side_activation(nodes * b.inner);
  t.side_linear(nodes, b.inner, channels, true);
}

/// Schuett et al., arXiv 2102.03150, figure 2: what a neighbour sends is weighted by a filter of
/// the distance (through a radial MLP where there is one) and multiplied with the direction's
/// components; then channels are mixed within each component.
void equivariant_messages(TowerBuilder& t, const Block& b, double nodes, double edges) {
  const double channels = t.map().channels;
  const double sent = channels * b.paths;
  t.side_linear(nodes, channels, channels, true);
  t.side_activation(nodes * channels);
  t.side_linear(nodes, channels, sent, true);
  double radial = b.inputs;
  for (int i = 0; i < 2 && b.radial > 0; ++i) {
    t.side_linear(edges, radial, b.radial, true);
    t.side_activation(edges * b.radial);
    radial = b.radial;
  }
  t.side_linear(edges, radial, sent, true);
  const double map = channels * b.components;
  t.movement(edges * (2.0 * sent + map), edges * map);  // gather, weight, multiply
  t.movement(edges * map, nodes * map);                 // sum at nodes
  const double others = b.components - 1.0;
  t.side_linear(nodes * others, channels, channels, false);
  t.side_linear(nodes * others, channels, channels, false, Keeps::Nothing);
  t.side_linear(nodes, 2.0 * channels, channels, true);
  t.side_activation(nodes * channels);
  t.side_linear(nodes, channels, sent, true);
}

/// Messages along edges and their sum at nodes.
void interaction(TowerBuilder& t, const Block& b) {
  const double nodes = t.map().extent.positions();
  const double edges = nodes * b.edges;
  if (b.components > 1) {
    equivariant_messages(t, b, nodes, edges);
  } else {
    plain_messages(t, b, nodes, edges);
  }
  t.norm(b.norm);
  t.addition();
}

}  // namespace

void append_block(TowerBuilder& t, const Block& b, const Extent& stride) {
  switch (b.kind) {
    case BlockKind::Convolution:
      return convolution(t, b, stride);
    case BlockKind::Bottleneck:
      return bottleneck(t, b, stride);
    case BlockKind::InvertedBottleneck:
      return inverted_bottleneck(t, b, stride);
    case BlockKind::Residual:
      return residual(t, b, stride);
    case BlockKind::Transformer:
      return transformer(t, b);
    case BlockKind::Conformer:
      return conformer(t, b);
    case BlockKind::Linear:
      t.norm(b.norm);
      t.linear(b.channels, b.bias);
      return t.activation(b.activation);
    case BlockKind::Side:
      t.side_linear(1.0, b.inputs, b.channels, b.bias);
      return b.activation == ActivationKind::None ? void() : t.side_activation(b.channels);
    case BlockKind::Embedding: {
      const FeatureMap out{t.map().extent, b.channels};
      t.movement(out.elements(), out.elements(), 1.0 * b.rows * b.channels);
      return t.set_map(out);
    }
    case BlockKind::Norm:
      t.norm(b.norm);
      return t.activation(b.activation);
    case BlockKind::Positions:
      return t.addition(t.map().elements());
    case BlockKind::Pool:
      return pool(t, stride);
    case BlockKind::Upsample:
      return upsample(t, b);
    case BlockKind::Interaction:
      return interaction(t, b);
  }
}

}  // namespace sim
