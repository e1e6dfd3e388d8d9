#include "calib/fitted.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace calib {

namespace {

constexpr std::size_t kFewest = 80;  ///< four records lie outside either end
constexpr std::size_t kMostClasses = 6;
constexpr double kOutside = 0.05;  ///< of the records, beyond either end

/// The order statistics between which a new record lies with 90 % probability, whatever the
/// distribution: ranks floor(0.05 (n + 1)) and ceil(0.95 (n + 1)). Source: split conformal
/// prediction, Lei et al., JASA 113(523), 2018, section 2.
std::pair<double, double> conformal_ends(std::vector<double> ratios) {
  std::sort(ratios.begin(), ratios.end());
  const double n = static_cast<double>(ratios.size());
  const auto low = static_cast<std::size_t>(std::max(1.0, std::floor(kOutside * (n + 1.0))));
  const auto high = static_cast<std::size_t>(std::min(n, std::ceil((1.0 - kOutside) * (n + 1.0))));
  return {ratios[low - 1], ratios[high - 1]};
}

Band band_of_class(std::span<const HeldOut> records) {
  std::vector<double> ratios;
  ratios.reserve(records.size());
  for (const HeldOut& r : records) {
    ratios.push_back(r.measured / r.predicted);
  }
  Band band;
  band.records = static_cast<int>(records.size());
  std::tie(band.low, band.high) = conformal_ends(std::move(ratios));
  return band;
}

}  // namespace

Band band_at(const Bands& bands, units::Seconds time, const Band& otherwise) {
  for (const Band& band : bands) {
    if (time <= band.up_to) {
      return band;
    }
  }
  return bands.empty() ? otherwise : bands.back();
}

Band band_of(const BandsByKind& bands, std::string_view kind, units::Seconds time) {
  const auto found = bands.find(kind);
  return found == bands.end() ? kUnknownBand : band_at(found->second, time, kUnknownBand);
}

Bands bands_from(std::span<const HeldOut> held_out) {
  std::vector<HeldOut> sorted(held_out.begin(), held_out.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const HeldOut& a, const HeldOut& b) { return a.predicted < b.predicted; });
  Bands bands;
  if (sorted.empty()) {
    return bands;
  }
  const std::size_t classes = std::clamp<std::size_t>(sorted.size() / kFewest, 1, kMostClasses);
  for (std::size_t c = 0; c < classes; ++c) {
    const std::size_t from = sorted.size() * c / classes, to = sorted.size() * (c + 1) / classes;
    Band band = band_of_class(std::span(sorted).subspan(from, to - from));
    if (c + 1 < classes) {
      band.up_to = sorted[to - 1].predicted;
    }
    bands.push_back(band);
  }
  return bands;
}

double band_coverage(std::span<const HeldOut> held_out) {
  std::set<int> groups;
  for (const HeldOut& r : held_out) {
    groups.insert(r.group);
  }
  int inside = 0, all = 0;
  for (const int group : groups) {
    std::vector<HeldOut> others;
    std::copy_if(held_out.begin(), held_out.end(), std::back_inserter(others),
                 [group](const HeldOut& r) { return r.group != group; });
    const Bands bands = bands_from(others);
    for (const HeldOut& r : held_out) {
      if (r.group == group && !bands.empty()) {
        const Band band = band_at(bands, r.predicted, {});
        const double ratio = r.measured / r.predicted;
        inside += ratio >= band.low && ratio <= band.high ? 1 : 0;
        ++all;
      }
    }
  }
  return all == 0 ? 0.0 : static_cast<double>(inside) / all;
}

}  // namespace calib
