#include "topology/suggest.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace topology {

namespace {
constexpr std::size_t kShortList = 12;  ///< names that still read well in one sentence
constexpr std::size_t kLongestName = 80;

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kLongestName)) {
    if (c != '-' && c != '_' && c != '.' && c != ' ') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

/// Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
    }
  }
  return row.back();
}
}  // namespace

std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& known,
                                 std::size_t count) {
  const std::string target = folded(wanted);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& name : known) {
    const std::string candidate = folded(name);
    const std::size_t distance = edit_distance(target, candidate);
    const bool within = target.size() >= 3 && candidate.size() >= 3 &&
                        (candidate.find(target) != std::string::npos ||
                         target.find(candidate) != std::string::npos);
    if (within || distance <= std::max<std::size_t>(1, target.size() / 3)) {
      ranked.emplace_back(distance, name);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, name] : ranked) {
    const bool a_slip_is_nearer = ranked.front().first <= 1 && distance > 1;
    if (names.size() < count && !a_slip_is_nearer) {
      names.push_back(name);
    }
  }
  return names;
}

std::string quoted_list(const std::vector<std::string>& names, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) {
      text += i + 1 == names.size() ? fmt::format(" {} ", last) : std::string(", ");
    }
    text += fmt::format("\"{}\"", names[i]);
  }
  return text;
}

std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& known) {
  if (const auto near = nearest(wanted, known); !near.empty()) {
    return fmt::format("did you mean {}?", quoted_list(near));
  }
  if (!known.empty() && known.size() <= kShortList) {
    return fmt::format("known are {}", quoted_list(known, "and"));
  }
  return {};
}

}  // namespace topology
