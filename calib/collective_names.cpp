#include <array>

#include "calib/collective_time.hpp"
#include "topology/names.hpp"

namespace calib {
namespace {

using topology::Named;

constexpr std::array kAlgorithmNames{Named{Algorithm::Ring, "ring"},
                                     Named{Algorithm::Tree, "tree"},
                                     Named{Algorithm::Nvls, "nvls"},
                                     Named{Algorithm::NvlsTree, "nvls-tree"},
                                     Named{Algorithm::Pairwise, "pairwise"},
                                     Named{Algorithm::Torus, "torus"},
                                     Named{Algorithm::Pat, "pat"}};
constexpr std::array kProtocolNames{Named{Protocol::Ll, "ll"}, Named{Protocol::Ll128, "ll128"},
                                    Named{Protocol::Simple, "simple"}};
constexpr std::array kCollectiveNames{
    Named{Collective::AllReduce, "all_reduce"},         Named{Collective::AllGather, "all_gather"},
    Named{Collective::ReduceScatter, "reduce_scatter"}, Named{Collective::AllToAll, "all_to_all"},
    Named{Collective::Broadcast, "broadcast"},          Named{Collective::SendRecv, "send"}};

}  // namespace

std::string_view name(Algorithm algorithm) {
  return topology::name_in(kAlgorithmNames, algorithm);
}
std::string_view name(Protocol protocol) {
  return topology::name_in(kProtocolNames, protocol);
}
std::string_view name(Collective collective) {
  return topology::name_in(kCollectiveNames, collective);
}

std::optional<Algorithm> algorithm_from_name(std::string_view text) {
  return topology::value_in(kAlgorithmNames, text);
}
std::optional<Protocol> protocol_from_name(std::string_view text) {
  return topology::value_in(kProtocolNames, text);
}
std::optional<Collective> collective_from_name(std::string_view text) {
  if (text == "alltoall") {  // as nccl-tests spells it
    return Collective::AllToAll;
  }
  if (text == "sendrecv") {
    return Collective::SendRecv;
  }
  return topology::value_in(kCollectiveNames, text);
}

}  // namespace calib
