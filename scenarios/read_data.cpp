// The part of a scenario that says what the run reads: key data.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/run_entries.hpp"
#include "scenarios/scenario_parts.hpp"

namespace scenarios {

namespace {

using units::Bytes;

/// Where a figure stands that the user gave.
sim::PriceSource said_here(const Values& in, std::string_view key) {
  const topology::Location at = in.where(key);
  return {.provider = "scenario",
          .region = "any",
          .from = {.source = to_string(topology::Location{at.file, at.line}), .as_of = {}}};
}

void read_price(const Values& in, std::string_view key, sim::DataPrice& price) {
  if (in.has(key)) {
    price = {.amount = in.quantity<units::Usd>(key), .source = said_here(in, key)};
  }
}

/// "on-premises", and the regions that the catalog has an electricity grid for.
std::vector<std::string> read_places(const Values& in, const Catalog& catalog) {
  std::vector<std::string> places;
  if (!in.has("stays")) {
    return places;
  }
  const std::vector<std::string> regions = catalog.names(EntryKind::Grid);
  for (const Json& one : in.json("stays")) {
    places.push_back(one.get<std::string>());
    if (places.back() != "on-premises" && std::ranges::count(regions, places.back()) == 0) {
      in.refuse("stays", fmt::format("\"{}\" is no place; use on-premises or one of {}",
                                     places.back(), fmt::join(regions, ", ")));
    }
  }
  return places;
}

/// What the user says of a dataset, over what the catalog says.
void read_own_figures(const Values& in, const Catalog& catalog, sim::Dataset& data) {
  data.modality = in.has("modality")
                      ? in.word("modality", data.modality, sim::modality_from_name, "text")
                      : data.modality;
  data.tokens = in.has("tokens") ? in.number("tokens") : data.tokens;
  data.samples = in.has("samples") ? in.number("samples") : data.samples;
  data.bytes = in.quantity("bytes", data.bytes);
  data.decode = in.quantity("decode", data.decode);
  data.human = in.has("human") ? in.number("human") : data.human;
  if (in.has("stays")) {
    data.stays = read_places(in, catalog);
  }
  read_price(in, "price", data.whole);
  read_price(in, "price_per_billion_tokens", data.billion_tokens);
  read_price(in, "price_per_sample", data.sample);
  read_price(in, "annotation_per_sample", data.annotation);
}

sim::Dataset read_dataset_of(const Values& in, const std::string& label, sim::DataUnit unit,
                             const Catalog& catalog, std::vector<Explained>* log) {
  sim::Dataset data;
  const std::vector<std::string> known = catalog.names(EntryKind::Dataset);
  if (in.has("dataset") || std::ranges::count(known, label) > 0) {
    const std::string id = in.text("dataset", label, "the ingredient's name");
    const topology::Location where = in.has("dataset") ? in.where("dataset") : topology::Location{};
    data = read_dataset(catalog.entry(EntryKind::Dataset, id, where), id, log);
  } else if (!in.has("bytes")) {
    in.refuse(
        "dataset",
        fmt::format("\"{}\" is no dataset of the catalog (gpuplan catalog datasets); name one, "
                    "or say yourself what it holds: bytes, and tokens or samples",
                    label));
  }
  read_own_figures(in, catalog, data);
  if (data.units(unit) <= 0) {
    const bool tokens = unit == sim::DataUnit::Tokens;
    in.refuse(tokens ? "tokens" : "samples",
              fmt::format("the model counts {0}, and how many of them \"{1}\" holds is not known; "
                          "add {0}",
                          tokens ? "tokens" : "samples", label));
  }
  return data;
}

/// Figures are per token: the text is as long as the run asks for, and nobody reads it but the run.
sim::Dataset written_text() {
  constexpr double kBytesPerToken = 4;  // tokenised, 32 bits each
  return {.tokens = 1, .bytes = units::bytes(kBytesPerToken), .human = 0};
}

sim::Synthesis read_synthesis(const Values& in, const Catalog& catalog) {
  sim::Synthesis s;
  s.generator = catalog.model(in.text("generator"), in.where("generator"));
  if (s.generator.has_towers() || !s.generator.causal) {
    in.refuse("generator",
              fmt::format("{} does not write text; use a causal language model", s.generator.name));
  }
  s.prompt_length = in.integer("prompt_length", 500, "a seed text and what to make of it");
  s.response_length = in.integer("response_length", 800, "a textbook section, as in Cosmopedia");
  s.tp = in.integer("tp", 1);
  if (s.generator.heads % s.tp != 0) {
    in.refuse("tp", fmt::format("{} does not divide {} attention heads", s.tp, s.generator.heads));
  }
  s.kept = in.number("kept", 1.0, "nothing is filtered out");
  return s;
}

sim::DataPart read_part(const Values& in, const std::string& label, sim::DataUnit unit,
                        const Catalog& catalog, std::vector<Explained>* log) {
  sim::DataPart part{.label = label};
  part.share = in.number("weight", 1.0);
  if (in.has("generator")) {
    if (unit == sim::DataUnit::Samples) {
      in.refuse("generator",
                "only text is written by a model here; a model of towers reads "
                "samples: give a dataset");
    }
    part.synthesis = read_synthesis(in, catalog);
    part.data = written_text();
    return part;
  }
  part.data = read_dataset_of(in, label, unit, catalog, log);
  part.annotated = in.has("annotated") ? in.number("annotated") : 0.0;
  return part;
}

}  // namespace

DataConditions read_data(const Values& scenario, const Catalog& catalog,
                         const sim::ModelSpec& model, const topology::ClusterSpec& cluster,
                         const RunConditions& run, std::vector<Explained>* log) {
  DataConditions data;
  data.given = scenario.has("data");
  if (!data.given) {
    return data;
  }
  const Values in = scenario.map("data");
  data.unit = model.has_towers() ? sim::DataUnit::Samples : sim::DataUnit::Tokens;
  const Values mixture = in.map("mixture");
  double weights = 0;
  for (const std::string& label : mixture.keys()) {
    data.mixture.push_back(read_part(mixture.map(label), label, data.unit, catalog, log));
    weights += data.mixture.back().share;
  }
  if (weights <= 0) {
    in.refuse("mixture",
              "holds nothing with a weight above 0; name what is read, such as "
              "{fineweb: {weight: 1}} (gpuplan catalog datasets)");
  }
  for (sim::DataPart& part : data.mixture) {
    part.share /= weights;
  }
  const std::string id =
      in.text("storage", run.given ? run.storage.id : "per-node-2gb-s", "that of the checkpoints");
  const StorageEntry storage =
      read_storage(catalog.entry(EntryKind::Storage, id,
                                 in.has("storage") ? in.where("storage") : topology::Location{}),
                   id, log);
  data.storage = storage.storage;
  data.storage_tb_month = storage.per_tb_month;
  // A core of each accelerator's process is busy launching work.
  const bool known = cluster.cpu_cores > 0;
  const double cores =
      known ? static_cast<double>(cluster.cpu_cores) / cluster.gpus_per_node : 14.0;
  data.cores_per_accelerator =
      in.number("cores_per_accelerator", std::max(0.5, cores - 1.0),
                known ? "the node's cores, less one for each accelerator's process"
                      : "as a DGX H100: 112 cores for 8, less one for each accelerator's process");
  data.stays = read_places(in, catalog);
  if (in.has("ingest")) {
    const Values ingest = in.map("ingest");
    data.ingest = ingest.quantity<units::BytesPerSecond>("bandwidth");
    read_price(ingest, "price_per_tb", data.ingest_tb);
  }
  return data;
}

}  // namespace scenarios
