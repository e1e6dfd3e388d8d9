#include "topology/import/text_file.hpp"

#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace topology {

std::string read_text_file(const std::filesystem::path& path, std::size_t most) {
  const Location where{path.string()};
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    throw InputError(where, {}, "this is a directory, expected a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError(where, {},
                     std::filesystem::exists(path, code)
                         ? "the file cannot be read; check its permissions"
                         : "there is no such file");
  }
  std::string text;
  constexpr std::size_t kBlock = std::size_t{1} << 20U;
  while (file) {
    const std::size_t had = text.size();
    text.resize(had + kBlock);
    file.read(text.data() + had, static_cast<std::streamsize>(kBlock));
    text.resize(had + static_cast<std::size_t>(file.gcount()));
    if (text.size() > most) {
      throw InputError(
          where, {},
          fmt::format("the file has more than {} MiB, the most that is read; is it the "
                      "right one?",
                      most >> 20U));
    }
  }
  if (file.bad()) {
    throw InputError(where, {}, "reading the file failed");
  }
  return text;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return text.size() > kLongest ? std::string(text.substr(0, kLongest)) + "..." : std::string(text);
}

}  // namespace topology
