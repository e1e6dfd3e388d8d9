#pragma once
// The parts of a measurement, as --only and --skip name them.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace real_runner {

enum class Part : std::uint8_t {
  Power,
  Launch,
  Transfer,
  Memory,
  Gemm,
  Attention,
  Overlap,
  Layer,
  Step,
  Collectives
};

/// In the order in which they are measured.
inline constexpr std::array kParts{Part::Power, Part::Launch,     Part::Transfer, Part::Memory,
                                   Part::Gemm,  Part::Attention,  Part::Overlap,  Part::Layer,
                                   Part::Step,  Part::Collectives};

std::string_view name(Part part);         ///< "gemm"
std::string_view description(Part part);  ///< "matrix products through cuBLASLt"
std::optional<Part> part_from_name(std::string_view text);
std::vector<std::string> part_names();

}  // namespace real_runner
