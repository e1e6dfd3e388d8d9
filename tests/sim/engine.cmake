# Tests of sim/engine's Network; tests/sim/CMakeLists.txt includes this.
gpuplan_test(network_test
  ${CMAKE_CURRENT_LIST_DIR}/network_test.cpp ${CMAKE_CURRENT_LIST_DIR}/network_shares_test.cpp
  LINKS sim_engine topology)
