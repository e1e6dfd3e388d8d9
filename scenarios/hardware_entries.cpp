#include <array>

#include "scenarios/entries.hpp"
#include "scenarios/values.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {
using topology::Named;
using topology::ScaleUpKind;

constexpr std::array kScaleUps{
    Named<ScaleUpKind>{ScaleUpKind::None, "none"}, Named<ScaleUpKind>{ScaleUpKind::Pcie, "pcie"},
    Named<ScaleUpKind>{ScaleUpKind::Switched, "switched"},
    Named<ScaleUpKind>{ScaleUpKind::Mesh, "mesh"}, Named<ScaleUpKind>{ScaleUpKind::Torus, "torus"}};
std::optional<ScaleUpKind> scale_up_from_name(std::string_view text) {
  return value_in(kScaleUps, text);
}

Values::Record record_for(const std::string& id, const std::string& prefix,
                          std::vector<Explained>* explained,
                          std::map<std::string, topology::Provenance>* figures) {
  return {prefix, "catalog " + id, {}, explained, figures};
}

std::optional<units::Usd> read_price(const Values& in) {
  return in.has("price") ? std::optional(in.quantity<units::Usd>("price")) : std::nullopt;
}

topology::ScaleUp read_scale_up(const Values& in) {
  topology::ScaleUp net;
  net.kind = in.word("kind", ScaleUpKind::None, scale_up_from_name, "none");
  net.link = in.has("link") ? in.text("link") : std::string();
  net.bandwidth = in.quantity("bandwidth", units::BytesPerSecond{});
  net.peer_bandwidth = in.quantity("peer_bandwidth", net.bandwidth);
  net.latency = in.quantity("latency", units::Seconds{});
  net.domain = in.has("domain") ? in.integer("domain") : 1;
  net.in_switch_reduction = in.has("in_switch_reduction") && in.flag("in_switch_reduction");
  return net;
}
}  // namespace

topology::Accelerator read_accelerator(const Document& entry, const std::string& id,
                                       std::vector<Explained>* explained) {
  topology::Accelerator part;
  const Values in(entry, record_for(id, "cluster.accelerator", explained, &part.figures));
  part.id = id;
  part.name = in.text("name");
  part.vendor = in.text("vendor");
  part.year = in.integer("year");
  const Values peak = in.map("peak");
  for (const std::string& key : peak.keys()) {
    if (const auto precision = topology::precision_from_name(key)) {
      part.peak[static_cast<std::size_t>(*precision)] = peak.quantity<units::FlopsPerSecond>(key);
    }
  }
  part.memory = in.quantity<units::Bytes>("memory");
  part.memory_bandwidth = in.quantity<units::BytesPerSecond>("memory_bandwidth");
  part.l2_cache = in.quantity("l2_cache", units::Bytes{});
  part.compute_units = in.has("compute_units") ? in.integer("compute_units") : 0;
  part.scale_up = read_scale_up(in.map("scale_up"));
  part.host_bandwidth = in.quantity<units::BytesPerSecond>("host_bandwidth");
  part.tdp = in.quantity<units::Watts>("tdp");
  part.idle_power = in.quantity<units::Watts>("idle_power");
  part.profile = in.text("profile");
  return part;
}

units::BytesPerSecond read_customary_nic_bandwidth(const Document& accelerator_entry) {
  return Values(accelerator_entry, {}).quantity<units::BytesPerSecond>("nic_bandwidth");
}

topology::Nic read_nic(const Document& entry, const std::string& id,
                       std::vector<Explained>* explained) {
  topology::Nic part;
  const Values in(entry, record_for(id, "cluster.nic", explained, &part.figures));
  part.id = id;
  part.bandwidth = in.quantity<units::BytesPerSecond>("bandwidth");
  part.latency = in.quantity<units::Seconds>("latency");
  part.power = in.quantity<units::Watts>("power");
  part.price = read_price(in);
  return part;
}

topology::Switch read_switch(const Document& entry, const std::string& id,
                             std::vector<Explained>* explained) {
  topology::Switch part;
  const Values in(entry, record_for(id, "cluster.switch", explained, &part.figures));
  part.id = id;
  part.ports = in.integer("ports");
  part.port_bandwidth = in.quantity<units::BytesPerSecond>("port_bandwidth");
  part.latency = in.quantity<units::Seconds>("latency");
  part.power = in.quantity<units::Watts>("power");
  part.ports_per_module = in.has("ports_per_module") ? in.integer("ports_per_module") : 1;
  part.price = read_price(in);
  return part;
}

topology::Cable read_cable(const Document& entry, const std::string& id,
                           std::vector<Explained>* explained) {
  topology::Cable part;
  const Values in(entry, record_for(id, "cable", explained, &part.figures));
  part.id = id;
  part.medium = in.word("medium", part.medium, topology::medium_from_name, "copper");
  part.speed = in.quantity<units::BytesPerSecond>("speed");
  part.reach = in.quantity<units::Metres>("reach");
  part.power = in.quantity<units::Watts>("power");
  part.price = read_price(in);
  return part;
}

topology::Node read_node(const Document& entry, const std::string& id,
                         std::vector<Explained>* explained) {
  topology::Node part;
  Values::Record record = record_for(id, "cluster.node", explained, &part.figures);
  if (id.empty()) {
    record.label.clear();
  }
  const Values in(entry, record);
  part.id = id.empty() ? "the file" : id;
  part.accelerator = in.text("accelerator");
  part.accelerators = in.integer("accelerators");
  part.nic = in.text("nic");
  part.nics = in.integer("nics");
  part.cpu_cores = in.has("cpu_cores") ? in.integer("cpu_cores") : 0;
  part.host_power = in.quantity<units::Watts>("host_power");
  part.scale_up_switch = in.has("scale_up_switch") ? in.text("scale_up_switch") : std::string();
  part.scale_up_switches = in.has("scale_up_switches") ? in.integer("scale_up_switches") : 0;
  part.scale_up_cables = in.has("scale_up_cables") ? in.integer("scale_up_cables") : 0;
  return part;
}

}  // namespace scenarios
