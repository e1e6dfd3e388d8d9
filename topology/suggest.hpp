#pragma once
// "Did you mean": the known names nearest to one that is not known.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace topology {

/// At most `count` of `known`, nearest first: small edit distance (letter case and - _ . aside), or
/// one name holding the other. Empty where nothing is near.
std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& known,
                                 std::size_t count = 3);

/// `did you mean "tp"?`, or the whole list where it is short, for the end of a message; empty if
/// neither helps.
std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& known);

/// `"a", "b" or "c"`
std::string quoted_list(const std::vector<std::string>& names, std::string_view last = "or");

}  // namespace topology
