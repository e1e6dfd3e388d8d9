#include "scenarios/report/sweep_findings.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/json_text.hpp"
#include "scenarios/sweep/metrics.hpp"

namespace scenarios {

namespace {

using nlohmann::ordered_json;

std::string last_word(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

/// "tp 8, bandwidth 400 Gbit/s"; what a point leaves as the scenario has it is left out.
std::string settings_text(const SweepIdentity& identity, const std::string& settings) {
  std::string text;
  const ordered_json values = ordered_json::parse(settings);
  for (std::size_t a = 0; a < identity.axes.size() && a < values.size(); ++a) {
    if (!values[a].is_null()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", last_word(identity.axes[a]),
                          printed(values[a]));
    }
  }
  return text.empty() ? "the scenario itself" : text;
}

std::size_t column(std::string_view name) {
  return static_cast<std::size_t>(&metric(name) - metrics().data());
}

/// Whether `a` makes `b` needless: as good in everything, and better in something or earlier.
bool beats(const SweepPoint& a, const SweepPoint& b) {
  if (a.tokens_per_s < b.tokens_per_s || a.joules_per_token > b.joules_per_token ||
      a.memory > b.memory) {
    return false;
  }
  return a.tokens_per_s > b.tokens_per_s || a.joules_per_token < b.joules_per_token ||
         a.memory < b.memory || a.id < b.id;
}

/// @pre sorted: whoever is beaten is beaten by one before it that is on the front itself
void mark_front(std::vector<SweepPoint>& points) {
  std::vector<const SweepPoint*> front;
  for (SweepPoint& p : points) {
    const bool beaten = std::any_of(front.begin(), front.end(),
                                    [&p](const SweepPoint* other) { return beats(*other, p); });
    p.best = p.fits && !beaten;
    if (p.best) {
      front.push_back(&p);
    }
  }
}

}  // namespace

SweepFindings read_findings(const Store& store, const std::string& metric_name) {
  SweepFindings f{.identity = store.identity(),
                  .metric = metric_name,
                  .points = {},
                  .by_status = {},
                  .reasons = {}};
  const std::size_t tokens = column("tokens_per_s");
  const std::size_t power = column("power_w");
  const std::size_t step = column("step_time_s");
  const std::size_t memory = column("memory_bytes");
  const std::size_t mfu = column("mfu");
  const std::size_t asked = column(metric_name);
  store.for_each([&](const PointResult& row) {
    ++f.by_status[static_cast<std::size_t>(row.status)];
    if (!row.message.empty()) {
      ++f.reasons[fmt::format("{}: {}", name(row.status), row.message)];
    }
    if (row.values.empty() || std::isnan(row.values[step])) {
      return;
    }
    const std::vector<double>& v = row.values;
    f.points.push_back({.id = row.id,
                        .settings = settings_text(f.identity, row.settings),
                        .fits = row.status == PointStatus::Ok,
                        .tokens_per_s = v[tokens],
                        .joules_per_token = v[power] / v[tokens],
                        .step = units::seconds(v[step]),
                        .memory = units::bytes(v[memory]),
                        .power = units::watts(v[power]),
                        .mfu = v[mfu],
                        .metric = v[asked]});
  });
  std::sort(f.points.begin(), f.points.end(), [](const SweepPoint& a, const SweepPoint& b) {
    return std::tuple(!a.fits, -a.tokens_per_s, a.joules_per_token, a.memory, a.id) <
           std::tuple(!b.fits, -b.tokens_per_s, b.joules_per_token, b.memory, b.id);
  });
  mark_front(f.points);
  return f;
}

}  // namespace scenarios
