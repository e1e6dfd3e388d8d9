#include "scenarios/show_catalog.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"
#include "scenarios/format.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/run_entries.hpp"
#include "scenarios/suggest.hpp"
#include "sim/workload/tower_layers.hpp"

namespace scenarios {

namespace {

EntryKind kind_named(const std::string& text) {
  if (const auto kind = entry_kind_from_name(text)) {
    return *kind;
  }
  std::vector<std::string> known;
  known.reserve(kEntryKinds.size());
  for (const EntryKind kind : kEntryKinds) {
    known.emplace_back(plural(kind));
  }
  throw topology::InputError(
      fmt::format("the catalog has no \"{}\", {}", text.substr(0, 60), did_you_mean(text, known)));
}

/// What tells entries of a kind apart, in a few words.
std::string summary(const Catalog& catalog, EntryKind kind, const std::string& name) {
  switch (kind) {
    case EntryKind::Accelerator: {
      const auto part = catalog.accelerator(name);
      return fmt::format("{}: {} {}, {}, {}", part.name,
                         format_flop_rate(part.peak_for(topology::Precision::Bf16)), "bf16",
                         format_bytes(part.memory), format_bandwidth(part.memory_bandwidth));
    }
    case EntryKind::Model: {
      const auto model = catalog.model(name);
      const auto count = sim::parameters(model);
      if (model.has_towers()) {
        const sim::TowerTotals t = sim::totals(model.towers);
        return fmt::format(
            "{}: {} parameters ({} trained), {} FLOP forward per sample, {}", model.name,
            format_count(t.parameters), format_count(t.trained), format_count(t.forward),
            model.towers.size() == 1 ? std::string("1 tower")
                                     : fmt::format("{} towers", model.towers.size()));
      }
      const std::string active =
          model.moe ? fmt::format(" ({} active)", format_count(count.active)) : "";
      return fmt::format("{}: {} parameters{}, {} layers, hidden {}", model.name,
                         format_count(count.total()), active, model.layers, model.hidden);
    }
    case EntryKind::Fabric: {
      const auto spec = catalog.cluster({name, {}, {}, {}});
      return fmt::format("{} x {}, {}, {}", format_count(spec.gpus), spec.accelerator.id,
                         topology::name(spec.fabric), topology::name(spec.network));
    }
    case EntryKind::Node: {
      const auto node = catalog.node(name);
      return fmt::format("{} x {}, {} x {}", node.accelerators, node.accelerator, node.nics,
                         node.nic);
    }
    case EntryKind::Nic:
      return format_line_rate(catalog.nic(name).bandwidth);
    case EntryKind::Switch: {
      const auto part = catalog.network_switch(name);
      return fmt::format("{} ports of {}", part.ports, format_line_rate(part.port_bandwidth));
    }
    case EntryKind::Cable: {
      const auto part = catalog.cable(name);
      return fmt::format("{}, {}, {:g} m", topology::name(part.medium),
                         format_line_rate(part.speed), part.reach.in(units::metres(1)));
    }
    case EntryKind::Framework: {
      const Json* text = find(catalog.entry(kind, name).root, "/description");
      return text == nullptr ? std::string() : text->get<std::string>();
    }
    case EntryKind::Price: {
      const PriceEntry price = read_price(catalog.entry(kind, name), name, nullptr);
      const std::string amount =
          price.per_accelerator_hour > units::UsdPerSecond{}
              ? format_money_rate(price.per_accelerator_hour) + " per accelerator"
          : price.per_accelerator > units::Usd{}
              ? format_money(price.per_accelerator) + " per accelerator"
              : format_money(price.per_kw_month) + " per kW and month";
      return fmt::format("{} ({}, {}, {}): {}", price.terms, price.source.provider,
                         price.source.region, price.source.from.as_of, amount);
    }
    case EntryKind::Failure:
    case EntryKind::Recovery:
    case EntryKind::Storage:
    case EntryKind::Grid:
    case EntryKind::Cooling:
    case EntryKind::Ownership:
    case EntryKind::Dataset: {
      const Json* text = find(catalog.entry(kind, name).root, "/name");
      return text == nullptr ? std::string() : text->get<std::string>();
    }
  }
  return {};
}

void show_kinds(const Catalog& catalog, OutputFormat format) {
  Json json = Json::object();
  for (const EntryKind kind : kEntryKinds) {
    json[std::string(plural(kind))] = catalog.names(kind).size();
  }
  if (format == OutputFormat::Json) {
    fmt::print("{}\n", json.dump(2));
    return;
  }
  for (const auto& [kind, count] : json.items()) {
    fmt::print("{:<14} {:>4}   gpuplan catalog {}\n", kind, count.get<std::size_t>(), kind);
  }
}

void show_names(const Catalog& catalog, EntryKind kind, OutputFormat format) {
  const auto names = catalog.names(kind);
  if (format == OutputFormat::Json) {
    Json json = Json::object();
    for (const std::string& name : names) {
      json[name] = summary(catalog, kind, name);
    }
    fmt::print("{}\n", json.dump(2));
    return;
  }
  std::size_t width = 0;
  for (const std::string& name : names) {
    width = std::max(width, name.size());
  }
  for (const std::string& name : names) {
    fmt::print("{:<{}}  {}\n", name, width, summary(catalog, kind, name));
  }
}

std::string part(const Json& figure, const char* key) {
  return figure.contains(key) ? printed(figure.at(key)) : std::string();
}

/// One line per value, a figure's source behind it.
void print_values(const Json& node, const std::string& path, std::string& text) {
  for (const auto& [key, value] : node.items()) {
    const std::string name = path.empty() ? key : fmt::format("{}.{}", path, key);
    if (value.is_object() && value.contains("value")) {
      const std::string evidence = part(value, "evidence");
      text += fmt::format("{:<30} {:<16} {} ({}{}{})\n", name, part(value, "value"),
                          part(value, "source"), part(value, "as_of"), evidence.empty() ? "" : ", ",
                          evidence);
    } else if (value.is_object()) {
      print_values(value, name, text);
    } else {
      text += fmt::format("{:<30} {}\n", name, printed(value));
    }
  }
}

void show_entry(const Catalog& catalog, EntryKind kind, const std::string& name,
                OutputFormat format) {
  const Document& entry = catalog.entry(kind, name);
  if (format == OutputFormat::Json) {
    fmt::print("{}\n", entry.root.dump(2));
    return;
  }
  std::string text = summary(catalog, kind, name) + "\n";
  print_values(entry.root, {}, text);
  fmt::print("{}", text);
}

}  // namespace

int show_catalog(const ShowCatalogOptions& options) {
  const Catalog catalog = Catalog::open();
  if (options.kind.empty()) {
    show_kinds(catalog, options.format);
    return 0;
  }
  const EntryKind kind = kind_named(options.kind);
  if (options.name.empty()) {
    show_names(catalog, kind, options.format);
  } else {
    show_entry(catalog, kind, options.name, options.format);
  }
  return 0;
}

}  // namespace scenarios
