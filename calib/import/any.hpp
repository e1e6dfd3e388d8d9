#pragma once
// Measurements in whatever known format a file has.
#include <filesystem>
#include <string>

#include "calib/import/description.hpp"
#include "calib/records.hpp"

namespace calib {

enum class MeasurementFormat { Records, Table, NcclTests, Kineto, PowerSeries };

/// By its first characters and its columns; nothing where it is none of them.
std::optional<MeasurementFormat> recognise(std::string_view text);

/// The records in `text`, of the format that recognise() sees or that `format` says.
/// @throws topology::InputError where it is none, or as the importer of that format does.
Records import_measurements(std::string text, const std::string& file, const Description& known,
                            std::optional<MeasurementFormat> format = {});
/// Reads `file`, unpacking gzip.
Records import_measurements(const std::filesystem::path& file, const Description& known,
                            std::optional<MeasurementFormat> format = {});

}  // namespace calib
