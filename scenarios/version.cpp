#include "scenarios/version.hpp"

namespace scenarios {

std::string_view version() {
  return GPUPLAN_VERSION;
}

}  // namespace scenarios
