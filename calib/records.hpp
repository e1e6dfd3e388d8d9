#pragma once
// Measurement records: what the runner writes, what importers make of other tools' files, and what
// fits are made from. On disk they are JSON lines, an object with a "type" per line;
// docs/records.md describes them and scenarios/schema/record.json is their JSON Schema. Times are
// in seconds, sizes in bytes, power in watts, clocks in hertz, temperatures in degrees Celsius.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "calib/collective_time.hpp"
#include "calib/shapes.hpp"
#include "topology/hardware.hpp"
#include "topology/units.hpp"

namespace calib {

/// The version of the format that a run line states.
inline constexpr std::string_view kRecordsSchema = "gpuplan.records/1";

/// The machine of a run; empty text and nothing where unknown.
struct Machine {
  std::string accelerator{};  ///< catalog name, "h200-sxm"
  std::string device_name{};  ///< as the driver calls it
  std::int64_t devices = 1;   ///< of this run, over all nodes
  std::int64_t nodes = 1;
  std::optional<std::int64_t> sms{};
  std::optional<units::Bytes> memory{};  ///< of one device
  std::optional<units::Watts> power_limit{};
  std::string cpu{};
  std::string uuid{};
};

/// Versions; empty where unknown.
struct Software {
  std::string driver{}, cuda{}, cublas{}, nccl{}, os{}, framework{};
};

/// The line that opens a run.
struct RunHeader {
  std::string run{};      ///< unique; every other line of the run carries it
  std::string source{};   ///< program and version that measured, or what was imported
  std::string started{};  ///< ISO 8601, "2026-11-21T10:00:00Z"; a day alone where no time is known
  Machine machine;
  Software software{};
  std::vector<std::string> notes{};
};

/// The line that closes a run. A run without one was cut off.
struct RunEnd {
  bool complete = false;
  std::optional<std::string> reason{};  ///< "interrupted", "device error: ..."
};

/// Doubts about one figure that a fit should know of.
enum class Flag : std::uint8_t {
  Throttled,     ///< clocks fell below the maximum for heat or power
  Noisy,         ///< the stopping rule was not met
  Busy,          ///< another process used the device
  WrongResult,   ///< the result was checked and is wrong
  SharedDevice,  ///< ranks shared one device
  Socket         ///< ranks spoke over sockets
};
std::string_view name(Flag flag);  ///< "wrong-result"

/// What was measured: the time of one call.
struct Measured {
  units::Seconds time{};                        ///< median of the samples
  std::optional<units::Seconds> low{}, high{};  ///< 5th and 95th percentile of the samples
  std::optional<double> noise{};                ///< relative standard error of the median
  std::int64_t samples = 1;
  std::optional<double> clock_hz{};
  std::optional<double> temperature_c{};
  std::optional<units::Watts> power{};
  std::vector<Flag> flags{};

  [[nodiscard]] bool has(Flag flag) const;
};

enum class GemmLayout : std::uint8_t { Forward, Dgrad, Wgrad };
enum class Direction : std::uint8_t { Forward, Backward, Both };

struct GemmMeasurement {
  topology::Precision precision = topology::Precision::Bf16;
  GemmLayout layout = GemmLayout::Forward;
  GemmShape shape;
  Measured measured;
};

/// Causal or full attention with queries and keys of one length.
struct AttentionMeasurement {
  topology::Precision precision = topology::Precision::Bf16;
  Direction direction = Direction::Forward;
  AttentionShape shape;
  Measured measured;
};

/// A kernel that memory traffic bounds.
struct MemoryBoundMeasurement {
  std::string op{};  ///< one of memory_bound_operators()
  topology::Precision precision = topology::Precision::Bf16;
  std::int64_t rows = 1, columns = 1;
  units::Bytes bytes{};  ///< read and written, all operands once
  Measured measured;
};
/// "layer_norm", "rms_norm", ..., "copy", "triad".
const std::vector<std::string>& memory_bound_operators();

enum class LaunchKind : std::uint8_t { Kernel, Graph, GraphNode, Collective };

/// Time per launch of an empty piece of work.
struct LaunchMeasurement {
  LaunchKind kind = LaunchKind::Kernel;
  std::int64_t kernels = 1;  ///< launched back to back, or nodes of the graph
  Measured measured;
};

enum class TransferDirection : std::uint8_t { HostToDevice, DeviceToHost, DeviceToDevice };

struct TransferMeasurement {
  TransferDirection direction = TransferDirection::HostToDevice;
  bool pinned = true;
  units::Bytes bytes{};
  Measured measured;
};

enum class Transport : std::uint8_t {
  Nvlink,
  Pcie,
  Infiniband,
  Roce,
  Efa,
  Socket,
  SharedDevice,
  Unknown
};
std::string_view name(Transport transport);  ///< "shared-device"

struct CollectiveMeasurement {
  Collective op = Collective::AllReduce;
  units::Bytes bytes{};  ///< nccl-tests' largest buffer, as in collective_time.hpp
  std::int64_t ranks = 2;
  /// Scale-up domains that hold the ranks: servers, or racks where NVLink joins a rack.
  std::int64_t nodes = 1;
  /// Of the data; nccl-tests' int8 is Int8. Nothing where unknown.
  std::optional<topology::Precision> precision{};
  std::optional<Algorithm> algorithm{};  ///< that was forced; nothing: the library's choice
  std::optional<Protocol> protocol{};
  bool in_place = false;
  Transport transport = Transport::Unknown;
  bool checked = false;                 ///< whether the result was compared
  std::int64_t errors = 0;              ///< wrong elements
  std::optional<std::string> system{};  ///< the cluster's name, a catalog fabric's where it is one
  std::optional<units::BytesPerSecond> nic_bandwidth{};  ///< per rank, line rate
  Measured measured;
};

/// A product while a collective runs. `measured.time`: both together, from the first start to the
/// last end.
struct OverlapMeasurement {
  topology::Precision precision = topology::Precision::Bf16;
  GemmShape gemm;
  Collective op = Collective::AllReduce;
  units::Bytes bytes{};
  units::Seconds gemm_alone{}, gemm_together{};
  units::Seconds collective_alone{}, collective_together{};
  /// On a device alone: a copy kernel on so many SMs stands for the collective.
  std::optional<std::int64_t> stand_in_sms{};
  Measured measured;
};

enum class Load : std::uint8_t { Idle, Memory, Compute, Communication };
std::string_view name(Load load);

/// Power of one device under one kind of load.
struct PowerMeasurement {
  Load load = Load::Idle;
  units::Watts power{};                       ///< median
  std::optional<units::Watts> low{}, high{};  ///< 5th and 95th percentile
  units::Seconds duration{};
  std::int64_t samples = 1;
  std::optional<double> clock_hz{};
  std::optional<double> temperature_c{};
  std::optional<std::string> device{};  ///< which one, where several were sampled
};

/// A transformer's shape, as far as a layer's time depends on it.
struct MeasuredModel {
  std::int64_t hidden = 0, ffn_hidden = 0, heads = 0, kv_heads = 0, seq_len = 0;
  std::optional<std::int64_t> head_dim{};  ///< hidden / heads where nothing is said
  std::optional<std::int64_t> vocab{};
  bool gated = true;  ///< SwiGLU: three products in the feed-forward part; false: GELU, two
  bool causal = true;
};

struct LayerMeasurement {
  MeasuredModel model;
  std::int64_t tp = 1, micro_batch = 1;
  topology::Precision precision = topology::Precision::Bf16;
  Direction direction = Direction::Both;
  Measured measured;
};

/// A whole training step: forward, backward, optimizer.
struct StepMeasurement {
  MeasuredModel model;
  std::int64_t layers = 1, dp = 1, micro_batch = 1, global_batch = 1;
  topology::Precision precision = topology::Precision::Bf16;
  std::string optimizer = "adamw";
  Measured measured;
};

/// One operator of a profiler's trace: `count` calls, measured.time is their median.
struct OperatorMeasurement {
  std::string op{};                       ///< the operator's or kernel's own name
  std::optional<std::string> category{};  ///< one of operator_categories(); nothing: on the host
  std::optional<std::int64_t> stream{};   ///< of the device; nothing: on the host
  std::int64_t count = 1;
  std::optional<units::Seconds> total{};  ///< of all calls
  Measured measured;
};
/// "gemm", "attention", "memory_bound", "collective", "copy", "other".
const std::vector<std::string>& operator_categories();

using Measurement =
    std::variant<GemmMeasurement, AttentionMeasurement, MemoryBoundMeasurement, LaunchMeasurement,
                 TransferMeasurement, CollectiveMeasurement, OverlapMeasurement, PowerMeasurement,
                 LayerMeasurement, StepMeasurement, OperatorMeasurement>;
/// The "type" of its line: "gemm".
std::string_view type_name(const Measurement& measurement);

struct RunRecords {
  struct Line {
    int line = 0;  ///< in the file, from 1; 0 where it was not read from one
    Measurement measurement;
  };
  RunHeader header;
  std::vector<Line> lines{};
  std::optional<RunEnd> end{};

  [[nodiscard]] bool complete() const { return end && end->complete; }
};

/// One file.
struct Records {
  std::string file{};
  std::vector<RunRecords> runs{};
  std::vector<std::string> warnings{};  ///< lines of an unknown type, runs that were cut off
};

/// Reads JSON lines; `file` is for messages. A last line that was cut off is left out with a
/// warning, and so are lines of a type that this program does not know (a newer writer's).
/// @throws topology::InputError with file, line and key for anything else that is not as
/// docs/records.md says: no run line before a record, an unknown key, a value out of range.
Records parse_records(std::string_view text, std::string file);
/// @throws topology::InputError also if the file cannot be read or is above 1 GiB.
Records read_records(const std::filesystem::path& file);

/// One line without its line end. Same values, same bytes.
std::string record_line(const RunHeader& header);
std::string record_line(std::string_view run, const Measurement& measurement);
std::string record_line(std::string_view run, const RunEnd& end);
/// All lines of all runs; a run without an end gets none.
std::string record_lines(const std::vector<RunRecords>& runs);

}  // namespace calib
