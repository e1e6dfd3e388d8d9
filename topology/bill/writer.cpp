#include "topology/bill/writer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace topology::bill {

using units::BytesPerSecond;
using units::Metres;

namespace {

constexpr double kSlack = 1e-9;
const NetworkParts kNoParts;

std::string rate_text(BytesPerSecond rate) {
  return fmt::format("{:g} Gbit/s", rate.in(units::gigabits_per_second(1)));
}

Provenance figure_of(const std::map<std::string, Provenance>& figures, const std::string& key) {
  const auto it = figures.find(key);
  return it == figures.end() ? Provenance{} : it->second;
}

}  // namespace

Writer::Writer(const ClusterSpec& spec, NetworkUse use, Bill& bill)
    : spec_(spec), parts_(spec.parts ? *spec.parts : kNoParts), use_(use), bill_(bill) {}

void Writer::switches(Role role, const Switch* product, long count, long ports_used) {
  if (count <= 0) {
    return;
  }
  BillLine line = blank(role, count);
  line.ports_used = ports_used;
  if (product == nullptr) {
    line.item = fmt::format("{}, not named", name(role));
  } else {
    line.item = product->id;
    line.unit_power = product->power;
    line.power_from = figure_of(product->figures, "power");
    line.unit_price = product->price;
    line.price_from = figure_of(product->figures, "price");
  }
  // A scenario may override the power of the leaf's switch, which other tiers share by default.
  const bool tier =
      role == Role::Leaf || role == Role::Spine || role == Role::Core || role == Role::Router;
  if (tier && product == leaf() && spec_.switch_power > units::Watts{} &&
      spec_.switch_power != line.unit_power) {
    line.unit_power = spec_.switch_power;
    line.power_from = {"given in the scenario", {}, {}};
  }
  bill_.lines.push_back(line);
}

void Writer::nics(long count) {
  if (count <= 0) {
    return;
  }
  BillLine line = blank(Role::Nic, count);
  line.ports_used = count * spec_.planes;
  line.with_node = true;
  line.item = "NIC, not named";
  if (parts_.nic) {
    line.item = parts_.nic->id;
    line.unit_power = parts_.nic->power;
    line.power_from = figure_of(parts_.nic->figures, "power");
    line.unit_price = parts_.nic->price;
    line.price_from = figure_of(parts_.nic->figures, "price");
  }
  bill_.lines.push_back(line);
}

void Writer::links(const Boundary& b) {
  if (b.links <= 0) {
    return;
  }
  const std::string where = fmt::format("{} - {}", b.low.place, b.high.place);
  for (const Medium medium : {Medium::Copper, Medium::ActiveCopper, Medium::ActiveOptical}) {
    if (const Cable* cable = pick(medium, b.speed, b.run)) {
      part(Role::Cable, *cable, where, b.links, 2 * cable->power);
      return;
    }
  }
  const Cable* fibre = pick(Medium::Fibre, b.speed, b.run);
  if (fibre == nullptr) {
    BillLine line = blank(Role::Cable, b.links);
    line.item = fmt::format("{} link, no cable known", rate_text(b.speed));
    line.where = where;
    bill_.lines.push_back(line);
    return;
  }
  part(Role::Cable, *fibre, where, b.links, fibre->power);
  transceivers(b.low, b, where);
  transceivers(b.high, b, where);
}

void Writer::device_links(long count) {
  if (count <= 0) {
    return;
  }
  BillLine line = blank(Role::Cable, count);
  line.item = fmt::format("{} link", spec_.accelerator.scale_up.link);
  line.where = "accelerator - accelerator";
  line.with_node = true;
  bill_.lines.push_back(line);
}

void Writer::scale_up() {
  const bool alone = spec_.scale_up_domain <= 1;
  if (alone || parts_.scale_up_switches <= 0) {
    return;
  }
  const long domains = ceil_div(spec_.gpus, spec_.scale_up_domain);
  long ports = 0;
  if (parts_.scale_up_switch && parts_.scale_up_switch->port_bandwidth > BytesPerSecond{}) {
    const double per_gpu =
        spec_.accelerator.scale_up.bandwidth / parts_.scale_up_switch->port_bandwidth;
    ports = std::lround(per_gpu * spec_.gpus);
  }
  switches(Role::ScaleUpSwitch, parts_.scale_up_switch ? &*parts_.scale_up_switch : nullptr,
           domains * parts_.scale_up_switches, ports);
  bill_.lines.back().with_node = true;
  BillLine cables = blank(Role::Cable, domains * parts_.scale_up_cables);
  cables.item = fmt::format("{} copper cable", spec_.accelerator.scale_up.link);
  cables.where = "accelerator - scale-up switch";
  cables.with_node = true;
  bill_.lines.push_back(cables);
}

BillLine Writer::blank(Role role, long count) const {
  BillLine line;
  line.use = use_;
  line.role = role;
  line.count = count;
  return line;
}

void Writer::part(Role role, const Cable& product, const std::string& where, long count,
                  units::Watts each) {
  BillLine line = blank(role, count);
  line.item = product.id;
  line.where = where;
  line.unit_power = each;
  line.power_from = figure_of(product.figures, "power");
  line.unit_price = product.price;
  line.price_from = figure_of(product.figures, "price");
  bill_.lines.push_back(line);
}

const Cable* Writer::pick(Medium medium, BytesPerSecond speed, Metres run) const {
  const Cable* best = nullptr;
  for (const Cable& each : parts_.cables) {
    if (each.medium == medium && each.speed >= speed * (1 - kSlack) && each.reach >= run &&
        (best == nullptr || each.speed < best->speed)) {
      best = &each;
    }
  }
  return best;
}

void Writer::transceivers(const End& end, const Boundary& b, const std::string& where) {
  BytesPerSecond cage = b.speed;
  if (end.product != nullptr) {
    cage = std::max(cage, end.product->port_bandwidth * end.product->ports_per_module);
  }
  const long links_each = std::max(1L, static_cast<long>(std::floor(cage / b.speed + kSlack)));
  const long count = ceil_div(b.links, links_each);
  const std::string at = fmt::format("{}, at the {}", where, end.place);
  if (const Cable* module = pick(Medium::Transceiver, cage, b.run)) {
    part(Role::Transceiver, *module, at, count, module->power);
    return;
  }
  BillLine line = blank(Role::Transceiver, count);
  line.item = fmt::format("{} transceiver, none known", rate_text(cage));
  line.where = at;
  bill_.lines.push_back(line);
}

Metres or_else(Metres stated, Metres usual) {
  return stated > Metres{} ? stated : usual;
}

long ceil_div(long a, long b) {
  return (a + b - 1) / b;
}

long nic_count(const ClusterSpec& spec, const NetworkParts& parts) {
  return parts.nics_per_node > 0 ? static_cast<long>(spec.nodes()) * parts.nics_per_node
                                 : spec.gpus;
}

}  // namespace topology::bill
