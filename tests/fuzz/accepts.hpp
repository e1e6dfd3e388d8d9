#pragma once
// What a reader may do with bytes: take them, or refuse them with an InputError.
#include <string>

#include "topology/error.hpp"

#include "tests/fuzz/targets.hpp"

namespace fuzz {

/// True if the action ended, false if it refused its input.
template <class Action>
bool accepted(const Action& action) {
  try {
    action();
    return true;
  } catch (const topology::InputError&) {
    return false;
  }
}

/// True if the bytes were accepted, false if they were refused as they should be.
inline bool accepts(const Target& target, const std::string& bytes) {
  return accepted([&] { target.read(bytes); });
}

}  // namespace fuzz
