#pragma once
// Files of untrusted origin, read as a whole.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace topology {

/// The largest file that importers take: GraphML of 100,000 GPUs and their fabric has some 100 MB.
inline constexpr std::size_t kLargestImport = std::size_t{256} << 20U;

/// The bytes of `path`, a file or a pipe.
/// @throws InputError where there is none, it is a directory, or it has more than `most` bytes.
std::string read_text_file(const std::filesystem::path& path, std::size_t most = kLargestImport);

/// What a message quotes of a text: its first 60 letters, and "..." where there are more.
std::string shown(std::string_view text);

}  // namespace topology
