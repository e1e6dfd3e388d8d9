#include "scenarios/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace scenarios {

namespace {
constexpr double kMinute = 60.0, kHour = 3600.0, kDay = 24 * kHour;

/// "12.5" and not "12.500"; four significant digits, no exponent below 1e6.
std::string digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
      text.pop_back();
    }
  }
  return text;
}

/// A unit, and the value from which on it is used: its own size unless a smaller one reads better
/// for longer.
struct Step {
  double scale;
  std::string_view unit;
  double from = scale;
};

/// In the last unit of `steps` (ascending) that `value` reaches.
template <std::size_t N>
std::string in_steps(double value, const std::array<Step, N>& steps) {
  if (!std::isfinite(value)) {
    return fmt::format("{} {}", value, steps.front().unit);
  }
  if (value == 0.0) {
    return fmt::format("0 {}", steps.front().unit);
  }
  const Step* chosen = &steps.front();
  for (const Step& step : steps) {
    // 0.99995: what would print as 1000 belongs in the next unit
    if (std::abs(value) >= step.from * 0.99995) {
      chosen = &step;
    }
  }
  return fmt::format("{} {}", digits(value / chosen->scale), chosen->unit);
}

std::string with_thousands(std::string text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = point; at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace

std::string format_time(units::Seconds t) {
  if (t == units::Seconds{}) {
    return "0 s";
  }
  return in_steps(t.base(), std::array{Step{1e-9, "ns"}, Step{1e-6, "us"}, Step{1e-3, "ms"},
                                       Step{1, "s"}, Step{kMinute, "min", 10 * kMinute},
                                       Step{kHour, "h", 2 * kHour}, Step{kDay, "days", 2 * kDay}});
}
std::string format_bytes(units::Bytes size) {
  return in_steps(size.base(),
                  std::array{Step{1, "B"}, Step{0x1p10, "KiB"}, Step{0x1p20, "MiB"},
                             Step{0x1p30, "GiB"}, Step{0x1p40, "TiB"}, Step{0x1p50, "PiB"}});
}
std::string format_bandwidth(units::BytesPerSecond rate) {
  return in_steps(rate.base(),
                  std::array{Step{1, "B/s"}, Step{1e3, "kB/s"}, Step{1e6, "MB/s"},
                             Step{1e9, "GB/s"}, Step{1e12, "TB/s"}, Step{1e15, "PB/s"}});
}
std::string format_line_rate(units::BytesPerSecond rate) {
  return in_steps(rate.base() * 8,
                  std::array{Step{1, "bit/s"}, Step{1e3, "kbit/s"}, Step{1e6, "Mbit/s"},
                             Step{1e9, "Gbit/s"}, Step{1e12, "Tbit/s", 1e13}});
}
std::string format_flops(units::Flops count) {
  return in_steps(count.base(),
                  std::array{Step{1, "FLOP"}, Step{1e6, "MFLOP"}, Step{1e9, "GFLOP"},
                             Step{1e12, "TFLOP"}, Step{1e15, "PFLOP"}, Step{1e18, "EFLOP"},
                             Step{1e21, "ZFLOP"}, Step{1e24, "YFLOP"}});
}
std::string format_flop_rate(units::FlopsPerSecond rate) {
  return in_steps(rate.base(), std::array{Step{1, "FLOP/s"}, Step{1e6, "MFLOP/s"},
                                          Step{1e9, "GFLOP/s"}, Step{1e12, "TFLOP/s"},
                                          Step{1e15, "PFLOP/s", 1e16}, Step{1e18, "EFLOP/s"}});
}
std::string format_power(units::Watts power) {
  return in_steps(power.base(),
                  std::array{Step{1, "W"}, Step{1e3, "kW", 1e4}, Step{1e6, "MW"}, Step{1e9, "GW"}});
}
std::string format_energy(units::Joules energy) {
  if (energy.base() < 1000 * kHour) {
    return in_steps(energy.base(), std::array{Step{1, "J"}, Step{1e3, "kJ"}, Step{1e6, "MJ"}});
  }
  return in_steps(energy.base() / kHour,
                  std::array{Step{1e3, "kWh"}, Step{1e6, "MWh"}, Step{1e9, "GWh"}});
}
std::string format_money(units::Usd money) {
  const double value = money.base();
  if (std::abs(value) >= 1e9) {
    return fmt::format("{} billion USD", digits(value / 1e9));
  }
  if (std::abs(value) >= 1e6) {
    return fmt::format("{} million USD", digits(value / 1e6));
  }
  return with_thousands(fmt::format("{:.2f}", value)) + " USD";
}
std::string format_money_rate(units::UsdPerSecond rate) {
  return with_thousands(fmt::format("{:.2f}", rate.base() * kHour)) + " USD/h";
}
std::string format_count(double count) {
  if (std::abs(count) >= 1e12) {
    return fmt::format("{} trillion", digits(count / 1e12));
  }
  if (std::abs(count) >= 1e9) {
    return fmt::format("{} billion", digits(count / 1e9));
  }
  if (std::abs(count) >= 1e7) {
    return fmt::format("{} million", digits(count / 1e6));
  }
  return with_thousands(digits(count));
}

std::string format_share(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

}  // namespace scenarios
