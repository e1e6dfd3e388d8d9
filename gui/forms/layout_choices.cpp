#include "gui/forms/layout_choices.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>

#include "gui/words.hpp"
#include "scenarios/scenario.hpp"
#include "sim/memory/tensors.hpp"

namespace gui {

namespace {

constexpr std::size_t kMostChoices = 14;

/// What divides `n`, from 1 up; the smallest where there are many.
std::vector<int> divisors(int n) {
  std::vector<int> all;
  for (int d = 1; d <= n && all.size() < kMostChoices; ++d) {
    if (n % d == 0) {
      all.push_back(d);
    }
  }
  return all;
}

/// Powers of two up to `most`.
std::vector<int> powers(int most) {
  std::vector<int> all;
  for (int p = 1; p <= most; p *= 2) {
    all.push_back(p);
  }
  return all;
}

/// Values worth trying: what divides the heads, layers and experts that a degree splits. Stages
/// need not be equal, so powers of two are tried there, too.
std::vector<int> candidates(const QString& key, const scenarios::Scenario& s) {
  constexpr int kMostContext = 64;
  const sim::ModelSpec& model = s.model;
  std::vector<int> values;
  int present = 1;
  if (key == "layout.tp") {
    values = divisors(model.heads);
    present = s.layout.tp;
  } else if (key == "layout.pp") {
    const int layers = model.encoder_layers + model.layers + model.mtp_layers;
    values = divisors(layers);
    const std::vector<int> more = powers(layers);
    values.insert(values.end(), more.begin(), more.end());
    present = s.layout.pp;
  } else if (key == "layout.cp") {
    values = powers(kMostContext);
    present = s.layout.cp;
  } else if (key == "layout.ep" && model.moe) {
    values = divisors(model.moe->experts);
    present = s.layout.ep;
  } else if (key == "layout.dp") {
    values = {std::max(1, s.cluster.gpus / std::max(1, s.layout.tp * s.layout.pp * s.layout.cp))};
    present = s.layout.dp;
  } else {
    return {};
  }
  values.push_back(present);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::erase_if(values, [&s](int v) { return v > s.cluster.gpus; });
  return values;
}

std::string set_of(const Setting& setting) {
  return setting.key.toStdString() + "=" +
         (setting.value.isNull() ? std::string("null") : setting.value.toStdString());
}

LayoutChoice tried(const Subject& subject, const scenarios::Catalog& catalog, const QString& key,
                   int value) {
  std::vector<std::string> sets;
  for (const Setting& setting : settings_for(key, value)) {
    sets.push_back(set_of(setting));
  }
  try {
    const scenarios::Scenario s = scenarios::load_scenario_text(
        subject.text.toStdString(), subject.path.toStdString(), sets, catalog);
    const sim::MemoryUse memory = sim::memory_use(s.job());
    return {value, memory.fits() ? Verdict::Fits : Verdict::TooLarge,
            bytes_text(memory.total.base()) + " / " + bytes_text(memory.capacity.base())};
  } catch (const std::exception& e) {
    return {value, Verdict::Impossible, QString::fromUtf8(e.what())};
  }
}

}  // namespace

const QStringList& layout_choice_keys() {
  static const QStringList kKeys{"layout.tp", "layout.pp", "layout.dp", "layout.cp", "layout.ep"};
  return kKeys;
}

std::vector<Setting> settings_for(const QString& key, int value) {
  std::vector<Setting> settings;
  if (changes_data_parallel(key)) {
    settings.push_back({"layout.dp", {}});
  }
  settings.push_back({key, QString::number(value)});
  return settings;
}

LayoutChoices layout_choices(const Subject& subject, const scenarios::Catalog& catalog) {
  LayoutChoices choices;
  try {
    const scenarios::Scenario s =
        scenarios::load_scenario_text(subject.text.toStdString(), subject.path.toStdString(), {},
                                      catalog, scenarios::LayoutIs::Searched);
    if (s.model.has_towers()) {
      return choices;  // nothing but the batch can be split
    }
    for (const QString& key : layout_choice_keys()) {
      for (const int value : candidates(key, s)) {
        choices[key].push_back(tried(subject, catalog, key, value));
      }
    }
  } catch (const std::exception&) {  // the form and the status bar say what is wrong
  }
  return choices;
}

}  // namespace gui
