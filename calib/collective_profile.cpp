#include "calib/collective_profile.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/correlation_text.hpp"
#include "calib/profile_text.hpp"
#include "topology/error.hpp"
#include "topology/names.hpp"

namespace calib {
namespace {

using Json = nlohmann::ordered_json;
using topology::InputError;
using topology::NetworkKind;
using topology::ScaleUpKind;

constexpr std::array<std::string_view, kProtocolCount> kRingKeys{"ll", "ll128", "simple"};
constexpr std::array kScaleUpNames{topology::Named<ScaleUpKind>{ScaleUpKind::None, "none"},
                                   topology::Named<ScaleUpKind>{ScaleUpKind::Pcie, "pcie"},
                                   topology::Named<ScaleUpKind>{ScaleUpKind::Switched, "switched"},
                                   topology::Named<ScaleUpKind>{ScaleUpKind::Mesh, "mesh"},
                                   topology::Named<ScaleUpKind>{ScaleUpKind::Torus, "torus"}};

/// Names and visits every coefficient group once, so that reading and writing cannot disagree.
/// Times are in us and rates in GB/s in the files.
template <class Cost, class Visit>
void each_field(Cost& cost, Visit&& visit) {
  using Plain = std::remove_const_t<Cost>;
  if constexpr (std::is_same_v<Plain, RingCost>) {
    visit("base_us", cost.base);
    visit("hop_us", cost.hop);
    visit("bandwidth", cost.bandwidth);
  } else if constexpr (std::is_same_v<Plain, InSwitchCost>) {
    visit("min_ranks", cost.min_ranks);
    visit("base_us", cost.base);
    visit("ramp_us", cost.ramp);
    visit("bandwidth", cost.bandwidth);
  } else if constexpr (std::is_same_v<Plain, PairwiseCost>) {
    visit("ll_base_us", cost.ll_base);
    visit("ll_peer_bandwidth", cost.ll_peer_bandwidth);
    visit("simple_base_us", cost.simple_base);
    visit("step_us", cost.step);
    visit("bandwidth", cost.bandwidth);
    visit("local_copy", cost.local_copy);
  } else if constexpr (std::is_same_v<Plain, RankTier>) {
    visit("above_ranks", cost.above_ranks);
    visit("bandwidth", cost.bandwidth);
    visit("lines", cost.lines);
  } else if constexpr (std::is_same_v<Plain, NetworkCost>) {
    visit("pair_efficiency", cost.pair_efficiency);
    visit("efficiency", cost.efficiency);
    visit("ll_efficiency", cost.ll_efficiency);
    visit("ll128_efficiency", cost.ll128_efficiency);
    visit("ll_hop_us", cost.ll_hop);
    visit("ll128_hop_us", cost.ll128_hop);
    visit("simple_hop_us", cost.simple_hop);
    visit("inside_hop_us", cost.inside_hop);
    visit("tree_hop_us", cost.tree_hop);
    visit("in_switch_tree_base_us", cost.in_switch_tree_base);
    visit("in_switch_tree_hop_us", cost.in_switch_tree_hop);
    visit("message_us", cost.message);
    visit("tree_rate_GB_per_s", cost.tree_rate);
    visit("in_switch_tree_rate_GB_per_s", cost.in_switch_tree_rate);
    visit("peer_channel_rate_GB_per_s", cost.peer_channel_rate);
  } else {
    static_assert(std::is_same_v<Plain, Residual>);
    visit("records", cost.records);
    visit("median", cost.median);
    visit("mean", cost.mean);
    visit("p90", cost.p90);
    visit("max", cost.max);
    visit("bias", cost.bias);
  }
}

/// Six significant digits: more than any measurement has, and the same bytes again after reading.
double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

template <class Cost>
Json to_json(const Cost& cost) {
  Json json;
  each_field(cost, [&json](const char* key, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, int>) {
      json[key] = value;
    } else if constexpr (std::is_same_v<Value, double>) {
      json[key] = rounded(value);
    } else if constexpr (std::is_same_v<Value, units::Seconds>) {
      json[key] = rounded(value.in(units::microseconds(1)));
    } else {
      json[key] = rounded(value.in(units::gigabytes_per_second(1)));
    }
  });
  return json;
}

/// A JSON value that knows its file and key path, for messages.
class Node {
 public:
  Node(const Json& json, std::string file) : json_(&json), file_(std::move(file)) {}

  [[nodiscard]] Node at(std::string_view key) const {
    const std::string path = path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    if (!json_->is_object()) {
      fail("is not an object", "write it as {...}");
    }
    const auto found = json_->find(std::string(key));
    if (found == json_->end()) {
      throw InputError({.file = file_}, path, "is missing; add it or fit the profile again");
    }
    return {*found, file_, path};
  }
  [[nodiscard]] bool has(const char* key) const {
    return json_->is_object() && json_->contains(key);
  }
  [[nodiscard]] std::string text() const {
    if (!json_->is_string()) {
      fail("is not a text", "put it in quotes");
    }
    return json_->get<std::string>();
  }
  /// A finite number that is not negative; the schema has no other kind, but for biases.
  [[nodiscard]] double number() const {
    const double value = signed_number();
    if (value < 0.0) {
      fail("is negative", "give a number of at least 0");
    }
    return value;
  }
  [[nodiscard]] double signed_number() const {
    if (!json_->is_number() || !std::isfinite(json_->get<double>())) {
      fail("is not a finite number", "give a number");
    }
    return json_->get<double>();
  }
  [[nodiscard]] int integer() const {
    if (!json_->is_number_integer() || json_->get<double>() < 0.0 || json_->get<double>() > 1e9) {
      fail("is not a count", "give a whole number from 0 to 1e9");
    }
    return json_->get<int>();
  }
  [[nodiscard]] const Json& items(Json::value_t type) const {
    if (json_->type() != type) {
      fail("has the wrong type", type == Json::value_t::array ? "write a list" : "write an object");
    }
    return *json_;
  }
  [[nodiscard]] Node child(const Json& json, std::string_view key) const {
    return {json, file_, fmt::format("{}.{}", path_, key)};
  }
  [[noreturn]] void fail(std::string_view problem, std::string_view remedy) const {
    throw InputError({.file = file_}, path_,
                     fmt::format("{} {}; {}", json_->dump().substr(0, 60), problem, remedy));
  }

 private:
  Node(const Json& json, std::string file, std::string path)
      : json_(&json), file_(std::move(file)), path_(std::move(path)) {}
  const Json* json_;
  std::string file_, path_;
};

template <class Cost>
void read_into(Cost& cost, const Node& node) {
  each_field(cost, [&node](const char* key, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    const Node field = node.at(key);
    if constexpr (std::is_same_v<Value, int>) {
      value = field.integer();
    } else if constexpr (std::is_same_v<Value, units::Seconds>) {
      value = units::microseconds(field.number());
    } else if constexpr (std::is_same_v<Value, units::BytesPerSecond>) {
      value = units::gigabytes_per_second(field.number());
    } else {
      value = std::string_view(key) == "bias" ? field.signed_number() : field.number();
      const bool divisor = std::string_view(key).ends_with("bandwidth") ||
                           std::string_view(key).ends_with("efficiency");
      if (divisor && value <= 0.0) {
        field.fail("is not positive", "give a fraction of the link's rate");
      }
    }
  });
}

Json ring_json(const CollectiveProfile& profile) {
  Json json;
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    json[std::string(kRingKeys[p])] = to_json(profile.ring[p]);
  }
  json["local_copy"] = rounded(profile.ring_local_copy);
  return json;
}

Json tiers_json(const CollectiveProfile& profile) {
  Json json = Json::array();
  for (const RankTier& tier : profile.tiers) {
    if (tier.above_ranks > 0) {
      json.push_back(to_json(tier));
    }
  }
  return json;
}

Json networks_json(const CollectiveProfile& profile) {
  Json json;
  for (std::size_t kind = 0; kind < kNetworkKindCount; ++kind) {
    json[std::string(topology::name(static_cast<NetworkKind>(kind)))] =
        to_json(profile.networks[kind]);
  }
  return json;
}

Json residuals_json(const CollectiveProfile& profile) {
  Json json = Json::object();
  for (const auto& [key, value] : profile.residuals) {
    json[key] = to_json(value);
  }
  return json;
}

Json bands_json(const CollectiveProfile& profile) {
  Json json = Json::object();
  for (const auto& [kind, bands] : profile.bands) {
    json[kind] = Json::array();
    for (const Band& band : bands) {
      Json one{{"low", rounded(band.low)}, {"high", rounded(band.high)}, {"records", band.records}};
      if (std::isfinite(band.up_to.base())) {
        one["up_to_us"] = rounded(band.up_to.in(units::microseconds(1)));
      }
      json[kind].push_back(std::move(one));
    }
  }
  return json;
}

Json fitted_json(const CollectiveProfile& profile) {
  Json json = Json::object();
  for (const auto& [kind, f] : profile.fitted) {
    Json one{{"records", f.records},
             {"names", f.names},
             {"values", Json::array()},
             {"standard_errors", Json::array()},
             {"correlation", correlation_rows(f.correlation)},
             {"outliers", f.outliers}};
    for (std::size_t i = 0; i < f.names.size(); ++i) {
      one["values"].push_back(rounded(f.values[i]));
      one["standard_errors"].push_back(rounded(f.standard_errors[i]));
    }
    json[kind] = std::move(one);
  }
  return json;
}

Json profile_json(const CollectiveProfile& profile) {
  return Json{{"schema", profile.schema},
              {"id", profile.id},
              {"accelerator", profile.accelerator},
              {"source",
               {{"tables", profile.source.tables},
                {"date", profile.source.date},
                {"command", profile.source.command},
                {"runs", profile.source.runs},
                {"parent", profile.source.parent},
                {"transferred", profile.source.transferred}}},
              {"scale_up", name_in(kScaleUpNames, profile.scale_up)},
              {"reference_bandwidth_GB_per_s",
               rounded(profile.reference_bandwidth.in(units::gigabytes_per_second(1)))},
              {"ring", ring_json(profile)},
              {"in_switch", to_json(profile.in_switch)},
              {"pairwise", to_json(profile.pairwise)},
              {"tiers", tiers_json(profile)},
              {"networks", networks_json(profile)},
              {"parameters", profile.parameters},
              {"residuals", residuals_json(profile)},
              {"bands", bands_json(profile)},
              {"fitted", fitted_json(profile)},
              {"warnings", profile.warnings}};
}

std::vector<std::string> texts(const Node& node) {
  std::vector<std::string> result;
  for (const Json& item : node.items(Json::value_t::array)) {
    result.push_back(node.child(item, std::to_string(result.size())).text());
  }
  return result;
}

std::vector<double> numbers(const Node& node) {
  std::vector<double> result;
  for (const Json& item : node.items(Json::value_t::array)) {
    result.push_back(node.child(item, std::to_string(result.size())).signed_number());
  }
  return result;
}

Bands read_bands(const Node& node) {
  Bands bands;
  for (const Json& item : node.items(Json::value_t::array)) {
    const Node one = node.child(item, std::to_string(bands.size()));
    Band band;
    band.low = one.at("low").number();
    band.high = one.at("high").number();
    band.records = one.at("records").integer();
    if (one.has("up_to_us")) {
      band.up_to = units::microseconds(one.at("up_to_us").number());
    }
    bands.push_back(band);
  }
  return bands;
}

FittedParameters read_fitted(const Node& node) {
  FittedParameters f;
  f.records = node.at("records").integer();
  f.names = texts(node.at("names"));
  f.values = numbers(node.at("values"));
  f.standard_errors = numbers(node.at("standard_errors"));
  f.outliers = texts(node.at("outliers"));
  const std::size_t p = f.names.size();
  const auto correlation = correlation_from(texts(node.at("correlation")), p);
  if (f.values.size() != p || f.standard_errors.size() != p || !correlation) {
    node.fail("does not fit together", "give a value and a standard error for each name");
  }
  f.correlation = *correlation;
  return f;
}

/// What profiles that were made before `gpuplan calibrate` do not have.
void read_certainty(CollectiveProfile& profile, const Node& root) {
  const Node source = root.at("source");
  if (source.has("runs")) {
    profile.source.runs = texts(source.at("runs"));
    profile.source.parent = source.at("parent").text();
    profile.source.transferred = texts(source.at("transferred"));
  }
  if (root.has("bands")) {
    const Node bands = root.at("bands");
    for (const auto& [kind, value] : bands.items(Json::value_t::object).items()) {
      profile.bands[kind] = read_bands(bands.child(value, kind));
    }
  }
  if (root.has("fitted")) {
    const Node fitted = root.at("fitted");
    for (const auto& [kind, value] : fitted.items(Json::value_t::object).items()) {
      profile.fitted[kind] = read_fitted(fitted.child(value, kind));
    }
  }
}

void read_tiers(CollectiveProfile& profile, const Node& node) {
  std::size_t next = 0;
  for (const Json& item : node.items(Json::value_t::array)) {
    if (next == profile.tiers.size()) {
      node.fail("has too many entries", fmt::format("keep at most {}", profile.tiers.size()));
    }
    read_into(profile.tiers[next], node.child(item, std::to_string(next)));
    ++next;
  }
}

CollectiveProfile from_json(const Node& root) {
  CollectiveProfile profile;
  profile.schema = root.at("schema").integer();
  if (profile.schema != kCollectiveProfileSchema) {
    root.at("schema").fail("is not a version that this program reads",
                           fmt::format("expected {}", kCollectiveProfileSchema));
  }
  profile.id = root.at("id").text();
  profile.accelerator = root.at("accelerator").text();
  profile.source.tables = texts(root.at("source").at("tables"));
  profile.source.date = root.at("source").at("date").text();
  profile.source.command = root.at("source").at("command").text();
  const auto kind = value_in(kScaleUpNames, root.at("scale_up").text());
  if (!kind) {
    root.at("scale_up").fail("is not a scale-up network", "e.g. \"switched\"");
  }
  profile.scale_up = *kind;
  profile.reference_bandwidth =
      units::gigabytes_per_second(root.at("reference_bandwidth_GB_per_s").number());
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    read_into(profile.ring[p], root.at("ring").at(kRingKeys[p]));
  }
  profile.ring_local_copy = root.at("ring").at("local_copy").number();
  read_into(profile.in_switch, root.at("in_switch"));
  read_into(profile.pairwise, root.at("pairwise"));
  read_tiers(profile, root.at("tiers"));
  for (std::size_t k = 0; k < kNetworkKindCount; ++k) {
    read_into(profile.networks[k],
              root.at("networks").at(topology::name(static_cast<NetworkKind>(k))));
  }
  profile.parameters = root.at("parameters").integer();
  const Node residuals = root.at("residuals");
  for (const auto& [key, value] : residuals.items(Json::value_t::object).items()) {
    read_into(profile.residuals[key], residuals.child(value, key));
  }
  read_certainty(profile, root);
  profile.warnings = texts(root.at("warnings"));
  return profile;
}

}  // namespace

CollectiveProfile transfer_collectives(const CollectiveProfile& nearest,
                                       const topology::Accelerator& to) {
  CollectiveProfile profile = nearest;
  profile.id = fmt::format("collectives-{}", to.id);
  profile.accelerator = to.id;
  profile.scale_up = to.scale_up.kind;
  profile.reference_bandwidth = to.scale_up.bandwidth;
  if (to.scale_up.kind != ScaleUpKind::Pcie) {
    profile.tiers = {};
  }
  constexpr double kWider = 0.2;  // as assumed for kernels, see calib/profile.cpp
  for (auto& [kind, bands] : profile.bands) {
    for (Band& band : bands) {
      band.low *= 1.0 - kWider;
      band.high *= 1.0 + kWider;
    }
  }
  profile.source.parent = nearest.id;
  profile.source.transferred = {"all coefficients"};
  profile.warnings.push_back(fmt::format(
      "collectives on {} were not measured: latencies and plateau fractions are those of {}", to.id,
      nearest.accelerator));
  if (to.scale_up.kind != nearest.scale_up) {
    profile.warnings.back() += fmt::format(", whose scale-up network is {} instead of {}",
                                           name_in(kScaleUpNames, nearest.scale_up),
                                           name_in(kScaleUpNames, to.scale_up.kind));
  }
  return profile;
}

CollectiveProfile read_collective_profile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw InputError({.file = file.string()}, "", "cannot be read; check the path");
  }
  Json json;
  try {
    in >> json;
  } catch (const Json::exception& error) {
    throw InputError({.file = file.string()}, "",
                     fmt::format("is not JSON ({}); give a collective profile", error.what()));
  }
  const bool within = json.is_object() && json.contains("collectives");
  return from_json(within ? Node(json, file.string()).at("collectives")
                          : Node(json, file.string()));
}

std::string collective_profile_text(const CollectiveProfile& profile) {
  return profile_json(profile).dump(2) + "\n";
}

void write_collective_profile(const CollectiveProfile& profile, const std::filesystem::path& file) {
  std::filesystem::path temporary = file;
  temporary += ".tmp";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << collective_profile_text(profile);
  out.close();
  std::error_code failed;
  if (out) {
    std::filesystem::rename(temporary, file, failed);
  }
  if (!out || failed) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw topology::RuntimeFailure(fmt::format("{}: cannot be written", file.string()));
  }
}

}  // namespace calib
