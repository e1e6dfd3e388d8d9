#pragma once
// An efficiency surface as a few lines of JSON. Private to this room.
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "calib/efficiency_surface.hpp"

namespace calib {

/// {"first_octave": [m, n, k], "octaves": [m, n, k], "log_time_per_mille": a text per octave of m
/// with the rows of n, apart by commas, of numbers for each octave of k}.
nlohmann::ordered_json surface_to_json(const EfficiencySurface& surface);
/// The way back; nothing if it is not of that form.
std::optional<EfficiencySurface> surface_from(const nlohmann::ordered_json& json);

}  // namespace calib
