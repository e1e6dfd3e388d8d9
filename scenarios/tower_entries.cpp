// Models of towers from their entries.
#include <algorithm>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"
#include "sim/workload/tower_layers.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {

using sim::Block;
using sim::BlockKind;
using sim::Extent;
using topology::Named;

constexpr std::array kBlocks{Named<BlockKind>{BlockKind::Convolution, "convolution"},
                             Named<BlockKind>{BlockKind::Bottleneck, "bottleneck"},
                             Named<BlockKind>{BlockKind::InvertedBottleneck, "inverted-bottleneck"},
                             Named<BlockKind>{BlockKind::Residual, "residual"},
                             Named<BlockKind>{BlockKind::Transformer, "transformer"},
                             Named<BlockKind>{BlockKind::Conformer, "conformer"},
                             Named<BlockKind>{BlockKind::Linear, "linear"},
                             Named<BlockKind>{BlockKind::Side, "side"},
                             Named<BlockKind>{BlockKind::Norm, "norm"},
                             Named<BlockKind>{BlockKind::Embedding, "embedding"},
                             Named<BlockKind>{BlockKind::Positions, "positions"},
                             Named<BlockKind>{BlockKind::Pool, "pool"},
                             Named<BlockKind>{BlockKind::Upsample, "upsample"},
                             Named<BlockKind>{BlockKind::Interaction, "interaction"}};
constexpr std::array kNorms{Named<sim::NormKind>{sim::NormKind::None, "none"},
                            Named<sim::NormKind>{sim::NormKind::Batch, "batch"},
                            Named<sim::NormKind>{sim::NormKind::Group, "group"},
                            Named<sim::NormKind>{sim::NormKind::Layer, "layer"}};
constexpr std::array kActivations{Named<sim::ActivationKind>{sim::ActivationKind::None, "none"},
                                  Named<sim::ActivationKind>{sim::ActivationKind::Relu, "relu"},
                                  Named<sim::ActivationKind>{sim::ActivationKind::Silu, "silu"},
                                  Named<sim::ActivationKind>{sim::ActivationKind::Gelu, "gelu"}};
constexpr std::array kTrainings{
    Named<sim::TowerTraining>{sim::TowerTraining::Full, "full"},
    Named<sim::TowerTraining>{sim::TowerTraining::Frozen, "frozen"},
    Named<sim::TowerTraining>{sim::TowerTraining::PassThrough, "pass-through"}};

std::optional<BlockKind> block_from_name(std::string_view text) {
  return value_in(kBlocks, text);
}
std::optional<sim::NormKind> norm_from_name(std::string_view text) {
  return value_in(kNorms, text);
}
std::optional<sim::ActivationKind> activation_from_name(std::string_view text) {
  return value_in(kActivations, text);
}
std::optional<sim::TowerTraining> training_from_name(std::string_view text) {
  return value_in(kTrainings, text);
}

/// 3 is 3 x 3 on an image and 3 along a text; [t, h, w] is every extent by itself. `map`: whose
/// extents of 1 have nothing to see along them.
Extent read_window(const Values& in, std::string_view key, const Extent& map, int fallback) {
  if (in.is_list(key)) {
    const std::vector<int> each = in.integers(key);
    return {each[0], each[1], each[2]};
  }
  const int n = in.has(key) ? in.integer(key) : fallback;
  return {1, map.height > 1 ? n : 1, n};
}

struct Count {
  std::string_view key;
  int Block::*field;
};
constexpr std::array kCounts{Count{"repeat", &Block::repeat},
                             Count{"channels", &Block::channels},
                             Count{"groups", &Block::groups},
                             Count{"inner", &Block::inner},
                             Count{"expand", &Block::expand},
                             Count{"squeeze", &Block::squeeze},
                             Count{"inputs", &Block::inputs},
                             Count{"side", &Block::side},
                             Count{"heads", &Block::heads},
                             Count{"head_dim", &Block::head_dim},
                             Count{"kv_heads", &Block::kv_heads},
                             Count{"window", &Block::window},
                             Count{"rows", &Block::rows},
                             Count{"edges", &Block::edges},
                             Count{"components", &Block::components},
                             Count{"paths", &Block::paths},
                             Count{"radial", &Block::radial}};

struct Flag {
  std::string_view key;
  bool Block::*field;
};
constexpr std::array kFlags{Flag{"depthwise", &Block::depthwise},
                            Flag{"bias", &Block::bias},
                            Flag{"gated", &Block::gated},
                            Flag{"causal", &Block::causal},
                            Flag{"project", &Block::project},
                            Flag{"modulation", &Block::modulation},
                            Flag{"cross_only", &Block::cross_only},
                            Flag{"push", &Block::push},
                            Flag{"pop", &Block::pop}};

/// Values without which a kind of block means nothing.
std::vector<std::string_view> needed(BlockKind kind) {
  switch (kind) {
    case BlockKind::Convolution:
    case BlockKind::Pool:
    case BlockKind::Upsample:
    case BlockKind::Positions:
      break;
    case BlockKind::Norm:
      return {"norm"};
    case BlockKind::Bottleneck:
      return {"channels", "inner"};
    case BlockKind::InvertedBottleneck:
    case BlockKind::Residual:
    case BlockKind::Linear:
      return {"channels"};
    case BlockKind::Transformer:
      return {"heads"};
    case BlockKind::Conformer:
      return {"heads", "inner"};
    case BlockKind::Side:
      return {"channels", "inputs"};
    case BlockKind::Embedding:
      return {"channels", "rows"};
    case BlockKind::Interaction:
      return {"edges"};
  }
  return {};
}

Block read_block(const Values& in, const Extent& map) {
  Block b;
  b.kind = in.word("block", b.kind, block_from_name, "convolution");
  for (const std::string_view key : needed(b.kind)) {
    if (!in.has(key)) {
      in.refuse("block", fmt::format("a {} needs \"{}\", which is missing; add it",
                                     name_in(kBlocks, b.kind), key));
    }
  }
  for (const Count& one : kCounts) {
    b.*one.field = in.has(one.key) ? in.integer(one.key) : b.*one.field;
  }
  for (const Flag& one : kFlags) {
    b.*one.field = in.has(one.key) && in.flag(one.key);
  }
  if (in.has("norm")) {
    b.norm = in.word("norm", b.norm, norm_from_name, "none");
  }
  if (in.has("activation")) {
    b.activation = in.word("activation", b.activation, activation_from_name, "none");
  }
  b.kernel = read_window(in, "kernel", map, 1);
  b.stride = read_window(in, "stride", map, 1);
  if (in.has("context")) {
    b.context_length = in.map("context").integer("length");
    b.context_channels = in.map("context").integer("channels");
  }
  return b;
}

void check_attention(const Values& in, const Block& b, const sim::FeatureMap& map) {
  if (b.head_dim == 0 && map.channels % b.heads != 0) {
    in.refuse("heads", fmt::format("{} does not divide the {} channels that reach this block; use "
                                   "a divisor, or give head_dim",
                                   b.heads, map.channels));
  }
  if (b.cross_only && b.context_length == 0) {
    in.refuse("cross_only", "there is no context to attend to; add context");
  }
}

void check_convolution(const Values& in, const Block& b, const sim::FeatureMap& map) {
  if (b.depthwise) {
    return;
  }
  if (b.channels == 0) {
    in.refuse("block", "a convolution needs \"channels\" or depthwise; add one");
  }
  if (map.channels % b.groups != 0 || b.channels % b.groups != 0) {
    in.refuse("groups", fmt::format("{} does not divide {} channels in and {} out; use a common "
                                    "divisor",
                                    b.groups, map.channels, b.channels));
  }
}

void check_upsample(const Values& in, const Block& b, const sim::FeatureMap& map) {
  constexpr double kMostAlong = 1e8;  // positions along one extent
  const double larger = std::max({b.stride.frames, b.stride.height, b.stride.width});
  if (b.repeat > 1) {
    in.refuse("repeat", "an upsample block does not repeat; write it several times");
  }
  if (larger * std::max({map.extent.frames, map.extent.height, map.extent.width}) > kMostAlong) {
    in.refuse("stride", "makes a map that is too large; lower it");
  }
}

void check_interaction(const Values& in, const Block& b) {
  if (b.components > 1 && b.inputs == 0) {
    in.refuse("block", "an equivariant interaction needs \"inputs\", the radial features; add it");
  }
  if (b.components == 1 && b.inner == 0) {
    in.refuse("block", "an interaction needs \"inner\", the hidden width of its MLPs; add it");
  }
}

/// Refuses blocks that do not fit the map that reaches them; `so_far` ends with the block in
/// question, `pushed` maps are kept before it.
void check_block(const Values& in, const sim::Tower& so_far, int pushed) {
  const Block& b = so_far.blocks.back();
  sim::Tower before = so_far;
  before.blocks.pop_back();
  const sim::FeatureMap map = sim::tower_output(before);
  if (b.pop && pushed < (b.push ? 1 : b.repeat)) {
    in.refuse("pop", fmt::format("{} maps are kept at this point, too few; add push to an earlier "
                                 "block",
                                 pushed));
  }
  if (b.pop) {
    return;  // what reaches the block is wider by the kept map
  }
  switch (b.kind) {
    case BlockKind::Transformer:
    case BlockKind::Conformer:
      return check_attention(in, b, map);
    case BlockKind::Convolution:
      return check_convolution(in, b, map);
    case BlockKind::Upsample:
      return check_upsample(in, b, map);
    case BlockKind::Interaction:
      return check_interaction(in, b);
    default:
      return;
  }
}

sim::FeatureMap read_input(const Values& in, const Extent& size) {
  sim::FeatureMap map;
  map.channels = in.integer("channels");
  if (in.has("length")) {
    map.extent = {1, 1, in.integer("length")};
    return map;
  }
  const Extent shrink = read_window(in, "shrink", size, 1);
  const auto along = [&in](std::string_view key, int whole, int step) {
    if (in.has(key)) {
      return in.integer(key);
    }
    if (whole % step != 0) {
      in.refuse("shrink", fmt::format("{} does not divide the size's {} = {}", step, key, whole));
    }
    return whole / step;
  };
  map.extent = {along("frames", size.frames, shrink.frames),
                along("height", size.height, shrink.height),
                along("width", size.width, shrink.width)};
  return map;
}

sim::Tower read_tower(const Values& in, const Extent& size) {
  sim::Tower tower;
  tower.name = in.text("name");
  tower.input = read_input(in.map("input"), size);
  tower.samples = in.has("samples") ? in.number("samples") : 1.0;
  if (in.has("training")) {
    tower.training = in.word("training", tower.training, training_from_name, "full");
  }
  int pushed = 0;
  for (const Values& block : in.items("blocks")) {
    tower.blocks.push_back(read_block(block, tower.input.extent));
    check_block(block, tower, pushed);
    const Block& b = tower.blocks.back();
    pushed += b.repeat * ((b.push ? 1 : 0) - (b.pop ? 1 : 0));
  }
  return tower;
}

}  // namespace

bool is_tower_model(const Document& entry) {
  return find(entry.root, "/towers") != nullptr;
}

std::string_view model_schema(const Document& entry) {
  return is_tower_model(entry) ? "towers" : "model";
}

sim::ModelSpec read_tower_model(const Document& entry, const std::string& id,
                                std::vector<Explained>* explained) {
  const Values in(entry,
                  {"model", id.empty() ? std::string() : "catalog " + id, {}, explained, nullptr});
  const Values quiet(entry, {"model", {}, {}, nullptr, nullptr});
  const Values extents = in.map("size");
  const Extent size{extents.integer("frames", 1), extents.integer("height", 1),
                    extents.integer("width", 1)};
  std::vector<sim::Tower> towers;
  for (const Values& tower : quiet.items("towers")) {
    towers.push_back(read_tower(tower, size));
  }
  const bool trains = std::any_of(towers.begin(), towers.end(), [](const sim::Tower& t) {
    return t.training == sim::TowerTraining::Full;
  });
  if (!trains) {
    quiet.refuse("towers",
                 "all towers are frozen, so nothing is trained; set training: full on one");
  }
  return sim::tower_model(in.text("name", id.empty() ? "custom model" : id), std::move(towers));
}

}  // namespace scenarios
