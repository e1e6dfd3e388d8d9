#include "scenarios/run_entries.hpp"

#include "scenarios/values.hpp"

namespace scenarios {

namespace {

/// Reads the figures of one entry and keeps where they come from.
struct Entry {
  Entry(const Document& document, const std::string& id, const std::string& prefix,
        std::vector<Explained>* explained)
      : in(document, {prefix, "catalog " + id, {}, explained, &figures}) {}

  [[nodiscard]] double number(std::string_view key, double otherwise) const {
    return in.has(key) ? in.number(key) : otherwise;
  }
  template <class Quantity>
  [[nodiscard]] Quantity quantity(std::string_view key) const {
    return in.has(key) ? in.quantity<Quantity>(key) : Quantity{};
  }
  [[nodiscard]] std::string text(std::string_view key) const {
    return in.has(key) ? in.text(key) : std::string();
  }
  [[nodiscard]] topology::Provenance from(const std::string& key) const {
    const auto it = figures.find(key);
    return it == figures.end() ? topology::Provenance{} : it->second;
  }

  /// Of the market, wherever it is paid.
  [[nodiscard]] sim::DataPrice price(const std::string& key) const {
    return {.amount = quantity<units::Usd>(key),
            .source = {.provider = "market", .region = "any", .from = from(key)}};
  }

  std::map<std::string, topology::Provenance> figures;
  Values in;
};

}  // namespace

std::vector<sim::FailureKind> read_failures(const Document& entry, const std::string& id,
                                            std::vector<Explained>* explained) {
  const Entry e(entry, id, "run.failures", explained);
  const Values kinds = e.in.map("kinds");
  std::vector<sim::FailureKind> list;
  for (const std::string& component : kinds.keys()) {
    const Values in = kinds.map(component);
    sim::FailureKind kind;
    kind.component = component;
    kind.per = in.word("per", kind.per, sim::failure_per_from_name, "accelerator");
    kind.rate = units::per_year(in.number("per_year"));
    if (in.has("effect")) {
      kind.effect = in.word("effect", kind.effect, sim::failure_effect_from_name, "stop");
    }
    kind.hits_job = in.has("hits_job") ? in.number("hits_job") : 1.0;
    kind.loses_node = in.has("loses_node") && in.flag("loses_node");
    kind.slowdown = in.has("slowdown") ? in.number("slowdown") : 0.0;
    kind.found_after = in.quantity("found_after", units::Seconds{});
    kind.notice = in.quantity("notice", units::Seconds{});
    kind.away = in.quantity("away", units::Seconds{});
    kind.from = e.from("kinds." + component + ".per_year");
    list.push_back(std::move(kind));
  }
  return list;
}

std::string failures_for(const Catalog& catalog, std::string_view accelerator) {
  for (const std::string& name : catalog.names(EntryKind::Failure)) {
    const Json* list = find(catalog.entry(EntryKind::Failure, name).root, "/accelerators");
    if (list != nullptr && list->is_array()) {
      for (const Json& one : *list) {
        if (one.get<std::string>() == accelerator) {
          return name;
        }
      }
    }
  }
  return "generic";
}

sim::Recovery read_recovery(const Document& entry, const std::string& id,
                            std::vector<Explained>* explained) {
  const Entry e(entry, id, "run.recovery", explained);
  return {.detection = e.quantity<units::Seconds>("detection"),
          .diagnosis = e.quantity<units::Seconds>("diagnosis"),
          .hot_swap = e.quantity<units::Seconds>("hot_swap"),
          .cold_boot = e.quantity<units::Seconds>("cold_boot"),
          .restart = e.quantity<units::Seconds>("restart")};
}

StorageEntry read_storage(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained) {
  const Entry e(entry, id, "run.checkpoint.storage", explained);
  StorageEntry s;
  s.storage.id = id;
  s.storage.write = e.quantity<units::BytesPerSecond>("write");
  s.storage.read = e.quantity<units::BytesPerSecond>("read");
  s.storage.per_node = e.quantity<units::BytesPerSecond>("per_node");
  s.storage.capacity = e.quantity<units::Bytes>("capacity");
  s.storage.local = e.in.has("local") && e.in.flag("local");
  s.price_per_tb = e.quantity<units::Usd>("price_per_tb");
  s.source = {.provider = "market", .region = "any", .from = e.from("price_per_tb")};
  s.per_tb_month = e.price("price_per_tb_month");
  return s;
}

sim::Dataset read_dataset(const Document& entry, const std::string& id,
                          std::vector<Explained>* explained) {
  const Entry e(entry, id, "data.mixture." + id, explained);
  sim::Dataset d;
  d.id = id;
  d.modality = e.in.word("modality", d.modality, sim::modality_from_name, "text");
  d.tokens = e.number("tokens", 0);
  d.samples = e.number("samples", 0);
  d.bytes = e.quantity<units::Bytes>("bytes");
  d.decode = e.quantity<units::Seconds>("decode");
  d.human = e.number("human", 1);
  if (e.in.has("stays")) {
    for (const Json& place : e.in.json("stays")) {
      d.stays.push_back(place.get<std::string>());
    }
  }
  d.whole = e.price("price");
  d.billion_tokens = e.price("price_per_billion_tokens");
  d.sample = e.price("price_per_sample");
  d.annotation = e.price("annotation_per_sample");
  return d;
}

sim::Grid read_grid(const Document& entry, const std::string& id,
                    std::vector<Explained>* explained) {
  const Entry e(entry, id, "purchase.region", explained);
  sim::Grid grid;
  grid.carbon_kg_per_kwh = e.in.number("carbon_kg_per_kwh");
  grid.price = units::UsdPerJoule::from_base(
      parse_base(e.in.text("price"), Measure::EnergyPrice, e.in.where("price"), "price"));
  grid.source = {.provider = "grid", .region = id, .from = e.from("price")};
  return grid;
}

double read_pue(const Document& entry, const std::string& id, std::vector<Explained>* explained) {
  return Entry(entry, id, "purchase.cooling", explained).in.number("pue");
}

sim::Ownership read_ownership(const Document& entry, const std::string& id,
                              std::vector<Explained>* explained) {
  const Entry e(entry, id, "purchase.ownership", explained);
  sim::Ownership o;
  o.support = e.in.number("support");
  o.spares = e.in.number("spares");
  o.installation = e.in.number("installation");
  o.accelerators_per_person = e.in.number("accelerators_per_person");
  o.person_year = e.quantity<units::Usd>("person_year");
  o.facility_per_kw = e.quantity<units::Usd>("facility_per_kw");
  o.facility_years = e.in.number("facility_years");
  o.cost_of_capital = e.in.number("cost_of_capital");
  o.residual = e.in.number("residual");
  topology::Provenance from{.source = "catalog ownerships " + id, .as_of = e.from("support").as_of};
  o.source = {.provider = "owner", .region = "any", .from = std::move(from)};
  return o;
}

PriceEntry read_price(const Document& entry, const std::string& id,
                      std::vector<Explained>* explained) {
  const Entry e(entry, id, "purchase.price", explained);
  PriceEntry p;
  p.id = id;
  p.terms = e.text("terms");
  p.accelerator = e.text("accelerator");
  p.per_accelerator_hour = e.quantity<units::UsdPerSecond>("per_accelerator_hour");
  p.per_accelerator = e.quantity<units::Usd>("per_accelerator");
  p.per_kw_month = e.quantity<units::Usd>("per_kw_month");
  p.source = {.provider = e.text("provider"), .region = e.text("region"), .from = {}};
  for (const char* key : {"per_accelerator_hour", "per_accelerator", "per_kw_month"}) {
    if (e.in.has(key)) {
      p.source.from = e.from(key);
    }
  }
  return p;
}

std::vector<PriceEntry> prices_for(const Catalog& catalog, std::string_view terms,
                                   std::string_view accelerator) {
  std::vector<PriceEntry> list;
  for (const std::string& name : catalog.names(EntryKind::Price)) {
    PriceEntry price = read_price(catalog.entry(EntryKind::Price, name), name, nullptr);
    if (price.terms == terms && (terms == "colocation" || price.accelerator == accelerator)) {
      list.push_back(std::move(price));
    }
  }
  return list;
}

}  // namespace scenarios
