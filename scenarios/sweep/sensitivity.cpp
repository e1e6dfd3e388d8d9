#include "scenarios/sweep/sensitivity.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/json_text.hpp"
#include "scenarios/sweep/metrics.hpp"
#include "scenarios/sweep/sweep.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

using topology::InputError;

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

void print(const Tornado& t, std::string_view metric) {
  fmt::print("{} = {:.4g} in the scenario itself; one value at a time:\n", metric, t.base);
  const auto shown = [&t](std::optional<double> v) {
    return v ? fmt::format("{:.4g} ({:+.1f} %)", *v, 100 * (*v / t.base - 1))
             : std::string("no result");
  };
  for (const TornadoBar& b : t.bars) {
    fmt::print("  {:<36} {:>14}: {:<22} {:>14}: {}\n", b.axis, b.low_setting, shown(b.low),
               b.high_setting, shown(b.high));
  }
}

void print(const SobolIndices& s, std::string_view metric) {
  fmt::print("{}: mean {:.4g}, standard deviation {:.4g} over {} samples; share of the variance\n",
             metric, s.mean, s.standard_deviation, s.blocks);
  fmt::print("  {:<40} {:>8} {:>8}\n", "", "alone", "in all");
  for (const SobolIndex& i : s.indices) {
    fmt::print("  {:<40} {:>7.1f}% {:>7.1f}%\n", i.axis, 100 * i.first, 100 * i.total);
  }
}

ordered_json json(const Tornado& t, std::string_view metric) {
  ordered_json list = ordered_json::array();
  const auto number = [](std::optional<double> v) { return v ? ordered_json(*v) : ordered_json(); };
  for (const TornadoBar& b : t.bars) {
    list.push_back({{"axis", b.axis},
                    {"low", number(b.low)},
                    {"high", number(b.high)},
                    {"low_setting", b.low_setting},
                    {"high_setting", b.high_setting}});
  }
  return {{"metric", metric}, {"base", t.base}, {"tornado", list}};
}

ordered_json json(const SobolIndices& s, std::string_view metric) {
  ordered_json list = ordered_json::array();
  for (const SobolIndex& i : s.indices) {
    list.push_back({{"axis", i.axis}, {"first_order", i.first}, {"total", i.total}});
  }
  return {{"metric", metric},
          {"mean", s.mean},
          {"standard_deviation", s.standard_deviation},
          {"blocks", s.blocks},
          {"indices", list}};
}

template <class Result>
int show(const Result& result, const SensitivityOptions& options) {
  if (options.format == OutputFormat::Json) {
    fmt::print("{}\n", json(result, options.metric).dump(2));
  } else {
    print(result, options.metric);
  }
  return 0;
}

}  // namespace

SampleKind sample_of(const Store& store) {
  const ordered_json definition = ordered_json::parse(store.identity().definition);
  const ordered_json sample = definition["sweep"].value("sample", ordered_json("grid"));
  return sample == "tornado"                                    ? SampleKind::Tornado
         : sample.is_object() && sample.contains("sensitivity") ? SampleKind::Sensitivity
                                                                : SampleKind::Other;
}

Tornado tornado(const Store& store, std::string_view metric) {
  const Figures f = figures_of(store, metric);
  if (!f.value[0]) {
    throw InputError({store.file().string()}, "sensitivity",
                     "the scenario itself, point 0, has no result; finish the sweep with --resume");
  }
  Tornado t{.base = *f.value[0], .bars = {}};
  for (std::size_t a = 0; a < store.identity().axes.size(); ++a) {
    const std::size_t low = 1 + 2 * a;
    const auto setting = [&](std::size_t i) {
      return f.settings[i].is_array() ? printed(f.settings[i][a]) : std::string();
    };
    t.bars.push_back(
        {store.identity().axes[a], f.value[low], f.value[low + 1], setting(low), setting(low + 1)});
  }
  std::stable_sort(t.bars.begin(), t.bars.end(), [&t](const TornadoBar& a, const TornadoBar& b) {
    return a.span(t.base) > b.span(t.base);
  });
  return t;
}

SobolIndices sobol_indices(const Store& store, std::string_view metric) {
  const Figures f = figures_of(store, metric);
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
  SobolIndices result{.mean = mean,
                      .standard_deviation = std::sqrt(variance),
                      .blocks = blocks.size(),
                      .indices = {}};
  for (std::size_t a = 0; a < d; ++a) {
    SobolIndex index{.axis = store.identity().axes[a]};
    for (const auto* b : blocks) {
      const double mixed = *b[a + 2];
      index.first -= (*b[1] - mixed) * (*b[1] - mixed) / (2 * n);
      index.total += (*b[0] - mixed) * (*b[0] - mixed) / (2 * n);
    }
    if (variance > 0.0) {
      index.first = 1.0 + index.first / variance;
      index.total /= variance;
    }
    result.indices.push_back(std::move(index));
  }
  std::stable_sort(result.indices.begin(), result.indices.end(),
                   [](const SobolIndex& a, const SobolIndex& b) { return a.total > b.total; });
  return result;
}

int sensitivity(const SensitivityOptions& options) {
  const Store store = Store::open(options.store);
  switch (sample_of(store)) {
    case SampleKind::Tornado:
      return show(tornado(store, options.metric), options);
    case SampleKind::Sensitivity:
      return show(sobol_indices(store, options.metric), options);
    case SampleKind::Other:
      break;
  }
  throw InputError({options.store.string()}, "sensitivity",
                   "its sweep has another sample; run one with sample: tornado (each value at its "
                   "ends), or with sample: {sensitivity: 256} (Sobol indices)");
}

}  // namespace scenarios
