#include <array>

#include "calib/collective_time.hpp"
#include "topology/names.hpp"

namespace calib {
namespace {

using topology::Named;

constexpr std::array kAlgorithmNames{
    Named<Algorithm>{Algorithm::Ring, "ring"},
    Named<Algorithm>{Algorithm::Tree, "tree"},
    Named<Algorithm>{Algorithm::Nvls, "nvls"},
    Named<Algorithm>{Algorithm::NvlsTree, "nvls-tree"},
    Named<Algorithm>{Algorithm::Pairwise, "pairwise"},
    Named<Algorithm>{Algorithm::Torus, "torus"},
    Named<Algorithm>{Algorithm::Pat, "pat"},
    Named<Algorithm>{Algorithm::CollNetDirect, "collnet-direct"},
    Named<Algorithm>{Algorithm::CollNetChain, "collnet-chain"},
    Named<Algorithm>{Algorithm::HalvingDoubling, "halving-doubling"},
    Named<Algorithm>{Algorithm::Hierarchical, "hierarchical"}};
constexpr std::array kProtocolNames{Named<Protocol>{Protocol::Ll, "ll"},
                                    Named<Protocol>{Protocol::Ll128, "ll128"},
                                    Named<Protocol>{Protocol::Simple, "simple"}};
constexpr std::array kCollectiveNames{
    Named<Collective>{Collective::AllReduce, "all_reduce"},
    Named<Collective>{Collective::AllGather, "all_gather"},
    Named<Collective>{Collective::ReduceScatter, "reduce_scatter"},
    Named<Collective>{Collective::AllToAll, "all_to_all"},
    Named<Collective>{Collective::Broadcast, "broadcast"},
    Named<Collective>{Collective::SendRecv, "send"},
    Named<Collective>{Collective::Reduce, "reduce"},
    Named<Collective>{Collective::Barrier, "barrier"}};

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
