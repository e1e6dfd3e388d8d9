// Records as JSON lines.
#include <cmath>
#include <cstdlib>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/record_fields.hpp"
#include "calib/records.hpp"

namespace calib {

namespace {

using Json = nlohmann::ordered_json;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// Nine digits are more than any stopwatch has; whole numbers stay whole.
Json number(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) {
    return static_cast<std::int64_t>(x);
  }
  return std::strtod(fmt::format("{:.9g}", x).c_str(), nullptr);  // stod throws for 1e-320
}

std::string_view word(topology::Precision p) {
  return topology::name(p);
}
std::string_view word(Collective c) {
  return name(c);
}
std::string_view word(Algorithm a) {
  return name(a);
}
std::string_view word(Protocol p) {
  return name(p);
}
std::string_view word(Flag f) {
  return name(f);
}
std::string_view word(Transport t) {
  return name(t);
}
std::string_view word(Load l) {
  return name(l);
}
std::string_view word(GemmLayout l) {
  return topology::name_in(fields::kLayouts, l);
}
std::string_view word(Direction d) {
  return topology::name_in(fields::kDirections, d);
}
std::string_view word(LaunchKind k) {
  return topology::name_in(fields::kLaunches, k);
}
std::string_view word(TransferDirection d) {
  return topology::name_in(fields::kTransfers, d);
}

/// Adds fields to an object; what is unknown (no value, empty text, empty list) is left out.
class FieldWriter {
 public:
  explicit FieldWriter(Json& json) : json_(json) {}

  template <class T>
  void operator()(const char* key, const T& value, const fields::Rule&) const {
    if constexpr (IsOptional<T>::value) {
      if (value) {
        json_[key] = to_json(*value);
      }
    } else if constexpr (std::is_same_v<T, fields::MaybeWord>) {
      if (value.text) {
        json_[key] = *value.text;
      }
    } else {
      Json made = to_json(value);
      if (!((made.is_string() || made.is_structured()) && made.empty()) && made != Json("")) {
        json_[key] = std::move(made);
      }
    }
  }

 private:
  template <class T>
  static Json to_json(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string> ||
                  std::is_same_v<T, std::int64_t>) {
      return value;
    } else if constexpr (std::is_same_v<T, double>) {
      return number(value);
    } else if constexpr (std::is_same_v<T, units::Seconds> || std::is_same_v<T, units::Bytes> ||
                         std::is_same_v<T, units::Watts> || std::is_same_v<T, units::BytesPerSecond>) {
      return number(value.base());
    } else if constexpr (std::is_enum_v<T>) {
      return word(value);
    } else if constexpr (std::is_same_v<T, fields::Word>) {
      return value.text;
    } else if constexpr (std::is_same_v<T, fields::Causal>) {
      return value.mask == Mask::Causal;
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      return value;
    } else if constexpr (std::is_same_v<T, std::vector<Flag>>) {
      Json list = Json::array();
      for (const Flag flag : value) {
        list.push_back(word(flag));
      }
      return list;
    } else {
      Json object = Json::object();
      T copy = value;
      fields::each_field(copy, FieldWriter(object));
      return object;
    }
  }
  Json& json_;
};

/// Text that is not UTF-8 (a device's name, say) must not stop a measurement: it is replaced.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string record_line(const RunHeader& header) {
  Json json{{"type", "run"}, {"schema", kRecordsSchema}, {"run", header.run}};
  RunHeader copy = header;
  fields::each_field(copy, FieldWriter(json));
  if (!json.contains("machine")) {
    json["machine"] = Json::object();
  }
  return dump(json);
}

std::string record_line(std::string_view run, const Measurement& measurement) {
  Json json{{"type", type_name(measurement)}, {"run", run}};
  Measurement copy = measurement;
  std::visit([&json](auto& record) { fields::each_field(record, FieldWriter(json)); }, copy);
  return dump(json);
}

std::string record_line(std::string_view run, const RunEnd& end) {
  Json json{{"type", "end"}, {"run", run}};
  RunEnd copy = end;
  fields::each_field(copy, FieldWriter(json));
  return dump(json);
}

std::string record_lines(const std::vector<RunRecords>& runs) {
  std::string text;
  for (const RunRecords& run : runs) {
    text += record_line(run.header) + "\n";
    for (const RunRecords::Line& line : run.lines) {
      text += record_line(run.header.run, line.measurement) + "\n";
    }
    if (run.end) {
      text += record_line(run.header.run, *run.end) + "\n";
    }
  }
  return text;
}

}  // namespace calib
