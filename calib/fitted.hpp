#pragma once
// What a fit knows of its own certainty: parameters with standard errors, and the band in which
// measurements lie around predictions.
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "topology/units.hpp"

namespace calib {

/// The free parameters of one fit.
struct FittedParameters {
  std::vector<std::string> names;               ///< [p], as in the profile's files
  std::vector<double> values, standard_errors;  ///< [p], in the units of the names
  std::vector<double> correlation;              ///< [p * p], row by row
  int records = 0;
  std::vector<std::string> outliers;  ///< sentences: which record, measured and predicted
};

/// 90 % of the measurements of calls that take up to `up_to` (predicted) lie between low and high
/// times the prediction.
struct Band {
  units::Seconds up_to = units::seconds(std::numeric_limits<double>::infinity());
  double low = 1.0, high = 1.0;
  int records = 0;  ///< held out of the fit, from which it comes; 0: assumed
};
/// By rising up_to; the last one has no limit.
using Bands = std::vector<Band>;
using BandsByKind = std::map<std::string, Bands, std::less<>>;

/// The band of a prediction of `time`. `otherwise` where there is none.
Band band_at(const Bands& bands, units::Seconds time, const Band& otherwise);
/// The band that `kind` has for `time`, else kUnknownBand.
Band band_of(const BandsByKind& bands, std::string_view kind, units::Seconds time);
/// Assumed where a profile states none: a quarter off either way, and half as likely more.
inline constexpr Band kUnknownBand{
    units::seconds(std::numeric_limits<double>::infinity()), 0.6, 1.5, 0};

/// One prediction of a record that the fit had not seen.
struct HeldOut {
  units::Seconds predicted, measured;
  int group = 0;  ///< records of one group were held out together
};

/// Bands out of held-out records: the 5 % and 95 % quantiles of measured / predicted, by predicted
/// time in classes with about the same number of records, at most six and none with fewer than 80.
Bands bands_from(std::span<const HeldOut> held_out);

/// Share of the held-out records inside the band that the other groups' records give: what a 90 %
/// band may be trusted to hold. 0 for none.
double band_coverage(std::span<const HeldOut> held_out);

}  // namespace calib
