// How much each varied value of a sweep moves a figure.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/sweep/metrics.hpp"
#include "scenarios/sweep/store.hpp"
#include "scenarios/sweep/sweep.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

using topology::InputError;

std::string text_of(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The figure of every point; empty where the point has none.
struct Figures {
  std::vector<std::optional<double>> value;
  std::vector<ordered_json> settings;
};

Figures figures_of(const Store& store, std::string_view name) {
  const auto column = static_cast<std::size_t>(&metric(name) - metrics().data());
  Figures f{std::vector<std::optional<double>>(store.identity().points),
            std::vector<ordered_json>(store.identity().points)};
  store.for_each([&](const PointResult& row) {
    if (!row.values.empty() && !std::isnan(row.values[column])) {
      f.value[row.id] = row.values[column];
    }
    f.settings[row.id] = ordered_json::parse(row.settings);
  });
  return f;
}

struct Bar {
  std::string axis;
  std::optional<double> low, high;  ///< the figure with the axis at its ends
  std::string low_setting, high_setting;
  [[nodiscard]] double span(double base) const {
    return std::max(low ? std::abs(*low - base) : 0.0, high ? std::abs(*high - base) : 0.0);
  }
};

int tornado(const Store& store, const SensitivityOptions& options) {
  const Figures f = figures_of(store, options.metric);
  if (!f.value[0]) {
    throw InputError({store.file().string()}, "sensitivity",
                     "the scenario itself, point 0, has no result; finish the sweep with --resume");
  }
  const double base = *f.value[0];
  std::vector<Bar> bars;
  for (std::size_t a = 0; a < store.identity().axes.size(); ++a) {
    const std::size_t low = 1 + 2 * a;
    const auto setting = [&](std::size_t i) {
      return f.settings[i].is_array() ? text_of(f.settings[i][a]) : std::string();
    };
    bars.push_back(
        {store.identity().axes[a], f.value[low], f.value[low + 1], setting(low), setting(low + 1)});
  }
  std::stable_sort(bars.begin(), bars.end(),
                   [base](const Bar& a, const Bar& b) { return a.span(base) > b.span(base); });
  if (options.format == OutputFormat::Json) {
    ordered_json list = ordered_json::array();
    const auto number = [](std::optional<double> v) {
      return v ? ordered_json(*v) : ordered_json();
    };
    for (const Bar& b : bars) {
      list.push_back({{"axis", b.axis},
                      {"low", number(b.low)},
                      {"high", number(b.high)},
                      {"low_setting", b.low_setting},
                      {"high_setting", b.high_setting}});
    }
    fmt::print("{}\n",
               ordered_json{{"metric", options.metric}, {"base", base}, {"tornado", list}}.dump(2));
    return 0;
  }
  fmt::print("{} = {:.4g} in the scenario itself; one value at a time:\n", options.metric, base);
  const auto shown = [base](std::optional<double> v) {
    return v ? fmt::format("{:.4g} ({:+.1f} %)", *v, 100 * (*v / base - 1))
             : std::string("no result");
  };
  for (const Bar& b : bars) {
    fmt::print("  {:<36} {:>14}: {:<22} {:>14}: {}\n", b.axis, b.low_setting, shown(b.low),
               b.high_setting, shown(b.high));
  }
  return 0;
}

/// First-order and total indices. Source: Jansen's estimators, Saltelli et al., Comput. Phys.
/// Commun. 181 (2010), table 2, (c) and (f). Blocks with a point that has no result
/// are left out.
int sobol(const Store& store, const SensitivityOptions& options) {
  const Figures f = figures_of(store, options.metric);
  const std::size_t d = store.identity().axes.size();
  const std::size_t block = d + 2;
  std::vector<const std::optional<double>*> blocks;
  for (std::size_t i = 0; i + block <= f.value.size(); i += block) {
    const auto* first = &f.value[i];
    if (std::all_of(first, first + block, [](const auto& v) { return v.has_value(); })) {
      blocks.push_back(first);
    }
  }
  constexpr std::size_t kFewest = 16;
  if (blocks.size() < kFewest) {
    throw InputError({store.file().string()}, "sensitivity",
                     fmt::format("only {} of {} blocks of {} points have all their results, {} are "
                                 "needed; take ranges in which more layouts are possible",
                                 blocks.size(), f.value.size() / block, block, kFewest));
  }
  const auto n = static_cast<double>(blocks.size());
  double mean = 0.0;
  double variance = 0.0;
  for (const auto* b : blocks) {
    mean += (*b[0] + *b[1]) / (2 * n);
  }
  for (const auto* b : blocks) {
    variance += ((*b[0] - mean) * (*b[0] - mean) + (*b[1] - mean) * (*b[1] - mean)) / (2 * n);
  }
  struct Index {
    std::string axis;
    double first = 0.0, total = 0.0;
  };
  std::vector<Index> indices;
  for (std::size_t a = 0; a < d; ++a) {
    Index index{.axis = store.identity().axes[a]};
    for (const auto* b : blocks) {
      const double mixed = *b[a + 2];
      index.first -= (*b[1] - mixed) * (*b[1] - mixed) / (2 * n);
      index.total += (*b[0] - mixed) * (*b[0] - mixed) / (2 * n);
    }
    if (variance > 0.0) {
      index.first = 1.0 + index.first / variance;
      index.total /= variance;
    }
    indices.push_back(std::move(index));
  }
  std::stable_sort(indices.begin(), indices.end(),
                   [](const Index& a, const Index& b) { return a.total > b.total; });
  if (options.format == OutputFormat::Json) {
    ordered_json list = ordered_json::array();
    for (const Index& i : indices) {
      list.push_back({{"axis", i.axis}, {"first_order", i.first}, {"total", i.total}});
    }
    fmt::print("{}\n", ordered_json{{"metric", options.metric},
                                    {"mean", mean},
                                    {"standard_deviation", std::sqrt(variance)},
                                    {"blocks", blocks.size()},
                                    {"indices", list}}
                           .dump(2));
    return 0;
  }
  fmt::print("{}: mean {:.4g}, standard deviation {:.4g} over {} samples; share of the variance\n",
             options.metric, mean, std::sqrt(variance), blocks.size());
  fmt::print("  {:<40} {:>8} {:>8}\n", "", "alone", "in all");
  for (const Index& i : indices) {
    fmt::print("  {:<40} {:>7.1f}% {:>7.1f}%\n", i.axis, 100 * i.first, 100 * i.total);
  }
  return 0;
}

}  // namespace

int sensitivity(const SensitivityOptions& options) {
  const Store store = Store::open(options.store);
  const ordered_json definition = ordered_json::parse(store.identity().definition);
  const ordered_json sample = definition["sweep"].value("sample", ordered_json("grid"));
  if (sample == "tornado") {
    return tornado(store, options);
  }
  if (sample.is_object() && sample.contains("sensitivity")) {
    return sobol(store, options);
  }
  throw InputError({options.store.string()}, "sensitivity",
                   "its sweep has another sample; run one with sample: tornado (each value at its "
                   "ends), or with sample: {sensitivity: 256} (Sobol indices)");
}

}  // namespace scenarios
