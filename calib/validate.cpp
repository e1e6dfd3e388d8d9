#include "calib/validate.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "calib/record.hpp"

namespace calib {

namespace {

units::Seconds predict(const DeviceProfile& p, const GemmRecord& r) {
  return gemm_time(p, r.shape, r.precision);
}
units::Seconds predict(const DeviceProfile& p, const AttentionRecord& r) {
  return attention_forward_time(p, r.shape, r.precision);
}
Band band(const DeviceProfile& p, const GemmRecord& r, units::Seconds time) {
  return gemm_band(p, r.precision, time);
}
Band band(const DeviceProfile& p, const AttentionRecord&, units::Seconds time) {
  return attention_band(p, time);
}

template <class Record>
Validation validate(const std::vector<Record>& records, const ProfileLookup& profiles) {
  std::vector<ValidationRow> rows;
  rows.reserve(records.size());
  for (const Record& r : records) {
    ValidationRow row{.id = fmt::format("line {}", r.line),
                      .accelerator = r.accelerator,
                      .source = std::string(topology::name(r.precision)),
                      .framework = {},
                      .measured = r.time.in(units::microseconds(1)),
                      .predicted = {},
                      .reason = {},
                      .pair_with_source = true,
                      .notes = {}};
    if (const DeviceProfile* profile = profiles(r.accelerator)) {
      const units::Seconds time = predict(*profile, r);
      row.predicted = time.in(units::microseconds(1));
      const Band around = band(*profile, r, time);
      row.low = around.low * *row.predicted;
      row.high = around.high * *row.predicted;
      row.notes = profile->warnings;
    } else {
      row.reason = fmt::format("no device profile for {}", r.accelerator);
    }
    rows.push_back(std::move(row));
  }
  return validation(std::move(rows));
}

}  // namespace

Validation validate_gemm(const std::filesystem::path& table, const ProfileLookup& profiles) {
  return validate(gemm_records(read_csv(table)), profiles);
}

Validation validate_attention(const std::filesystem::path& table, const ProfileLookup& profiles) {
  return validate(attention_records(read_csv(table)), profiles);
}

}  // namespace calib
