#include "scenarios/catalog.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "scenarios/document.hpp"
#include "scenarios/entries.hpp"
#include "scenarios/measured_power.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/suggest.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

using topology::InputError;
using topology::Location;

namespace {

/// How a kind is stored: a file per entry, or one file with a map of entries.
struct Shelf {
  EntryKind kind;
  std::string_view singular;
  std::string_view plural;
  std::string_view schema;  ///< of an entry
  bool file_per_entry;
};
constexpr std::array kShelves{
    Shelf{EntryKind::Accelerator, "accelerator", "accelerators", "accelerator", true},
    Shelf{EntryKind::Model, "model", "models", "model", true},
    Shelf{EntryKind::Fabric, "fabric", "fabrics", "fabrics/entry", false},
    Shelf{EntryKind::Node, "node", "nodes", "nodes/entry", false},
    Shelf{EntryKind::Nic, "nic", "nics", "nics/entry", false},
    Shelf{EntryKind::Switch, "switch", "switches", "switches/entry", false},
    Shelf{EntryKind::Cable, "cable", "cables", "cables/entry", false},
    Shelf{EntryKind::Framework, "framework", "frameworks", "frameworks/entry", false},
    Shelf{EntryKind::Failure, "failure", "failures", "failures/entry", false},
    Shelf{EntryKind::Recovery, "recovery", "recoveries", "recoveries/entry", false},
    Shelf{EntryKind::Storage, "storage system", "storage", "storage/entry", false},
    Shelf{EntryKind::Grid, "grid", "grids", "grids/entry", false},
    Shelf{EntryKind::Cooling, "kind of cooling", "cooling", "cooling/entry", false},
    Shelf{EntryKind::Price, "price", "prices", "prices/entry", false},
    Shelf{EntryKind::Ownership, "ownership", "ownerships", "ownerships/entry", false},
    Shelf{EntryKind::Dataset, "dataset", "datasets", "datasets/entry", false}};

const Shelf& shelf_of(EntryKind kind) {
  return *std::find_if(kShelves.begin(), kShelves.end(),
                       [kind](const Shelf& s) { return s.kind == kind; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool holds_catalog(const std::filesystem::path& directory) {
  std::error_code code;
  return std::filesystem::is_directory(directory / "accelerators", code) ||
         std::filesystem::is_directory(directory / "models", code);
}

/// A name that stays inside the catalog's directory.
bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         name.find_first_of("/\\") == std::string_view::npos && name.size() < 200;
}

}  // namespace

std::string_view plural(EntryKind kind) {
  return shelf_of(kind).plural;
}

std::optional<EntryKind> entry_kind_from_name(std::string_view name) {
  for (const Shelf& shelf : kShelves) {
    if (name == shelf.singular || name == shelf.plural) {
      return shelf.kind;
    }
  }
  return std::nullopt;
}

struct Catalog::Impl {
  std::filesystem::path directory;
  std::map<std::pair<EntryKind, std::string>, Document> entries;
  std::map<EntryKind, Document> files;
  std::optional<Document> aliases;
  std::optional<std::vector<topology::Cable>> cables;
  std::optional<MeasuredPowers> powers;

  const Document& file(const Shelf& shelf) {
    const auto known = files.find(shelf.kind);
    if (known != files.end()) {
      return known->second;
    }
    const auto path = directory / fmt::format("{}.yaml", shelf.plural);
    std::error_code code;
    return files
        .emplace(shelf.kind, std::filesystem::exists(path, code) ? read_yaml(path) : Document{})
        .first->second;
  }

  std::vector<std::string> names(const Shelf& shelf) {
    std::vector<std::string> list;
    if (shelf.file_per_entry) {
      std::error_code code;
      for (const auto& item : std::filesystem::directory_iterator(directory / shelf.plural, code)) {
        if (item.path().extension() == ".yaml") {
          list.push_back(item.path().stem().string());
        }
      }
    } else if (const Json* map = find(file(shelf).root, child({}, shelf.plural));
               map != nullptr && map->is_object()) {
      for (const auto& [name, value] : map->items()) {
        list.push_back(name);
      }
    }
    std::sort(list.begin(), list.end());
    return list;
  }

  /// The entry as it is written, nothing if there is none.
  std::optional<Document> load(const Shelf& shelf, const std::string& name) {
    if (!is_plain(name)) {
      return std::nullopt;
    }
    if (shelf.file_per_entry) {
      const auto path = directory / shelf.plural / (name + ".yaml");
      std::error_code code;
      return std::filesystem::is_regular_file(path, code) ? std::optional(read_yaml(path))
                                                          : std::nullopt;
    }
    const std::string pointer = child(child({}, shelf.plural), name);
    const Document& all = file(shelf);
    return find(all.root, pointer) != nullptr ? std::optional(extract(all, pointer)) : std::nullopt;
  }

  std::optional<std::string> alias(std::string_view spelling) {
    if (!aliases) {
      const auto path = directory / "accelerator_aliases.yaml";
      std::error_code code;
      aliases = std::filesystem::exists(path, code) ? read_yaml(path) : Document{};
    }
    const Json* target = find(aliases->root, child("/aliases", spelling));
    return target != nullptr && target->is_string() ? std::optional(target->get<std::string>())
                                                    : std::nullopt;
  }

  const Document& entry(EntryKind kind, const std::string& name, const Location& where) {
    const auto key = std::pair(kind, name);
    if (const auto known = entries.find(key); known != entries.end()) {
      return known->second;
    }
    const Shelf& shelf = shelf_of(kind);
    auto document = load(shelf, name);
    if (!document) {
      const auto near = nearest(name, names(shelf));
      throw InputError(
          where, {},
          fmt::format("there is no {} \"{}\" in the catalog; {}", shelf.singular,
                      name.substr(0, 60),
                      near.empty() ? fmt::format("see gpuplan catalog {}", shelf.plural)
                                   : fmt::format("did you mean {}?", quoted_list(near))));
    }
    check_schema(*document, kind == EntryKind::Model ? model_schema(*document) : shelf.schema);
    document->catalog_file = document->place("").value.file;
    return entries.emplace(key, std::move(*document)).first->second;
  }
};

std::vector<std::filesystem::path> Catalog::places() {
  std::vector<std::filesystem::path> list;
  if (const char* given = std::getenv("GPUPLAN_CATALOG"); given != nullptr && *given != '\0') {
    list.emplace_back(given);
    return list;  // who names a catalog means that one
  }
  std::error_code code;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", code);
  if (!code) {
    list.push_back(program.parent_path().parent_path() / "share" / "gpuplan" / "catalog");
  }
  list.emplace_back(GPUPLAN_SOURCE_CATALOG);
  return list;
}

Catalog Catalog::open(const std::filesystem::path& profile) {
  std::string looked;
  for (const auto& place : places()) {
    if (holds_catalog(place)) {
      return Catalog(place, profile);
    }
    looked += (looked.empty() ? "" : " and ") + place.string();
  }
  throw InputError(fmt::format(
      "no catalog in {}; set GPUPLAN_CATALOG to the directory that holds accelerators/ and models/",
      looked));
}

Catalog::Catalog(std::filesystem::path directory, const std::filesystem::path& profile)
    : impl_(std::make_unique<Impl>()) {
  if (!holds_catalog(directory)) {
    throw InputError(
        {directory.string()}, {},
        "this is no catalog, expected a directory that holds accelerators/ and models/");
  }
  impl_->directory = std::move(directory);
  impl_->powers.emplace(impl_->directory / "profiles", profile);
}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;

const std::filesystem::path& Catalog::directory() const {
  return impl_->directory;
}

std::vector<std::string> Catalog::names(EntryKind kind) const {
  return impl_->names(shelf_of(kind));
}

std::optional<std::string> Catalog::accelerator_id(std::string_view spelling) const {
  const std::string name = lower(spelling);
  if (auto target = impl_->alias(name)) {
    return target;
  }
  const auto known = names(EntryKind::Accelerator);
  return std::binary_search(known.begin(), known.end(), name) ? std::optional(name) : std::nullopt;
}

const Document& Catalog::entry(EntryKind kind, std::string_view name, const Location& where) const {
  if (kind == EntryKind::Accelerator) {
    return impl_->entry(kind, accelerator_id(name).value_or(std::string(name)), where);
  }
  return impl_->entry(kind, std::string(name), where);
}

topology::Accelerator Catalog::accelerator(std::string_view name, const Location& where,
                                           Log explained) const {
  const Document& document = entry(EntryKind::Accelerator, name, where);
  topology::Accelerator a =
      read_accelerator(document, accelerator_id(name).value_or(std::string(name)), explained);
  impl_->powers->apply(a, explained);
  return a;
}

topology::Nic Catalog::nic(std::string_view name, Log explained) const {
  return read_nic(entry(EntryKind::Nic, name), std::string(name), explained);
}

topology::Switch Catalog::network_switch(std::string_view name, Log explained) const {
  return read_switch(entry(EntryKind::Switch, name), std::string(name), explained);
}

topology::Cable Catalog::cable(std::string_view name, Log explained) const {
  return read_cable(entry(EntryKind::Cable, name), std::string(name), explained);
}

std::vector<topology::Cable> Catalog::cables() const {
  if (!impl_->cables) {
    impl_->cables.emplace();
    for (const std::string& name : names(EntryKind::Cable)) {
      impl_->cables->push_back(cable(name));
    }
  }
  return *impl_->cables;
}

topology::Node Catalog::node(std::string_view name, const Location& where, Log explained) const {
  return read_node(entry(EntryKind::Node, name, where), std::string(name), explained);
}

sim::ModelSpec Catalog::model(std::string_view name, const Location& where, Log explained) const {
  return read_model(entry(EntryKind::Model, name, where), std::string(name), explained);
}

sim::Framework Catalog::framework(std::string_view name, const Location& where,
                                  Log explained) const {
  return read_framework(entry(EntryKind::Framework, name, where), std::string(name), explained);
}

topology::ClusterSpec Catalog::cluster(const ClusterRequest& request, Log explained) const {
  ClusterParts parts;
  parts.fabric = entry(EntryKind::Fabric, request.fabric);
  parts.id = request.fabric;
  parts.label = "catalog " + request.fabric;
  parts.gpus = request.gpus;
  parts.accelerator = request.accelerator;
  for (const auto& [key, value] : request.overrides) {
    parts.overrides.root[key] = read_yaml_value(value, key);
  }
  return resolve_cluster(*this, parts, explained);
}

units::BytesPerSecond Catalog::customary_nic_bandwidth(std::string_view accelerator) const {
  return read_customary_nic_bandwidth(entry(EntryKind::Accelerator, accelerator));
}

std::optional<double> Catalog::published_parameters(std::string_view model) const {
  const Json* value = find(entry(EntryKind::Model, model).root, "/published_parameters");
  return value != nullptr && value->is_number() ? std::optional(value->get<double>())
                                                : std::nullopt;
}

}  // namespace scenarios
