#pragma once
// How long a command has taken.
#include <chrono>

namespace scenarios {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace scenarios
