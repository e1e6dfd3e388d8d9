# Tests of sim/trace. Simulations are one per process at a time.
gpuplan_test(trace_test chakra_test.cpp astra_test.cpp execute_test.cpp export_test.cpp LINKS sim)
