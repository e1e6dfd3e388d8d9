#pragma once
// Text in HTML and SVG.
#include <string>
#include <string_view>

namespace scenarios {

/// `text` with the characters that HTML gives a meaning to replaced.
std::string html_text(std::string_view text);

}  // namespace scenarios
