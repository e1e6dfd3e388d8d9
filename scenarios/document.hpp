#pragma once
// A YAML file in memory: its values, and where each of them stands. Private to this room (it shows
// JSON).
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "topology/error.hpp"

namespace scenarios {

using Json = nlohmann::ordered_json;

/// Where a value stands, and the key before it (the value's own place for list elements).
struct Place {
  topology::Location key;
  topology::Location value;
};

/// Values of one or, after overlays, of several files. Invariant: every value has a place, its own
/// or that of the nearest value around it.
struct Document {
  Json root = Json::object();
  std::map<std::string, Place, std::less<>> places;  ///< by JSON pointer, "" is the root
  std::string catalog_file;  ///< of a catalog entry: the file whose values are the catalog's, even
                             ///< under an overlay

  [[nodiscard]] const Place& place(std::string_view pointer) const;
};

/// "/cluster/overrides/nic.bandwidth" -> "cluster.overrides.nic.bandwidth", the way that messages
/// and --set spell it.
std::string key_path(std::string_view pointer);
/// `pointer` extended by one key.
std::string child(std::string_view pointer, std::string_view key);
/// The value at `pointer`, nullptr where there is none.
const Json* find(const Json& root, std::string_view pointer);

/// Copies `from` over `onto`, maps key by key, everything else as a whole.
/// The places follow the values. A null removes the key.
void overlay(Document& onto, const Document& from);

/// The subtree at `pointer` as a document of its own.
Document extract(const Document& from, std::string_view pointer);

}  // namespace scenarios
