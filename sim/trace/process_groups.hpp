#pragma once
// Which ranks a process group has: as a trace's metadata node lists them, and as a side file does.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/execution_trace.hpp"

namespace sim {

/// Members by group name.
using GroupFile = std::map<std::string, std::vector<int>, std::less<>>;

/// Defines the groups that the operands of a metadata node list, if they are such a list: PyTorch's
/// [{"pg_name": "1", "ranks": [0, 1]}, ...], plain or as text within a list. Anything else is left
/// alone.
void define_groups(TraceBuilder& builder, std::string_view operands);

/// The groups whose members are given, as define_groups() reads them; empty if there are none.
std::string groups_as_json(const std::vector<TraceGroup>& groups);

/// Reads {"NAME": [RANK, ...], ...}.
/// @throws topology::InputError naming the file and the group.
GroupFile read_group_file(const std::filesystem::path& file);
GroupFile parse_group_file(std::string_view text, const std::string& file);

}  // namespace sim
