#pragma once
// Which rank of how many this process is: told by mpirun, srun, torchrun or by hand through the
// environment. No MPI library is needed.
#include <functional>
#include <optional>
#include <string>

namespace real_runner {

/// Reads one environment variable; nothing where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Of this process.
Environment process_environment();

struct RankPlace {
  int rank = 0, world_size = 1;
  int local_rank = 0, local_size = 1;  ///< among the processes of this node
  std::string launcher = "alone";      ///< "mpirun", "Slurm", "PMI", "RANK and WORLD_SIZE", "alone"
  std::string master_address = "127.0.0.1";
  int master_port = 0;

  /// Nodes, where each has as many processes as this one.
  [[nodiscard]] int nodes() const { return (world_size + local_size - 1) / local_size; }
};

/// The first of these that is whole: RANK and WORLD_SIZE (torchrun, or by hand), Open MPI's
/// OMPI_COMM_WORLD_*, MVAPICH's MV2_COMM_WORLD_*, PMI_RANK and PMI_SIZE (MPICH, Intel MPI), Slurm's
/// SLURM_PROCID and SLURM_NTASKS of a job step (SLURM_STEP_ID set). Rank 0 listens at
/// MASTER_ADDR:MASTER_PORT; under Slurm both have defaults, the step's first node and a port made
/// of the job id.
/// @throws topology::InputError where the variables contradict each other, or several nodes have no
/// MASTER_ADDR.
RankPlace rank_place(const Environment& environment);

/// The first name of a Slurm node list: "node[003-007,9]" is "node003".
std::string first_node(const std::string& node_list);

}  // namespace real_runner
