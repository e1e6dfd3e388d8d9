#pragma once
// From files and --set options to one checked document. Private to this room.
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalog.hpp"
#include "scenarios/document.hpp"

namespace scenarios {

/// `path` laid over its bases, with `sets` applied, checked against the schema "scenario".
/// @throws InputError, also for bases that lead back to themselves.
Document read_scenario_file(const std::filesystem::path& path, std::span<const std::string> sets);
/// The two halves of it, for many `sets` on one file. A `text` counts instead of what the file
/// holds.
Document read_scenario_over_bases(const std::filesystem::path& path,
                                  const std::optional<std::string>& text = {});
Document with_sets(Document scenario, std::span<const std::string> sets);

/// The steps of a dotted path; what follows cluster.overrides is one key with dots.
std::vector<std::string> path_steps(std::string_view path);

/// A document that holds nothing but `cluster`, checked: of the scenario in `file`, or, where
/// `file` holds the values of a fabric, with those as cluster.fabric. `sets` are paths below
/// cluster.overrides ("nic.bandwidth=400 Gbit/s"), or start with "cluster.".
Document read_cluster_file(const std::filesystem::path& file, std::span<const std::string> sets);
/// The same for a fabric of the catalog; `origin` stands for a file in messages.
Document cluster_by_name(const std::string& fabric, const std::string& origin,
                         std::span<const std::string> sets);

/// The entry that the value at `pointer` means: a catalog name, the path of a file (relative to the
/// file that names it), or a map, with `base` over another entry. `id` becomes the catalog name, or
/// empty.
struct Reference {
  Document entry;
  std::string id;
};
Reference resolve_reference(const Document& scenario, const std::string& pointer, EntryKind kind,
                            const Catalog& catalog);

}  // namespace scenarios
