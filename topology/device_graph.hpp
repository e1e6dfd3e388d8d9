#pragma once
// A cluster given as a graph, as importers read it from files: every device and cable by name.
#include <cstdint>
#include <string>
#include <vector>

#include "topology/units.hpp"

namespace topology {

enum class VertexKind : std::uint8_t;

struct DeviceGraph {
  struct Device {
    std::string name;
    VertexKind kind{};
  };
  /// Indices into `devices`. A cable carries `bandwidth` in each direction unless it is one-way.
  struct Cable {
    std::uint32_t from = 0, to = 0;
    int count = 1;                    ///< parallel cables
    units::BytesPerSecond bandwidth;  ///< per direction, of all parallel cables together
    units::Seconds latency;
    bool one_way = false;
  };
  std::vector<Device> devices;
  std::vector<Cable> cables;
};

}  // namespace topology
