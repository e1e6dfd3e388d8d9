#pragma once
// Files that may be packed with gzip.
#include <cstddef>
#include <filesystem>
#include <string>

namespace calib {

/// The bytes of `file`, unpacked where they are gzip's (by its magic number, RFC 1952).
/// @throws topology::InputError if it cannot be read, is damaged, or has more than `most` bytes
/// before or after unpacking.
std::string read_maybe_gzip(const std::filesystem::path& file, std::size_t most);

/// As above for bytes in memory; `file` is for messages.
std::string maybe_gunzip(std::string bytes, const std::string& file, std::size_t most);

}  // namespace calib
