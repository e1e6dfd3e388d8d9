# The program itself; cmake/FindRunnerTools.cmake has found its tools.
if(CCACHE)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()
# CMake 3.25 does not know that nvcc has C++20: the flag is ours.
set(CMAKE_CUDA_STANDARD_REQUIRED OFF)
unset(CMAKE_CUDA_STANDARD)

add_library(runner_cuda STATIC
  attention.cu collective_check.cu collectives.cpp communicators.cpp cuda_check.cpp device.cu gemm.cpp launches.cu layer.cpp
  layer_kernels.cu memory_ops.cu overlap.cpp power.cpp session.cpp step.cpp stopwatch.cpp transfers.cpp)
target_link_libraries(runner_cuda PUBLIC runner_core CUDA::cudart CUDA::cublasLt ${NCCL_LIBRARY} PRIVATE fmt::fmt)
target_include_directories(runner_cuda SYSTEM PUBLIC ${CUDAToolkit_INCLUDE_DIRS} ${NCCL_INCLUDE_DIR})
target_compile_options(runner_cuda PRIVATE
  $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --generate-line-info -Xcompiler=-Wall,-Wextra
    $<$<BOOL:${WARNINGS_AS_ERRORS}>:--Werror=all-warnings -Xcompiler=-Werror>>)

add_executable(gpuplan-runner main.cpp)
target_link_libraries(gpuplan-runner PRIVATE runner_cuda fmt::fmt)
install(TARGETS gpuplan-runner)
