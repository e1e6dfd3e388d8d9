// Entry point of libFuzzer for one target, chosen at compile time.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/accepts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Target kTarget = [] {
    for (const fuzz::Target& target : fuzz::FUZZ_TARGETS()) {
      if (target.name == FUZZ_TARGET) {
        return target;
      }
    }
    __builtin_trap();
  }();
  (void)fuzz::accepts(kTarget, std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
