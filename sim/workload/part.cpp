#include "sim/workload/part.hpp"

namespace sim {

std::string_view name(Part part) {
  constexpr std::array<std::string_view, kParts> kNames{
      "gemm",    "attention", "memory_bound", "embedding", "loss",        "recompute",
      "tp_comm", "cp_comm",   "ep_comm",      "pp_comm",   "dp_comm",     "optimizer",
      "offload", "host",      "bubble",       "straggler", "data_loading"};
  return kNames[static_cast<std::size_t>(part)];
}

}  // namespace sim
