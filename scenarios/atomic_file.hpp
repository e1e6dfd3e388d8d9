#pragma once
// Files that are either there as a whole or not at all.
#include <filesystem>
#include <string_view>

namespace scenarios {

/// Writes `text` beside `file` and renames it into place; an existing file stays as it was unless
/// all went well. A device or pipe (/dev/stdout) is written to directly.
/// @throws topology::RuntimeFailure, with file and cause, if it cannot be written: no directory, no
/// permission, disk full.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace scenarios
