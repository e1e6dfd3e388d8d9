#include <array>
#include <utility>

#include "topology/build/builder.hpp"
#include "topology/error.hpp"

namespace topology::build {

FabricBuilder builder_for(FabricKind kind) {
  static constexpr std::array<std::pair<FabricKind, FabricBuilder>, 9> kBuilders{{
      {FabricKind::SingleDomain, build_single_domain},
      {FabricKind::RailOptimised, build_clos},
      {FabricKind::FatTree, build_clos},
      {FabricKind::ThreeTier, build_clos},
      {FabricKind::RailOnly, build_clos},
      {FabricKind::Dragonfly, build_dragonfly},
      {FabricKind::DragonflyPlus, build_dragonfly},
      {FabricKind::Torus, build_torus},
      {FabricKind::Custom, build_custom},
  }};
  for (const auto& [known, builder] : kBuilders) {
    if (known == kind) {
      return builder;
    }
  }
  throw InputError({}, "cluster.fabric", "no builder knows this shape");
}

}  // namespace topology::build
