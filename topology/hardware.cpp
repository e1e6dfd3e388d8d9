#include "topology/hardware.hpp"

#include <array>
#include <cstddef>

#include "topology/cluster_spec.hpp"
#include "topology/names.hpp"

namespace topology {

namespace {
constexpr std::array kPrecisions{
    Named<Precision>{Precision::Fp32, "fp32"}, Named<Precision>{Precision::Tf32, "tf32"},
    Named<Precision>{Precision::Bf16, "bf16"}, Named<Precision>{Precision::Fp16, "fp16"},
    Named<Precision>{Precision::Fp8, "fp8"},   Named<Precision>{Precision::Fp4, "fp4"},
    Named<Precision>{Precision::Int8, "int8"}};
constexpr std::array kNetworks{Named<NetworkKind>{NetworkKind::None, "none"},
                               Named<NetworkKind>{NetworkKind::Infiniband, "infiniband"},
                               Named<NetworkKind>{NetworkKind::Roce, "roce"},
                               Named<NetworkKind>{NetworkKind::Efa, "efa"},
                               Named<NetworkKind>{NetworkKind::Ethernet, "ethernet"},
                               Named<NetworkKind>{NetworkKind::OmniPath, "omnipath"},
                               Named<NetworkKind>{NetworkKind::Ici, "ici"},
                               Named<NetworkKind>{NetworkKind::Unknown, "unknown"}};
constexpr std::array kFabrics{Named<FabricKind>{FabricKind::SingleDomain, "single-domain"},
                              Named<FabricKind>{FabricKind::RailOptimised, "rail-optimised"},
                              Named<FabricKind>{FabricKind::FatTree, "fat-tree"},
                              Named<FabricKind>{FabricKind::ThreeTier, "three-tier"},
                              Named<FabricKind>{FabricKind::RailOnly, "rail-only"},
                              Named<FabricKind>{FabricKind::Dragonfly, "dragonfly"},
                              Named<FabricKind>{FabricKind::DragonflyPlus, "dragonfly-plus"},
                              Named<FabricKind>{FabricKind::Torus, "torus"},
                              Named<FabricKind>{FabricKind::Custom, "custom"}};
constexpr std::array kMedia{
    Named<Medium>{Medium::Copper, "copper"}, Named<Medium>{Medium::ActiveCopper, "active-copper"},
    Named<Medium>{Medium::ActiveOptical, "active-optical"},
    Named<Medium>{Medium::Transceiver, "transceiver"}, Named<Medium>{Medium::Fibre, "fibre"}};
}  // namespace

std::string_view name(Precision precision) {
  return name_in(kPrecisions, precision);
}
std::optional<Precision> precision_from_name(std::string_view text) {
  return value_in(kPrecisions, text);
}
std::string_view name(NetworkKind kind) {
  return name_in(kNetworks, kind);
}
std::optional<NetworkKind> network_from_name(std::string_view text) {
  return value_in(kNetworks, text);
}
std::string_view name(FabricKind kind) {
  return name_in(kFabrics, kind);
}
std::optional<FabricKind> fabric_from_name(std::string_view text) {
  return value_in(kFabrics, text);
}

std::string_view name(Medium medium) {
  return name_in(kMedia, medium);
}
std::optional<Medium> medium_from_name(std::string_view text) {
  return value_in(kMedia, text);
}

double element_bytes(Precision precision) {
  switch (precision) {
    case Precision::Fp32:
    case Precision::Tf32:
      return 4.0;
    case Precision::Bf16:
    case Precision::Fp16:
      return 2.0;
    case Precision::Fp8:
    case Precision::Int8:
      return 1.0;
    case Precision::Fp4:
      return 0.5;
  }
  return 0.0;
}

const NodeGroup* ClusterSpec::group_of(int gpu) const {
  int end = gpus;
  for (auto group = other_nodes.rbegin(); group != other_nodes.rend(); ++group) {
    if (gpu >= end - group->gpus) {
      return &*group;
    }
    end -= group->gpus;
  }
  return nullptr;
}

const Accelerator& ClusterSpec::accelerator_of(int gpu) const {
  const NodeGroup* group = group_of(gpu);
  return group == nullptr ? accelerator : group->accelerator;
}

units::BytesPerSecond ClusterSpec::nic_bandwidth_of(int gpu) const {
  const NodeGroup* group = group_of(gpu);
  return group == nullptr ? nic_bandwidth : group->nic_bandwidth;
}

units::FlopsPerSecond Accelerator::peak_for(Precision precision) const {
  const auto at = [this](Precision p) { return peak[static_cast<std::size_t>(p)]; };
  if (at(precision) > units::FlopsPerSecond{}) {
    return at(precision);
  }
  switch (precision) {
    case Precision::Fp4:
      return peak_for(Precision::Fp8);
    case Precision::Fp8:
    case Precision::Int8:
      return peak_for(Precision::Bf16);
    case Precision::Fp16:
      return at(Precision::Bf16);
    case Precision::Bf16:
      return at(Precision::Fp16);
    case Precision::Tf32:
      return at(Precision::Fp32);
    case Precision::Fp32:
      break;
  }
  return at(Precision::Fp32);
}

}  // namespace topology
