#include "scenarios/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/collective_catalog.hpp"
#include "calib/fit/collective.hpp"
#include "calib/fit/covariance.hpp"
#include "calib/fit/device.hpp"
#include "calib/fit/reference_hardware.hpp"
#include "calib/import/any.hpp"
#include "calib/import/known_words.hpp"
#include "calib/profile_text.hpp"
#include "calib/statistics.hpp"
#include "scenarios/atomic_file.hpp"
#include "scenarios/cluster_option.hpp"
#include "scenarios/import_measurements.hpp"
#include "scenarios/residual_points.hpp"
#include "sim/collective/collective.hpp"
#include "sim/collective/validate.hpp"
#include "topology/error.hpp"
#include "topology/suggest.hpp"

namespace scenarios {

using calib::CalibrationSet;
using calib::CollectiveMeasurement;
using nlohmann::ordered_json;
using topology::InputError;
using topology::NetworkKind;

namespace {

constexpr std::size_t kFewestInside = 20, kFewestAcross = 8;
/// Published sweeps count from this size where kernel tables are there too: below it, the host's
/// overhead differs from harness to harness.
constexpr units::Bytes kHarnessesAgreeFrom = units::mebibytes(16);
constexpr units::Bytes kPublishedFrom = units::bytes(1024);  ///< where there is nothing else

std::vector<calib::Records> read_all(const CalibrateOptions& options) {
  calib::Description known = options.known;
  known.accelerator.clear();  // it chooses among accelerators; it does not rename them
  std::vector<calib::Records> all;
  for (const std::filesystem::path& file : options.files) {
    all.push_back(calib::import_measurements(file, known));
    for (calib::RunRecords& run : all.back().runs) {
      std::string& accelerator = run.header.machine.accelerator;
      accelerator = accelerator.empty() ? options.known.accelerator : accelerator;
    }
  }
  return all;
}

std::string chosen_accelerator(const CalibrateOptions& options,
                               const std::vector<calib::Records>& records, const Catalog& catalog) {
  std::vector<std::string> measured = calib::accelerators_of(records);
  std::string wanted = options.known.accelerator;
  if (wanted.empty()) {
    std::erase(measured, "");
    if (measured.empty()) {
      throw InputError("no run says which accelerator was measured; add --accelerator NAME");
    }
    if (measured.size() > 1) {
      throw InputError(
          fmt::format("the files hold measurements of {}; choose one with --accelerator",
                      topology::quoted_list(measured, "and")));
    }
    wanted = measured.front();
  }
  const auto id = catalog.accelerator_id(wanted);
  if (!id) {
    throw InputError(
        fmt::format("the catalog has no accelerator \"{}\"; see gpuplan catalog "
                    "accelerators",
                    wanted));
  }
  return *id;
}

// ---- kernels

std::string profile_file(const Catalog& catalog, const std::string& name) {
  return (catalog.directory() / "profiles" / (name + ".json")).string();
}

calib::DeviceProfile device_parent(const CalibrateOptions& options, const Catalog& catalog,
                                   const topology::Accelerator& accelerator) {
  if (options.parent == "none") {
    return calib::reference_parent(accelerator.id);
  }
  std::string file = options.parent;
  if (file.empty()) {
    const std::string own = profile_file(catalog, accelerator.id);
    file = std::filesystem::exists(own) ? own : profile_file(catalog, accelerator.profile);
  } else if (!std::filesystem::exists(file)) {
    file = profile_file(catalog, options.parent);
  }
  calib::DeviceProfile parent = calib::read_profile(file);
  return parent.accelerator == accelerator.id ? parent : calib::transfer(parent, accelerator);
}

// ---- collectives

/// The network between the ranks of a record; None inside a domain.
NetworkKind network_between(const CollectiveMeasurement& m, const topology::ClusterSpec& cluster) {
  return m.nodes > 1 ? cluster.network : NetworkKind::None;
}

calib::Allowed allowed_for(const CollectiveMeasurement& m) {
  calib::Allowed allowed;
  if (m.algorithm) {
    allowed = allowed.only(*m.algorithm);
  }
  if (m.protocol) {
    allowed = allowed.only(*m.protocol);
  }
  return m.precision == topology::Precision::Int8 ? allowed.without(calib::Algorithm::Nvls)
                                                  : allowed;  // the switch has no int8 sum
}

calib::CollectiveObservation observation_of(
    const CalibrationSet::Of<CollectiveMeasurement>& record) {
  const CollectiveMeasurement& m = record.measurement;
  constexpr double kModelError = 0.05;
  return {.op = m.op,
          .ranks = static_cast<int>(m.ranks),
          .size = m.bytes,
          .time = m.measured.time,
          .allowed = allowed_for(m),
          .weight = calib::weight_of_noise(m.measured.noise.value_or(0.0), kModelError),
          .where = fmt::format("{}:{}", record.where, record.line)};
}

/// One measured collective with what is needed to predict it.
struct Placed {
  std::size_t index = 0;  ///< in the set
  calib::CollectiveObservation seen;
  topology::ClusterSpec cluster;
  sim::Group group;
  NetworkKind network = NetworkKind::None;
  bool in_fit = true;

  [[nodiscard]] std::optional<units::Seconds> time(const calib::CollectiveProfile& p) const {
    const auto cost = sim::collective_cost(cluster, p, seen.op, seen.size, group, seen.allowed);
    return cost ? std::optional(cost->time) : std::nullopt;
  }
};

std::vector<Placed> place(const CalibrationSet& set, const topology::Accelerator& accelerator,
                          const Catalog& catalog) {
  std::map<std::string, topology::ClusterSpec> clusters;
  bool bare = false;  // records of kernel tables, without a system
  for (const auto& record : set.collectives) {
    bare = bare || (record.measurement.nodes == 1 && !record.measurement.system);
  }
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < set.collectives.size(); ++i) {
    const CollectiveMeasurement& m = set.collectives[i].measurement;
    const std::string key =
        fmt::format("{}/{}/{}/{}/{}", m.system.value_or(""), m.ranks, m.nodes, name(m.transport),
                    m.nic_bandwidth.value_or(units::BytesPerSecond{}).base());
    auto at = clusters.find(key);
    if (at == clusters.end()) {
      at = clusters.emplace(key, measured_cluster(m, accelerator, catalog)).first;
    }
    const int ranks = static_cast<int>(m.ranks), nodes = static_cast<int>(m.nodes);
    Placed p{.index = i,
             .seen = observation_of(set.collectives[i]),
             .cluster = at->second,
             .group = {.ranks = ranks, .per_domain = (ranks + nodes - 1) / nodes},
             .network = network_between(m, at->second)};
    p.in_fit = nodes > 1 || !m.system || m.bytes >= (bare ? kHarnessesAgreeFrom : kPublishedFrom);
    placed.push_back(std::move(p));
  }
  return placed;
}

/// Where a fit without a parent starts: the documented defaults for the accelerator's scale-up
/// links.
calib::CollectiveProfile collective_start(const topology::Accelerator& accelerator) {
  calib::CollectiveProfile profile;
  profile.id = fmt::format("collectives-{}", accelerator.id);
  profile.accelerator = accelerator.id;
  if (accelerator.scale_up.kind == topology::ScaleUpKind::Pcie) {
    profile.tiers = {
        {{.above_ranks = 2, .bandwidth = 0.25}, {.above_ranks = 4, .bandwidth = 0.06}}};
    profile.warnings.emplace_back(
        "groups of more than 2 and 4 ranks cross slower PCIe tiers (switch, socket, both sockets) "
        "as on the one server measured; other servers differ");
  }
  if (!accelerator.scale_up.in_switch_reduction) {
    profile.in_switch.min_ranks = 0;
  }
  if (accelerator.scale_up.kind == topology::ScaleUpKind::Mesh) {
    profile.warnings.emplace_back(
        "fitted to all-reduce sweeps of one publication; other collectives follow from the shared "
        "model");
  }
  if (accelerator.id == "a100-80") {
    // EFA of the first generation, 4 x 100 Gbit/s: 161 us for a small all-reduce on two p4de nodes
    // (nccl-tests).
    calib::NetworkCost& efa = profile.networks[static_cast<std::size_t>(NetworkKind::Efa)];
    for (units::Seconds* hop :
         {&efa.ll_hop, &efa.ll128_hop, &efa.simple_hop, &efa.tree_hop, &efa.in_switch_tree_hop}) {
      *hop += units::microseconds(40);
    }
  }
  return profile;
}

calib::CollectiveProfile collective_parent(const CalibrateOptions& options, const Catalog& catalog,
                                           const topology::Accelerator& accelerator) {
  if (options.parent == "none") {
    return collective_start(accelerator);
  }
  if (!options.parent.empty() && std::filesystem::exists(options.parent)) {
    calib::CollectiveProfile parent = calib::read_collective_profile(options.parent);
    return parent.accelerator == accelerator.id ? parent
                                                : calib::transfer_collectives(parent, accelerator);
  }
  if (!options.parent.empty()) {
    return calib::collective_profile_for(catalog.accelerator(options.parent),
                                         catalog.directory() / "profiles");
  }
  return calib::collective_profile_for(accelerator, catalog.directory() / "profiles");
}

void fit_inside(calib::CollectiveProfile& profile, const std::vector<Placed>& placed,
                const topology::Accelerator& accelerator) {
  std::vector<calib::CollectiveObservation> inside;
  for (const Placed& p : placed) {
    if (p.network == NetworkKind::None && p.in_fit) {
      inside.push_back(p.seen);
    }
  }
  if (inside.size() < kFewestInside) {
    profile.source.transferred.emplace_back("collectives inside a domain");
    return;
  }
  const calib::CollectiveProfile::Source source = profile.source;
  const calib::BandsByKind bands = profile.bands;
  profile = calib::fit_collectives(inside, accelerator.scale_up, std::move(profile));
  profile.source = source;
  const auto across = bands.find("across");
  if (across != bands.end()) {
    profile.bands.insert(*across);
  }
}

/// What the network's coefficients, which were not fitted to them, make of these records.
void judge_across(calib::CollectiveProfile& profile, const std::vector<Placed>& placed) {
  std::vector<calib::HeldOut> held_out;
  std::vector<double> errors;
  for (const Placed& p : placed) {
    const auto time = p.network == NetworkKind::None ? std::nullopt : p.time(profile);
    if (time) {
      held_out.push_back({.predicted = *time, .measured = p.seen.time, .group = 0});
      errors.push_back(*time / p.seen.time - 1.0);
    }
  }
  if (held_out.size() >= 2 * kFewestInside) {
    profile.bands["across"] = calib::bands_from(held_out);
    profile.residuals["across domains, not fitted"] = calib::residual(errors);
  }
}

void fit_across(calib::CollectiveProfile& profile, const std::vector<Placed>& placed) {
  std::set<NetworkKind> kinds;
  for (const Placed& p : placed) {
    if (p.network != NetworkKind::None) {
      kinds.insert(p.network);
    }
  }
  calib::Bands all;
  for (const NetworkKind kind : kinds) {
    std::vector<const Placed*> chosen;
    std::vector<calib::CollectiveObservation> seen;
    for (const Placed& p : placed) {
      if (p.network == kind && p.time(profile)) {
        chosen.push_back(&p);
        seen.push_back(p.seen);
      }
    }
    if (seen.size() < kFewestAcross) {
      profile.source.transferred.push_back(
          fmt::format("network {} ({} records are too few)", topology::name(kind), seen.size()));
      continue;
    }
    const calib::PredictedTime predicted = [&chosen](const calib::CollectiveProfile& p,
                                                     std::size_t i) { return *chosen[i]->time(p); };
    profile = calib::fit_network(seen, kind, predicted, std::move(profile));
    const calib::Bands& own = profile.bands["across"];
    all = all.empty() || own.front().high > all.front().high ? own : all;
  }
  if (!all.empty()) {
    profile.bands["across"] = all;  // of the network that is predicted least well
  }
}

void fit_all_collectives(Calibration& c, const CalibrateOptions& options, const Catalog& catalog,
                         const topology::Accelerator& accelerator) {
  calib::CollectiveProfile profile = collective_parent(options, catalog, accelerator);
  const std::string parent = options.parent == "none" ? std::string() : profile.id;
  profile.id = fmt::format("collectives-{}", accelerator.id);
  profile.source = {.tables = c.set.files,
                    .date = {},
                    .command = {},
                    .runs = c.set.runs,
                    .parent = parent,
                    .transferred = {}};
  const std::vector<Placed> placed = place(c.set, accelerator, catalog);
  fit_inside(profile, placed, accelerator);
  if (options.inside_only) {
    judge_across(profile, placed);
  } else {
    fit_across(profile, placed);
  }
  if (profile.source.transferred.empty() || options.inside_only) {
    profile.source.transferred.emplace_back("networks without records: documented defaults");
  }
  for (const Placed& p : placed) {
    c.collective_times.push_back(p.time(profile));
  }
  c.collectives = std::move(profile);
}

// ---- what is printed

/// The command as it can be given again: file names without their folders.
std::string command_of(const CalibrateOptions& options) {
  std::string command = "gpuplan calibrate";
  for (const std::filesystem::path& file : options.files) {
    command += " " + file.filename().string();
  }
  const auto add = [&command](const char* option, const std::string& value) {
    command += value.empty() ? "" : fmt::format(" {} {}", option, value);
  };
  add("--accelerator", options.known.accelerator);
  for (const std::string& name : options.also) {
    add("--also", name);
  }
  add("--system", options.known.system);
  add("--date", options.known.started);
  add("--nodes", options.known.nodes > 0 ? std::to_string(options.known.nodes) : "");
  add("--parent", std::filesystem::path(options.parent).filename().string());
  command += options.inside_only ? " --inside-only" : "";
  add("--out", options.out.filename().string());
  return command;
}

/// The latest date among the runs; empty where none has one.
std::string latest_date(const std::vector<calib::Records>& records) {
  std::string latest;
  for (const calib::Records& file : records) {
    for (const calib::RunRecords& run : file.runs) {
      const std::string& started = run.header.started;
      if (started != "unknown") {
        latest = std::max(latest, started.substr(0, 10));
      }
    }
  }
  return latest;
}

template <class Visit>
void each_residual(const Calibration& c, const Visit& visit) {
  if (c.device) {
    for (const auto& [kind, r] : c.device->residuals) {
      visit(kind, r);
    }
  }
  if (c.collectives) {
    for (const auto& [kind, r] : c.collectives->residuals) {
      const bool of_group = kind.find(" on ") != std::string::npos;
      if (!of_group) {
        visit("collectives, " + kind, r);
      }
    }
  }
}

template <class Visit>
void each_fit(const Calibration& c, const Visit& visit) {
  if (c.device) {
    for (const auto& [kind, f] : c.device->fitted) {
      visit(kind, f);
    }
  }
  if (c.collectives) {
    for (const auto& [kind, f] : c.collectives->fitted) {
      visit("collectives, " + kind, f);
    }
  }
}

int free_parameters(const Calibration& c) {
  int count = 0;
  each_fit(c, [&count](const std::string&, const calib::FittedParameters& f) {
    count += static_cast<int>(f.names.size());
  });
  return count;
}

/// How well each file's collectives come back, by file.
std::map<std::string, std::vector<double>> collective_errors(const Calibration& c) {
  std::map<std::string, std::vector<double>> errors;
  for (std::size_t i = 0; i < c.collective_times.size(); ++i) {
    if (c.collective_times[i]) {
      const auto& record = c.set.collectives[i];
      errors[record.where].push_back(*c.collective_times[i] / record.measurement.measured.time -
                                     1.0);
    }
  }
  return errors;
}

ordered_json json_of(const calib::Residual& r) {
  return {{"records", r.records},   {"median_abs_error", r.median}, {"mean_abs_error", r.mean},
          {"p90_abs_error", r.p90}, {"max_abs_error", r.max},       {"bias", r.bias}};
}

std::string json_text(const Calibration& c, const CalibrateOptions& options) {
  ordered_json j;
  j["out"] = options.out.string();
  j["accelerator"] = c.set.accelerator;
  j["files"] = c.set.files;
  j["free_parameters"] = free_parameters(c);
  each_residual(c, [&j](const std::string& kind, const calib::Residual& r) {
    j["residuals"][kind] = json_of(r);
  });
  for (const auto& [file, errors] : collective_errors(c)) {
    j["reproduced"][file] = json_of(calib::residual(errors));
  }
  j["outliers"] = ordered_json::array();
  each_fit(c, [&j](const std::string&, const calib::FittedParameters& f) {
    for (const std::string& sentence : f.outliers) {
      j["outliers"].push_back(sentence);
    }
  });
  j["left_out"] = c.set.left_out;
  for (const auto& source :
       {c.device ? c.device->source.transferred : std::vector<std::string>{},
        c.collectives ? c.collectives->source.transferred : std::vector<std::string>{}}) {
    for (const std::string& what : source) {
      j["transferred"].push_back(what);
    }
  }
  j["warnings"] = c.warnings;
  return j.dump(2) + "\n";
}

std::string residual_row(const std::string& kind, const calib::Residual& r) {
  return fmt::format("  {:<44}{:>7}{:>8.1f} %{:>8.1f} %{:>8.1f} %{:>+8.1f} %\n", kind, r.records,
                     100 * r.median, 100 * r.p90, 100 * r.max, 100 * r.bias);
}

std::string table_text(const Calibration& c, const CalibrateOptions& options) {
  std::string text = fmt::format("{}: profile of {}, {} free parameters\n", options.out.string(),
                                 c.set.accelerator, free_parameters(c));
  text += fmt::format("  {:<44}{:>7}{:>10}{:>10}{:>10}{:>10}\n", "fit", "records", "median", "p90",
                      "max", "bias");
  each_residual(c, [&text](const std::string& kind, const calib::Residual& r) {
    text += residual_row(kind, r);
  });
  const auto errors = collective_errors(c);
  if (!errors.empty()) {
    text += "collectives reproduced, by file\n";
  }
  for (const auto& [file, list] : errors) {
    text += residual_row(file, calib::residual(list));
  }
  if (c.device) {
    for (const std::string& what : c.device->source.transferred) {
      text += fmt::format("  not measured: {}\n", what);
    }
  }
  if (c.collectives) {
    for (const std::string& what : c.collectives->source.transferred) {
      text += fmt::format("  not measured: {}\n", what);
    }
  }
  for (const auto& [reason, count] : c.set.left_out) {
    text += fmt::format("  left out: {} records: {}\n", count, reason);
  }
  each_fit(c, [&text](const std::string& kind, const calib::FittedParameters& f) {
    for (std::size_t i = 0; i < std::min<std::size_t>(3, f.outliers.size()); ++i) {
      text += fmt::format("  outlier of {}: {}\n", kind, f.outliers[i]);
    }
  });
  return text;
}

}  // namespace

topology::ClusterSpec measured_cluster(const CollectiveMeasurement& m,
                                       const topology::Accelerator& accelerator,
                                       const Catalog& catalog) {
  const std::vector<std::string> fabrics = catalog.names(EntryKind::Fabric);
  const bool known =
      m.system && std::find(fabrics.begin(), fabrics.end(), *m.system) != fabrics.end();
  if (known && m.nodes > 1) {
    return load_cluster(*m.system, static_cast<int>(m.ranks), {}, catalog);
  }
  calib::MeasuredCollective row;
  row.ranks = static_cast<int>(m.ranks);
  row.per_domain = static_cast<int>((m.ranks + m.nodes - 1) / m.nodes);
  row.network = m.nodes > 1 ? calib::network_of(m.transport) : NetworkKind::None;
  // As the truth tables have it where a source is silent: NDR or its equal.
  row.nic_bandwidth = m.nic_bandwidth.value_or(units::gigabits_per_second(400));
  return sim::cluster_of(row, accelerator);
}

std::string profile_text(const Calibration& c) {
  if (!c.device) {
    return calib::collective_profile_text(*c.collectives);
  }
  if (!c.collectives) {
    return calib::profile_text(*c.device);
  }
  ordered_json both = ordered_json::parse(calib::profile_text(*c.device));
  both["collectives"] = ordered_json::parse(calib::collective_profile_text(*c.collectives));
  return both.dump(2) + "\n";
}

Calibration calibrate_records(const CalibrateOptions& options, const Catalog& catalog) {
  const std::vector<calib::Records> records = read_all(options);
  const std::string id = chosen_accelerator(options, records, catalog);
  const topology::Accelerator accelerator = catalog.accelerator(id);
  Calibration c;
  for (const calib::Records& file : records) {
    c.warnings.insert(c.warnings.end(), file.warnings.begin(), file.warnings.end());
  }
  std::vector<std::string> own = options.also;
  for (const std::string& spelling : calib::accelerators_of(records)) {
    if (catalog.accelerator_id(spelling) == id) {
      own.push_back(spelling);
    }
  }
  c.set = calib::calibration_set(records, id, own);
  if (!c.set.has_kernels() && c.set.collectives.empty()) {
    throw InputError(
        fmt::format("the files hold no measurement of {} that a fit can use; they "
                    "measured {}",
                    id, topology::quoted_list(calib::accelerators_of(records), "and")));
  }
  const std::string date = latest_date(records), command = command_of(options);
  if (c.set.has_kernels()) {
    c.device = calib::fit_device(c.set, device_parent(options, catalog, accelerator));
    c.device->source.date = date;
    c.device->source.command = command;
  }
  if (!c.set.collectives.empty()) {
    fit_all_collectives(c, options, catalog, accelerator);
    c.collectives->source.date = date;
    c.collectives->source.command = command;
  }
  return c;
}

int calibrate(const CalibrateOptions& options) {
  const Catalog catalog = Catalog::open();
  const Calibration c = calibrate_records(options, catalog);
  for (const std::string& warning : c.warnings) {
    fmt::print(stderr, "gpuplan: {}\n", warning);
  }
  if (!options.report.empty()) {
    write_file(options.report, calibration_page(c));
  }
  if (!options.residuals.empty()) {
    write_file(options.residuals, residual_csv(c));
  }
  write_file(options.out, profile_text(c));
  fmt::print("{}",
             options.format == OutputFormat::Json ? json_text(c, options) : table_text(c, options));
  return 0;
}

}  // namespace scenarios
