#include "topology/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topology/names.hpp"
#include "topology/suggest.hpp"

namespace topology {

namespace {

/// Exponents of s, byte, FLOP, J, USD, m.
using Exponents = std::array<int, 6>;

struct Unit {
  std::string_view name;
  double scale;
  Exponents exponents;
  enum Prefixes { Plain, Small, Kilo, Decimal, DecimalAndBinary } prefixes;
};

constexpr Exponents kTime{1, 0, 0, 0, 0, 0}, kSize{0, 1, 0, 0, 0, 0}, kFlop{0, 0, 1, 0, 0, 0},
    kEnergy{0, 0, 0, 1, 0, 0}, kPower{-1, 0, 0, 1, 0, 0}, kMoney{0, 0, 0, 0, 1, 0},
    kLength{0, 0, 0, 0, 0, 1}, kCount{};
constexpr double kHour = 3600.0, kDay = 24 * kHour, kYear = 365 * kDay;

constexpr std::array kUnits{Unit{"s", 1, kTime, Unit::Small},
                            Unit{"second", 1, kTime, Unit::Plain},
                            Unit{"min", 60, kTime, Unit::Plain},
                            Unit{"minute", 60, kTime, Unit::Plain},
                            Unit{"h", kHour, kTime, Unit::Plain},
                            Unit{"hour", kHour, kTime, Unit::Plain},
                            Unit{"day", kDay, kTime, Unit::Plain},
                            Unit{"d", kDay, kTime, Unit::Plain},
                            Unit{"week", 7 * kDay, kTime, Unit::Plain},
                            Unit{"month", kYear / 12, kTime, Unit::Plain},
                            Unit{"year", kYear, kTime, Unit::Plain},
                            Unit{"B", 1, kSize, Unit::DecimalAndBinary},
                            Unit{"byte", 1, kSize, Unit::Plain},
                            Unit{"bit", 0.125, kSize, Unit::DecimalAndBinary},
                            Unit{"FLOP", 1, kFlop, Unit::Decimal},
                            Unit{"W", 1, kPower, Unit::Decimal},
                            Unit{"J", 1, kEnergy, Unit::Decimal},
                            Unit{"Wh", kHour, kEnergy, Unit::Decimal},
                            Unit{"USD", 1, kMoney, Unit::Decimal},
                            Unit{"m", 1, kLength, Unit::Kilo},
                            Unit{"metre", 1, kLength, Unit::Plain},
                            Unit{"GPU", 1, kCount, Unit::Plain},
                            Unit{"accelerator", 1, kCount, Unit::Plain},
                            Unit{"node", 1, kCount, Unit::Plain},
                            Unit{"token", 1, kCount, Unit::Plain}};

struct Prefix {
  std::string_view name;
  double scale;
};
constexpr std::array kSmallPrefixes{Prefix{"m", 1e-3}, Prefix{"u", 1e-6}, Prefix{"µ", 1e-6},
                                    Prefix{"μ", 1e-6}, Prefix{"n", 1e-9}};
constexpr std::array kDecimalPrefixes{Prefix{"k", 1e3},  Prefix{"M", 1e6},  Prefix{"G", 1e9},
                                      Prefix{"T", 1e12}, Prefix{"P", 1e15}, Prefix{"E", 1e18},
                                      Prefix{"Z", 1e21}, Prefix{"Y", 1e24}};
constexpr std::array kBinaryPrefixes{Prefix{"Ki", 0x1p10}, Prefix{"Mi", 0x1p20},
                                     Prefix{"Gi", 0x1p30}, Prefix{"Ti", 0x1p40},
                                     Prefix{"Pi", 0x1p50}, Prefix{"Ei", 0x1p60}};

struct MeasureRow {
  Measure measure;
  std::string_view name;
  std::string_view noun;
  std::string_view example;
  Exponents exponents;
};
constexpr std::array kMeasures{
    MeasureRow{Measure::Time, "time", "a time", "2 us", kTime},
    MeasureRow{Measure::Size, "size", "a size", "80 GiB", kSize},
    MeasureRow{Measure::Bandwidth, "bandwidth", "a bandwidth", "400 Gbit/s", {-1, 1, 0, 0, 0, 0}},
    MeasureRow{Measure::FlopCount, "flop_count", "a number of FLOPs", "3.8e25 FLOP", kFlop},
    MeasureRow{
        Measure::FlopRate, "flop_rate", "a compute rate", "989 TFLOP/s", {-1, 0, 1, 0, 0, 0}},
    MeasureRow{Measure::Power, "power", "a power", "700 W", kPower},
    MeasureRow{Measure::Energy, "energy", "an energy", "12 kWh", kEnergy},
    MeasureRow{Measure::Money, "money", "an amount of money", "150e6 USD", kMoney},
    MeasureRow{
        Measure::MoneyRate, "money_rate", "a price per time", "2.5 USD/h", {-1, 0, 0, 0, 1, 0}},
    MeasureRow{Measure::EnergyPrice,
               "energy_price",
               "a price of energy",
               "0.08 USD/kWh",
               {0, 0, 0, -1, 1, 0}},
    MeasureRow{Measure::StoragePrice,
               "storage_price",
               "a price of storage",
               "0.02 USD/GiB/month",
               {-1, -1, 0, 0, 1, 0}},
    MeasureRow{
        Measure::SizePrice, "size_price", "a price per size", "0.09 USD/GB", {0, -1, 0, 0, 1, 0}},
    MeasureRow{Measure::Length, "length", "a length", "30 m", kLength}};

const MeasureRow& row_of(Measure measure) {
  for (const MeasureRow& row : kMeasures) {
    if (row.measure == measure) {
      return row;
    }
  }
  return kMeasures.front();
}

struct Value {
  double scale = 1.0;
  Exponents exponents{};
};

template <std::size_t N>
std::optional<double> prefix_in(const std::array<Prefix, N>& table, std::string_view name) {
  for (const Prefix& prefix : table) {
    if (prefix.name == name) {
      return prefix.scale;
    }
  }
  return std::nullopt;
}

std::optional<double> prefix_scale(std::string_view prefix, Unit::Prefixes allowed) {
  if (prefix.empty()) {
    return 1.0;
  }
  std::optional<double> scale;
  if (allowed == Unit::Small) {
    scale = prefix_in(kSmallPrefixes, prefix);
  } else if (allowed == Unit::Kilo) {
    scale = prefix == "k" ? std::optional(1e3) : std::nullopt;
  } else if (allowed != Unit::Plain) {
    scale = prefix_in(kDecimalPrefixes, prefix);
    if (!scale && allowed == Unit::DecimalAndBinary) {
      scale = prefix_in(kBinaryPrefixes, prefix);
    }
  }
  return scale;
}

std::optional<Value> unit_named(std::string_view word) {
  for (const Unit& unit : kUnits) {
    if (word.ends_with(unit.name)) {
      const auto scale =
          prefix_scale(word.substr(0, word.size() - unit.name.size()), unit.prefixes);
      if (scale) {
        return Value{*scale * unit.scale, unit.exponents};
      }
    }
  }
  if (word.size() > 2 && word.ends_with('s')) {  // days, GPUs, bytes
    return unit_named(word.substr(0, word.size() - 1));
  }
  return std::nullopt;
}

/// A common slip and what to write instead.
std::string hint_for(std::string_view word) {
  const auto ends = [word](std::string_view end) { return word.ends_with(end); };
  if (ends("bps") || ends("Bps")) {
    const std::string prefix(word.substr(0, word.size() - 3));
    return fmt::format(R"(write "{}bit/s" or "{}B/s")", prefix, prefix);
  }
  if (ends("b") && prefix_scale(word.substr(0, word.size() - 1), Unit::DecimalAndBinary)) {
    const std::string prefix(word.substr(0, word.size() - 1));
    return fmt::format(R"(write "{}bit" for bits or "{}B" for bytes)", prefix, prefix);
  }
  if (ends("FLOPS") || ends("FLOPs") || ends("flops") || ends("flop")) {
    return R"(write "TFLOP/s" for a rate, "FLOP" for a count)";
  }
  if (word == "m" || word == "M") {
    return R"(write "min", "ms" or "month")";
  }
  if (word == "$" || word == "EUR" || word == "€") {
    return "amounts are in \"USD\"";
  }
  return did_you_mean(word, {"ns", "us",  "ms",  "s",     "min",   "h",     "days", "kB",  "MB",
                             "GB", "TB",  "KiB", "MiB",   "GiB",   "TiB",   "Gbit", "W",   "kW",
                             "MW", "kWh", "MWh", "GFLOP", "TFLOP", "PFLOP", "USD",  "Tbit"});
}

class Fault {
 public:
  Fault(std::string_view text, Measure measure, const Location& where, std::string_view key)
      : text_(text.substr(0, 60)), measure_(measure), where_(where), key_(key) {}
  [[noreturn]] void operator()(std::string_view what) const {
    throw InputError(where_, key_,
                     fmt::format("\"{}\" {}, expected {}", text_, what, example_of(measure_)));
  }

 private:
  std::string_view text_;
  Measure measure_;
  const Location& where_;
  std::string_view key_;
};

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/// unit = factor { ("/" | "*" | " ") factor }; factor = word | "(" words ")". "/" takes the next
/// factor only.
Value parse_unit(std::string_view text, const Fault& fault) {
  Value total;
  bool divide = false;
  bool in_parentheses = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_space(c) || c == '*') {
      ++at;
    } else if (c == '/') {
      if (divide || in_parentheses) {
        fault("has a unit that cannot be read");
      }
      divide = true;
      ++at;
    } else if (c == '(' || c == ')') {
      if (in_parentheses != (c == ')')) {
        fault("has a unit that cannot be read");
      }
      in_parentheses = c == '(';
      divide = divide && in_parentheses;
      ++at;
    } else {
      const std::size_t end = std::min(text.find_first_of(" \t*/()", at), text.size());
      const std::string_view word = text.substr(at, end - at);
      const auto unit = unit_named(word);
      if (!unit) {
        const std::string hint = hint_for(word);
        fault(fmt::format("has an unknown unit \"{}\"{}{}", word, hint.empty() ? "" : " - ", hint));
      }
      const int sign = divide ? -1 : 1;
      total.scale *= divide ? 1.0 / unit->scale : unit->scale;
      for (std::size_t i = 0; i < total.exponents.size(); ++i) {
        total.exponents[i] += sign * unit->exponents[i];
      }
      divide = divide && in_parentheses;
      at = end;
    }
  }
  if (divide || in_parentheses) {
    fault("has a unit that cannot be read");
  }
  return total;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

std::optional<Measure> measure_from_name(std::string_view name) {
  for (const MeasureRow& row : kMeasures) {
    if (row.name == name) {
      return row.measure;
    }
  }
  return std::nullopt;
}

std::string example_of(Measure measure) {
  const MeasureRow& row = row_of(measure);
  return fmt::format("{} such as \"{}\"", row.noun, row.example);
}

double parse_base(std::string_view text, Measure measure, const Location& where,
                  std::string_view key) {
  const Fault fault(text, measure, where, key);
  const std::string_view body = trimmed(text);
  double number = 0.0;
  const char* const end = body.data() + body.size();
  const auto [rest, error] = std::from_chars(body.data(), end, number);
  if (error == std::errc::invalid_argument) {
    fault("does not begin with a number");
  }
  if (error != std::errc{} || !std::isfinite(number)) {
    fault("is out of range");
  }
  if (number < 0.0) {
    fault("is negative");
  }
  const std::string_view unit_text = trimmed({rest, static_cast<std::size_t>(end - rest)});
  if (unit_text.empty()) {
    fault("has no unit");
  }
  const Value unit = parse_unit(unit_text, fault);
  if (unit.exponents != row_of(measure).exponents) {
    for (const MeasureRow& row : kMeasures) {
      if (row.exponents == unit.exponents) {
        fault(fmt::format("is {}", row.noun));
      }
    }
    fault("is of another kind");
  }
  const double value = number * unit.scale;
  if (!std::isfinite(value)) {
    fault("is out of range");
  }
  return value;
}

namespace {
template <class Quantity>
constexpr Measure kMeasureOf = Measure::Time;
template <>
constexpr Measure kMeasureOf<units::Bytes> = Measure::Size;
template <>
constexpr Measure kMeasureOf<units::BytesPerSecond> = Measure::Bandwidth;
template <>
constexpr Measure kMeasureOf<units::Flops> = Measure::FlopCount;
template <>
constexpr Measure kMeasureOf<units::FlopsPerSecond> = Measure::FlopRate;
template <>
constexpr Measure kMeasureOf<units::Watts> = Measure::Power;
template <>
constexpr Measure kMeasureOf<units::Joules> = Measure::Energy;
template <>
constexpr Measure kMeasureOf<units::Usd> = Measure::Money;
template <>
constexpr Measure kMeasureOf<units::Metres> = Measure::Length;
template <>
constexpr Measure kMeasureOf<units::UsdPerSecond> = Measure::MoneyRate;
}  // namespace

template <class Quantity>
Quantity parse_quantity(std::string_view text, const Location& where, std::string_view key) {
  return Quantity::from_base(parse_base(text, kMeasureOf<Quantity>, where, key));
}
template units::Seconds parse_quantity(std::string_view, const Location&, std::string_view);
template units::Bytes parse_quantity(std::string_view, const Location&, std::string_view);
template units::BytesPerSecond parse_quantity(std::string_view, const Location&, std::string_view);
template units::Flops parse_quantity(std::string_view, const Location&, std::string_view);
template units::FlopsPerSecond parse_quantity(std::string_view, const Location&, std::string_view);
template units::Watts parse_quantity(std::string_view, const Location&, std::string_view);
template units::Joules parse_quantity(std::string_view, const Location&, std::string_view);
template units::Usd parse_quantity(std::string_view, const Location&, std::string_view);
template units::Metres parse_quantity(std::string_view, const Location&, std::string_view);
template units::UsdPerSecond parse_quantity(std::string_view, const Location&, std::string_view);

}  // namespace topology
