#include "calib/import/nccl_tests.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/import/known_words.hpp"
#include "calib/statistics.hpp"
#include "topology/error.hpp"
#include "topology/names.hpp"

namespace calib {

namespace {

using Json = nlohmann::json;
using topology::InputError;
using topology::Precision;

/// One measurement as the tests print it, before it is known what they ran on.
struct Row {
  double bytes = 0.0, time_us = 0.0, algbw = 0.0, busbw = 0.0;
  std::string type, redop;
  int root = -1;
  bool in_place = false;
  bool checked = false;
  std::int64_t wrong = 0;
  int line = 0;
  std::string name;  ///< of the collective, where each row says it
  int ranks = 0, nodes = 0;
};

/// What a file says besides its rows.
struct Findings {
  std::vector<Row> rows;
  std::set<int> ranks;
  std::set<std::string> hosts;
  std::string device;   ///< of the first rank
  std::string program;  ///< "all_reduce_perf"
  std::string version, library, started;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t from = line.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) {
      return words;
    }
    const std::size_t to = std::min(line.find_first_of(" \t\r", from), line.size());
    words.push_back(line.substr(from, to - from));
    line.remove_prefix(to);
  }
}

std::optional<double> number_in(std::string_view word) {
  double x = 0.0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), x);
  const bool whole = failure == std::errc{} && end == word.data() + word.size();
  return whole && std::isfinite(x) ? std::optional(x) : std::nullopt;
}

constexpr std::array<std::string_view, 8> kPrograms{"reduce_scatter", "all_reduce", "all_gather",
                                                    "alltoall",       "sendrecv",   "broadcast",
                                                    "reduce",         "all_to_all"};

/// The first collective whose name stands in `text`, followed by `suffix`.
std::string collective_word(std::string_view text, std::string_view suffix) {
  for (const std::string_view program : kPrograms) {
    const std::string wanted = std::string(program) + std::string(suffix);
    if (text.find(wanted) != std::string_view::npos) {
      return std::string(program);
    }
  }
  return {};
}

/// Without mpirun's tag: "0: ", "[1,0]<stdout>:".
std::string_view without_tag(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon > 20) {
    return line;
  }
  const std::string_view tag = line.substr(0, colon);
  const bool tagged = !tag.empty() && tag.find_first_not_of("0123456789") == std::string_view::npos;
  return tagged || tag.starts_with("[1,") ? line.substr(colon + 1) : line;
}

/// Reads the table's heading and rows, and the lines about devices.
class TextReader {
 public:
  explicit TextReader(std::string file) : file_(std::move(file)) {}

  void line(std::string_view text, int number) {
    line_ = number;
    const std::string_view bare = without_tag(text);
    const std::vector<std::string_view> words = words_of(bare);
    if (found_.program.empty()) {
      found_.program = collective_word(bare, "_perf");
    }
    if (words.empty()) {
      return;
    }
    if (words[0].front() == '#') {
      comment(bare, words);
    } else if (words.size() >= 7 && std::isdigit(static_cast<unsigned char>(words[0][0])) != 0) {
      row(words);
    }
  }

  Findings take() { return std::move(found_); }

 private:
  void comment(std::string_view text, const std::vector<std::string_view>& words) {
    const auto after = [&words](std::string_view key) -> std::string_view {
      const auto at = std::find(words.begin(), words.end(), key);
      return at == words.end() || at + 1 == words.end() ? std::string_view() : *(at + 1);
    };
    if (std::find(words.begin(), words.end(), "size") != words.end() && !after("count").empty()) {
      heading_.assign(words.begin() + (words[0] == "#" ? 1 : 0), words.end());
    } else if (const auto rank = number_in(after("Rank")); rank && !after("Pid").empty()) {
      found_.ranks.insert(static_cast<int>(std::clamp(*rank, 0.0, 1e7)));
      found_.hosts.emplace(after("on"));
      const std::size_t bracket = text.find(']');
      if (found_.device.empty() && bracket != std::string_view::npos) {
        const std::string_view name = text.substr(bracket + 1);
        const std::size_t from = std::min(name.find_first_not_of(' '), name.size());
        found_.device = name.substr(from, name.find_last_not_of(" \r\t") + 1 - from);
      }
    } else if (text.find("tests version") != std::string_view::npos) {
      found_.version = after("version");
    }
    const std::size_t library = text.find("-library=");
    if (library != std::string_view::npos) {
      const std::vector<std::string_view> rest = words_of(text.substr(library + 9));
      found_.library = rest.empty() ? std::string_view() : rest.front();
    }
  }

  void row(const std::vector<std::string_view>& words) {
    if (heading_.empty()) {
      heading_ = usual_heading(words.size());
    }
    if (heading_.empty() || words.size() + 1 < heading_.size()) {
      return;  // a line of a log that happens to start with a number
    }
    Row common;
    std::vector<Row> placed;
    for (std::size_t i = 0; i < std::min(words.size(), heading_.size()); ++i) {
      if (!cell(heading_[i], words[i], common, placed)) {
        return;
      }
    }
    for (std::size_t i = 0; i < placed.size(); ++i) {
      Row row = placed[i];
      row.bytes = common.bytes;
      row.type = common.type;
      row.redop = common.redop;
      row.root = common.root;
      row.in_place = i == 1;
      row.line = line_;
      if (row.bytes > 0.0) {
        found_.rows.push_back(row);
      }
    }
  }

  /// False where the words cannot be a row of the table.
  bool cell(const std::string& column, std::string_view word, Row& common,
            std::vector<Row>& placed) const {
    const std::optional<double> x = number_in(word);
    if (column == "type") {
      common.type = word;
      return !x;
    }
    if (column == "redop") {
      common.redop = word;
      return !x;
    }
    if (column == "#wrong" || column == "error" || column == "wrong") {
      if (placed.empty()) {
        return false;
      }
      placed.back().checked = x.has_value();
      placed.back().wrong =
          column == "error" || !x ? 0 : static_cast<std::int64_t>(std::clamp(*x, 0.0, 1e15));
      return true;
    }
    if (!x) {
      return false;
    }
    if (column == "size") {
      common.bytes = *x;
    } else if (column == "root") {
      common.root = static_cast<int>(std::clamp(*x, -1.0, 1e7));
    } else if (column == "time" || column == "cputime") {
      placed.emplace_back();
      placed.back().time_us = *x;
    } else if (!placed.empty() && column == "algbw") {
      placed.back().algbw = *x;
    } else if (!placed.empty() && column == "busbw") {
      placed.back().busbw = *x;
    }
    return true;
  }

  /// Where the heading was not copied along: nccl-tests 2.x prints 13 columns, before "root" 12.
  static std::vector<std::string> usual_heading(std::size_t columns) {
    std::vector<std::string> heading{"size", "count", "type", "redop"};
    if (columns == 13 || columns == 9) {
      heading.emplace_back("root");
    } else if (columns != 12 && columns != 8) {
      return {};
    }
    for (int i = 0; i < (columns > 9 ? 2 : 1); ++i) {
      heading.insert(heading.end(), {"time", "algbw", "busbw", "#wrong"});
    }
    return heading;
  }

  std::string file_;
  std::vector<std::string> heading_;
  Findings found_;
  int line_ = 0;
};

Findings from_text(std::string_view text, const std::string& file) {
  TextReader reader(file);
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end), ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

// ---- JSON

double number_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end()) {
    return 0.0;
  }
  if (at->is_string()) {
    return number_in(at->get_ref<const std::string&>()).value_or(0.0);
  }
  return at->is_number() ? at->get<double>() : 0.0;
}
std::string text_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}
int count_at(const Json& object, const char* key) {
  return static_cast<int>(std::clamp(number_at(object, key), -1.0, 1e7));
}

void add_placed(Findings& found, const Json& result, const char* key, Row row) {
  const auto at = result.find(key);
  if (at == result.end() || !at->is_object()) {
    return;
  }
  row.time_us = number_at(*at, at->contains("time") ? "time" : "cpu_time");
  row.algbw = number_at(*at, "alg_bw");
  row.busbw = number_at(*at, "bus_bw");
  row.checked = at->contains("nwrong") && !(*at)["nwrong"].is_null();
  row.wrong = static_cast<std::int64_t>(std::clamp(number_at(*at, "nwrong"), 0.0, 1e15));
  row.in_place = std::string_view(key) == "in_place";
  found.rows.push_back(std::move(row));
}

/// nccl-tests: an object with "results", one entry per size.
Findings from_nccl_json(const Json& json) {
  Findings found;
  found.started = text_at(json, "start_time");
  const double version = number_at(json, "nccl_version");
  found.library = version > 0.0 ? fmt::format("{:.0f}", version) : "";
  if (const auto args = json.find("args"); args != json.end() && args->is_array()) {
    for (const Json& arg : *args) {
      if (arg.is_string() && found.program.empty()) {
        found.program = collective_word(arg.get_ref<const std::string&>(), "_perf");
      }
    }
  }
  const Json config = json.value("config", Json::object());
  const Json devices = config.is_object() ? config.value("devices", Json::array()) : Json::array();
  for (const Json& device : devices) {
    if (device.is_object()) {
      found.ranks.insert(count_at(device, "rank"));
      found.hosts.insert(text_at(device, "hostname"));
      found.device = found.device.empty() ? text_at(device, "device_info") : found.device;
    }
  }
  for (const Json& result : json["results"]) {
    if (!result.is_object()) {
      continue;
    }
    Row row;
    row.bytes = number_at(result, "size");
    row.type = text_at(result, "type");
    row.redop = text_at(result, "redop");
    row.root = count_at(result, "root");
    if (row.bytes > 0.0) {
      add_placed(found, result, "out_of_place", row);
      add_placed(found, result, "in_place", row);
    }
  }
  return found;
}

/// rccl-tests: a list of flat objects, one per size and placement.
Findings from_rccl_json(const Json& json) {
  Findings found;
  for (const Json& result : json) {
    if (!result.is_object()) {
      continue;
    }
    Row row;
    row.bytes = number_at(result, "size");
    row.time_us = number_at(result, "time");
    row.algbw = number_at(result, "algBw");
    row.busbw = number_at(result, "busBw");
    row.type = text_at(result, "type");
    row.redop = text_at(result, "redop");
    row.name = text_at(result, "name");
    row.in_place = count_at(result, "inPlace") == 1;
    row.checked = result.contains("wrong");
    row.wrong = std::max(0, count_at(result, "wrong"));
    row.ranks = count_at(result, "ranks") * std::max(1, count_at(result, "gpusPerRank"));
    row.nodes = count_at(result, "nodes");
    if (row.bytes > 0.0) {
      found.rows.push_back(std::move(row));
    }
  }
  return found;
}

Findings from_json(std::string_view text, const std::string& file) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("results") && json["results"].is_array()) {
    return from_nccl_json(json);
  }
  if (json.is_array()) {
    return from_rccl_json(json);
  }
  throw InputError(
      {.file = file}, "",
      json.is_discarded()
          ? "is not whole JSON; was the run interrupted? Import its text output instead"
          : "has no list \"results\"; expected the file that nccl-tests -J writes");
}

// ---- What was run

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

/// "AllReduce", "all_reduce" and "alltoall" alike.
std::optional<Collective> collective_spelled(std::string_view name) {
  const std::string plain = squeezed(name);
  for (const Collective op :
       {Collective::AllReduce, Collective::AllGather, Collective::ReduceScatter,
        Collective::AllToAll, Collective::Broadcast, Collective::SendRecv, Collective::Reduce}) {
    if (squeezed(calib::name(op)) == plain || (op == Collective::SendRecv && plain == "sendrecv")) {
      return op;
    }
  }
  return std::nullopt;
}

/// busbw / algbw of the rows with bandwidths large enough to be printed well; 0 for none.
double bandwidth_ratio(const std::vector<Row>& rows) {
  std::vector<double> ratios;
  for (const Row& row : rows) {
    if (row.algbw >= 1.0 && row.busbw > 0.0) {
      ratios.push_back(row.busbw / row.algbw);
    }
  }
  return median(std::move(ratios));
}

Collective find_op(const Findings& found, const std::string& file, const Description& known) {
  if (known.op) {
    return *known.op;
  }
  for (const std::string& name :
       {found.program, found.rows.front().name,
        collective_word(std::filesystem::path(file).filename().string(), "")}) {
    if (const auto op = collective_spelled(name)) {
      return *op;
    }
  }
  const std::string& redop = found.rows.front().redop;
  const double ratio = bandwidth_ratio(found.rows);
  if (!redop.empty() && redop != "none" && ratio > 0.0) {  // it reduces, and to all or to shards
    return ratio >= 1.0 ? Collective::AllReduce : Collective::ReduceScatter;
  }
  throw InputError({.file = file}, "",
                   "does not say which collective was run; add --op, e.g. --op all_gather");
}

/// n from busbw / algbw.
int ranks_from_ratio(Collective op, double ratio) {
  const double share = op == Collective::AllReduce ? ratio / 2.0 : ratio;  // (n-1)/n
  const bool tells = !is_stream(op) && op != Collective::SendRecv;
  if (!tells || !(share > 0.3 && share < 0.99999)) {
    return 0;
  }
  return static_cast<int>(std::lround(1.0 / (1.0 - share)));
}

int find_ranks(const Findings& found, Collective op, const std::string& file,
               const Description& known) {
  const int options[] = {known.ranks, static_cast<int>(found.ranks.size()),
                         found.rows.front().ranks,
                         ranks_from_ratio(op, bandwidth_ratio(found.rows))};
  for (const int ranks : options) {
    if (ranks > 0) {
      return ranks;
    }
  }
  throw InputError({.file = file}, "",
                   "does not say how many ranks took part; add --ranks, e.g. --ranks 16");
}

int find_nodes(const Findings& found, int ranks, const std::optional<CloudMachine>& machine,
               const Description& known, std::vector<std::string>& notes) {
  if (known.nodes > 0) {
    return known.nodes;
  }
  if (!found.hosts.empty()) {
    return static_cast<int>(found.hosts.size());
  }
  if (found.rows.front().nodes > 0) {
    return found.rows.front().nodes;
  }
  constexpr int kUsualNode = 8;
  const int per_node = machine ? machine->per_node : kUsualNode;
  if (!machine && ranks > per_node) {
    notes.push_back(
        fmt::format("the number of nodes is not stated: {} ranks per node assumed", per_node));
  }
  return (ranks + per_node - 1) / per_node;
}

std::optional<Precision> precision_of(std::string_view type) {
  constexpr std::array kTypes{topology::Named<Precision>{Precision::Fp32, "float"},
                              topology::Named<Precision>{Precision::Fp16, "half"},
                              topology::Named<Precision>{Precision::Bf16, "bfloat16"},
                              topology::Named<Precision>{Precision::Int8, "int8"},
                              topology::Named<Precision>{Precision::Int8, "uint8"},
                              topology::Named<Precision>{Precision::Fp8, "f8e4m3"},
                              topology::Named<Precision>{Precision::Fp8, "f8e5m2"},
                              topology::Named<Precision>{Precision::Fp8, "fp8_e4m3"},
                              topology::Named<Precision>{Precision::Fp8, "fp8_e5m2"}};
  return topology::value_in(kTypes, type);
}

}  // namespace

RunRecords import_nccl_tests(std::string_view text, const std::string& file,
                             const Description& known) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json =
      first != std::string_view::npos &&
      (text[first] == '{' ||
       (text[first] == '[' && text.find_first_of("{]", first) != std::string_view::npos &&
        text.substr(first, 3) != "[1,"));
  const Findings found = json ? from_json(text, file) : from_text(text, file);
  if (found.rows.empty()) {
    throw InputError(
        {.file = file}, "",
        "holds no row of measurements, expected the output of nccl-tests or rccl-tests "
        "(size, count, type, time, algbw, busbw)");
  }
  const std::string name = std::filesystem::path(file).filename().string();
  const auto machine = cloud_machine_in(known.system + " " + name);
  RunRecords run;
  run.header.run = name;
  run.header.source = fmt::format("nccl-tests {}", found.version.empty() ? "?" : found.version);
  run.header.started = !known.started.empty()   ? known.started
                       : !found.started.empty() ? found.started
                                                : "unknown";
  run.header.software.nccl = found.library;
  run.header.machine.device_name = found.device;
  const Collective op = find_op(found, file, known);
  const int ranks = find_ranks(found, op, file, known);
  const int nodes = find_nodes(found, ranks, machine, known, run.header.notes);
  if (ranks < 2 || nodes < 1 || nodes > ranks) {
    throw InputError(
        {.file = file}, "",
        fmt::format("{} ranks on {} nodes make no collective; give --ranks and --nodes", ranks,
                    nodes));
  }
  run.header.machine.devices = ranks;
  run.header.machine.nodes = nodes;
  std::string accelerator = known.accelerator;
  for (const std::string& more :
       {accelerator_in(found.device), machine ? std::string(machine->accelerator) : std::string(),
        accelerator_in(known.system + " " + name)}) {
    accelerator = accelerator.empty() ? more : accelerator;
  }
  run.header.machine.accelerator = accelerator;
  const std::string system = !known.system.empty() ? known.system
                             : machine             ? std::string(machine->fabric)
                                                   : std::string();
  const Transport between = nodes == 1 ? Transport::Unknown
                            : machine  ? transport_of(machine->network)
                                       : transport_of(network_in(name));
  for (const Row& row : found.rows) {
    if (!(row.time_us > 0.0) || row.time_us > 1e12) {
      throw InputError({.file = file, .line = row.line}, "time",
                       fmt::format("found {} us for {:.0f} bytes, expected a time above 0",
                                   row.time_us, row.bytes));
    }
    CollectiveMeasurement m;
    m.op = op;
    m.bytes = units::bytes(row.bytes);
    m.ranks = ranks;
    m.nodes = nodes;
    m.precision = precision_of(row.type);
    m.in_place = row.in_place;
    m.transport = known.transport.value_or(between);
    m.checked = row.checked;
    m.errors = row.wrong;
    m.nic_bandwidth = known.nic_bandwidth;
    if (!system.empty()) {
      m.system = system;
    }
    m.measured.time = units::microseconds(row.time_us);
    if (row.wrong > 0) {
      m.measured.flags.push_back(Flag::WrongResult);
    }
    run.lines.push_back({.line = row.line, .measurement = std::move(m)});
  }
  run.end = {.complete = true, .reason = {}};
  return run;
}

}  // namespace calib
