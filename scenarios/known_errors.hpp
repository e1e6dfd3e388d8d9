#pragma once
// What is known about published runs that we predict badly.
#include <string_view>

namespace scenarios {

/// Why the run with this id in the table of training runs is predicted badly, as far as we know;
/// empty where we do not. Only told, never used in a prediction.
std::string_view known_error(std::string_view row_id);

}  // namespace scenarios
