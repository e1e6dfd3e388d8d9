#pragma once
// A cluster given as a graph, as importers read it from files: every device and cable by name.
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/units.hpp"

namespace topology {

enum class VertexKind : std::uint8_t;
std::string_view name(VertexKind kind);  ///< "leaf", "scale-up switch"
/// The kind that a file means by a word: those of name(), and the field's other words for them
/// ("accelerator", "nvswitch", "tor"). Letter case, blanks, '-' and '_' do not matter.
std::optional<VertexKind> vertex_kind_from_name(std::string_view word);
/// The words that vertex_kind_from_name() knows, for messages.
std::vector<std::string> vertex_kind_words();
/// The kind that a device's own name begins with: "gpu17" and "GPU-17" are GPUs.
std::optional<VertexKind> vertex_kind_of_device(std::string_view device);

struct DeviceGraph {
  struct Device {
    std::string name;
    VertexKind kind{};
  };
  /// Between two `devices`, by index. It carries `bandwidth` in each direction unless it is
  /// one-way.
  struct Cable {
    std::uint32_t from = 0, to = 0;
    int count = 1;                    ///< parallel cables
    units::BytesPerSecond bandwidth;  ///< per direction, of all parallel cables together
    units::Seconds latency;           ///< from `from` to `to`
    units::Seconds latency_back;      ///< the other way; without meaning where one_way
    bool one_way = false;
  };
  std::vector<Device> devices;
  std::vector<Cable> cables;

  [[nodiscard]] std::size_t count(VertexKind kind) const;
};

/// Bounds of what files may say: a graph beyond them is a mistake, or an attempt to fill memory.
inline constexpr std::size_t kMostDevices = 5'000'000, kMostCables = 20'000'000;
inline constexpr int kMostParallelCables = 1'000'000;
inline constexpr units::BytesPerSecond kFastestCable = units::gigabytes_per_second(1e9);
inline constexpr units::Seconds kLongestCable = units::seconds(1);
/// What is wrong with the figures of a cable, as the rest of a sentence ("has ... "); empty:
/// nothing.
std::string fault_of(const DeviceGraph::Cable& cable);

/// Names that are told apart: where several are the same, all of them get "#index" behind it.
std::vector<std::string> distinct_names(std::vector<std::string> names);

/// Writes the graph for Graphviz.
void write_dot(const DeviceGraph& graph, std::ostream& out);

}  // namespace topology
