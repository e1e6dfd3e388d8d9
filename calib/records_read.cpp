// Reads records from JSON lines. Nothing in the file is trusted.
#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/record_fields.hpp"
#include "calib/records.hpp"
#include "topology/error.hpp"
#include "topology/import/text_file.hpp"
#include "topology/suggest.hpp"

namespace calib {

namespace {

using Json = nlohmann::json;
using topology::InputError;
using topology::Location;

constexpr std::size_t kLargestFile = std::size_t{1} << 30U;
constexpr std::size_t kLongestLine = 1U << 20;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostWarnings = 20;

template <class T>
struct Inside {
  using type = T;
  static constexpr bool kOptional = false;
};
template <class T>
struct Inside<std::optional<T>> {
  using type = T;
  static constexpr bool kOptional = true;
};

/// The words of an enumeration, and its reader.
template <class Enum, std::size_t N>
std::optional<Enum> find_word(const std::array<topology::Named<Enum>, N>& table,
                              const std::string& text, std::vector<std::string>& known) {
  for (const auto& row : table) {
    known.emplace_back(row.name);
  }
  return topology::value_in(table, text);
}

template <class Enum>
std::optional<Enum> parse_word(const std::string& text, std::vector<std::string>& known) {
  using Precision = topology::Precision;
  if constexpr (std::is_same_v<Enum, Precision>) {
    for (std::size_t i = 0; i < topology::kPrecisionCount; ++i) {
      known.emplace_back(topology::name(static_cast<Precision>(i)));
    }
    return topology::precision_from_name(text);
  } else if constexpr (std::is_same_v<Enum, Collective>) {
    known = {"all_reduce", "all_gather", "reduce_scatter", "all_to_all",
             "broadcast",  "send",       "reduce",         "barrier"};
    return collective_from_name(text);
  } else if constexpr (std::is_same_v<Enum, Algorithm>) {
    known = {"ring", "tree", "nvls", "nvls-tree", "pairwise", "pat", "collnet-direct"};
    return algorithm_from_name(text);
  } else if constexpr (std::is_same_v<Enum, Protocol>) {
    known = {"ll", "ll128", "simple"};
    return protocol_from_name(text);
  } else if constexpr (std::is_same_v<Enum, Flag>) {
    return find_word(fields::kFlags, text, known);
  } else if constexpr (std::is_same_v<Enum, Transport>) {
    return find_word(fields::kTransports, text, known);
  } else if constexpr (std::is_same_v<Enum, Load>) {
    return find_word(fields::kLoads, text, known);
  } else if constexpr (std::is_same_v<Enum, GemmLayout>) {
    return find_word(fields::kLayouts, text, known);
  } else if constexpr (std::is_same_v<Enum, Direction>) {
    return find_word(fields::kDirections, text, known);
  } else if constexpr (std::is_same_v<Enum, LaunchKind>) {
    return find_word(fields::kLaunches, text, known);
  } else {
    return find_word(fields::kTransfers, text, known);
  }
}

/// Reads fields out of one object and knows where it stands, for messages.
class FieldReader {
 public:
  FieldReader(const Json& json, Location where, std::string path)
      : json_(json), where_(std::move(where)), path_(std::move(path)) {
    if (!json_.is_object()) {
      fail("", "expected an object");
    }
  }

  template <class T>
  void operator()(const char* key, T& value, const fields::Rule& rule) {
    known_.emplace_back(key);
    if (const Json* found = find(key, rule)) {
      take(key, *found, value, rule);
    }
  }
  template <class T>
  requires std::is_same_v<T, fields::Word> || std::is_same_v<T, fields::MaybeWord> ||
      std::is_same_v<T, fields::Causal> || std::is_same_v<T, fields::OverlapGemm>
  void operator()(const char* key, T&& value, const fields::Rule& rule) {
    (*this)(key, value, rule);
  }

  /// To be called after all fields: what is left over is a mistake.
  void refuse_others() const {
    for (const auto& item : json_.items()) {
      if (std::find(known_.begin(), known_.end(), item.key()) == known_.end()) {
        const std::string hint = topology::did_you_mean(item.key(), known_);
        fail(item.key().substr(0, 60),
             fmt::format("unknown key{}", hint.empty() ? "; remove it" : ", " + hint));
      }
    }
  }
  void knows(const char* key) { known_.emplace_back(key); }

  [[nodiscard]] const Json* find(const char* key, const fields::Rule& rule) const {
    const auto found = json_.find(key);
    if (found == json_.end() || (found->is_null() && !rule.required)) {
      if (rule.required) {
        fail(key, "is missing; see docs/records.md");
      }
      return nullptr;
    }
    return &*found;
  }
  [[noreturn]] void fail(std::string_view key, std::string_view message) const {
    throw InputError(where_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key),
                     message);
  }
  [[nodiscard]] std::string text(const char* key, const Json& json) const {
    if (!json.is_string()) {
      fail(key, "expected text in quotes");
    }
    std::string text = json.get<std::string>();
    if (text.size() > kLongestText) {
      fail(key, fmt::format("{} bytes of text, expected at most {}", text.size(), kLongestText));
    }
    return text;
  }

 private:
  [[nodiscard]] double number(const char* key, const Json& json, const fields::Rule& rule) const {
    if (!json.is_number()) {
      fail(key, "expected a number");
    }
    const double x = json.get<double>();
    if (!(x >= rule.low && x <= rule.high)) {
      fail(key, fmt::format("found {}, expected a number from {} to {}", x, rule.low, rule.high));
    }
    return x;
  }

  template <class T>
  void take(const char* key, const Json& json, T& value, const fields::Rule& rule) const {
    if constexpr (Inside<T>::kOptional) {
      typename Inside<T>::type inside{};
      take(key, json, inside, rule);
      value = std::move(inside);
    } else if constexpr (std::is_same_v<T, double>) {
      value = number(key, json, rule);
    } else if constexpr (std::is_same_v<T, units::Seconds> || std::is_same_v<T, units::Bytes> ||
                         std::is_same_v<T, units::Watts> || std::is_same_v<T, units::BytesPerSecond>) {
      value = T::from_base(number(key, json, rule));
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      const double x = number(key, json, rule);
      if (x != std::floor(x)) {
        fail(key, fmt::format("found {}, expected a whole number", x));
      }
      value = static_cast<std::int64_t>(x);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) {
        fail(key, "expected true or false");
      }
      value = json.get<bool>();
    } else if constexpr (std::is_same_v<T, fields::Causal>) {
      bool causal = true;
      take(key, json, causal, rule);
      value.mask = causal ? Mask::Causal : Mask::Full;
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = text(key, json);
    } else if constexpr (std::is_same_v<T, fields::Word> || std::is_same_v<T, fields::MaybeWord>) {
      const std::string found = text(key, json);
      expect_word(key, found, value.allowed);
      value.text = found;
    } else if constexpr (std::is_enum_v<T>) {
      value = word<T>(key, json);
    } else if constexpr (std::is_same_v<T, std::vector<std::string>> ||
                         std::is_same_v<T, std::vector<Flag>>) {
      take_list(key, json, value);
    } else {
      FieldReader nested(json, where_, path_.empty() ? key : fmt::format("{}.{}", path_, key));
      fields::each_field(value, nested);
      nested.refuse_others();
    }
  }

  template <class T>
  void take_list(const char* key, const Json& json, std::vector<T>& list) const {
    if (!json.is_array()) {
      fail(key, "expected a list");
    }
    for (const Json& item : json) {
      if constexpr (std::is_same_v<T, Flag>) {
        list.push_back(word<Flag>(key, item));
      } else {
        list.push_back(text(key, item));
      }
    }
  }

  template <class Enum>
  [[nodiscard]] Enum word(const char* key, const Json& json) const {
    std::vector<std::string> known;
    const std::string found = text(key, json);
    const std::optional<Enum> value = parse_word<Enum>(found, known);
    if (!value) {
      fail(key, fmt::format("found \"{:.40}\", expected {}", found, topology::quoted_list(known)));
    }
    return *value;
  }
  void expect_word(const char* key, const std::string& found,
                   const std::vector<std::string>& allowed) const {
    if (std::find(allowed.begin(), allowed.end(), found) == allowed.end()) {
      fail(key,
           fmt::format("found \"{:.40}\", expected {}", found, topology::quoted_list(allowed)));
    }
  }

  const Json& json_;
  Location where_;
  std::string path_;
  std::vector<std::string> known_{"type", "run"};
};

/// What "type" says, made empty and ready to be filled. Nothing for a type that is not known.
std::optional<Measurement> empty_measurement(const std::string& type) {
  std::optional<Measurement> found;
  const auto consider = [&](Measurement candidate) {
    if (type_name(candidate) == type) {
      found = std::move(candidate);
    }
  };
  consider(GemmMeasurement{});
  consider(AttentionMeasurement{});
  consider(MemoryBoundMeasurement{});
  consider(LaunchMeasurement{});
  consider(TransferMeasurement{});
  consider(CollectiveMeasurement{});
  consider(OverlapMeasurement{});
  consider(PowerMeasurement{});
  consider(LayerMeasurement{});
  consider(StepMeasurement{});
  consider(OperatorMeasurement{});
  return found;
}

void complete(AttentionMeasurement& r) {
  r.shape.key_length = r.shape.query_length;
}
template <class Record>
void complete(Record&) {}

/// Takes one line after the other.
class Reader {
 public:
  explicit Reader(std::string file) { records_.file = std::move(file); }

  void line(std::string_view text, int number, bool last_unended) {
    where_ = {.file = records_.file, .line = number};
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) {
      return;
    }
    if (text.size() > kLongestLine) {
      throw InputError(
          where_, "",
          fmt::format("a line of {} bytes, expected at most {}", text.size(), kLongestLine));
    }
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) {
      if (last_unended && !records_.runs.empty()) {
        warn("the last line was cut off and is left out");
        return;
      }
      throw InputError(where_, "", "is not a JSON object; expected one record per line");
    }
    record(json);
  }

  Records finish() {
    if (records_.runs.empty()) {
      throw InputError({.file = records_.file}, "",
                       "holds no records, expected a line {\"type\": \"run\", ...} first; see "
                       "docs/records.md");
    }
    for (const RunRecords& run : records_.runs) {
      if (!run.end) {
        records_.warnings.push_back(
            fmt::format("{}: run {} has no end line: it was cut off after {} records",
                        records_.file, run.header.run, run.lines.size()));
      }
    }
    return std::move(records_);
  }

 private:
  void record(const Json& json) {
    FieldReader fields(json, where_, "");
    const std::string type = fields.text("type", *fields.find("type", fields::kNeeded));
    if (type == "run") {
      open(fields);
      return;
    }
    std::optional<Measurement> measurement = empty_measurement(type);
    if (!measurement && type != "end") {
      warn(fmt::format("a record of unknown type \"{:.40}\" is left out", type));
      return;
    }
    const std::string id = fields.text("run", *fields.find("run", fields::kNeeded));
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) {
      fields.fail("run", fmt::format("\"{:.60}\" was not opened by a run line above; add it", id));
    }
    RunRecords& run = records_.runs[known->second];
    if (run.end) {
      fields.fail("run", fmt::format("\"{:.60}\" was closed by its end line above; give later "
                                     "records a run of their own",
                                     id));
    }
    if (!measurement) {
      RunEnd end;
      fields::each_field(end, fields);
      fields.refuse_others();
      run.end = std::move(end);
      return;
    }
    std::visit(
        [&fields](auto& r) {
          fields::each_field(r, fields);
          fields.refuse_others();
          complete(r);
        },
        *measurement);
    run.lines.push_back({.line = where_.line, .measurement = std::move(*measurement)});
  }

  void open(FieldReader& fields) {
    fields.knows("schema");
    const std::string schema = fields.text("schema", *fields.find("schema", fields::kNeeded));
    if (schema != kRecordsSchema) {
      fields.fail("schema", fmt::format("found \"{:.40}\", expected \"{}\"; a newer gpuplan may "
                                        "read it",
                                        schema, kRecordsSchema));
    }
    RunHeader header;
    header.run = fields.text("run", *fields.find("run", fields::kNeeded));
    if (header.run.empty()) {
      fields.fail("run", "is empty, expected a unique name");
    }
    fields::each_field(header, fields);
    fields.refuse_others();
    if (!by_id_.emplace(header.run, records_.runs.size()).second) {
      fields.fail("run", fmt::format("\"{:.60}\" was opened above already; is the file in there "
                                     "twice?",
                                     header.run));
    }
    records_.runs.push_back({.header = std::move(header), .lines = {}, .end = {}});
  }

  void warn(std::string_view message) {
    if (records_.warnings.size() < kMostWarnings) {
      records_.warnings.push_back(fmt::format("{}: {}", topology::to_string(where_), message));
    }
  }

  Records records_;
  std::map<std::string, std::size_t> by_id_;
  Location where_;
};

}  // namespace

Records parse_records(std::string_view text, std::string file) {
  Reader reader(std::move(file));
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.line(text.substr(0, end), ++number, end == std::string_view::npos);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.finish();
}

Records read_records(const std::filesystem::path& file) {
  return parse_records(topology::read_text_file(file, kLargestFile), file.string());
}

}  // namespace calib
