#include "calib/collective_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <regex>

#include <fmt/format.h>

#include "calib/import/known_words.hpp"
#include "topology/error.hpp"

namespace calib {
namespace {

using topology::InputError;

/// What makes a published row unpredictable, by a word in any of its columns.
struct Unmodelled {
  std::string_view column, text, reason;
};
constexpr std::array kUnmodelled{
    Unmodelled{"algo_proto", "CollNet",
               "reduction in the network switches (CollNet, SHARP) is not modelled"},
    Unmodelled{"algo_proto", "custom", "a custom kernel, not a collective of the library"},
    Unmodelled{"algo_proto", "1 HCA", "a run restricted to one NIC"},
    Unmodelled{"system", "wrong plugin", "published as an example of a misconfigured network"},
    Unmodelled{"system", "Neuron", "counts NeuronCores, of which an accelerator has several"},
    Unmodelled{"system", "Trainium", "counts NeuronCores, of which an accelerator has several"}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// One row of a table.
struct Record {
  const CsvTable& table;
  std::size_t row;

  /// The text in `column`; empty where the table has no such column.
  std::string_view operator()(std::string_view column) const {
    const auto index = table.column(column);
    return index ? std::string_view(table.rows[row][*index]) : std::string_view();
  }
};

/// The number in `column`; nothing where it is empty. @throws InputError where it is not a positive
/// number.
std::optional<double> number(const Record& record, std::string_view column) {
  const auto index = record.table.column(column);
  const auto value = index ? record.table.optional_number(record.row, *index) : std::nullopt;
  if (value && *value <= 0.0) {
    throw InputError(
        {.file = record.table.file, .line = record.table.lines[record.row]}, column,
        fmt::format("\"{}\" is not positive; correct or empty the cell", record(column)));
  }
  return value;
}

int count(const Record& record, std::string_view column) {
  const double value = number(record, column).value_or(0.0);
  if (value > 1e7 || value != std::floor(value)) {
    throw InputError({.file = record.table.file, .line = record.table.lines[record.row]}, column,
                     fmt::format("\"{}\" is not a count; give a whole number", record(column)));
  }
  return static_cast<int>(value);
}

/// Gbit/s per rank that the words state, for a node of `ranks_per_node`.
std::optional<double> nic_gbit_per_rank(const std::string& text, int ranks_per_node) {
  static const std::regex count_then_rate(R"((\d+)x ?(?:NDR|HDR|CX-\d+ )?(\d{3})G?)");
  static const std::regex rate_then_count(R"((\d+)G x(\d+))");
  static const std::regex rate_per_gpu(R"((\d+)G per GPU)");
  static const std::regex one_rate(R"((\d{2,3})G )");
  std::smatch match;
  if (std::regex_search(text, match, rate_per_gpu)) {
    return std::stod(match[1]);
  }
  if (std::regex_search(text, match, rate_then_count) ||
      std::regex_search(text, match, count_then_rate)) {
    return std::stod(match[1]) * std::stod(match[2]) / ranks_per_node;
  }
  if (std::regex_search(text, match, one_rate)) {
    return std::stod(match[1]) / ranks_per_node;
  }
  return std::nullopt;
}

/// Racks that "N racks" names; one where nothing does.
int racks_in(const std::string& system) {
  static const std::regex racks(R"((\d+) racks)");
  std::smatch match;
  return std::regex_search(system, match, racks) ? std::stoi(match[1]) : 1;
}

void place(MeasuredCollective& row, const Record& record) {
  const std::string interconnect(record("interconnect"));
  const int nodes = std::max(1, count(record, "nodes"));
  const int ranks_per_node = std::max(1, row.ranks / nodes);
  const bool rack_domain = contains(row.system, "NVL72");
  row.per_domain = rack_domain ? std::max(1, row.ranks / racks_in(row.system)) : ranks_per_node;
  if (row.per_domain >= row.ranks) {
    return;
  }
  constexpr double kAssumedGbit =
      400.0;  // the truth tables' README: NDR or its equal where a source is silent
  row.network = network_in(interconnect);
  const auto gbit = nic_gbit_per_rank(interconnect + " " + row.system + " ", ranks_per_node);
  row.nic_assumed = !gbit;
  row.nic_bandwidth = units::gigabits_per_second(gbit.value_or(kAssumedGbit));
}

/// A name at the start is what the run was forced to; "auto (NVLSTree)" is only what the library
/// chose.
Allowed allowed_by(std::string_view algorithm) {
  const Allowed all;
  if (algorithm.starts_with("Ring")) {
    return all.only(Algorithm::Ring);
  }
  if (algorithm.starts_with("Tree")) {
    return all.only(Algorithm::Tree);
  }
  if (algorithm.starts_with("NVLSTree")) {
    return all.only(Algorithm::NvlsTree);
  }
  return contains(algorithm, "NVLS off") || contains(algorithm, "NVLS/SHARP off")
             ? all.without(Algorithm::Nvls).without(Algorithm::NvlsTree)
             : all;
}

/// nccl-tests' busbw over algbw, doc/PERFORMANCE.md.
double busbw_factor(Collective op, int ranks) {
  const bool one = op == Collective::Broadcast || op == Collective::SendRecv;
  return one ? 1.0 : static_cast<double>(ring_steps(op, ranks)) / ranks;
}

std::optional<double> time_us(const MeasuredCollective& row, const Record& record) {
  if (const auto stated = number(record, "time_us")) {
    return stated;
  }
  const auto busbw = number(record, "busbw_GBps");
  if (!busbw) {
    return std::nullopt;
  }
  constexpr double kUsPerGbps = 1e-3;  // bytes / (GB/s) in us
  return row.size.base() * busbw_factor(row.op, row.ranks) / *busbw * kUsPerGbps;
}

std::string unmodelled_reason(const Record& record) {
  for (const Unmodelled& rule : kUnmodelled) {
    if (contains(record(rule.column), rule.text)) {
      return std::string(rule.reason);
    }
  }
  return {};
}

bool has_all(const CsvTable& table, std::initializer_list<std::string_view> wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&table](std::string_view column) {
    return table.column(column).has_value();
  });
}

MeasuredCollective from_kernel_table(const Record& record) {
  MeasuredCollective row;
  row.system = record("accelerator");
  row.accelerator = accelerator_in(row.system);
  row.library = fmt::format("NCCL {}", record("nccl_version"));
  row.ranks = row.per_domain = count(record, "gpus");
  row.size = units::bytes(number(record, "bytes").value_or(0.0));
  row.time = units::microseconds(number(record, "latency_us").value_or(0.0));
  row.id = fmt::format("{} {} {} g{} {} {}", row.system, row.library, record("collective"),
                       row.ranks, record("dtype"), record("bytes"));
  const auto op = collective_from_name(record("collective"));
  row.op = op.value_or(row.op);
  if (record("dtype") == "int8") {
    row.allowed = row.allowed.without(Algorithm::Nvls);
  }
  if (row.accelerator.empty()) {
    row.reason = fmt::format("unknown accelerator \"{}\"", row.system);
  } else if (!op) {
    row.reason = fmt::format("unknown collective \"{}\"", record("collective"));
  } else if (row.ranks < 2 || row.size == units::Bytes{} || row.time == units::Seconds{}) {
    row.reason = "no number of ranks, message size or time";
  }
  return row;
}

MeasuredCollective from_published_table(const Record& record) {
  MeasuredCollective row;
  row.published = true;
  row.id = record("id");
  row.system = record("system");
  row.library = record("library");
  row.accelerator = accelerator_in(row.system);
  row.ranks = count(record, "gpus");
  row.size = units::bytes(number(record, "bytes").value_or(0.0));
  const auto op = collective_from_name(record("collective"));
  row.op = op.value_or(row.op);
  row.allowed = allowed_by(record("algo_proto"));
  row.reason = unmodelled_reason(record);
  if (!row.reason.empty()) {
    return row;
  }
  if (row.accelerator.empty()) {
    row.reason = fmt::format("unknown accelerator in \"{}\"", row.system);
  } else if (!op) {
    row.reason = fmt::format("unknown collective \"{}\"", record("collective"));
  } else if (row.ranks < 2) {
    row.reason = "no number of ranks";
  } else if (row.size == units::Bytes{}) {
    row.reason = "no message size";
  } else if (const auto time = time_us(row, record)) {
    row.time = units::microseconds(*time);
    place(row, record);
  } else {
    row.reason = "neither time nor busbw";
  }
  return row;
}

}  // namespace

std::vector<MeasuredCollective> measured_collectives(const CsvTable& table) {
  const bool kernel =
      has_all(table, {"accelerator", "collective", "gpus", "dtype", "bytes", "latency_us"});
  const bool published =
      has_all(table, {"id", "system", "gpus", "nodes", "interconnect", "algo_proto", "collective",
                      "bytes", "time_us", "busbw_GBps"});
  if (!kernel && !published) {
    throw InputError(
        {.file = table.file}, "",
        "is no table of collectives; it needs the columns accelerator, collective, gpus, dtype, "
        "bytes, latency_us, or those of published sweeps: id, system, gpus, nodes, interconnect, "
        "algo_proto, collective, bytes, time_us, busbw_GBps");
  }
  std::vector<MeasuredCollective> rows;
  rows.reserve(table.rows.size());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Record record{table, row};
    rows.push_back(kernel ? from_kernel_table(record) : from_published_table(record));
  }
  return rows;
}

}  // namespace calib
