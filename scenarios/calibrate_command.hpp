#pragma once
// The words of gpuplan calibrate. Part of the gpuplan program.
#include <functional>

namespace CLI {
class App;
}

namespace scenarios {

/// Adds "calibrate" to `app`. Keeps references to `json` and `command`.
void add_calibrate(CLI::App& app, const bool& json, std::function<int()>& command);

}  // namespace scenarios
