#include "topology/error.hpp"

#include <fmt/format.h>

namespace topology {

std::string to_string(const Location& where) {
  if (where.line == 0) {
    return where.file;
  }
  const std::string file = where.file.empty() ? "input" : where.file;
  return where.column == 0 ? fmt::format("{}:{}", file, where.line)
                           : fmt::format("{}:{}:{}", file, where.line, where.column);
}

namespace {
std::string sentence(const Location& where, std::string_view key, std::string_view message) {
  std::string text = to_string(where);
  for (const std::string_view part : {key, message}) {
    if (!part.empty()) {
      text += text.empty() ? "" : ": ";
      text += part;
    }
  }
  return text;
}
}  // namespace

InputError::InputError(const Location& where, std::string_view key, std::string_view message)
    : std::runtime_error(sentence(where, key, message)) {}

InputError::InputError(std::string_view message) : std::runtime_error(std::string(message)) {}

void expects(bool condition, std::string_view what, const char* file, int line) {
  if (!condition) {
    throw std::logic_error(fmt::format("{}:{}: {}", file, line, what));
  }
}

}  // namespace topology
