#include "scenarios/sweep/sweep_plan.hpp"

#include <limits>

#include <boost/random/sobol.hpp>
#include <boost/random/uniform_01.hpp>
#include <fmt/format.h>

#include "scenarios/json_text.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/version.hpp"
#include "scenarios/yaml.hpp"
#include "topology/routing.hpp"

namespace scenarios {

namespace {

constexpr std::uint64_t kMostPoints = 100'000'000;

std::string as_set(const std::string& path, const Json& value) {
  return fmt::format("{}={}", path, printed(value));
}

/// Uniform in [0, 1), from a counter: point and axis. Source of the mixing: SplitMix64, Steele et
/// al., OOPSLA 2014.
double uniform(std::uint64_t seed, std::uint64_t number, std::uint64_t axis) {
  const std::uint64_t bits =
      topology::mix64(topology::mix64(topology::mix64(seed) ^ number) ^ axis);
  return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

}  // namespace

SweepPlan::SweepPlan(const std::filesystem::path& file, const std::optional<std::string>& text) {
  const Document document = read_yaml(file);
  check_schema(document, "sweep");
  const Values in(document, {{}, {}, {}, nullptr, nullptr});
  name_ = in.text("name", file.stem().string());
  scenario_ = (file.parent_path() / in.text("scenario")).lexically_normal();
  std::error_code code;
  if (!text && !std::filesystem::exists(scenario_, code)) {
    throw topology::InputError(
        in.where("scenario"), "scenario",
        fmt::format("there is no file \"{}\"; the path is relative to the file that names it",
                    scenario_.string()));
  }
  fidelity_ = in.text("fidelity", "closed-form") == "flow" ? Fidelity::Flow : Fidelity::ClosedForm;
  std::vector<std::string> shared;
  if (const Json* values = find(document.root, "/set")) {
    for (const auto& [path, value] : values->items()) {
      shared.push_back(as_set(path, value));
    }
  }
  base_ = with_sets(read_scenario_over_bases(scenario_, text), shared);
  const Values vary = in.map("vary");
  for (const std::string& path : vary.keys()) {
    axes_.emplace_back(vary, path);
  }
  read_sample(in);
  definition_ =
      Json{{"sweep", document.root}, {"scenario", base_.root}, {"version", version()}}.dump();
}

void SweepPlan::read_sample(const Values& in) {
  const std::size_t d = axes_.size();
  if (!in.has("sample") || in.json("sample").is_string()) {
    sampling_ = in.text("sample", "grid") == "tornado" ? Sampling::Tornado : Sampling::Grid;
    size_ = 1;
    if (sampling_ == Sampling::Tornado) {
      size_ = 2 * d + 1;
      return;
    }
    for (const Axis& axis : axes_) {
      if (size_ > kMostPoints / axis.grid().size()) {
        in.refuse("vary", fmt::format("makes more than {} points; take wider steps, or sample: "
                                      "{{sobol: COUNT}}",
                                      kMostPoints));
      }
      size_ *= axis.grid().size();
    }
    return;
  }
  const Values sample = in.map("sample");
  seed_ = static_cast<std::uint64_t>(sample.integer("seed", 1));
  const std::pair<const char*, Sampling> kinds[] = {{"random", Sampling::Random},
                                                    {"sobol", Sampling::Sobol},
                                                    {"sensitivity", Sampling::Sensitivity}};
  for (const auto& [key, kind] : kinds) {
    if (sample.has(key)) {
      if (samples_ > 0) {
        sample.refuse(key, "is one kind of sample too many; take one");
      }
      samples_ = static_cast<std::uint64_t>(sample.integer(key));
      sampling_ = kind;
    }
  }
  if (samples_ == 0) {
    in.refuse("sample", "expected random, sobol or sensitivity with their number of points");
  }
  size_ = sampling_ == Sampling::Sensitivity ? samples_ * (d + 2) : samples_;
  if (sampling_ == Sampling::Random) {
    return;
  }
  // Source: Sobol's sequence with the direction numbers of Joe and Kuo, SIAM J. Sci. Comput. 30
  // (2008); Boost.Random. The first point, all zeros, is left out.
  const std::size_t dimensions = sampling_ == Sampling::Sensitivity ? 2 * d : d;
  boost::random::sobol sequence(dimensions);
  sequence.discard(dimensions);
  boost::random::uniform_01<double> unit;
  sobol_.resize(samples_ * dimensions);
  for (double& share : sobol_) {
    share = unit(sequence);
  }
}

/// Saltelli's design: a block of d + 2 points from two samples A and B: A, B, and A with one axis
/// after the other from B. Source: Saltelli et al., Comput. Phys. Commun. 181 (2010), section 3.
double SweepPlan::share(std::uint64_t number, std::size_t axis) const {
  const std::size_t d = axes_.size();
  switch (sampling_) {
    case Sampling::Random:
      return uniform(seed_, number, axis);
    case Sampling::Sobol:
      return sobol_[number * d + axis];
    case Sampling::Sensitivity: {
      const std::uint64_t which = number % (d + 2);
      const bool from_b = which == 1 || which == axis + 2;
      return sobol_[number / (d + 2) * 2 * d + axis + (from_b ? d : 0)];
    }
    case Sampling::Grid:
    case Sampling::Tornado:
      break;
  }
  return 0.0;
}

std::vector<Json> SweepPlan::point(std::uint64_t number) const {
  std::vector<Json> values(axes_.size());
  switch (sampling_) {
    case Sampling::Grid:
      for (std::size_t a = axes_.size(); a-- > 0;) {  // the last axis runs fastest
        const std::vector<Json>& grid = axes_[a].grid();
        values[a] = grid[number % grid.size()];
        number /= grid.size();
      }
      break;
    case Sampling::Tornado:
      if (number > 0) {
        const std::size_t a = (number - 1) / 2;
        values[a] = number % 2 == 1 ? axes_[a].low() : axes_[a].high();
      }
      break;
    default:
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        values[a] = axes_[a].at(share(number, a));
      }
  }
  return values;
}

std::vector<std::string> SweepPlan::sets(std::uint64_t number) const {
  std::vector<std::string> sets;
  const std::vector<Json> values = point(number);
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (sampling_ != Sampling::Tornado || (number + 1) / 2 == a + 1) {
      sets.push_back(as_set(axes_[a].path(), values[a]));
    }
  }
  return sets;
}

}  // namespace scenarios
