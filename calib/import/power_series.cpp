#include "calib/import/power_series.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/csv.hpp"
#include "calib/import/known_words.hpp"
#include "calib/statistics.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

using Json = nlohmann::json;
using topology::InputError;

constexpr double kMostWatts = 1e7;  ///< a rack draws a hundredth of it

/// Samples of one device, in the order of the file.
struct Series {
  std::vector<double> watts;
  std::vector<double> times_s;  ///< where the file has them
};

struct Found {
  std::map<std::string, Series> devices;
  std::string device_name;
};

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (c == ' ' || c == '\t' || c == '\r') {
      if (!word.empty()) {
        words.push_back(std::move(word));
        word.clear();
      }
    } else {
      word += c;
    }
  }
  if (!word.empty()) {
    words.push_back(std::move(word));
  }
  return words;
}

/// The number that `text` starts with ("71.5 W"); nothing for N/A.
std::optional<double> leading_number(std::string_view text) {
  const std::size_t from = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(from);
  double x = 0.0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), x);
  return result.ec == std::errc{} && std::isfinite(x) ? std::optional(x) : std::nullopt;
}

double power_or_refuse(double watts, const std::string& file, int line) {
  if (!(watts >= 0.0 && watts <= kMostWatts)) {
    throw InputError(
        {.file = file, .line = line}, "",
        fmt::format("found {} as a power, expected watts from 0 to {}", watts, kMostWatts));
  }
  return watts;
}

template <class Take>
void each_line(std::string_view text, const Take& take) {
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end), ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// ---- dcgmi dmon

Found from_dmon(std::string_view text, const std::string& file) {
  Found found;
  std::optional<std::size_t> power;  // column after the entity
  each_line(text, [&](std::string_view line, int number) {
    std::vector<std::string> words = words_of(line);
    if (words.empty()) {
      return;
    }
    if (words[0].front() == '#') {
      if (words[0] == "#") {
        words.erase(words.begin());
      }
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i].starts_with("POWER") || words[i] == "TPOWR") {
          power = i - 1;
        }
      }
      return;
    }
    const bool sample = words[0] == "GPU" && words.size() > 2;
    if (!sample || !power || *power + 2 >= words.size()) {
      return;
    }
    if (const auto watts = leading_number(words[*power + 2])) {
      found.devices["gpu " + words[1]].watts.push_back(power_or_refuse(*watts, file, number));
    }
  });
  return found;
}

// ---- CSV

Found from_csv(std::string_view text, const std::string& file) {
  const CsvTable table = parse_csv(text, file);
  std::optional<std::size_t> power, device, name;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    const std::string column = lower(table.header[i]);
    const bool draws =
        column.find("power") != std::string::npos && column.find("limit") == std::string::npos;
    power = !power && draws ? std::optional(i) : power;
    for (const char* word : {"index", "gpu", "device", "uuid"}) {
      device =
          !device && column.find(word) != std::string::npos && !draws ? std::optional(i) : device;
    }
    name = column.find("name") != std::string::npos ? std::optional(i) : name;
  }
  if (!power) {
    throw InputError({.file = file, .line = 1}, "",
                     "no column names power, expected one such as power.draw [W]");
  }
  Found found;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto watts = leading_number(table.rows[row][*power]);
    if (!watts) {
      continue;
    }
    std::string id = device ? table.rows[row][*device] : "0";
    id.erase(0, std::min(id.find_first_not_of(' '), id.size()));
    found.devices["gpu " + id].watts.push_back(power_or_refuse(*watts, file, table.lines[row]));
    if (name && found.device_name.empty()) {
      found.device_name = table.rows[row][*name];
    }
  }
  return found;
}

// ---- Prometheus

/// The value of label `key` in {key="value",...}; empty where there is none.
std::string label_in(std::string_view labels, std::string_view key) {
  const std::string wanted = std::string(key) + "=\"";
  std::size_t at = labels.find(wanted);
  while (at != std::string_view::npos && at > 0 && labels[at - 1] != ',' && labels[at - 1] != '{' &&
         labels[at - 1] != ' ') {
    at = labels.find(wanted, at + 1);
  }
  if (at == std::string_view::npos) {
    return {};
  }
  const std::size_t from = at + wanted.size();
  return std::string(labels.substr(from, labels.find('"', from) - from));
}

bool names_power(std::string_view metric) {
  const std::string low = lower(metric);
  const bool other = low.find("limit") != std::string::npos || low.find("cap") != std::string::npos;
  return low.find("power") != std::string::npos && !other;
}

std::string device_of(const std::string& host, const std::string& gpu, const std::string& uuid) {
  const std::string id = !gpu.empty() ? gpu : uuid.empty() ? "0" : uuid;
  return (host.empty() ? "" : host + " ") + "gpu " + id;
}

Found from_exposition(std::string_view text, const std::string& file) {
  Found found;
  each_line(text, [&](std::string_view line, int number) {
    const std::size_t name_end = line.find_first_of("{ ");
    if (line.empty() || line.front() == '#' || name_end == std::string_view::npos ||
        !names_power(line.substr(0, name_end))) {
      return;
    }
    std::string_view labels;
    std::string_view rest = line.substr(name_end);
    if (rest.front() == '{') {
      const std::size_t close = rest.rfind('}');
      if (close == std::string_view::npos) {
        throw InputError({.file = file, .line = number}, "", "a { without its }");
      }
      labels = rest.substr(0, close);
      rest.remove_prefix(close + 1);
    }
    const std::vector<std::string> words = words_of(rest);
    if (words.empty()) {
      return;
    }
    const auto watts = leading_number(words[0]);
    if (!watts) {
      return;
    }
    Series& series = found.devices[device_of(label_in(labels, "Hostname"), label_in(labels, "gpu"),
                                             label_in(labels, "UUID"))];
    series.watts.push_back(power_or_refuse(*watts, file, number));
    if (words.size() > 1) {
      if (const auto ms = leading_number(words[1])) {
        series.times_s.push_back(*ms / 1000.0);
      }
    }
    if (found.device_name.empty()) {
      found.device_name = label_in(labels, "modelName");
    }
  });
  return found;
}

std::string text_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

void add_sample(Series& series, const Json& pair, const std::string& file) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number()) {
    throw InputError({.file = file}, "values", "expected pairs [time, \"value\"]");
  }
  const auto watts = pair[1].is_string()   ? leading_number(pair[1].get_ref<const std::string&>())
                     : pair[1].is_number() ? std::optional(pair[1].get<double>())
                                           : std::nullopt;
  if (watts) {
    series.watts.push_back(power_or_refuse(*watts, file, 0));
    series.times_s.push_back(pair[0].get<double>());
  }
}

Found from_query(const Json& json, const std::string& file) {
  Found found;
  const auto data = json.find("data");
  if (data == json.end() || !data->is_object() || !data->contains("result") ||
      !(*data)["result"].is_array()) {
    throw InputError({.file = file}, "data.result",
                     "is missing, expected Prometheus' answer to query_range");
  }
  for (const Json& result : (*data)["result"]) {
    if (!result.is_object()) {
      continue;
    }
    const Json metric = result.contains("metric") && result["metric"].is_object() ? result["metric"]
                                                                                  : Json::object();
    const std::string name = text_at(metric, "__name__");
    if (!name.empty() && !names_power(name)) {
      continue;
    }
    Series& series = found.devices[device_of(text_at(metric, "Hostname"), text_at(metric, "gpu"),
                                             text_at(metric, "UUID"))];
    if (result.contains("values") && result["values"].is_array()) {
      for (const Json& pair : result["values"]) {
        add_sample(series, pair, file);
      }
    } else if (result.contains("value")) {
      add_sample(series, result["value"], file);
    }
    if (found.device_name.empty()) {
      found.device_name = text_at(metric, "modelName");
    }
  }
  return found;
}

Found read(std::string_view text, const std::string& file) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  if (text[first] == '{') {
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) {
      throw InputError({.file = file}, "", "is not whole JSON");
    }
    return from_query(json, file);
  }
  const std::string_view line = text.substr(first, text.find('\n', first) - first);
  const std::string low = lower(line);
  if (low.starts_with("#entity") || low.starts_with("# entity") || low.starts_with("gpu ")) {
    return from_dmon(text, file);
  }
  if (line.front() != '#' && line.find('{') == std::string_view::npos &&
      line.find(',') != std::string_view::npos) {
    return from_csv(text, file);
  }
  if (line.find('{') == std::string_view::npos && line.front() != '#' &&
      low.find("power") != std::string::npos && words_of(line).size() == 1) {
    return from_csv(text, file);  // a single column
  }
  return from_exposition(text, file);
}

units::Seconds duration_of(const Series& series, const Description& known) {
  if (series.times_s.size() == series.watts.size() && series.times_s.size() > 1) {
    const auto [low, high] = std::minmax_element(series.times_s.begin(), series.times_s.end());
    if (*high - *low > 0.0 && *high - *low < 1e9) {
      return units::seconds(*high - *low);
    }
  }
  return known.interval.value_or(units::seconds(1)) * static_cast<double>(series.watts.size());
}

}  // namespace

RunRecords import_power_series(std::string_view text, const std::string& file,
                               const Description& known) {
  const Found found = read(text, file);
  RunRecords run;
  run.header.run = std::filesystem::path(file).filename().string();
  run.header.source = "power series";
  run.header.started = known.started.empty() ? "unknown" : known.started;
  run.header.machine.device_name = found.device_name;
  run.header.machine.accelerator =
      known.accelerator.empty() ? accelerator_in(found.device_name) : known.accelerator;
  for (const auto& [device, series] : found.devices) {
    if (series.watts.empty()) {
      continue;
    }
    if (!known.load) {
      throw InputError({.file = file}, "",
                       "does not say what the devices did; add --load idle, memory, compute or "
                       "communication");
    }
    run.lines.push_back(
        {0, PowerMeasurement{.load = *known.load,
                             .power = units::watts(median(series.watts)),
                             .low = units::watts(quantile(series.watts, 0.05)),
                             .high = units::watts(quantile(series.watts, 0.95)),
                             .duration = duration_of(series, known),
                             .samples = static_cast<std::int64_t>(series.watts.size()),
                             .clock_hz = {},
                             .temperature_c = {},
                             .device = device}});
  }
  if (run.lines.empty()) {
    throw InputError({.file = file}, "",
                     "holds no sample of power, expected dcgmi dmon's output, CSV with a power "
                     "column, or Prometheus' text or JSON");
  }
  run.header.machine.devices = static_cast<std::int64_t>(run.lines.size());
  run.end = {.complete = true, .reason = {}};
  return run;
}

}  // namespace calib
