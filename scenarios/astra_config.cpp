#include "scenarios/astra_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/document.hpp"
#include "scenarios/json_text.hpp"
#include "scenarios/yaml.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace fs = std::filesystem;
using topology::InputError;
using units::bytes_per_second;

namespace {

constexpr double kAstraGb = 0x1p30;  // bytes of its network's "GB"
constexpr double kMost = 1e9;        // of any figure; beyond it, it is a slip

double checked(double value, double least, const topology::Location& where, const char* key) {
  if (!std::isfinite(value) || value < least || value > kMost) {
    throw InputError(where, key,
                     fmt::format("{} is out of range; expected {} to {:g}", value, least, kMost));
  }
  return value;
}

/// A network file: every key holds a list with one value per dimension.
class NetworkReader {
 public:
  explicit NetworkReader(Document document) : document_(std::move(document)) {
    constexpr std::array<std::string_view, 4> kKeys{"topology", "npus_count", "bandwidth",
                                                    "latency"};
    for (const auto& [key, value] : document_.root.items()) {
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
        throw InputError(document_.place("/" + key).key, key,
                         "is unknown; expected topology, npus_count, bandwidth and latency");
      }
    }
  }

  [[nodiscard]] sim::AstraNetwork read() const {
    sim::AstraNetwork n;
    n.topology = topology();
    const double npus = number("npus_count", 1.0);
    if (npus != std::floor(npus)) {
      refuse("npus_count", "expected a whole number");
    }
    n.npus = static_cast<int>(npus);
    constexpr double kLeastBandwidth = 1e-6;
    n.bandwidth = bytes_per_second(number("bandwidth", kLeastBandwidth) * kAstraGb);
    n.latency = units::nanoseconds(number("latency", 0.0));
    return n;
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& message) const {
    throw InputError(document_.place("/" + key).value, key, message);
  }

  [[nodiscard]] const Json& only(const std::string& key) const {
    const Json* list = find(document_.root, "/" + key);
    if (list == nullptr) {
      throw InputError(document_.place("").value, key, "is missing; expected a list of one value");
    }
    if (!list->is_array() || list->empty()) {
      refuse(key, "expected a list, say [ 8 ]");
    }
    if (list->size() > 1) {
      refuse(key, fmt::format("has {} dimensions; ASTRA-sim's model is followed for one, use "
                              "--cluster for others",
                              list->size()));
    }
    return list->front();
  }

  [[nodiscard]] double number(const std::string& key, double least) const {
    const Json& value = only(key);
    if (!value.is_number()) {
      refuse(key, "expected a number");
    }
    return checked(value.get<double>(), least, document_.place("/" + key).value, key.c_str());
  }

  [[nodiscard]] sim::AstraNetwork::Topology topology() const {
    using Topology = sim::AstraNetwork::Topology;
    const std::string name = printed(only("topology"));
    if (name == "Ring") {
      return Topology::Ring;
    }
    if (name == "FullyConnected") {
      return Topology::FullyConnected;
    }
    if (name == "Switch") {
      return Topology::Switch;
    }
    refuse("topology", fmt::format("\"{}\" is unknown; expected Ring, FullyConnected or Switch",
                                   sim::printable(name)));
  }

  Document document_;
};

class SystemReader {
 public:
  SystemReader(const Json& root, std::string file) : root_(root), file_(std::move(file)) {}

  AstraSystemFile read() {
    sim::AstraSystem& s = result_.system;
    s.splits = static_cast<int>(whole("preferred-dataset-splits", s.splits));
    s.active_chunks = static_cast<int>(whole("active-chunks-per-dimension", s.active_chunks));
    s.endpoint_delay =
        units::nanoseconds(number("endpoint-delay", s.endpoint_delay.in(units::nanoseconds(1))));
    s.memory_bandwidth = units::gigabytes_per_second(number("local-mem-bw", 0.0));
    s.peak = units::teraflops_per_second(number("peak-perf", 0.0));
    s.roofline = number("roofline-enabled", 0.0) != 0.0;
    s.all_reduce = algorithm("all-reduce-implementation");
    s.all_gather = algorithm("all-gather-implementation");
    s.reduce_scatter = algorithm("reduce-scatter-implementation");
    if (root_.contains("all-reduce-implementation-custom")) {
      result_.custom_all_reduce = only("all-reduce-implementation-custom");
    }
    note_the_rest();
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const char* key, const std::string& message) const {
    throw InputError({.file = file_}, key, message);
  }

  double number(const char* key, double otherwise) const {
    const auto it = root_.find(key);
    if (it == root_.end()) {
      return otherwise;
    }
    if (!it->is_number()) {
      refuse(key, "expected a number");
    }
    return checked(it->get<double>(), 0.0, {.file = file_}, key);
  }

  double whole(const char* key, double otherwise) const {
    const double value = number(key, otherwise);
    if (value < 1.0 || value != std::floor(value)) {
      refuse(key, "expected a whole number of 1 or more");
    }
    return value;
  }

  std::string only(const char* key) const {
    const Json& list = root_.at(key);
    if (!list.is_array() || list.size() != 1 || !list.front().is_string()) {
      refuse(key, "expected a list of one text, say [\"ring\"]: one per dimension of the network");
    }
    return list.front().get<std::string>();
  }

  std::string algorithm(const char* key) const {
    return root_.contains(key) ? only(key) : std::string("ring");
  }

  /// ASTRA-sim has more keys than decide the time of a plain ring.
  void note_the_rest() {
    constexpr std::array<std::string_view, 16> kKnown{"scheduling-policy",
                                                      "endpoint-delay",
                                                      "active-chunks-per-dimension",
                                                      "preferred-dataset-splits",
                                                      "all-reduce-implementation",
                                                      "all-gather-implementation",
                                                      "reduce-scatter-implementation",
                                                      "all-to-all-implementation",
                                                      "all-reduce-implementation-custom",
                                                      "collective-optimization",
                                                      "local-mem-bw",
                                                      "boost-mode",
                                                      "roofline-enabled",
                                                      "peak-perf",
                                                      "trace-enabled",
                                                      "replay-only"};
    for (const auto& [key, value] : root_.items()) {
      if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
        result_.warnings.push_back(
            fmt::format("{}: \"{}\" is not used here", file_, sim::printable(key)));
      }
    }
  }

  const Json& root_;
  std::string file_;
  AstraSystemFile result_;
};

bool has_traces(const fs::path& prefix) {
  std::error_code error;
  fs::path first = prefix;
  first += ".0.et";
  return fs::exists(first, error);
}

}  // namespace

sim::AstraNetwork parse_astra_network(const std::string& text, const std::string& file) {
  return NetworkReader(read_yaml_text(text, file)).read();
}

sim::AstraNetwork read_astra_network(const fs::path& file) {
  return parse_astra_network(read_text(file), file.string());
}

AstraSystemFile parse_astra_system(const std::string& text, const std::string& file) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object()) {
    throw InputError({.file = file}, "",
                     "expected one JSON object, a system configuration of ASTRA-sim");
  }
  return SystemReader(root, file).read();
}

AstraSystemFile read_astra_system(const fs::path& file) {
  return parse_astra_system(read_text(file), file.string());
}

fs::path find_custom_collective(const std::string& prefix, const fs::path& system_file) {
  if (has_traces(prefix)) {
    return prefix;
  }
  const fs::path beside = system_file.parent_path();
  fs::path rest = fs::path(prefix).relative_path();
  while (!rest.empty()) {
    for (const fs::path& folder : {beside, beside / ".."}) {
      if (has_traces(folder / rest)) {
        return folder / rest;
      }
    }
    fs::path shorter;
    for (auto part = std::next(rest.begin()); part != rest.end(); ++part) {
      shorter /= *part;
    }
    rest = shorter;
  }
  throw InputError({.file = system_file.string()}, "all-reduce-implementation-custom",
                   fmt::format("there are no traces {}.<rank>.et from here, nor beside this file",
                               sim::printable(prefix)));
}

}  // namespace scenarios
