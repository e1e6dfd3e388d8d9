#pragma once
// Checks documents against the JSON Schemas under scenarios/schema, which are compiled into the
// program. Private to this room.
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.hpp"

namespace scenarios {

/// Names of the schemas: "scenario", "model", "accelerator", ...
std::vector<std::string> schema_names();
/// The text of schema `name`. @pre `name` is one of schema_names().
std::string_view schema_text(std::string_view name);

/// Checks `document` against schema `name`, or with "name/part" against its definition or property
/// `part`, quantities ("x-quantity") included. `prefix` is the key path under which the document stands in
/// its file, for messages.
/// @throws InputError for the first fault: where it is, what was found, what is allowed.
void check_schema(const Document& document, std::string_view name, std::string_view prefix = {});

}  // namespace scenarios
