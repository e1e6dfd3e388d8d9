#pragma once
// Turns counts of switches and links into lines of a bill. Internal to topology.
#include <string>

#include "topology/bill_of_materials.hpp"

namespace topology::bill {

/// One end of the links of a boundary.
struct End {
  std::string place;                ///< "leaf"
  const Switch* product = nullptr;  ///< null: a NIC or an accelerator, one transceiver per link
};

/// All links between two tiers.
struct Boundary {
  End low, high;
  long links = 0;
  units::BytesPerSecond speed;
  units::Metres run;
};

/// Writes the lines of one network. Keeps references to all that it is given.
class Writer {
 public:
  Writer(const ClusterSpec& spec, NetworkUse use, Bill& bill);

  [[nodiscard]] const NetworkParts& parts() const { return parts_; }
  [[nodiscard]] const Switch* leaf() const { return parts_.leaf ? &*parts_.leaf : nullptr; }
  [[nodiscard]] const Switch* spine() const { return parts_.spine ? &*parts_.spine : leaf(); }
  [[nodiscard]] const Switch* core() const { return parts_.core ? &*parts_.core : spine(); }

  /// Each of these writes nothing for a count of 0.
  void switches(Role role, const Switch* product, long count, long ports_used);
  void nics(long count);
  /// Cables, and transceivers at both ends where they are needed.
  void links(const Boundary& b);
  /// Links from accelerator to accelerator, which come with the nodes.
  void device_links(long count);
  /// Switches and cables of the scale-up domains, where they are parts of their own.
  void scale_up();

 private:
  [[nodiscard]] BillLine blank(Role role, long count) const;
  void part(Role role, const Cable& product, const std::string& where, long count,
            units::Watts each);
  /// The slowest part of `medium` that is fast enough and reaches far enough.
  [[nodiscard]] const Cable* pick(Medium medium, units::BytesPerSecond speed,
                                  units::Metres run) const;
  void transceivers(const End& end, const Boundary& b, const std::string& where);

  const ClusterSpec& spec_;
  const NetworkParts& parts_;
  NetworkUse use_;
  Bill& bill_;
};

/// The stated length of a run, or the usual one.
units::Metres or_else(units::Metres stated, units::Metres usual);
/// a / b, rounded up.
long ceil_div(long a, long b);
/// NICs of all nodes, or one per accelerator where the node is not known.
long nic_count(const ClusterSpec& spec, const NetworkParts& parts);

/// The compute network of a Clos fabric, or a side network as such a cluster.
void write_clos(const ClusterSpec& spec, NetworkUse use, Bill& bill);
void write_torus(const ClusterSpec& spec, Bill& bill);
/// Any fabric, counted from its graph.
void write_graph(const Cluster& cluster, Bill& bill);

}  // namespace topology::bill
