#pragma once
// Appends the layers of blocks and keeps track of the map between them. Internal to sim/workload.
#include <vector>

#include "sim/workload/tower_layers.hpp"

namespace sim {

/// Whether a layer's input is kept for the backward pass, or someone else keeps it already.
enum class Keeps { Input, Nothing };

class TowerBuilder {
 public:
  explicit TowerBuilder(const FeatureMap& input) : map_(input) {}

  void begin_block() { ++block_; }
  [[nodiscard]] const FeatureMap& map() const { return map_; }
  void set_map(const FeatureMap& map) { map_ = map; }
  [[nodiscard]] const std::vector<TowerLayer>& layers() const { return layers_; }
  std::vector<TowerLayer> take() { return std::move(layers_); }

  struct Convolution {
    int channels = 0;
    Extent kernel{}, stride{};
    int groups = 1;
    bool bias = false;
    Keeps keeps = Keeps::Input;
  };
  void convolution(const Convolution& c);
  void depthwise(const Extent& kernel, const Extent& stride, bool bias);
  /// On every position of the map.
  void linear(int channels, bool bias, Keeps keeps = Keeps::Input);
  /// Beside the map: `rows` vectors of `inputs` become `rows` of `outputs`.
  void side_linear(double rows, double inputs, double outputs, bool bias,
                   Keeps keeps = Keeps::Input);
  void norm(NormKind kind);
  void activation(ActivationKind kind);
  void side_activation(double elements);
  /// `parameters`: of what is added, where that is learned.
  void addition(double parameters = 0);
  /// The map times one value per channel that was computed from it.
  void gate();
  void movement(double inputs, double outputs, double parameters = 0);
  void attention(const calib::AttentionShape& shape);

  void push() { kept_maps_.push_back(map_); }
  /// Joins the channels of the last pushed map to the map.
  void pop();

 private:
  TowerLayer& add(TowerLayer layer);

  FeatureMap map_;
  std::vector<FeatureMap> kept_maps_;
  std::vector<TowerLayer> layers_;
  int block_ = -1;
};

/// Appends one block. `stride`: of this repetition.
void append_block(TowerBuilder& builder, const Block& block, const Extent& stride);

}  // namespace sim
