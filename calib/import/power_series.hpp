#pragma once
// Records out of power over time, as monitoring tools give it.
#include <string>
#include <string_view>

#include "calib/import/description.hpp"
#include "calib/records.hpp"

namespace calib {

/// A record per device out of
/// - `dcgmi dmon -e 155` (columns of text, one of them POWER, in watts);
/// - CSV with a heading in which one column names power, as `nvidia-smi
/// --query-gpu=index,power.draw
///   --format=csv -l 1`;
/// - Prometheus' text exposition format, one or many scrapes, of a metric whose name holds
///   POWER_USAGE or power (dcgm-exporter: DCGM_FI_DEV_POWER_USAGE);
/// - Prometheus' answer to query_range or query (JSON).
/// The load is `known.load`; the time between samples comes from their time stamps, else
/// `known.interval`, else 1 s (what the tools sample by default).
/// @throws topology::InputError where the load is not given, for another format, or with file and
/// line for a sample that is no power.
RunRecords import_power_series(std::string_view text, const std::string& file,
                               const Description& known);

}  // namespace calib
