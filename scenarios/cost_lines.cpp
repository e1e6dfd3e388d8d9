#include "scenarios/cost_lines.hpp"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"

namespace scenarios {

using nlohmann::ordered_json;
using sim::CostLine;

namespace {

/// "1,234,567.89", to the cent.
std::string cents(std::int64_t value) {
  const std::int64_t whole = std::abs(value) / 100;
  std::string digits = std::to_string(whole);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return fmt::format("{}{}.{:02}", value < 0 ? "-" : "", digits, std::abs(value) % 100);
}

/// To the cent from a thousand on, below with what digits it has.
std::string unit_price(units::Usd price) {
  constexpr double kLarge = 1000.0;
  return price.base() < kLarge ? fmt::format("{:g}", price.base())
                               : cents(std::llround(price.base() * 100.0));
}

std::string cited(const sim::PriceSource& s) {
  if (s.from.source.empty()) {
    return {};
  }
  const std::string evidence = s.from.evidence.empty() ? "" : ", " + s.from.evidence;
  return fmt::format("{}, {}: {}{}", s.provider, s.region, s.from.source,
                     s.from.as_of.empty() ? "" : fmt::format(" ({}{})", s.from.as_of, evidence));
}

void add_rows(const CostLine& l, int depth, std::vector<BillRow>& rows) {
  BillRow row{.depth = depth, .what = l.what, .amount = cents(l.cents), .basis = {}, .source = {}};
  if (l.parts.empty() && !l.unit.empty()) {
    row.basis =
        fmt::format("{} {} at {} USD", format_count(l.quantity), l.unit, unit_price(l.unit_price));
    row.source = cited(l.source);
  }
  rows.push_back(std::move(row));
  for (const CostLine& part : l.parts) {
    add_rows(part, depth + 1, rows);
  }
}

}  // namespace

std::vector<BillRow> bill_rows(const CostLine& bill) {
  std::vector<BillRow> rows;
  add_rows(bill, 0, rows);
  return rows;
}

std::string cost_lines(const CostLine& bill) {
  std::string out;
  for (const BillRow& row : bill_rows(bill)) {
    const std::string what =
        std::string(static_cast<std::size_t>(2 + 2 * row.depth), ' ') + row.what;
    out += fmt::format("{:<54}{:>18}", what, row.amount);
    out += row.basis.empty() ? "\n" : fmt::format("  {}; {}\n", row.basis, row.source);
  }
  return out;
}

ordered_json cost_json(const CostLine& l) {
  ordered_json j{
      {"what", l.what}, {"usd", static_cast<double>(l.cents) / 100.0}, {"cents", l.cents}};
  if (l.parts.empty()) {
    j["quantity"] = l.quantity;
    j["unit"] = l.unit;
    j["unit_price_usd"] = l.unit_price.base();
    j["provider"] = l.source.provider;
    j["region"] = l.source.region;
    j["source"] = l.source.from.source;
    j["as_of"] = l.source.from.as_of;
    j["evidence"] = l.source.from.evidence.empty() ? "read" : l.source.from.evidence;
  } else {
    for (const CostLine& part : l.parts) {
      j["lines"].push_back(cost_json(part));
    }
  }
  return j;
}

}  // namespace scenarios
