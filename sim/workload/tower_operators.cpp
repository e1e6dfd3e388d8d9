#include "sim/workload/tower_operators.hpp"

#include <algorithm>

#include "sim/workload/operator_builder.hpp"
#include "sim/workload/tower_layers.hpp"

namespace sim {

namespace {

constexpr double kFullWidth = 4.0;  // bytes of fp32

/// Emits the kernels of layers. Eager frameworks launch norms, activations, biases and additions
/// one by one; fused ones run an activation, a bias or an addition in the kernel before it.
class Emitter {
 public:
  Emitter(const RankShape& s, const Tower& tower)
      : b_(s),
        s_(s),
        samples_(s.training.micro_batch * tower.samples),
        trained_(tower.training == TowerTraining::Full),
        fused_(s.framework.fused_elementwise) {}

  void forward(const std::vector<TowerLayer>& layers) {
    for (const TowerLayer& layer : layers) {
      b_.name(what(layer));
      one_forward(layer);
    }
  }
  void backward(const std::vector<TowerLayer>& layers) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      b_.name(what(*layer));
      one_backward(*layer);
    }
  }
  Operators take() { return b_.take(); }

 private:
  static std::string_view what(const TowerLayer& l) {
    switch (l.work) {
      case TowerWork::Product:
        return l.spatial ? "convolution" : "linear layer";
      case TowerWork::Depthwise:
        return "depthwise convolution";
      case TowerWork::Attention:
        return "attention";
      case TowerWork::Norm:
        return "norm";
      case TowerWork::Activation:
        return "activation";
      case TowerWork::Gate:
        return "gate";
      case TowerWork::Addition:
        return "addition";
      case TowerWork::Movement:
        return "movement";
    }
    return "other";
  }

  void one_forward(const TowerLayer& l) {
    switch (l.work) {
      case TowerWork::Product:
        cast_weights(l);
        transpose(l);
        product(l.rows * samples_, l.columns, l.depth, l);
        reuse(l.rows * l.depth * l.groups, l.inputs);
        return bias(l);
      case TowerWork::Depthwise:
        cast_weights(l);
        depthwise(l);
        return bias(l);
      case TowerWork::Attention:
        return attention(l, Work::AttentionForward);
      case TowerWork::Norm:
        return pass(l.inputs * norm_bytes(l, kNormForward), l.norm == NormKind::Batch ? 2 : 1);
      case TowerWork::Activation:
        return fused_ ? void() : pass((l.inputs + l.outputs) * activation_width(l));
      case TowerWork::Gate:
        return pass((l.inputs + l.outputs) * b_.width());
      case TowerWork::Addition:  // fused: the kernel before reads one more map
        return pass((fused_ ? l.outputs : l.inputs + l.outputs) * b_.width());
      case TowerWork::Movement:
        return pass((l.inputs + l.outputs) * b_.width());
    }
  }

  void one_backward(const TowerLayer& l) {
    switch (l.work) {
      case TowerWork::Product:
        return product_backward(l);
      case TowerWork::Depthwise:
        if (!l.first) {
          depthwise(l);
        }
        if (trained_) {
          depthwise(l);
          accumulate(l);
        }
        return;
      case TowerWork::Attention:
        return attention(l, Work::AttentionBackward);
      case TowerWork::Norm:
        return pass(l.inputs * norm_bytes(l, kNormBackward), 2);
      case TowerWork::Activation:  // reads its input and the gradient
        return fused_ ? void() : pass((2.0 * l.inputs + l.outputs) * activation_width(l));
      case TowerWork::Gate:
        return gate_backward(l);
      case TowerWork::Addition:  // the branches' gradients are added where they meet
        return fused_ ? void() : pass((l.inputs + l.outputs) * b_.width());
      case TowerWork::Movement:
        return pass((l.inputs + l.outputs) * b_.width());
    }
  }

  void product_backward(const TowerLayer& l) {
    transpose(l);
    if (!l.first) {
      const double depth = l.rows * l.columns * l.depth / (l.in_rows * l.in_columns);
      product(l.in_rows * samples_, l.in_columns, depth, l);
      reuse(l.in_rows * depth * l.groups, l.outputs);
    }
    if (!trained_) {
      return;
    }
    transpose(l);
    product(l.depth, l.columns, l.rows * samples_, l);
    reuse(l.rows * l.depth * l.groups, l.inputs);
    b_.last().weight_gradient = true;
    accumulate(l);
    if (l.bias) {  // sum of the gradient over positions
      pass(fused_ ? 0.0 : l.outputs * b_.width());
    }
  }

  void product(double m, double n, double k, const TowerLayer& l) {
    b_.add({.work = Work::Gemm,
            .part = Part::Gemm,
            .precision = s_.training.precision,
            .gemm = {whole(m), whole(n), whole(k), whole(l.groups)},
            .convolution = l.spatial});
  }
  /// Of the last product: `products` multiplicands that are only `elements` different ones.
  void reuse(double products, double elements) {
    b_.last().gemm.reuse = std::max(1.0, products / elements);
  }

  /// Where channels are not stored together, what enters and leaves a convolution on tensor cores
  /// is transposed: read and written once more each. Source: NVIDIA, Convolutional Layers User's
  /// Guide (DU-09911), "Tensor Layouts In Memory".
  void transpose(const TowerLayer& l) {
    if (l.spatial && !s_.framework.channels_last) {
      pass(2.0 * (l.inputs + l.outputs) * b_.width(), 2);
    }
  }

  /// The map's gradient; the values' (a product, then its sum); that of the pooled map, spread out
  /// and added.
  void gate_backward(const TowerLayer& l) {
    const double passes = fused_ ? 3.0 : 2.0 + 3.0 + 1.0 + 1.0 + 3.0;
    pass(passes * l.inputs * b_.width(), fused_ ? 1 : 5);
  }

  /// After a layer or group norm autocast leaves the map in fp32.
  [[nodiscard]] double activation_width(const TowerLayer& l) const {
    const bool full =
        s_.framework.autocast && (l.norm == NormKind::Layer || l.norm == NormKind::Group);
    return full ? kFullWidth : b_.width();
  }

  /// Each output is a sum over the filter's positions, on the vector units.
  void depthwise(const TowerLayer& l) {
    pass((l.inputs + l.outputs) * b_.width());
    b_.last().vector = units::flops(2.0 * l.outputs * l.taps * samples_);
  }

  void attention(const TowerLayer& l, Work work) {
    calib::AttentionShape shape = l.attention;
    shape.batch = whole(static_cast<double>(shape.batch) * samples_);
    b_.add({.work = work,
            .part = Part::Attention,
            .precision = attention_precision(s_.training),
            .attention = shape,
            .kernels = work == Work::AttentionForward ? 1 : 3,
            .core_attention = true});
  }

  /// Reads and writes of a norm. Batch and group norms read the map for its statistics, then again
  /// to apply them; a layer norm's row stays on chip. Backward needs sums over map and gradient
  /// first.
  struct NormPasses {
    double row, map;
  };
  static constexpr NormPasses kNormForward{2.0, 3.0};
  static constexpr NormPasses kNormBackward{4.0, 5.0};

  [[nodiscard]] double norm_bytes(const TowerLayer& l, NormPasses passes) const {
    const double count = l.norm == NormKind::Layer ? passes.row : passes.map;
    if (!s_.framework.autocast || l.norm == NormKind::Batch) {
      return count * b_.width();
    }
    // Autocast runs layer and group norms in fp32: cast, norm, cast back.
    return count * kFullWidth + 2.0 * (b_.width() + kFullWidth);
  }

  void bias(const TowerLayer& l) {
    if (l.bias && l.spatial && !fused_) {  // GEMM libraries add it in the epilogue
      pass(2.0 * l.outputs * b_.width());
    }
  }
  /// Autocast makes a 16-bit copy of the fp32 weight in every pass.
  void cast_weights(const TowerLayer& l) {
    if (s_.framework.autocast) {
      b_.memory(l.parameters * (kFullWidth + b_.width()));
    }
  }
  /// The fresh 16-bit gradient is added to the main one.
  void accumulate(const TowerLayer& l) {
    b_.memory(l.parameters * (b_.width() + 2.0 * gradient_bytes(s_.framework, s_.training)));
  }
  void pass(double bytes_per_sample, int kernels = 1) {
    b_.memory(bytes_per_sample * samples_, kernels);
  }

  OperatorBuilder b_;
  const RankShape& s_;
  double samples_;
  bool trained_;
  bool fused_;
};

void append(Operators& all, Operators more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Operators towers_forward(const RankShape& s, TowerSet which) {
  Operators all;
  for (const Tower& tower : s.model.towers) {
    if (which == TowerSet::WithBackward && tower.training == TowerTraining::Frozen) {
      continue;
    }
    Emitter e(s, tower);
    e.forward(tower_layers(tower));
    append(all, e.take());
  }
  return all;
}

Operators towers_backward(const RankShape& s) {
  Operators all;
  for (auto tower = s.model.towers.rbegin(); tower != s.model.towers.rend(); ++tower) {
    if (tower->training != TowerTraining::Frozen) {
      Emitter e(s, *tower);
      e.backward(tower_layers(*tower));
      append(all, e.take());
    }
  }
  return all;
}

}  // namespace sim
