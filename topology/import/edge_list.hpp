#pragma once
// A cluster as plain text, one cable per line:
//
//   # from  to  bandwidth  latency  [cables]
//   device "my switch" leaf
//   gpu0  nic0        64 GB/s     500 ns
//   nic0  "my switch" 400 Gbit/s  1 us  2
//   gpu0 -> gpu1      50 GB/s     1 us        # this direction only
//
// The bandwidth is that of one cable and direction. A device that no `device` line declares is of
// the kind that its name begins with.
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

#include "topology/device_graph.hpp"

namespace topology {

/// @throws InputError with file and line.
DeviceGraph parse_edge_list(std::string_view text, const std::string& file);
DeviceGraph read_edge_list(const std::filesystem::path& path);

/// Writes what parse_edge_list() reads back to the same graph. Names that are there twice get their
/// number; control characters and quotes in names become '?'.
void write_edge_list(const DeviceGraph& graph, std::ostream& out);

}  // namespace topology
