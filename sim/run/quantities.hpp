#pragma once
// Quantities that only whole runs need.
#include "topology/units.hpp"

namespace units {

using UsdPerJoule = decltype(Usd{} / Joules{});
using PerSecond = decltype(Bytes{} / Seconds{} / Bytes{});  ///< how often something happens

constexpr Seconds days(double v) {
  return hours(24.0 * v);
}
/// A year of 365 days, as clouds bill.
constexpr Seconds years(double v) {
  return days(365.0 * v);
}
constexpr PerSecond per_year(double v) {
  return PerSecond::from_base(v / years(1).base());
}
constexpr Joules kilowatt_hours(double v) {
  return Joules::from_base(v * 3.6e6);
}

}  // namespace units
