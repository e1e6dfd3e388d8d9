#include "tests/fuzz/mutate.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace fuzz {

namespace {

constexpr std::array<std::string_view, 56> kWords{"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ":",
                                                  ": ",
                                                  ",",
                                                  "- ",
                                                  "? ",
                                                  "&a ",
                                                  "*a",
                                                  "!!str ",
                                                  "---\n",
                                                  "...\n",
                                                  "|\n",
                                                  ">\n",
                                                  "\n",
                                                  "\t",
                                                  "#",
                                                  "'",
                                                  "\"",
                                                  "\\",
                                                  "null",
                                                  "true",
                                                  "NaN",
                                                  "1e999",
                                                  "-1",
                                                  "0",
                                                  "010",
                                                  "0x7f",
                                                  "1e-320",
                                                  "99999999999999999999",
                                                  "-9223372036854775808",
                                                  "2147483648",
                                                  "4294967296",
                                                  "\xff",
                                                  "\xc3\x28",
                                                  "\xEF\xBB\xBF",
                                                  "base: ",
                                                  "gpus: 0\n",
                                                  " Gbit/s",
                                                  " USD/(GPU h)",
                                                  "<<: ",
                                                  "tp: 1000000",
                                                  "layers",
                                                  "{\"a\":",
                                                  "<node id=\"a\"/>",
                                                  "<![CDATA[",
                                                  "]]>",
                                                  "&#0;",
                                                  "&amp;",
                                                  "</",
                                                  "/>",
                                                  "<graph>",
                                                  "device ",
                                                  "->"};

// std::uniform_int_distribution differs between standard libraries.
std::size_t below(std::mt19937& random, std::size_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

void change_once(std::string& text, std::mt19937& random) {
  constexpr std::size_t kLongestCut = 40;
  const std::size_t at = below(random, text.size() + 1);
  const std::size_t length = std::min(text.size() - at, 1 + below(random, kLongestCut));
  switch (below(random, 6)) {
    case 0:
      if (at < text.size()) {
        text[at] = static_cast<char>(random());
      }
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(at, text.substr(at, length));
      break;
    case 3: {
      const std::string part = text.substr(at, length);
      text.erase(at, length);
      text.insert(below(random, text.size() + 1), part);
      break;
    }
    case 4:
      text.insert(at, kWords[below(random, kWords.size())]);
      break;
    default:
      text.replace(at, length, kWords[below(random, kWords.size())]);
      break;
  }
}

}  // namespace

std::string mutate(std::string text, std::mt19937& random) {
  const std::size_t changes = 1 + below(random, 8);
  for (std::size_t i = 0; i < changes; ++i) {
    change_once(text, random);
  }
  return text;
}

}  // namespace fuzz
