#pragma once
// The words of gpuplan import chakra. Part of the gpuplan program.
#include <functional>

namespace CLI {
class App;
}

namespace scenarios {

/// Adds "chakra" to `import`; see add_import.
void add_import_chakra(CLI::App& import, const bool& json, std::function<int()>& command);

}  // namespace scenarios
