#include "scenarios/run_data.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace scenarios {

using units::BytesPerSecond;
using units::Seconds;

namespace {

constexpr double kTerabyte = 1e12;
/// Up to four passes over the same text are about as good as fresh text. Source: Muennighoff et
/// al., "Scaling Data-Constrained Language Models", arXiv 2305.16264, section 5.
constexpr double kUsefulPasses = 4;

/// What storage gives all nodes together: the whole system's, at most each client's share.
BytesPerSecond read_bandwidth(const sim::Storage& storage, const topology::ClusterSpec& cluster) {
  BytesPerSecond node = node_storage_bandwidth(cluster);
  if (storage.local || node <= BytesPerSecond{}) {
    node = storage.per_node;
  } else if (storage.per_node > BytesPerSecond{}) {
    node = std::min(node, storage.per_node);
  }
  const BytesPerSecond clients = static_cast<double>(cluster.nodes()) * node;
  if (storage.read <= BytesPerSecond{}) {
    return clients;
  }
  return clients > BytesPerSecond{} ? std::min(storage.read, clients) : storage.read;
}

WrittenText write_text(const Scenario& s, const sim::DataUse& use, ProfileStore& store) {
  const DeviceModels& models = store.models(s.cluster.accelerator);
  WrittenText w{
      .label = use.label,
      .generator = use.synthesis->generator.name,
      .tokens = use.fresh,
      .rate = sim::synthesis_rate(
          s.job(), {.device = models.device, .collectives = models.collectives}, *use.synthesis)};
  if (w.rate.tokens_per_second <= 0) {
    throw topology::InputError(
        {}, fmt::format("data.mixture.{}.tp", use.label),
        fmt::format("{} does not fit the memory of {} x {} with a sequence beside it; raise tp",
                    w.generator, use.synthesis->tp, s.cluster.accelerator.name));
  }
  w.time = units::seconds(w.tokens / w.rate.tokens_per_second);
  return w;
}

std::vector<std::string> warnings_of(const Scenario& s, const RunData& data) {
  std::vector<std::string> warnings;
  for (const sim::DataUse& u : data.uses) {
    if (data.unit == sim::DataUnit::Tokens && u.passes() > kUsefulPasses) {
      warnings.push_back(fmt::format(
          "{} is read {:.1f} times; beyond about {:g} passes the same data teaches little more "
          "(arXiv 2305.16264)",
          u.label, u.passes(), kUsefulPasses));
    }
  }
  const sim::Storage& storage = s.data.storage;
  if (storage.capacity > units::Bytes{} && data.stored > storage.capacity) {
    warnings.push_back(fmt::format("the data takes {:.1f} TB, {} holds {:.1f} TB",
                                   data.stored.base() / kTerabyte, storage.id,
                                   storage.capacity.base() / kTerabyte));
  }
  return warnings;
}

/// Whether data that may be at `places` may be read where the scenario's accelerators stand.
bool may_be_here(const std::vector<std::string>& places, const PurchaseConditions& buying) {
  return places.empty() || std::ranges::any_of(places, [&buying](const std::string& place) {
           return place == "on-premises" ? buying.terms == Terms::OnPremises
                                         : place == buying.region;
         });
}

}  // namespace

BytesPerSecond node_storage_bandwidth(const topology::ClusterSpec& cluster) {
  return cluster.storage_network
             ? cluster.storage_network->node_bandwidth
             : static_cast<double>(cluster.gpus_per_node) * cluster.nic_bandwidth;
}

double step_units(const sim::Training& training) {
  return static_cast<double>(training.global_batch) * training.sequence_length;
}

sim::Loading step_loading(const Scenario& s, Seconds step) {
  return sim::loading(s.data.mixture, s.data.unit, step_units(s.training), step,
                      {.read = read_bandwidth(s.data.storage, s.cluster),
                       .cores = s.data.cores_per_accelerator * s.cluster.gpus});
}

std::vector<sim::DataUse> data_uses(const Scenario& s, double units) {
  std::vector<sim::DataPhase> phases;
  for (const Scenario& phase : s.phases) {
    phases.push_back({.mixture = &phase.data.mixture, .units = phase.share * units});
  }
  if (phases.empty()) {
    phases.push_back({.mixture = &s.data.mixture, .units = units});
  }
  return sim::data_uses(phases, s.data.unit);
}

Seconds RunData::synthesis() const {
  Seconds all;
  for (const WrittenText& w : written) {
    all += w.time;
  }
  return all;
}

units::Joules RunData::synthesis_energy() const {
  units::Joules all;
  for (const WrittenText& w : written) {
    all += w.rate.power * w.time;
  }
  return all;
}

std::optional<RunData> run_data(const Scenario& s, double units, ProfileStore& store) {
  if (!s.data.given) {
    return std::nullopt;
  }
  RunData data{.unit = s.data.unit};
  data.uses = data_uses(s, units);
  data.human_share = sim::human_share(data.uses);
  units::Bytes acquired;
  for (const sim::DataUse& u : data.uses) {
    data.stored += u.stored;
    if (u.synthesis) {
      data.written.push_back(write_text(s, u, store));
    } else {
      acquired += u.stored;
    }
  }
  data.prices = sim::data_prices(data.uses, data.unit);
  if (s.data.ingest) {
    data.transfer = acquired / *s.data.ingest;
    if (s.data.ingest_tb.amount > units::Usd{}) {
      data.prices.push_back(sim::cost_line("transfer", acquired.base() / kTerabyte, "TB",
                                           s.data.ingest_tb.amount, s.data.ingest_tb.source));
    }
  }
  data.storage_tb_month = s.data.storage_tb_month;
  data.warnings = warnings_of(s, data);
  return data;
}

std::vector<std::string> misplaced_data(const Scenario& s) {
  std::vector<std::string> sentences;
  if (!s.buying.given) {
    return sentences;
  }
  const auto check = [&](const std::string& what, const std::vector<std::string>& places) {
    if (!may_be_here(places, s.buying)) {
      sentences.push_back(fmt::format("{} has to stay in {}, but the accelerators stand in {} ({})",
                                      what, fmt::join(places, " or "), s.buying.region,
                                      name(s.buying.terms)));
    }
  };
  const auto limits = nlohmann::json::parse(s.limits);
  if (limits.contains("residency")) {
    check("the data (limits.residency)", {limits.at("residency").get<std::string>()});
  }
  check("the data (data.stays)", s.data.stays);
  for (const sim::DataPart& part : s.data.mixture) {
    check(part.label, part.data.stays);
  }
  return sentences;
}

std::string missed_human_share(const Scenario& s, double human_share) {
  const auto limits = nlohmann::json::parse(s.limits);
  const double least = limits.value("human_share", 0.0);
  return s.data.given && human_share < least
             ? fmt::format("people made {:.1f} % of what is read, limits.human_share is {:g} %",
                           100 * human_share, 100 * least)
             : std::string();
}

}  // namespace scenarios
