// The parts of a scenario that whole runs read: run and purchase.
#include <array>

#include <fmt/format.h>

#include "scenarios/run_entries.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/scenario_parts.hpp"
#include "topology/names.hpp"

namespace scenarios {

namespace {

using topology::Named;

constexpr std::array kTerms{Named<Terms>{Terms::OnPremises, "on-premises"},
                            Named<Terms>{Terms::Colocation, "colocation"},
                            Named<Terms>{Terms::OnDemand, "on-demand"},
                            Named<Terms>{Terms::Reserved, "reserved"},
                            Named<Terms>{Terms::Spot, "spot"},
                            Named<Terms>{Terms::Managed, "managed"}};
constexpr std::array kSpares{Named<sim::Spares>{sim::Spares::Hot, "hot"},
                             Named<sim::Spares>{sim::Spares::Cold, "cold"}};
constexpr std::array kOnLoss{Named<sim::OnLoss>{sim::OnLoss::Wait, "wait"},
                             Named<sim::OnLoss>{sim::OnLoss::Shrink, "shrink"}};

std::optional<sim::Spares> spares_from_name(std::string_view name) {
  return value_in(kSpares, name);
}
std::optional<sim::OnLoss> on_loss_from_name(std::string_view name) {
  return value_in(kOnLoss, name);
}

/// The catalog entry named at `key`, or `otherwise`.
const Document& named_entry(const Values& in, std::string_view key, EntryKind kind,
                            const std::string& otherwise, std::string_view why,
                            const Catalog& catalog, std::string& id) {
  id = in.text(key, otherwise, why);
  return catalog.entry(kind, id, in.has(key) ? in.where(key) : topology::Location{});
}

void read_checkpoint(const Values& in, const Catalog& catalog, std::vector<Explained>* log,
                     RunConditions& run) {
  const std::string interval = in.text("interval", "optimal", "the shortest expected run");
  if (interval != "optimal") {
    run.interval = in.quantity<units::Seconds>("interval");
    if (*run.interval <= units::Seconds{}) {
      in.refuse("interval", "expected \"optimal\" or a time above 0 such as \"30 min\"");
    }
  }
  run.mode = in.word("mode", run.mode, sim::checkpoint_mode_from_name, "asynchronous");
  std::string id;
  const Document& entry = named_entry(in, "storage", EntryKind::Storage, "per-node-2gb-s",
                                      "grows with the job", catalog, id);
  const StorageEntry storage = read_storage(entry, id, log);
  run.storage = storage.storage;
  run.storage_price_per_tb = storage.price_per_tb;
  run.storage_source = storage.source;
  if (in.has("ingest")) {
    run.ingest = in.quantity<units::BytesPerSecond>("ingest");
  } else {
    in.explain("ingest", "0 B/s", "default: data has its own storage");
  }
}

/// Nodes that turn slow and hold everybody up until somebody finds them.
void read_stragglers(const Values& in, RunConditions& run) {
  if (!in.has("per_node_year")) {
    return;
  }
  const topology::Location at = in.where("per_node_year");
  sim::FailureKind kind;
  kind.component = "straggler";
  kind.per = sim::FailurePer::Node;
  kind.rate = units::per_year(in.number("per_node_year"));
  kind.effect = sim::FailureEffect::Slow;
  kind.slowdown = in.number("slowdown");
  kind.found_after = in.quantity<units::Seconds>("found_after");
  kind.loses_node = true;
  kind.away = units::days(1);
  in.explain("away", "1 day", "default: as other visits of the site team");
  kind.from = {.source = to_string(topology::Location{at.file, at.line}), .as_of = {}};
  run.kinds.push_back(std::move(kind));
}

void read_failures_of(const Values& in, const Catalog& catalog, std::string_view accelerator,
                      std::vector<Explained>* log, RunConditions& run) {
  run.failures = in.text("failures", "catalog", "the rates of the accelerator's kind");
  if (run.failures == "none") {
    return;
  }
  const topology::Location where = in.has("failures") ? in.where("failures") : topology::Location{};
  if (run.failures == "catalog") {
    run.failures = failures_for(catalog, accelerator);
  }
  run.kinds =
      read_failures(catalog.entry(EntryKind::Failure, run.failures, where), run.failures, log);
}

std::optional<units::Watts> rating_in(const Document& node) {
  const Values in(node, {});
  return in.has("rating") ? std::optional(in.quantity<units::Watts>("rating")) : std::nullopt;
}

/// Name plate of the nodes that the cluster is made of.
std::optional<units::Watts> node_rating(const Document& document, const Catalog& catalog) {
  std::string node;
  if (const Json* named = find(document.root, "/cluster/node");
      named != nullptr && named->is_string()) {
    node = named->get<std::string>();
  } else if (find(document.root, "/cluster/fabric") != nullptr) {
    const Reference fabric =
        resolve_reference(document, "/cluster/fabric", EntryKind::Fabric, catalog);
    const Json* inner = find(fabric.entry.root, "/node");
    if (inner != nullptr && inner->is_object()) {
      return rating_in(extract(fabric.entry, "/node"));
    }
    if (inner != nullptr && inner->is_string()) {
      node = inner->get<std::string>();
    }
  }
  if (node.empty()) {
    return std::nullopt;
  }
  return rating_in(catalog.entry(EntryKind::Node, node));
}

}  // namespace

std::string_view name(Terms terms) {
  return name_in(kTerms, terms);
}
std::optional<Terms> terms_from_name(std::string_view name) {
  return value_in(kTerms, name);
}

RunConditions read_run(const Values& scenario, const Catalog& catalog, std::string_view accelerator,
                       std::vector<Explained>* log) {
  RunConditions run;
  run.given = scenario.has("run");
  if (!run.given) {
    return run;
  }
  const Values in = scenario.map("run");
  if (in.has("tokens") && in.has("steps")) {
    in.refuse("steps", "tokens and steps are both given; keep one of them");
  }
  if (in.has("tokens")) {
    run.tokens = in.number("tokens");
  } else if (in.has("steps")) {
    run.steps = in.integer("steps");
  }
  read_checkpoint(in.map("checkpoint"), catalog, log, run);
  read_failures_of(in, catalog, accelerator, log, run);
  read_stragglers(in.map("stragglers"), run);
  const Document& practice = named_entry(in, "recovery", EntryKind::Recovery, "automatic",
                                         "what large sites do", catalog, run.recovery);
  run.practice = read_recovery(practice, run.recovery, log);
  if (in.text("spares", "auto", "waiting for nodes costs less than 0.1 %") != "auto") {
    run.spares = in.integer("spares");
  }
  run.spare_kind = in.word("spare_kind", run.spare_kind, spares_from_name, "hot");
  run.on_loss = in.word("on_loss", run.on_loss, on_loss_from_name, "wait");
  run.seed = static_cast<std::uint64_t>(in.integer("seed", 1));
  run.runs = in.integer("runs", run.runs);
  return run;
}

void add_reclaims(const PurchaseConditions& buying, const Catalog& catalog,
                  std::vector<Explained>* log, RunConditions& run) {
  if (buying.terms != Terms::Spot || !run.given || run.failures == "none") {
    return;
  }
  const std::string id = buying.provider == "gcp" ? "spot-gcp" : "spot-aws-h100";
  for (sim::FailureKind& kind : read_failures(catalog.entry(EntryKind::Failure, id), id, log)) {
    run.kinds.push_back(std::move(kind));
  }
}

PurchaseConditions read_purchase(const Values& scenario, const Document& document,
                                 const Catalog& catalog, std::vector<Explained>* log) {
  PurchaseConditions buy;
  buy.given = scenario.has("purchase");
  // Energy, carbon and site are asked of every run, so defaults are read without the key too.
  const Values in = scenario.map("purchase");
  std::vector<Explained> quiet;
  std::vector<Explained>* shown = buy.given ? log : &quiet;
  const Values read =
      buy.given ? in : Values(document, {{}, {}, {}, &quiet, nullptr}).map("purchase");
  buy.terms = read.word("terms", buy.terms, terms_from_name, "on-premises");
  buy.provider = read.has("provider") ? read.text("provider") : std::string();
  const Document& grid =
      named_entry(read, "region", EntryKind::Grid, "us-east", {}, catalog, buy.region);
  buy.grid = read_grid(grid, buy.region, shown);
  buy.years = read.number("years", buy.years);
  buy.utilisation = read.number("utilisation", 0.95, "share of its life that jobs use");
  if (read.has("price")) {
    buy.price = read.quantity<units::UsdPerSecond>("price");
    const topology::Location at = read.where("price");
    buy.price_source = to_string(topology::Location{at.file, at.line});
  }
  if (read.has("server_price")) {
    buy.server_price = read.quantity<units::Usd>("server_price");
    const topology::Location at = read.where("server_price");
    buy.price_source = to_string(topology::Location{at.file, at.line});
  }
  if (read.has("owned")) {
    buy.owned = read.integer("owned");
    buy.peak_terms = read.word("peak_terms", buy.peak_terms, terms_from_name, "on-demand");
  }
  if (read.has("storage")) {
    buy.storage = read.quantity<units::Bytes>("storage");
  }
  std::string id;
  const Document& cooling =
      named_entry(read, "cooling", EntryKind::Cooling, "air", {}, catalog, buy.cooling);
  buy.pue = read.has("pue") ? read.number("pue") : read_pue(cooling, buy.cooling, shown);
  const Document& habits =
      named_entry(read, "ownership", EntryKind::Ownership, "customary", {}, catalog, id);
  buy.habits = read_ownership(habits, id, shown);
  buy.node_rating = node_rating(document, catalog);
  return buy;
}

}  // namespace scenarios
