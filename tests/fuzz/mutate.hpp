#pragma once
// Small random changes of a text, the same for the same seed on every machine.
#include <random>
#include <string>

namespace fuzz {

/// One to eight changes: bytes flipped, cut, repeated, swapped, or a word put in that readers
/// stumble over.
std::string mutate(std::string text, std::mt19937& random);

}  // namespace fuzz
