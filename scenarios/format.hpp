#pragma once
// Quantities as text: the one formatter of all output. Four significant digits, in the unit that
// reads best.
#include <string>

#include "topology/units.hpp"

namespace scenarios {

std::string format_time(units::Seconds t);                 ///< "2 us", "23.4 s", "60 days"
std::string format_bytes(units::Bytes size);               ///< "80 GiB"
std::string format_bandwidth(units::BytesPerSecond rate);  ///< "3.35 TB/s"
std::string format_line_rate(units::BytesPerSecond rate);  ///< of a NIC or port: "400 Gbit/s"
std::string format_flops(units::Flops count);              ///< "3.8 EFLOP"
std::string format_flop_rate(units::FlopsPerSecond rate);  ///< "989 TFLOP/s"
std::string format_power(units::Watts power);              ///< "20 MW"
std::string format_energy(units::Joules energy);  ///< "12 kWh" from 1 kWh on, below "5.2 kJ"
std::string format_money(units::Usd money);       ///< "1,234.50 USD", "150.0 million USD"
std::string format_money_rate(units::UsdPerSecond rate);  ///< "98.32 USD/h"
std::string format_count(double count);                   ///< "16,384", "405.9 billion"
std::string format_share(double share);                   ///< "12.3 %" of 0.123

}  // namespace scenarios
