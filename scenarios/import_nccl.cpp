#include "scenarios/import_nccl.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "scenarios/atomic_file.hpp"
#include "scenarios/catalog.hpp"
#include "scenarios/format.hpp"
#include "scenarios/import_topology.hpp"
#include "scenarios/pci_ids.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"
#include "topology/import/nccl_xml.hpp"

namespace scenarios {

namespace {

using topology::NcclDistance;
using topology::NcclSystem;

/// One machine, read and understood.
struct Machine {
  NcclSystem system;
  std::vector<int> gpus, nics;  ///< PCI devices; all NICs
  std::vector<int> compute_nics;
  std::string accelerator, accelerator_reason, nic, nic_reason;
  bool accelerator_known = false, nic_known = false;
  std::vector<std::string> assumed;  ///< sentences

  [[nodiscard]] const NcclSystem::Pci& pci(int i) const {
    return system.pci[static_cast<std::size_t>(i)];
  }
  /// Mbit/s of the fastest port of a NIC, where the file says so.
  [[nodiscard]] std::optional<double> speed(int nic_pci) const {
    std::optional<double> fastest;
    for (const auto& net : system.nets) {
      if (net.pci == nic_pci && net.speed_given) {
        fastest = std::max(fastest.value_or(0), net.megabits);
      }
    }
    return fastest;
  }
};

std::string ids(const NcclSystem::Pci& pci) {
  return pci.device.empty() ? "no id" : pci.vendor + ":" + pci.device;
}

std::string pcie(const NcclSystem::Pci& pci) {
  return fmt::format("{:g} GT/s x{}", pci.gigatransfers, pci.width);
}

/// NICs that share a PCI switch with a GPU; all where none does.
std::vector<int> compute_nics(const Machine& m) {
  std::vector<int> near;
  for (const int nic : m.nics) {
    if (std::any_of(m.gpus.begin(), m.gpus.end(),
                    [&](int gpu) { return distance(m.system, gpu, nic) <= NcclDistance::Pxb; })) {
      near.push_back(nic);
    }
  }
  return near.empty() ? m.nics : near;
}

void choose_parts(const ImportNcclOptions& options, Machine& m) {
  const PciGuess gpu = accelerator_of(m.pci(m.gpus.front()));
  m.accelerator = options.accelerator.empty() ? gpu.entry : options.accelerator;
  m.accelerator_known = !options.accelerator.empty() || gpu.known;
  m.accelerator_reason = options.accelerator.empty() ? std::string(gpu.reason) : "by --accelerator";
  const auto same = [&](const std::vector<int>& list) {
    return std::all_of(list.begin(), list.end(),
                       [&](int i) { return ids(m.pci(i)) == ids(m.pci(list.front())); });
  };
  if (!m.accelerator_known) {
    m.assumed.push_back(fmt::format("the accelerator is {} ({}); say --accelerator NAME otherwise",
                                    m.accelerator, m.accelerator_reason));
  }
  if (!same(m.gpus)) {
    m.assumed.push_back("the GPUs differ in their ids; all are taken for the first one");
  }
  if (m.compute_nics.empty()) {
    m.nic = options.nic.empty() ? "ethernet-100g" : options.nic;
    m.nic_known = !options.nic.empty();
    m.nic_reason = "the file lists none";
    m.assumed.push_back(fmt::format("{} stands for the network, the file lists no NIC", m.nic));
    return;
  }
  const int first = m.compute_nics.front();
  const PciGuess nic = nic_of(m.pci(first), m.speed(first));
  m.nic = options.nic.empty() ? nic.entry : options.nic;
  m.nic_known = !options.nic.empty() || nic.known;
  m.nic_reason = options.nic.empty() ? std::string(nic.reason) : "by --nic";
  if (!m.nic_known) {
    m.assumed.push_back(
        fmt::format("the NIC is {} ({}); say --nic NAME otherwise", m.nic, m.nic_reason));
  }
  if (!same(m.compute_nics)) {
    m.assumed.push_back("the NICs differ in their ids; all are taken for the first one");
  }
  if (m.compute_nics.size() < m.nics.size()) {
    m.assumed.push_back(fmt::format("{} NICs that share no PCI switch with a GPU are left out",
                                    m.nics.size() - m.compute_nics.size()));
  }
}

Machine understand(const ImportNcclOptions& options) {
  Machine m;
  m.system = topology::read_nccl_xml(options.file);
  m.gpus = m.system.of_kind(NcclSystem::PciKind::Gpu);
  m.nics = m.system.of_kind(NcclSystem::PciKind::Nic);
  constexpr std::size_t kMost = 1024;
  if (m.gpus.size() > kMost || m.nics.size() > kMost) {
    throw topology::InputError({options.file.string()}, {},
                               fmt::format("the machine has {} GPUs and {} NICs, expected at most "
                                           "{} of each",
                                           m.gpus.size(), m.nics.size(), kMost));
  }
  m.compute_nics = compute_nics(m);
  choose_parts(options, m);
  if (m.system.nvlinks.empty()) {
    m.assumed.push_back(fmt::format(
        "the file lists no NVLinks (NCCL asks the driver); those of {} hold", m.accelerator));
  }
  return m;
}

/// The date of the file, as the figures' date.
std::string date_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return "1970";
  }
  std::tm day{};
  ::gmtime_r(&status.st_mtime, &day);
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

/// A catalog name made of the file's.
std::string entry_name(const std::filesystem::path& file) {
  std::string name;
  for (const char c : file.stem().string()) {
    const auto low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '.';
    name += plain ? low : '-';
  }
  const std::size_t start = name.find_first_not_of(".-");
  return start == std::string::npos ? "machine" : name.substr(start);
}

/// What the host draws: as a catalog node with as many of the same accelerator, or a share per
/// accelerator.
std::pair<double, std::string> host_power(const Machine& m, const Catalog& catalog) {
  for (const std::string& name : catalog.names(EntryKind::Node)) {
    const topology::Node node = catalog.node(name);
    if (node.accelerator == m.accelerator &&
        static_cast<std::size_t>(node.accelerators) == m.gpus.size()) {
      return {node.host_power.base(), "as " + name};
    }
  }
  constexpr double kShare = 312.5;
  return {kShare * static_cast<double>(m.gpus.size()),
          "the 2500 W of HGX H100's host, per accelerator"};
}

std::string entry_text(const Machine& m, const std::filesystem::path& file,
                       const Catalog& catalog) {
  const std::string name = entry_name(file);
  const std::string as_of = date_of(file);
  const auto& gpu = m.pci(m.gpus.front());
  std::string text = "# yaml-language-server: $schema=../schema/nodes.json\n";
  text += fmt::format("# Read from {}:\n", quoted(file.filename().string()));
  text += fmt::format("#   {} GPUs ({}), PCIe {}, {} NVLinks each\n", m.gpus.size(), ids(gpu),
                      pcie(gpu), m.system.nvlinks_of(m.gpus.front()));
  if (!m.compute_nics.empty()) {
    const int first = m.compute_nics.front();
    const auto speed = m.speed(first);
    text += fmt::format("#   {} NICs ({}), PCIe {}{}\n", m.compute_nics.size(), ids(m.pci(first)),
                        pcie(m.pci(first)),
                        speed ? fmt::format(", {:g} Gbit/s", *speed * 1e-3) : std::string());
  }
  text += "# Assumed, correct it where you know better:\n";
  for (const std::string& each : m.assumed) {
    text += fmt::format("#   {}\n", each);
  }
  const auto [watts, power_source] = host_power(m, catalog);
  text += fmt::format("#   the host draws {:g} W ({})\n", watts, power_source);
  const std::string source = quoted("NCCL topology " + file.filename().string());
  const auto count = [&](const char* key, std::size_t value) {
    return fmt::format("    {}: {{value: {}, source: {}, as_of: {}}}\n", key, value, source, as_of);
  };
  text += fmt::format("nodes:\n  {}:\n    name: {}\n", quoted(name), quoted(file.stem().string()));
  text += fmt::format("    accelerator: {}  # {}\n", quoted(m.accelerator), m.accelerator_reason);
  text += count("accelerators", m.gpus.size());
  text += fmt::format("    nic: {}  # {}\n", quoted(m.nic), m.nic_reason);
  text += count("nics", m.compute_nics.size());
  text += fmt::format(
      "    host_power: {{value: {:g} W, source: {}, as_of: {}, evidence: assumption}}\n", watts,
      quoted(power_source), as_of);
  check_schema(read_yaml_text(text, "the entry made of " + file.string()), "nodes");
  return text;
}

/// What hangs below each PCI switch.
std::string below(const Machine& m, int pci_switch) {
  std::string list;
  const auto add = [&](const std::vector<int>& devices, const char* word) {
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if (m.pci(devices[i]).parent == pci_switch) {
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", word, i);
      }
    }
  };
  add(m.gpus, "gpu");
  add(m.nics, "nic");
  return list;
}

int numa(const Machine& m, int pci) {
  return m.system.cpus[static_cast<std::size_t>(m.pci(pci).cpu)].numa;
}

void print_devices(const Machine& m, const std::vector<int>& list, const char* word) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& pci = m.pci(list[i]);
    const topology::LinkRate rate = pcie_rate(pci);
    const std::string links = pci.kind == NcclSystem::PciKind::Gpu
                                  ? fmt::format("{} NVLinks", m.system.nvlinks_of(list[i]))
                              : m.speed(list[i])
                                  ? fmt::format("{:g} Gbit/s", *m.speed(list[i]) * 1e-3)
                                  : std::string("speed not given");
    fmt::print("{} {:<3} {:<14} numa {:<3} {:<14} {:<13} {:<9} (NCCL {})  {}\n", word, i,
               pci.bus_id, numa(m, list[i]), ids(pci), pcie(pci), format_bandwidth(rate.nominal),
               format_bandwidth(rate.nccl), links);
  }
}

void print_table(const Machine& m) {
  fmt::print("{} GPUs: {} ({})\n", m.gpus.size(), m.accelerator, m.accelerator_reason);
  fmt::print("{} NICs, {} of them for the compute network: {} ({})\n\n", m.nics.size(),
             m.compute_nics.size(), m.nic, m.nic_reason);
  print_devices(m, m.gpus, "gpu");
  print_devices(m, m.nics, "nic");
  fmt::print("\n");
  for (const int pci_switch : m.system.of_kind(NcclSystem::PciKind::Switch)) {
    if (const std::string list = below(m, pci_switch); !list.empty()) {
      fmt::print("PCIe switch {:<14} numa {:<3} {}\n", m.pci(pci_switch).bus_id,
                 numa(m, pci_switch), list);
    }
  }
  if (!m.nics.empty()) {
    fmt::print("\nfrom gpu to nic");
    for (std::size_t n = 0; n < m.nics.size(); ++n) {
      fmt::print(" {:>4}", n);
    }
    for (std::size_t g = 0; g < m.gpus.size(); ++g) {
      fmt::print("\n{:<15}", fmt::format("gpu {}", g));
      for (const int nic : m.nics) {
        fmt::print(" {:>4}", name(distance(m.system, m.gpus[g], nic)));
      }
    }
    fmt::print("\n");
  }
  for (const std::string& each : m.assumed) {
    fmt::print("assumed: {}\n", each);
  }
}

nlohmann::ordered_json device_json(const Machine& m, int i) {
  const auto& pci = m.pci(i);
  const topology::LinkRate rate = pcie_rate(pci);
  return {{"bus_id", pci.bus_id},
          {"numa", numa(m, i)},
          {"vendor", pci.vendor},
          {"device", pci.device},
          {"pcie_bytes_per_s", rate.nominal.base()},
          {"pcie_bytes_per_s_nccl", rate.nccl.base()}};
}

void print_json(const Machine& m, const ImportNcclOptions& options, const std::string& entry) {
  nlohmann::ordered_json json{{"file", options.file.string()},
                              {"accelerator", m.accelerator},
                              {"accelerator_known", m.accelerator_known},
                              {"nic", m.nic},
                              {"nic_known", m.nic_known}};
  json["gpus"] = nlohmann::ordered_json::array();
  for (const int gpu : m.gpus) {
    auto row = device_json(m, gpu);
    row["nvlinks"] = m.system.nvlinks_of(gpu);
    for (const int nic : m.nics) {
      row["distance_to_nics"].push_back(name(distance(m.system, gpu, nic)));
    }
    json["gpus"].push_back(row);
  }
  json["nics"] = nlohmann::ordered_json::array();
  for (const int nic : m.nics) {
    auto row = device_json(m, nic);
    row["bandwidth_bytes_per_s"] =
        m.speed(nic) ? nlohmann::ordered_json(*m.speed(nic) * 1e6 / 8) : nullptr;
    row["compute"] =
        std::find(m.compute_nics.begin(), m.compute_nics.end(), nic) != m.compute_nics.end();
    json["nics"].push_back(row);
  }
  json["assumed"] = m.assumed;
  json["entry"] = entry;
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

NcclNode read_nccl_node(const std::filesystem::path& file) {
  ImportNcclOptions options;
  options.file = file;
  const Machine m = understand(options);
  const std::string text = entry_text(m, file, Catalog::open());
  const Document entry = read_yaml_text(text, file.string());
  return {.value = entry.root["nodes"].begin().value().dump(), .assumed = m.assumed};
}

int import_nccl_topo(const ImportNcclOptions& options) {
  check_graph_name(options.graph);
  const Machine m = understand(options);
  const Catalog catalog = Catalog::open();
  (void)catalog.accelerator(m.accelerator);  // a name given on the command line may be wrong
  (void)catalog.nic(m.nic);
  const std::string entry = entry_text(m, options.file, catalog);
  if (options.format == OutputFormat::Json) {
    print_json(m, options, entry);
  } else {
    print_table(m);
    if (options.out.empty()) {
      fmt::print("\n{}", entry);
    }
  }
  if (!options.out.empty()) {
    write_file(options.out, entry);
  }
  if (!options.graph.empty()) {
    write_graph(device_graph(m.system), options.graph);
  }
  return 0;
}

}  // namespace scenarios
