set(SIM_COLLECTIVE_TESTS collective_test.cpp collective_validate_test.cpp schedule_test.cpp)
# One simulation per process at a time, so by itself.
gpuplan_test(collective_run_test collective_run_test.cpp msccl_test.cpp LINKS sim fmt::fmt)
