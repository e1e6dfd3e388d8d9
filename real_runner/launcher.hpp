#pragma once
// Starts several processes of this program on one node, instead of mpirun or srun.

namespace real_runner {

/// Runs this program `processes` times with the same arguments, each as a rank with RANK,
/// WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT set, passes SIGINT and
/// SIGTERM on, and waits for all. Returns the largest exit code; a killed process counts as 3.
/// @throws topology::RuntimeFailure if a process cannot be started
int run_processes(int processes, char* const* argv);

}  // namespace real_runner
