#include <array>

#include "sim/collective/schedule/generators.hpp"

namespace sim {

const Generator* generator_of(Algorithm algorithm) {
  static const std::array kGenerators{schedule::ring(),
                                      schedule::tree(),
                                      schedule::in_switch(),
                                      schedule::in_switch_tree(),
                                      schedule::pairwise(),
                                      schedule::torus(),
                                      schedule::parallel_aggregated_trees(),
                                      schedule::collnet_direct(),
                                      schedule::collnet_chain(),
                                      schedule::halving_doubling(),
                                      schedule::hierarchical()};
  for (const Generator& generator : kGenerators) {
    if (generator.algorithm == algorithm) {
      return &generator;
    }
  }
  return nullptr;
}

}  // namespace sim
