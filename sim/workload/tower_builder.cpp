#include "sim/workload/tower_builder.hpp"

#include <algorithm>
#include <utility>

namespace sim {

namespace {

/// Convolutions here pad as "same" does: the output has one position per stride.
Extent strided(const Extent& map, const Extent& stride) {
  const auto along = [](int size, int step) { return (size + step - 1) / step; };
  return {along(map.frames, stride.frames), along(map.height, stride.height),
          along(map.width, stride.width)};
}

}  // namespace

TowerLayer& TowerBuilder::add(TowerLayer layer) {
  layer.block = std::max(0, block_);
  layer.first = layers_.empty();
  layers_.push_back(layer);
  return layers_.back();
}

void TowerBuilder::convolution(const Convolution& c) {
  const FeatureMap in = map_;
  map_ = {strided(in.extent, c.stride), c.channels};
  TowerLayer l;
  l.work = TowerWork::Product;
  l.groups = c.groups;
  l.rows = map_.extent.positions();
  l.columns = 1.0 * c.channels / c.groups;
  l.in_columns = 1.0 * in.channels / c.groups;
  l.depth = c.kernel.positions() * l.in_columns;
  l.in_rows = in.extent.positions();
  l.inputs = in.elements();
  l.outputs = map_.elements();
  l.spatial = c.kernel.positions() > 1.0;
  l.bias = c.bias;
  l.parameters = l.depth * c.channels + (c.bias ? c.channels : 0.0);
  l.kept = c.keeps == Keeps::Input ? in.elements() : 0.0;
  add(l);
}

void TowerBuilder::depthwise(const Extent& kernel, const Extent& stride, bool bias) {
  const FeatureMap in = map_;
  map_.extent = strided(in.extent, stride);
  TowerLayer l;
  l.work = TowerWork::Depthwise;
  l.inputs = in.elements();
  l.outputs = map_.elements();
  l.taps = kernel.positions();
  l.bias = bias;
  l.parameters = (l.taps + (bias ? 1.0 : 0.0)) * in.channels;
  l.kept = in.elements();
  add(l);
}

void TowerBuilder::linear(int channels, bool bias, Keeps keeps) {
  side_linear(map_.extent.positions(), map_.channels, channels, bias, keeps);
  map_.channels = channels;
}

void TowerBuilder::side_linear(double rows, double inputs, double outputs, bool bias, Keeps keeps) {
  TowerLayer l;
  l.work = TowerWork::Product;
  l.rows = l.in_rows = rows;
  l.columns = outputs;
  l.depth = l.in_columns = inputs;
  l.inputs = rows * inputs;
  l.outputs = rows * outputs;
  l.bias = bias;
  l.parameters = inputs * outputs + (bias ? outputs : 0.0);
  l.kept = keeps == Keeps::Input ? l.inputs : 0.0;
  add(l);
}

void TowerBuilder::norm(NormKind kind) {
  if (kind == NormKind::None) {
    return;
  }
  TowerLayer l;
  l.work = TowerWork::Norm;
  l.norm = kind;
  l.inputs = l.outputs = l.kept = map_.elements();
  l.parameters = 2.0 * map_.channels;
  add(l);
}

void TowerBuilder::activation(ActivationKind kind) {
  if (kind == ActivationKind::None) {
    return;
  }
  TowerLayer l;
  l.work = TowerWork::Activation;
  l.inputs = l.outputs = map_.elements();
  l.kept = kind == ActivationKind::Relu ? 0.0 : l.inputs;  // ReLU works on its output, in place
  l.norm = layers_.empty() ? NormKind::None : layers_.back().norm;
  add(l);
}

void TowerBuilder::side_activation(double elements) {
  TowerLayer l;
  l.work = TowerWork::Activation;
  l.inputs = l.outputs = l.kept = elements;
  add(l);
}

void TowerBuilder::addition(double parameters) {
  TowerLayer l;
  l.parameters = parameters;
  l.work = TowerWork::Addition;
  l.inputs = 2.0 * map_.elements();
  l.outputs = map_.elements();
  add(l);
}

void TowerBuilder::gate() {
  TowerLayer l;
  l.work = TowerWork::Gate;
  l.inputs = l.outputs = l.kept = map_.elements();
  add(l);
}

void TowerBuilder::movement(double inputs, double outputs, double parameters) {
  TowerLayer l;
  l.work = TowerWork::Movement;
  l.inputs = inputs;
  l.outputs = outputs;
  l.parameters = parameters;
  add(l);
}

void TowerBuilder::attention(const calib::AttentionShape& shape) {
  TowerLayer l;
  l.work = TowerWork::Attention;
  l.attention = shape;
  const double width = 1.0 * static_cast<double>(shape.batch * shape.heads * shape.head_dim);
  l.outputs = width * static_cast<double>(shape.query_length);
  l.inputs = l.outputs + 2.0 * static_cast<double>(shape.batch * shape.kv_heads * shape.head_dim) *
                             static_cast<double>(shape.key_length);
  l.kept = l.inputs + l.outputs;
  add(l);
}

void TowerBuilder::pop() {
  const FeatureMap other = kept_maps_.back();
  kept_maps_.pop_back();
  map_.channels += other.channels;
  movement(map_.elements(), map_.elements());
}

}  // namespace sim
