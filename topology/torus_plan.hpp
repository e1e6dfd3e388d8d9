#pragma once
// Shape of a torus of accelerators: which axes wrap around, what is cabled and what goes through
// optical circuit switches.
#include <vector>

#include "topology/cluster_spec.hpp"

namespace topology {

/// A torus, or a mesh along the axes that do not wrap around.
///
/// - Optical cubes (TPU v4 and later): inside a cube cables are electrical; each face position of
///   all cubes ends at one optical circuit switch per axis, which joins the cubes of a slice and
///   closes its rings. An axis that is no multiple of the cube's edge is not closed: a line.
///   64 cubes of 4 x 4 x 4: 3 x 16 = 48 switches of 128 ports. Source: Jouppi et al., ISCA 2023,
///   arXiv:2304.01433.
/// - Twisted: the wrap-around of every axis that is half as long as the longest is shifted by its
///   own extent along the longest ones; k x 2k, k x k x 2k, k x 2k x 2k. Distances become equal in
///   all directions. Source: Camara et al., "Twisted torus topologies for enhanced interconnection
///   networks", IEEE TPDS 21(12), 2010.
struct TorusPlan {
  std::vector<int> extents;
  std::vector<bool> wraps;              ///< per axis
  std::vector<std::vector<int>> shift;  ///< shift[a][b]: along b, when a wraps upwards
  long electrical_cables = 0;
  long optical_cables = 0;  ///< through circuit switches, each joining two cube faces
  int cubes = 0;            ///< 0: all is cabled
  int circuit_switches = 0;
  int circuit_switch_ports = 0;  ///< ports that the slice uses of each: two per cube

  [[nodiscard]] long cables() const { return electrical_cables + optical_cables; }
  /// Whether some axis of more than two has no ring.
  [[nodiscard]] bool has_lines() const;
};

/// @throws InputError unless the extents are positive and multiply to `devices`, the cube's edge is
/// not negative, and a twisted torus has the shape that is asked for.
TorusPlan plan_torus(std::vector<int> extents, int devices, int optical_cube, bool twisted);
/// The same of a Torus cluster.
TorusPlan plan_torus(const ClusterSpec& spec);

}  // namespace topology
