#pragma once
// Networks that model.hpp's transformer does not describe: convolutional nets, vision transformers,
// diffusion models, speech and graph nets, and several of them side by side. A tower is a list of
// blocks over one feature map; sizes count elements of one sample.
#include <string>
#include <vector>

namespace sim {

/// Positions of a feature map. A text or a sound is as wide as it is long.
struct Extent {
  int frames = 1, height = 1, width = 1;
  [[nodiscard]] double positions() const { return 1.0 * frames * height * width; }
};

struct FeatureMap {
  Extent extent;
  int channels = 0;
  [[nodiscard]] double elements() const { return extent.positions() * channels; }
};

enum class NormKind { None, Batch, Group, Layer };
enum class ActivationKind { None, Relu, Silu, Gelu };

enum class BlockKind {
  Convolution,         ///< convolution, norm, activation
  Bottleneck,          ///< ResNet's residual block of 1x1, kxk and 1x1 convolutions
  InvertedBottleneck,  ///< MobileNet's and EfficientNet's: expand, depthwise, squeeze-and-excite,
                       ///< project
  Residual,            ///< two convolutions with norms before them, as in diffusion models
  Transformer,         ///< attention and MLP
  Conformer,           ///< half MLP, attention, depthwise convolution, half MLP (arXiv 2005.08100)
  Linear,              ///< a linear layer on every position
  Side,                ///< a linear layer on one vector per sample, beside the map (time, class)
  Norm,                ///< a norm and an activation
  Embedding,           ///< rows of a table instead of the map's tokens
  Positions,           ///< a learned vector per position is added
  Pool,                ///< mean or maximum over positions
  Upsample,            ///< each position becomes several
  Interaction          ///< a graph net's message passing: one position is a node
};

/// One block; which fields are meant depends on its kind.
struct Block {
  BlockKind kind = BlockKind::Convolution;
  int repeat = 1;
  int channels = 0;           ///< that leave the block
  Extent kernel{}, stride{};  ///< positions; of repeated blocks only the first strides
  int groups = 1;
  bool depthwise = false;
  bool bias = false;
  NormKind norm = NormKind::None;
  ActivationKind activation = ActivationKind::None;
  int inner = 0;    ///< channels between the outer convolutions; hidden width of an MLP
  int expand = 1;   ///< InvertedBottleneck: inner channels over those that enter
  int squeeze = 0;  ///< channels that enter over those of squeeze-and-excite; 0 = none
  int inputs = 0;   ///< Side: width of the vector
  int side = 0;     ///< width of a side vector that this block projects into itself; 0 = none
  int heads = 1, head_dim = 0;
  int kv_heads = 0;    ///< 0 = heads
  bool gated = false;  ///< MLP of three matrices
  bool causal = false;
  bool project = false;  ///< a linear layer before and after, as spatial transformers have
  bool modulation =
      false;  ///< shift, scale and gate of norms from the side vector (DiT's adaLN-Zero)
  bool cross_only = false;                       ///< attends to the context only
  int window = 0;                                ///< positions that attend to each other; 0 = all
  int context_length = 0, context_channels = 0;  ///< cross-attention to so many vectors; 0 = none
  int rows = 0;                                  ///< of an embedding table
  int edges = 0;                                 ///< Interaction: of a node, on average
  int components = 1;                            ///< Interaction: of a spherical feature, (l + 1)^2
  int paths = 1;   ///< Interaction: tensor-product paths, each with its own radial weight
  int radial = 0;  ///< Interaction: hidden width of the radial MLP; 0 = MLP on both ends of an edge
  bool push = false;  ///< the map is kept for a later block
  bool pop = false;   ///< the last kept map is joined to the channels first
};

/// What training does with a tower.
enum class TowerTraining {
  Full,        ///< all its weights are trained
  Frozen,      ///< forward only
  PassThrough  ///< frozen, but gradients run through it to what is trained before it
};

struct Tower {
  std::string name;
  FeatureMap input;
  double samples = 1.0;  ///< maps per sample of the job
  TowerTraining training = TowerTraining::Full;
  std::vector<Block> blocks;
};

}  // namespace sim
