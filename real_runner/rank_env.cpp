#include "real_runner/rank_env.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace real_runner {

namespace {

using topology::InputError;

/// Where a launcher writes what.
struct Launcher {
  std::string_view name;
  std::string_view rank, size, local_rank, local_size;
  std::string_view only_if;  ///< this variable must be set, too
};
// Sources: torchrun's documentation ("Environment Variables"); Open MPI FAQ, "environment variables
// that Open MPI sets at run time"; MVAPICH2 user guide; Hydra process manager; srun(1), "OUTPUT
// ENVIRONMENT VARIABLES". sbatch alone sets SLURM_PROCID=0, too: only srun starts a step.
constexpr std::array kLaunchers{
    Launcher{"RANK and WORLD_SIZE", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", ""},
    Launcher{"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
             "OMPI_COMM_WORLD_LOCAL_SIZE", ""},
    Launcher{"mpirun", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_LOCAL_RANK",
             "MV2_COMM_WORLD_LOCAL_SIZE", ""},
    Launcher{"Slurm", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "", "SLURM_STEP_NODELIST"},
    Launcher{"PMI", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", ""}};

/// MASTER_PORT where nobody says: PyTorch's default.
constexpr int kDefaultPort = 29500;

std::optional<int> number(const Environment& environment, std::string_view variable) {
  if (variable.empty()) {
    return {};
  }
  const auto text = environment(std::string(variable));
  if (!text || text->empty()) {
    return {};
  }
  int value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) {
    throw InputError(
        fmt::format("the environment has {}={}, expected a whole number; unset it or start through "
                    "mpirun or srun",
                    variable, *text));
  }
  return value;
}

/// "8(x2),4" of SLURM_TASKS_PER_NODE: 8.
std::optional<int> slurm_local_size(const Environment& environment) {
  const auto text = environment("SLURM_STEP_TASKS_PER_NODE");
  int value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{} ||
      value < 1) {
    return {};
  }
  return value;
}

std::string master_address(const Environment& environment, const RankPlace& place) {
  if (auto address = environment("MASTER_ADDR"); address && !address->empty()) {
    return *address;
  }
  if (place.launcher == "Slurm") {
    if (const auto nodes = environment("SLURM_STEP_NODELIST"); nodes && !nodes->empty()) {
      return first_node(*nodes);
    }
  }
  if (place.local_size < place.world_size) {
    throw InputError(
        fmt::format("{} processes run on several nodes ({} on this one) and MASTER_ADDR is not "
                    "set; set it to the "
                    "host name of rank 0 and pass it on (mpirun -x MASTER_ADDR, srun --export=ALL)",
                    place.world_size, place.local_size));
  }
  return "127.0.0.1";
}

int master_port(const Environment& environment) {
  if (const auto port = number(environment, "MASTER_PORT")) {
    return *port;
  }
  // Two jobs on one node must not meet: ports from 20000 up, below Linux' range of ephemeral ports.
  constexpr int kFirst = 20000, kPorts = 10000;
  if (const auto job = number(environment, "SLURM_JOB_ID")) {
    return kFirst + *job % kPorts;
  }
  return kDefaultPort;
}

std::optional<RankPlace> place_by(const Launcher& launcher, const Environment& environment) {
  const auto rank = number(environment, launcher.rank);
  const auto size = number(environment, launcher.size);
  if (!rank || !size ||
      (!launcher.only_if.empty() && !environment(std::string(launcher.only_if)))) {
    return {};
  }
  if (*size < 1 || *rank >= *size) {
    throw InputError(
        fmt::format("the environment has {}={} and {}={}, expected a rank below the size",
                    launcher.rank, *rank, launcher.size, *size));
  }
  RankPlace place{.rank = *rank, .world_size = *size, .launcher = std::string(launcher.name)};
  const auto local_size = launcher.name == "Slurm" ? slurm_local_size(environment)
                                                   : number(environment, launcher.local_size);
  // Where the launcher does not count per node, all are taken to be on one.
  place.local_size = std::min(local_size.value_or(*size), *size);
  place.local_rank = number(environment, launcher.local_rank).value_or(*rank % place.local_size);
  return place;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::string first_node(const std::string& node_list) {
  const auto end = node_list.find_first_of("[,");
  if (end == std::string::npos || node_list[end] == ',') {
    return node_list.substr(0, end);
  }
  const auto number_end = node_list.find_first_of("-,]", end + 1);
  if (number_end == std::string::npos) {
    throw InputError(
        fmt::format("the environment has the node list \"{}\", expected e.g. "
                    "\"node[01-04]\"; set MASTER_ADDR to the host name of rank 0",
                    node_list));
  }
  const auto close = node_list.find(']', end);
  // "rack[1-2]node": what follows the bracket belongs to the name, up to the next comma.
  const auto rest = close == std::string::npos
                        ? std::string{}
                        : node_list.substr(close + 1, node_list.find(',', close) - close - 1);
  return node_list.substr(0, end) + node_list.substr(end + 1, number_end - end - 1) + rest;
}

RankPlace rank_place(const Environment& environment) {
  RankPlace place;
  for (const Launcher& launcher : kLaunchers) {
    if (auto found = place_by(launcher, environment)) {
      place = *found;
      break;
    }
  }
  place.master_address = master_address(environment, place);
  place.master_port = master_port(environment);
  return place;
}

}  // namespace real_runner
