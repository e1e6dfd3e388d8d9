set(SIM_COLLECTIVE_SOURCES
  collective/collective.cpp
  collective/impl/in_switch_tree.cpp
  collective/impl/pairwise.cpp
  collective/impl/parallel_aggregated_trees.cpp
  collective/impl/ring.cpp
  collective/impl/torus.cpp
  collective/impl/tree.cpp)
