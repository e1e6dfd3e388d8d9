gpuplan_test(run_test
  checkpoint_test.cpp cost_test.cpp counter_random_test.cpp data_test.cpp energy_test.cpp goodput_test.cpp queue_test.cpp reliability_test.cpp timeline_power_test.cpp
  LINKS sim)
