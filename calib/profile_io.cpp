// Device profiles as JSON. Every key that holds a quantity names its unit.
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "calib/correlation_text.hpp"
#include "calib/profile.hpp"
#include "calib/profile_text.hpp"
#include "calib/surface_text.hpp"
#include "topology/error.hpp"

namespace calib {

using Json = nlohmann::ordered_json;
using topology::InputError;
using topology::Precision;

namespace {

constexpr std::size_t kLargestProfile = 1 << 20;  ///< bytes; profiles are some 50 kB
constexpr double kAnything = std::numeric_limits<double>::infinity();

/// One field of GemmCoefficients in a file, with the values that make sense.
struct GemmField {
  const char* key;
  double GemmCoefficients::*number;
  units::Seconds GemmCoefficients::*time;
  double low, high;
};
const GemmField kGemmFields[] = {
    {"efficiency", &GemmCoefficients::efficiency, nullptr, 1e-3, 1.0},
    {"tile_penalty_elements", &GemmCoefficients::tile_penalty, nullptr, 0.0, 1e6},
    {"launch_s", nullptr, &GemmCoefficients::launch, 0.0, 1.0},
    {"memory_efficiency", &GemmCoefficients::memory_efficiency, nullptr, 1e-3, 1.0},
    {"l2_speedup", &GemmCoefficients::l2_speedup, nullptr, 1.0, 1e3},
    {"l2_share", &GemmCoefficients::l2_share, nullptr, 0.0, 10.0},
    {"depth_ramp_elements", &GemmCoefficients::depth_ramp, nullptr, 0.0, 1e6},
    {"throttle", &GemmCoefficients::throttle, nullptr, 0.0, 10.0},
    {"throttle_time_s", nullptr, &GemmCoefficients::throttle_time, 1e-9, 1e3},
    {"quantisation", &GemmCoefficients::quantisation, nullptr, 0.0, 1.0},
    {"split_s", nullptr, &GemmCoefficients::split, 0.0, 1.0},
    {"quantise_bytes_per_element", &GemmCoefficients::quantise_bytes, nullptr, 0.0, 1e3}};

struct AttentionField {
  const char* key;
  double AttentionCoefficients::*number;
  units::Seconds AttentionCoefficients::*time;
  double low, high;
};
const AttentionField kAttentionFields[] = {
    {"query_tile_rows", &AttentionCoefficients::query_tile, nullptr, 1.0, 4096.0},
    {"efficiency", &AttentionCoefficients::efficiency, nullptr, 1e-3, 1.5},
    {"head_dim_half_elements", &AttentionCoefficients::head_dim_half, nullptr, 0.0, 1e5},
    {"unusual_head_dim_factor", &AttentionCoefficients::unusual_head_dim, nullptr, 1e-2, 10.0},
    {"block_start_s", nullptr, &AttentionCoefficients::block_start, 0.0, 1.0},
    {"latency_factor", &AttentionCoefficients::latency_factor, nullptr, 0.0, 100.0},
    {"launch_s", nullptr, &AttentionCoefficients::launch, 0.0, 1.0},
    {"side_traffic_ratio", &AttentionCoefficients::side_traffic, nullptr, 0.0, 1e3},
    {"backward_rate_ratio", &AttentionCoefficients::backward_rate, nullptr, 1e-2, 10.0}};

/// Nine digits: more than any fit knows, few enough for readable files that do not hang on the last
/// bit. What is below a femto of any unit here is nothing.
double rounded(double x) {
  return std::abs(x) < 1e-15 ? 0.0 : std::stod(fmt::format("{:.8e}", x));
}

template <class Fields, class Coefficients>
Json fields_to_json(const Fields& fields, const Coefficients& c) {
  Json j = Json::object();
  for (const auto& f : fields) {
    j[f.key] = rounded(f.number ? c.*f.number : (c.*f.time).base());
  }
  return j;
}

/// A JSON object with its place in the file, so that every failure names its key.
class Reader {
 public:
  Reader(const Json& json, std::string file, std::string path)
      : json_(json), file_(std::move(file)), path_(std::move(path)) {
    if (!json_.is_object()) {
      fail("", "expected an object");
    }
  }

  [[nodiscard]] Reader object(const char* key) const {
    return {value(key), file_, path_.empty() ? key : path_ + "." + key};
  }
  [[nodiscard]] double number(const char* key, double low, double high) const {
    const Json& v = value(key);
    if (!v.is_number()) {
      fail(key, "expected a number");
    }
    const double x = v.get<double>();
    if (!(x >= low && x <= high)) {
      fail(key, fmt::format("found {}, expected a number from {} to {}", x, low, high));
    }
    return x;
  }
  [[nodiscard]] int integer(const char* key, int low, int high) const {
    const double x = number(key, low, high);
    if (x != std::floor(x)) {
      fail(key, fmt::format("found {}, expected a whole number", x));
    }
    return static_cast<int>(x);
  }
  [[nodiscard]] bool has(const char* key) const { return json_.contains(key); }
  [[nodiscard]] std::vector<double> numbers(const char* key) const {
    const Json& v = value(key);
    std::vector<double> list;
    for (const Json& item : v) {
      if (!v.is_array() || !item.is_number()) {
        fail(key, "expected a list of numbers");
      }
      list.push_back(item.get<double>());
    }
    return list;
  }
  [[nodiscard]] std::vector<Reader> objects(const char* key) const {
    const Json& v = value(key);
    if (!v.is_array()) {
      fail(key, "expected a list");
    }
    std::vector<Reader> list;
    for (const Json& item : v) {
      list.emplace_back(item, file_, fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", key));
    }
    return list;
  }
  [[nodiscard]] std::string text(const char* key) const {
    const Json& v = value(key);
    if (!v.is_string()) {
      fail(key, "expected text in quotes");
    }
    return v.get<std::string>();
  }
  [[nodiscard]] std::vector<std::string> texts(const char* key) const {
    const Json& v = value(key);
    std::vector<std::string> list;
    for (const Json& item : v) {
      if (!v.is_array() || !item.is_string()) {
        fail(key, "expected a list of texts");
      }
      list.push_back(item.get<std::string>());
    }
    return list;
  }
  [[nodiscard]] const Json& json() const { return json_; }
  [[noreturn]] void fail(std::string_view key, std::string_view message) const {
    std::string where = path_;
    if (!key.empty()) {
      where += (where.empty() ? "" : ".") + std::string(key);
    }
    throw InputError({file_}, where, message);
  }

 private:
  [[nodiscard]] const Json& value(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) {
      fail(key, "missing; make the profile again with gpuplan calibrate");
    }
    return *found;
  }
  const Json& json_;
  std::string file_, path_;
};

template <class Fields, class Coefficients>
Coefficients fields_from_json(const Fields& fields, const Reader& r, Coefficients c) {
  for (const auto& f : fields) {
    const double x = r.number(f.key, f.low, f.high);
    if (f.number) {
      c.*f.number = x;
    } else {
      c.*f.time = units::seconds(x);
    }
  }
  return c;
}

Json to_json(const Residual& r) {
  return {{"records", r.records},  {"median", rounded(r.median)}, {"mean", rounded(r.mean)},
          {"p90", rounded(r.p90)}, {"max", rounded(r.max)},       {"bias", rounded(r.bias)}};
}

Residual residual_from(const Reader& r) {
  return {.records = r.integer("records", 0, 1'000'000'000),
          .median = r.number("median", 0, kAnything),
          .mean = r.number("mean", 0, kAnything),
          .p90 = r.number("p90", 0, kAnything),
          .max = r.number("max", 0, kAnything),
          .bias = r.number("bias", -1.0, kAnything)};
}

Json to_json(const FittedParameters& f) {
  Json j{{"records", f.records},
         {"names", f.names},
         {"values", Json::array()},
         {"standard_errors", Json::array()},
         {"correlation", correlation_rows(f.correlation)},
         {"outliers", f.outliers}};
  for (std::size_t i = 0; i < f.names.size(); ++i) {
    j["values"].push_back(rounded(f.values[i]));
    j["standard_errors"].push_back(rounded(f.standard_errors[i]));
  }
  return j;
}

Json to_json(const Bands& bands) {
  Json j = Json::array();
  for (const Band& band : bands) {
    Json one{{"low", rounded(band.low)}, {"high", rounded(band.high)}, {"records", band.records}};
    if (std::isfinite(band.up_to.base())) {
      one["up_to_s"] = rounded(band.up_to.base());
    }
    j.push_back(std::move(one));
  }
  return j;
}

struct ExtraTime {
  const char* key;
  std::optional<units::Seconds> DeviceExtras::*value;
};
constexpr ExtraTime kExtraTimes[] = {{"kernel_launch_s", &DeviceExtras::kernel_launch},
                                     {"graph_launch_s", &DeviceExtras::graph_launch},
                                     {"graph_node_s", &DeviceExtras::graph_node},
                                     {"collective_launch_s", &DeviceExtras::collective_launch}};
struct ExtraRatio {
  const char* key;
  std::optional<double> DeviceExtras::*value;
};
constexpr ExtraRatio kExtraRatios[] = {
    {"gemm_beside_collective", &DeviceExtras::gemm_beside_collective},
    {"collective_beside_gemm", &DeviceExtras::collective_beside_gemm}};
struct ExtraPower {
  const char* key;
  std::optional<units::Watts> DeviceExtras::*value;
};
constexpr ExtraPower kExtraPowers[] = {
    {"idle_power_w", &DeviceExtras::idle_power},
    {"memory_power_w", &DeviceExtras::memory_power},
    {"compute_power_w", &DeviceExtras::compute_power},
    {"communication_power_w", &DeviceExtras::communication_power}};

Json to_json(const DeviceExtras& extras) {
  Json j = Json::object();
  for (const ExtraTime& f : kExtraTimes) {
    if (extras.*f.value) {
      j[f.key] = rounded((extras.*f.value)->base());
    }
  }
  for (const ExtraRatio& f : kExtraRatios) {
    if (extras.*f.value) {
      j[f.key] = rounded(*(extras.*f.value));
    }
  }
  for (const ExtraPower& f : kExtraPowers) {
    if (extras.*f.value) {
      j[f.key] = rounded((extras.*f.value)->base());
    }
  }
  return j;
}

DeviceExtras extras_from(const Reader& r) {
  DeviceExtras extras;
  for (const ExtraTime& f : kExtraTimes) {
    if (r.has(f.key)) {
      extras.*f.value = units::seconds(r.number(f.key, 0.0, 10.0));
    }
  }
  for (const ExtraRatio& f : kExtraRatios) {
    if (r.has(f.key)) {
      extras.*f.value = r.number(f.key, 0.1, 100.0);
    }
  }
  for (const ExtraPower& f : kExtraPowers) {
    if (r.has(f.key)) {
      extras.*f.value = units::watts(r.number(f.key, 0.0, 1e6));
    }
  }
  return extras;
}

FittedParameters fitted_from(const Reader& r) {
  FittedParameters f;
  f.records = r.integer("records", 0, 1'000'000'000);
  f.names = r.texts("names");
  f.values = r.numbers("values");
  f.standard_errors = r.numbers("standard_errors");
  f.outliers = r.texts("outliers");
  const std::size_t p = f.names.size();
  const auto correlation = correlation_from(r.texts("correlation"), p);
  if (f.values.size() != p || f.standard_errors.size() != p || !correlation) {
    r.fail("",
           fmt::format("expected {0} values, {0} standard errors and {0} x {0} correlations", p));
  }
  f.correlation = *correlation;
  return f;
}

Bands bands_from_json(const Reader& parent, const std::string& kind) {
  Bands bands;
  for (const Reader& r : parent.objects(kind.c_str())) {
    Band band;
    band.low = r.number("low", 0.0, 1e3);
    band.high = r.number("high", band.low, 1e3);
    band.records = r.integer("records", 0, 1'000'000'000);
    if (r.has("up_to_s")) {
      band.up_to = units::seconds(r.number("up_to_s", 0.0, 1e9));
    }
    bands.push_back(band);
  }
  return bands;
}

Json to_json(const ReferenceHardware& h) {
  Json peaks = Json::object();
  for (std::size_t i = 0; i < topology::kPrecisionCount; ++i) {
    peaks[std::string(topology::name(static_cast<Precision>(i)))] = rounded(h.peak[i].base());
  }
  return {{"compute_units", h.compute_units},
          {"dense_peak_flop_per_s", peaks},
          {"memory_bandwidth_byte_per_s", rounded(h.memory_bandwidth.base())},
          {"l2_cache_bytes", rounded(h.l2_cache.base())},
          {"source", h.source}};
}

ReferenceHardware hardware_from(const Reader& r) {
  ReferenceHardware h;
  h.compute_units = r.integer("compute_units", 1, 1'000'000);
  const Reader peaks = r.object("dense_peak_flop_per_s");
  bool any = false;
  for (std::size_t i = 0; i < topology::kPrecisionCount; ++i) {
    const std::string key(topology::name(static_cast<Precision>(i)));
    h.peak[i] = units::flops_per_second(peaks.number(key.c_str(), 0.0, 1e21));
    any = any || h.peak[i] > units::FlopsPerSecond{};
  }
  if (!any) {
    peaks.fail("", "expected at least one peak above 0");
  }
  h.memory_bandwidth = units::bytes_per_second(r.number("memory_bandwidth_byte_per_s", 1.0, 1e18));
  h.l2_cache = units::bytes(r.number("l2_cache_bytes", 0.0, 1e15));
  h.source = r.text("source");
  return h;
}

Json to_json(const DeviceProfile& p) {
  Json j;
  j["schema"] = p.schema;
  j["id"] = p.id;
  j["accelerator"] = p.accelerator;
  j["source"] = {{"tables", p.source.tables},   {"date", p.source.date},
                 {"command", p.source.command}, {"runs", p.source.runs},
                 {"parent", p.source.parent},   {"transferred", p.source.transferred}};
  j["hardware"] = to_json(p.hardware);
  j["gemm"] = Json::object();
  for (std::size_t i = 0; i < topology::kPrecisionCount; ++i) {
    if (p.gemm[i].measured) {
      Json& format = j["gemm"][std::string(topology::name(static_cast<Precision>(i)))];
      format = fields_to_json(kGemmFields, p.gemm[i]);
      if (p.gemm[i].surface) {
        format["surface"] = surface_to_json(*p.gemm[i].surface);
      }
    }
  }
  j["attention"] = fields_to_json(kAttentionFields, p.attention);
  j["memory"] = {{"efficiency", rounded(p.memory.efficiency)},
                 {"launch_s", rounded(p.memory.launch.base())}};
  j["extras"] = to_json(p.extras);
  j["residuals"] = Json::object();
  for (const auto& [kind, r] : p.residuals) {
    j["residuals"][kind] = to_json(r);
  }
  j["bands"] = Json::object();
  for (const auto& [kind, bands] : p.bands) {
    j["bands"][kind] = to_json(bands);
  }
  j["fitted"] = Json::object();
  for (const auto& [kind, parameters] : p.fitted) {
    j["fitted"][kind] = to_json(parameters);
  }
  j["warnings"] = p.warnings;
  return j;
}

DeviceProfile profile_from(const Reader& r) {
  DeviceProfile p;
  p.schema = r.integer("schema", 0, 1'000'000);
  if (p.schema != kProfileSchema) {
    r.fail("schema",
           fmt::format("found {}, expected {}; make the profile again with gpuplan calibrate",
                       p.schema, kProfileSchema));
  }
  p.id = r.text("id");
  p.accelerator = r.text("accelerator");
  const Reader source = r.object("source");
  p.source = {source.texts("tables"), source.text("date"), source.text("command")};
  if (source.has("runs")) {  // profiles that were made before calibrate have none of it
    p.source.runs = source.texts("runs");
    p.source.parent = source.text("parent");
    p.source.transferred = source.texts("transferred");
  }
  p.hardware = hardware_from(r.object("hardware"));
  const Reader gemm = r.object("gemm");
  for (const auto& item : gemm.json().items()) {
    const auto precision = topology::precision_from_name(item.key());
    if (!precision) {
      gemm.fail(item.key(), "unknown number format");
    }
    auto& c = p.gemm[static_cast<std::size_t>(*precision)];
    const Reader format = gemm.object(item.key().c_str());
    c = fields_from_json(kGemmFields, format, c);
    c.measured = true;
    if (format.has("surface")) {
      auto surface = surface_from(format.object("surface").json());
      if (!surface) {
        format.fail(
            "surface",
            "expected first_octave and octaves of m, n and k, and log_time_per_mille with a "
            "text per octave of m; make the profile again with gpuplan calibrate");
      }
      c.surface = std::make_shared<const EfficiencySurface>(*std::move(surface));
    }
  }
  p.attention = fields_from_json(kAttentionFields, r.object("attention"), p.attention);
  const Reader memory = r.object("memory");
  p.memory.efficiency = memory.number("efficiency", 1e-3, 1.0);
  p.memory.launch = units::seconds(memory.number("launch_s", 0.0, 1.0));
  const Reader residuals = r.object("residuals");
  for (const auto& item : residuals.json().items()) {
    p.residuals[item.key()] = residual_from(residuals.object(item.key().c_str()));
  }
  if (r.has("extras")) {
    p.extras = extras_from(r.object("extras"));
  }
  if (r.has("bands")) {
    const Reader bands = r.object("bands");
    for (const auto& item : bands.json().items()) {
      p.bands[item.key()] = bands_from_json(bands, item.key());
    }
  }
  if (r.has("fitted")) {
    const Reader fitted = r.object("fitted");
    for (const auto& item : fitted.json().items()) {
      p.fitted[item.key()] = fitted_from(fitted.object(item.key().c_str()));
    }
  }
  p.warnings = r.texts("warnings");
  return p;
}

std::string read_text(const std::filesystem::path& file) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file, failure);
  if (failure) {
    throw InputError({file.string()}, "", "cannot be read: " + failure.message());
  }
  if (size > kLargestProfile) {
    throw InputError({file.string()}, "", fmt::format("{} bytes are too many for a profile", size));
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) {
    throw InputError({file.string()}, "", "cannot be read");
  }
  return text;
}

}  // namespace

DeviceProfile read_profile(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  try {
    const Json json = Json::parse(text);
    return profile_from(Reader(json, file.string(), ""));
  } catch (const Json::exception& e) {
    throw InputError({file.string()}, "", fmt::format("is not a profile in JSON: {}", e.what()));
  }
}

std::string profile_text(const DeviceProfile& profile) {
  return to_json(profile).dump(2) + "\n";
}

void write_profile(const DeviceProfile& profile, const std::filesystem::path& file) {
  const std::filesystem::path part = file.string() + fmt::format(".part{}", ::getpid());
  {
    std::ofstream out(part, std::ios::binary);
    out << profile_text(profile);
    out.close();
    if (!out) {
      std::error_code ignored;
      std::filesystem::remove(part, ignored);
      throw topology::RuntimeFailure(fmt::format("{}: cannot be written", file.string()));
    }
  }
  std::error_code failure;
  std::filesystem::rename(part, file, failure);
  if (failure) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw topology::RuntimeFailure(
        fmt::format("{}: cannot be written: {}", file.string(), failure.message()));
  }
}

}  // namespace calib
