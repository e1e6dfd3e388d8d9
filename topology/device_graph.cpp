#include "topology/device_graph.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <ostream>
#include <unordered_map>

#include <fmt/format.h>

#include "topology/cluster.hpp"
#include "topology/names.hpp"

namespace topology {

namespace {

constexpr std::array kKinds{Named<VertexKind>{VertexKind::Gpu, "gpu"},
                            Named<VertexKind>{VertexKind::Nic, "nic"},
                            Named<VertexKind>{VertexKind::ScaleUpSwitch, "scale-up switch"},
                            Named<VertexKind>{VertexKind::PcieSwitch, "pcie switch"},
                            Named<VertexKind>{VertexKind::Host, "host"},
                            Named<VertexKind>{VertexKind::Leaf, "leaf"},
                            Named<VertexKind>{VertexKind::Spine, "spine"},
                            Named<VertexKind>{VertexKind::Core, "core"},
                            Named<VertexKind>{VertexKind::Router, "router"},
                            Named<VertexKind>{VertexKind::Border, "border"},
                            Named<VertexKind>{VertexKind::Other, "device"}};

/// Other words for the same, folded.
constexpr std::array kSynonyms{Named<VertexKind>{VertexKind::Gpu, "accelerator"},
                               Named<VertexKind>{VertexKind::Gpu, "tpu"},
                               Named<VertexKind>{VertexKind::Nic, "hca"},
                               Named<VertexKind>{VertexKind::ScaleUpSwitch, "nvswitch"},
                               Named<VertexKind>{VertexKind::ScaleUpSwitch, "nvs"},
                               Named<VertexKind>{VertexKind::PcieSwitch, "plx"},
                               Named<VertexKind>{VertexKind::Host, "cpu"},
                               Named<VertexKind>{VertexKind::Leaf, "tor"},
                               Named<VertexKind>{VertexKind::Other, "switch"},
                               Named<VertexKind>{VertexKind::Other, "other"}};

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c != '-' && c != '_' && c != ' ') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

/// A name between double quotes as Graphviz reads it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string_view name(VertexKind kind) {
  return name_in(kKinds, kind);
}

std::optional<VertexKind> vertex_kind_from_name(std::string_view word) {
  const std::string wanted = folded(word);
  for (const auto& row : kKinds) {
    if (folded(row.name) == wanted) {
      return row.value;
    }
  }
  return value_in(kSynonyms, wanted);
}

std::vector<std::string> vertex_kind_words() {
  std::vector<std::string> words;
  for (const auto& row : kKinds) {
    words.emplace_back(row.name);
  }
  for (const auto& row : kSynonyms) {
    words.emplace_back(row.name);
  }
  return words;
}

std::optional<VertexKind> vertex_kind_of_device(std::string_view device) {
  constexpr std::size_t kLongestWord = 20;  // of a kind
  const auto end = std::find_if(device.begin(), device.end(), [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_';
  });
  std::string_view word = device.substr(0, static_cast<std::size_t>(end - device.begin()));
  while (!word.empty() && word.size() <= kLongestWord) {  // "pcie-switch2", then "gpu-a"
    if (const auto kind = vertex_kind_from_name(word)) {
      return kind;
    }
    const std::size_t cut = word.find_last_of("-_");
    word = word.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  return std::nullopt;
}

std::size_t DeviceGraph::count(VertexKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      devices.begin(), devices.end(), [kind](const Device& each) { return each.kind == kind; }));
}

std::string fault_of(const DeviceGraph::Cable& cable) {
  if (cable.from == cable.to) {
    return "leads from a device to itself";
  }
  if (cable.count < 1 || cable.count > kMostParallelCables) {
    return fmt::format("stands for {} parallel cables, expected 1 to {}", cable.count,
                       kMostParallelCables);
  }
  const double rate = cable.bandwidth.in(units::gigabytes_per_second(1));
  if (!std::isfinite(rate) || rate <= 0 || cable.bandwidth > kFastestCable) {
    return fmt::format("has a bandwidth of {:g} GB/s, expected more than 0 and at most 1e9", rate);
  }
  for (const units::Seconds latency : {cable.latency, cable.latency_back}) {
    if (!std::isfinite(latency.base()) || latency < units::Seconds{} || latency > kLongestCable) {
      return fmt::format("has a latency of {:g} s, expected 0 to 1", latency.base());
    }
  }
  return {};
}

std::vector<std::string> distinct_names(std::vector<std::string> names) {
  std::unordered_map<std::string, int> uses;
  for (const std::string& each : names) {
    ++uses[each];
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (uses[names[i]] == 1) {
      continue;
    }
    do {  // until it is not another device's own name
      names[i] += fmt::format("#{}", i);
    } while (uses.contains(names[i]));
    uses[names[i]] = 1;
  }
  return names;
}

void write_dot(const DeviceGraph& graph, std::ostream& out) {
  out << "digraph cluster {\n";
  for (std::size_t i = 0; i < graph.devices.size(); ++i) {
    out << fmt::format("{} [label={}, kind={}];\n", i, quoted(graph.devices[i].name),
                       quoted(name(graph.devices[i].kind)));
  }
  for (const auto& cable : graph.cables) {
    out << fmt::format("{} -> {} [label=\"{:g} GB/s\"{}];\n", cable.from, cable.to,
                       cable.bandwidth.in(units::gigabytes_per_second(1)),
                       cable.one_way ? "" : ", dir=both");
  }
  out << "}\n";
}

}  // namespace topology
