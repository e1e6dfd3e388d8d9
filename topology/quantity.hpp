#pragma once
// Numbers with units as people write them, "400 Gbit/s", "80 GiB", "150e6 USD". The way back is
// format.hpp. Own grammar, not udunits2: that reads "Gb/s" as giga-barn and needs its XML unit
// database at run time.
#include <optional>
#include <string>
#include <string_view>

#include "topology/error.hpp"
#include "topology/units.hpp"

namespace topology {

/// What a value measures. The names are those of "x-quantity" in the JSON Schemas.
enum class Measure {
  Time,
  Size,
  Bandwidth,
  FlopCount,
  FlopRate,
  Power,
  Energy,
  Money,
  MoneyRate,     ///< USD/h
  EnergyPrice,   ///< USD/kWh
  StoragePrice,  ///< USD/GiB/month
  SizePrice,     ///< USD/GB, say for network egress
  Length         ///< m
};
std::optional<Measure> measure_from_name(std::string_view name);
/// `a bandwidth such as "400 Gbit/s"`
std::string example_of(Measure measure);

/// The value of `text` in base units (s, byte, FLOP, J, USD, m and products). Units: s min h day week
/// month year, B bit FLOP W J Wh USD m with decimal prefixes, B and bit with Ki Mi Gi Ti Pi, also
/// counts (GPU, node, token). GB = 1e9 and GiB = 2^30 bytes. A month is 730 h and a year 365 days,
/// as clouds bill.
/// @throws InputError naming `where` and `key` if there is no number, no unit, or one of another
/// measure.
double parse_base(std::string_view text, Measure measure, const Location& where = {},
                  std::string_view key = {});

/// The same as a strong type.
template <class Quantity>
Quantity parse_quantity(std::string_view text, const Location& where = {},
                        std::string_view key = {});

}  // namespace topology
