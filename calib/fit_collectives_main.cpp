// Makes the catalog's collective profiles from tables of measured collectives, one command for all
// of them:
//   gpuplan-fit-collectives FOLDER TABLE.csv...
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "calib/collective_profile.hpp"
#include "calib/collective_tables.hpp"
#include "calib/csv.hpp"
#include "calib/fit/collective.hpp"
#include "topology/error.hpp"
#include "topology/hardware.hpp"

namespace {

using calib::CollectiveObservation;
using calib::CollectiveProfile;
using topology::ScaleUpKind;
using units::gigabytes_per_second;
using units::mebibytes;
using units::microseconds;

constexpr std::string_view kUsage =
    "usage: gpuplan-fit-collectives FOLDER TABLE.csv...\n"
    "Fits a profile to the measured collectives of each known accelerator and writes it to\n"
    "FOLDER/collectives-ACCELERATOR.json. Tables: kernel timings or published sweeps.\n";

/// What is fitted: an accelerator, those whose measurements count as its own, and its scale-up
/// network as in the catalog (datasheet rates).
struct Target {
  std::string_view accelerator;
  std::array<std::string_view, 2> measured_on;
  ScaleUpKind kind;
  double bandwidth_gb_per_s;
  double peer_gb_per_s;
  bool in_switch;
  /// Published sweeps count from this size; below it, the host's overhead differs from harness to
  /// harness.
  units::Bytes published_from;
};
constexpr std::array kTargets{
    Target{
        "a100-80", {"a100-80", "a100-40"}, ScaleUpKind::Switched, 300, 300, false, mebibytes(16)},
    Target{"h100-sxm", {"h100-sxm", ""}, ScaleUpKind::Switched, 450, 450, true, mebibytes(16)},
    Target{"h200-sxm", {"h200-sxm", ""}, ScaleUpKind::Switched, 450, 450, true, mebibytes(16)},
    Target{"b200-sxm", {"b200-sxm", ""}, ScaleUpKind::Switched, 900, 900, true, mebibytes(16)},
    Target{"gb200", {"gb200", "gb300"}, ScaleUpKind::Switched, 900, 900, true, mebibytes(16)},
    Target{"l40s", {"l40s", ""}, ScaleUpKind::Pcie, 31, 31, false, mebibytes(16)},
    Target{"mi300x", {"mi300x", ""}, ScaleUpKind::Mesh, 448, 64, false, units::bytes(1024)}};

topology::ScaleUp scale_up_of(const Target& target) {
  topology::ScaleUp scale_up;
  scale_up.kind = target.kind;
  scale_up.bandwidth = gigabytes_per_second(target.bandwidth_gb_per_s);
  scale_up.peer_bandwidth = gigabytes_per_second(target.peer_gb_per_s);
  scale_up.in_switch_reduction = target.in_switch;
  return scale_up;
}

bool belongs(const calib::MeasuredCollective& row, const Target& target) {
  const bool own = std::find(target.measured_on.begin(), target.measured_on.end(),
                             row.accelerator) != target.measured_on.end();
  return own && row.reason.empty() && row.per_domain >= row.ranks &&
         (!row.published || row.size >= target.published_from);
}

std::vector<CollectiveObservation> observations_for(
    const Target& target, const std::vector<calib::MeasuredCollective>& rows) {
  std::vector<CollectiveObservation> result;
  for (const calib::MeasuredCollective& row : rows) {
    if (belongs(row, target)) {
      result.push_back({.op = row.op,
                        .ranks = row.ranks,
                        .size = row.size,
                        .time = row.time,
                        .allowed = row.allowed});
    }
  }
  return result;
}

/// Where the fit starts, and what stays where the data say nothing.
CollectiveProfile start_of(const Target& target) {
  CollectiveProfile profile;
  profile.id = fmt::format("collectives-{}", target.accelerator);
  profile.accelerator = target.accelerator;
  if (target.kind == ScaleUpKind::Pcie) {
    profile.tiers = {
        {{.above_ranks = 2, .bandwidth = 0.25}, {.above_ranks = 4, .bandwidth = 0.06}}};
    profile.warnings.emplace_back(
        "groups of more than 2 and 4 ranks cross slower PCIe tiers (switch, socket, both sockets) "
        "as on the one "
        "server measured; other servers differ");
  }
  if (!target.in_switch) {
    profile.in_switch.min_ranks = 0;
  }
  if (target.kind == ScaleUpKind::Mesh) {
    profile.warnings.emplace_back(
        "fitted to all-reduce sweeps of one publication; other collectives follow from the shared "
        "model");
  }
  if (target.accelerator == "a100-80") {
    // EFA of the first generation, 4 x 100 Gbit/s: 161 us for a small all-reduce on two p4de nodes
    // (nccl-tests).
    calib::NetworkCost& efa =
        profile.networks[static_cast<std::size_t>(topology::NetworkKind::Efa)];
    for (units::Seconds* hop :
         {&efa.ll_hop, &efa.ll128_hop, &efa.simple_hop, &efa.tree_hop, &efa.in_switch_tree_hop}) {
      *hop += microseconds(40);
    }
  }
  return profile;
}

/// TPU-like torus, not measured: plateau 0.9 of a link and about 1 us per hop (Austin et al., How
/// to Scale Your Model, 2025), 5 us to start.
CollectiveProfile torus_profile() {
  CollectiveProfile profile;
  profile.id = "collectives-torus";
  profile.accelerator = "torus";
  profile.scale_up = ScaleUpKind::Torus;
  profile.source = {
      .tables = {"How to Scale Your Model, chapter TPUs"}, .date = "2025-02", .command = ""};
  profile.in_switch.min_ranks = 0;
  profile.ring = {};
  for (calib::RingCost& ring : profile.ring) {
    ring = {.base = microseconds(5), .hop = microseconds(1), .bandwidth = 0.9};
  }
  profile.warnings.emplace_back(
      "collectives on a torus follow published formulas with a documented efficiency; none was "
      "fitted");
  return profile;
}

void print_residuals(const CollectiveProfile& profile) {
  fmt::print("{}: {} free coefficients\n", profile.id, profile.parameters);
  for (const auto& [key, value] : profile.residuals) {
    fmt::print(
        "  {:<22} {:>5} rows  median {:.3f}  mean {:.3f}  p90 {:.3f}  max {:.2f}  bias {:+.3f}\n",
        key, value.records, value.median, value.mean, value.p90, value.max, value.bias);
  }
}

void run(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& tables) {
  std::vector<calib::MeasuredCollective> rows;
  CollectiveProfile::Source source;
  for (const std::filesystem::path& table : tables) {
    const auto more = calib::measured_collectives(calib::read_csv(table));
    rows.insert(rows.end(), more.begin(), more.end());
    source.tables.push_back(table.filename().string());
  }
  source.date = "2026-11";
  source.command = "gpuplan-fit-collectives FOLDER";
  for (const std::string& table : source.tables) {
    source.command += " " + table;
  }
  for (const Target& target : kTargets) {
    const auto observations = observations_for(target, rows);
    if (observations.empty()) {
      fmt::print(stderr, "{}: no measurements, skipped\n", target.accelerator);
      continue;
    }
    CollectiveProfile profile =
        calib::fit_collectives(observations, scale_up_of(target), start_of(target));
    profile.source = source;
    print_residuals(profile);
    calib::write_collective_profile(profile, folder / (profile.id + ".json"));
  }
  calib::write_collective_profile(torus_profile(), folder / "collectives-torus.json");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h")) {
    fmt::print("{}", kUsage);
    return 0;
  }
  if (arguments.size() < 2) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  try {
    run(arguments[0], {arguments.begin() + 1, arguments.end()});
  } catch (const topology::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 3;
  }
  return 0;
}
