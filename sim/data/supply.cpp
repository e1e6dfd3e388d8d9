#include "sim/data/supply.hpp"

#include <algorithm>

namespace sim {

std::vector<DataUse> data_uses(const std::vector<DataPhase>& phases, DataUnit unit) {
  std::vector<DataUse> uses;
  for (const DataPhase& phase : phases) {
    for (const DataPart& part : *phase.mixture) {
      auto use = std::find_if(uses.begin(), uses.end(),
                              [&part](const DataUse& u) { return u.label == part.label; });
      if (use == uses.end()) {
        uses.push_back({.label = part.label, .data = part.data, .synthesis = part.synthesis});
        use = uses.end() - 1;
      }
      const double units = part.share * phase.units;
      use->units += units;
      const double has = part.data.units(unit);
      const double per_unit = has > 0 ? part.data.samples / has : 0;  // samples
      use->labelled += part.annotated * per_unit * units;
    }
  }
  for (DataUse& u : uses) {
    const double has = u.data.units(unit);
    u.fresh = has > 0 && !u.synthesis ? std::min(u.units, has) : u.units;
    u.stored = has > 0 ? u.fresh / has * u.data.bytes : units::Bytes{};
    u.labelled = u.units > 0 ? u.labelled * u.fresh / u.units : 0;
  }
  return uses;
}

double human_share(const std::vector<DataUse>& uses) {
  double human = 0;
  double all = 0;
  for (const DataUse& u : uses) {
    human += u.units * u.data.human;
    all += u.units;
  }
  return all > 0 ? human / all : 0;
}

std::vector<CostLine> data_prices(const std::vector<DataUse>& uses, DataUnit unit) {
  std::vector<CostLine> lines;
  const auto add = [&lines](const std::string& what, double quantity, const char* counted,
                            const DataPrice& price) {
    if (price.amount > units::Usd{} && quantity > 0) {
      lines.push_back(cost_line(what, quantity, counted, price.amount, price.source));
    }
  };
  constexpr double kBillion = 1e9;
  for (const DataUse& u : uses) {
    const double has = u.data.units(unit);
    const double part = has > 0 ? u.fresh / has : 0;  // of the dataset
    add("licence, " + u.label, 1, "dataset", u.data.whole);
    add("licence, " + u.label, part * u.data.tokens / kBillion, "billion tokens",
        u.data.billion_tokens);
    add("licence, " + u.label, part * u.data.samples, "sample", u.data.sample);
    add("labels, " + u.label, u.labelled, "sample", u.data.annotation);
  }
  return lines;
}

}  // namespace sim
