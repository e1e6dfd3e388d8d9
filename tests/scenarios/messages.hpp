#pragma once
// What a piece of code says when it refuses its input.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/error.hpp"

/// The message of the InputError that `action` throws; fails the test and gives "" where it throws
/// none.
template <class Action>
std::string refusal(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const topology::InputError& e) {
    return e.what();
  }
  ADD_FAILURE() << "expected an InputError";
  return {};
}
