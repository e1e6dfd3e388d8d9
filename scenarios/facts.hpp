#pragma once
// Figures with their names, as tables for people have them, one under the other. Private to this
// room.
#include <string>
#include <vector>

#include <fmt/format.h>

namespace scenarios {

struct Fact {
  std::string label, value;
};
using Facts = std::vector<Fact>;

/// A line for each, values in one column.
inline std::string fact_lines(const Facts& facts) {
  std::string out;
  for (const Fact& f : facts) {
    out += fmt::format("  {:<22}{}\n", f.label, f.value);
  }
  return out;
}

}  // namespace scenarios
