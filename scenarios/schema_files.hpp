#pragma once
// The JSON Schemas as CMake compiles them in, see CMakeLists.txt.
#include <span>
#include <string_view>

namespace scenarios {

struct SchemaFile {
  std::string_view name;
  std::string_view text;
};
std::span<const SchemaFile> schema_files();

}  // namespace scenarios
