#pragma once
// How far measured training steps lie around their predictions: what kernels and collectives, which
// are measured alone, do not tell. Made by `gpuplan validate --kind training --write-band`.
#include <filesystem>
#include <string>

#include "calib/fitted.hpp"
#include "calib/validation.hpp"

namespace scenarios {

/// @throws topology::InputError naming file and key where the content is no step band.
calib::Bands read_step_band(const std::filesystem::path& file);

/// The 5 % and 95 % quantiles of measured / predicted over the scored rows, and as coverage the
/// share of rows inside the band that the other publishers' rows give. `table`: its file name.
std::string step_band_text(const calib::Validation& validation, const std::string& table);

}  // namespace scenarios
