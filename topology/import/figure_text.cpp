#include "topology/import/figure_text.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topology/quantity.hpp"

namespace topology {

namespace {

template <class Quantity, std::size_t N>
std::string shortest(Quantity value,
                     const std::array<std::pair<std::string_view, Quantity>, N>& units,
                     std::string_view base) {
  for (const auto& [name, unit] : units) {
    std::string text = fmt::format("{:.6g} {}", value.in(unit), name);
    if (parse_quantity<Quantity>(text) == value) {
      return text;
    }
  }
  return fmt::format("{} {}", value.base(), base);
}

}  // namespace

std::string figure_text(units::BytesPerSecond rate) {
  static constexpr std::array<std::pair<std::string_view, units::BytesPerSecond>, 2> kUnits{
      {{"Gbit/s", units::gigabits_per_second(1)}, {"GB/s", units::gigabytes_per_second(1)}}};
  return shortest(rate, kUnits, "B/s");
}

std::string figure_text(units::Seconds time) {
  static constexpr std::array<std::pair<std::string_view, units::Seconds>, 2> kUnits{
      {{"us", units::microseconds(1)}, {"ns", units::nanoseconds(1)}}};
  return shortest(time, kUnits, "s");
}

}  // namespace topology
