#include "sim/collective/collective.hpp"
#include "topology/names.hpp"

#include <array>

namespace sim {
namespace {
using topology::Named;
constexpr std::array<Named<Algorithm>, 7> kAlgorithms{{{Algorithm::Ring, "ring"},
                                                       {Algorithm::Tree, "tree"},
                                                       {Algorithm::Nvls, "nvls"},
                                                       {Algorithm::NvlsTree, "nvls-tree"},
                                                       {Algorithm::Pairwise, "pairwise"},
                                                       {Algorithm::Torus, "torus"},
                                                       {Algorithm::Direct, "direct"}}};
constexpr std::array<Named<Protocol>, 3> kProtocols{
    {{Protocol::Ll, "ll"}, {Protocol::Ll128, "ll128"}, {Protocol::Simple, "simple"}}};
constexpr std::array<Named<Collective>, 6> kCollectives{{{Collective::AllReduce, "all_reduce"},
                                                         {Collective::AllGather, "all_gather"},
                                                         {Collective::ReduceScatter, "reduce_scatter"},
                                                         {Collective::AllToAll, "all_to_all"},
                                                         {Collective::Broadcast, "broadcast"},
                                                         {Collective::SendRecv, "send"}}};
}  // namespace

std::string_view name(Algorithm a) { return topology::name_in(kAlgorithms, a); }
std::string_view name(Protocol p) { return topology::name_in(kProtocols, p); }
std::string_view name(Collective c) { return topology::name_in(kCollectives, c); }

}  // namespace sim
