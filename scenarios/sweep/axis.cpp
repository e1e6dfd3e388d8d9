#include "scenarios/sweep/axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "scenarios/json_text.hpp"

namespace scenarios {

namespace {

constexpr double kMostValues = 1e6;
constexpr double kRounding = 1e-9;  // a step that misses `to` by less reaches it

struct Figure {
  double number = 0.0;
  std::string unit;  ///< with the space before it, as it was written
};

Figure figure(const Values& range, const std::string& key) {
  const std::string text = printed(range.json(key));
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !std::isfinite(number)) {
    range.refuse(key, "expected a number, with its unit if it has one");
  }
  return {number, std::string(end)};
}

}  // namespace

Axis::Axis(const Values& vary, const std::string& key) : path_(key), where_(vary.where(key)) {
  if (vary.is_list(key)) {
    is_list_ = true;
    for (const Json& value : vary.json(key)) {
      values_.push_back(value);
    }
  } else {
    read_range(vary.map(key));
  }
}

void Axis::read_range(const Values& range) {
  const Figure from = figure(range, "from");
  const Figure to = figure(range, "to");
  if (from.unit != to.unit) {
    range.refuse("to", fmt::format("expected the unit of from, \"{}\"", from.unit));
  }
  from_ = from.number;
  to_ = to.number;
  unit_ = from.unit;
  log_ = range.flag("log", false) || range.has("factor");
  whole_ = range.flag("whole", false);
  if (to_ <= from_) {
    range.refuse("to", fmt::format("expected more than from, {}{}", from_, unit_));
  }
  if (log_ && from_ <= 0.0) {
    range.refuse("from", "a range by logarithm or factor starts above 0");
  }
  const int spacings = int{range.has("step")} + int{range.has("points")} + int{range.has("factor")};
  if (spacings > 1) {
    range.refuse("from", "takes one of step, points and factor");
  }
  const auto grid = [&](double count, auto&& nth, std::string_view by) {
    if (count > kMostValues) {
      range.refuse(by,
                   fmt::format("makes more than {:.0f} values; take a larger one", kMostValues));
    }
    for (double i = 0; i < count; ++i) {
      Json v = value(nth(i));
      if (values_.empty() || values_.back() != v) {  // rounding to whole numbers repeats some
        values_.push_back(std::move(v));
      }
    }
  };
  if (range.has("step")) {
    const Figure step = figure(range, "step");
    if (step.number <= 0.0 || (step.unit != unit_ && !step.unit.empty())) {
      range.refuse("step",
                   fmt::format("expected a positive number in the unit of from, \"{}\"", unit_));
    }
    grid(
        std::floor((to_ - from_) / step.number + kRounding) + 1.0,
        [&](double i) { return from_ + i * step.number; }, "step");
  } else if (range.has("factor")) {
    const double factor = range.number("factor");
    grid(
        std::floor(std::log(to_ / from_) / std::log(factor) + kRounding) + 1.0,
        [&](double i) { return from_ * std::pow(factor, i); }, "factor");
  } else if (range.has("points")) {
    const double n = range.integer("points");
    grid(
        n,
        [&](double i) {
          const double share = i / (n - 1.0);
          return log_ ? from_ * std::pow(to_ / from_, share) : from_ + share * (to_ - from_);
        },
        "points");
  }
}

const std::vector<Json>& Axis::grid() const {
  if (values_.empty()) {
    throw topology::InputError(where_, "vary." + path_,
                               "a grid needs step, points or factor here; or take sample: {sobol: "
                               "COUNT}");
  }
  return values_;
}

Json Axis::at(double share) const {
  if (is_list_) {
    const auto n = static_cast<double>(values_.size());
    return values_[static_cast<std::size_t>(std::min(n - 1.0, std::floor(share * n)))];
  }
  return value(log_ ? from_ * std::pow(to_ / from_, share) : from_ + share * (to_ - from_));
}

Json Axis::high() const {
  return is_list_ ? values_.back() : value(to_);
}

Json Axis::value(double number) const {
  // 12 digits: what a range means, without the rounding of its arithmetic.
  const double rounded =
      whole_ ? std::round(number) : std::strtod(fmt::format("{:.12g}", number).c_str(), nullptr);
  if (!unit_.empty()) {
    return fmt::format("{}{}", rounded, unit_);
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (rounded == std::floor(rounded) && std::abs(rounded) < kExact) {
    return static_cast<std::int64_t>(rounded);
  }
  return rounded;
}

}  // namespace scenarios
