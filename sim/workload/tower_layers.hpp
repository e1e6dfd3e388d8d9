#pragma once
// The layers that a tower's blocks consist of: one kernel each, sizes of one sample.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "calib/shapes.hpp"
#include "sim/workload/tower.hpp"

namespace sim {

enum class TowerWork : std::uint8_t {
  Product,    ///< convolution or linear layer: y[rows, columns] = x[rows, depth] W, `groups` times
  Depthwise,  ///< one filter per channel: no matrix product
  Attention,  ///< scaled dot product
  Norm,
  Activation,
  Addition,  ///< residual: two maps become one
  Gate,      ///< a map times one value per channel, as squeeze-and-excite has it
  Movement   ///< pooling, joining, gathering: elements in, elements out
};
inline constexpr std::size_t kTowerWorks = 8;

struct TowerLayer {
  TowerWork work = TowerWork::Movement;
  double inputs = 0, outputs = 0;  ///< elements read and written when each is touched once
  double rows = 0, columns = 0, depth = 0, groups = 1;
  double in_rows = 0, in_columns = 0;  ///< the same for the gradient of the input
  double taps = 1;                     ///< multiply-adds per output element of a depthwise filter
  bool bias = false;
  bool spatial = false;               ///< a convolution that sees more than its own position
  bool first = false;                 ///< nothing before it wants a gradient
  NormKind norm = NormKind::None;     ///< of a norm, or of the norm right before an activation
  calib::AttentionShape attention{};  ///< batch = windows of a sample
  double parameters = 0;
  double kept = 0;  ///< elements that its backward pass needs
  int block = 0;    ///< counts repeated blocks one by one
};

/// All layers of a tower, in order.
/// @pre the blocks fit the map: strides divide or round up, every pop has its push.
std::vector<TowerLayer> tower_layers(const Tower& tower);

/// Blocks, repeated ones counted one by one.
int block_count(const std::vector<Tower>& towers);

/// Parameters of the largest block.
double largest_block(const std::vector<Tower>& towers);

/// What leaves the last block.
FeatureMap tower_output(const Tower& tower);

double parameters(const Tower& tower);
/// FLOPs of the forward pass of one sample: matrix products, depthwise filters and attention; a
/// multiply-add counts 2.
double forward_flops(const Tower& tower);

/// Sums over a model's towers, of one sample of the job.
struct TowerTotals {
  double parameters = 0, trained = 0;
  double forward = 0;       ///< FLOPs
  double model = 0;         ///< FLOPs of forward and backward
  double recomputable = 0;  ///< forward FLOPs of towers with a backward pass
};
TowerTotals totals(const std::vector<Tower>& towers);

}  // namespace sim
