#include "calib/fit/calibration_set.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "calib/fit/covariance.hpp"

namespace calib {

namespace {

constexpr double kModelError =
    0.05;  ///< about what the models leave; more noise than that weighs less

/// Why a measurement is not to be fitted; empty where it is.
std::string spoiled(const Measured& measured) {
  for (const Flag flag : {Flag::WrongResult, Flag::Busy, Flag::SharedDevice, Flag::Socket}) {
    if (measured.has(flag)) {
      return fmt::format("flagged {}", name(flag));
    }
  }
  return {};
}

double weight_of(const Measured& measured) {
  return weight_of_noise(measured.noise.value_or(0.0), kModelError);
}

/// Adds the lines of one run to a set.
class Sorter {
 public:
  Sorter(CalibrationSet& set, std::string file) : set_(set), file_(std::move(file)) {}

  void take(const RunRecords::Line& line) {
    line_ = line.line;
    std::visit([this](const auto& m) { add(m); }, line.measurement);
  }

 private:
  template <class M>
  bool usable(const M& m) {
    const std::string reason = spoiled(m.measured);
    if (!reason.empty()) {
      leave_out(reason);
    }
    return reason.empty();
  }
  void leave_out(const std::string& reason) { ++set_.left_out[reason]; }

  void add(const GemmMeasurement& m) {
    if (usable(m)) {
      set_.gemm.push_back({.accelerator = set_.accelerator,
                           .precision = m.precision,
                           .shape = m.shape,
                           .time = m.measured.time,
                           .line = line_,
                           .weight = weight_of(m.measured),
                           .where = file_});
    }
  }
  void add(const AttentionMeasurement& m) {
    if (!usable(m)) {
      return;
    }
    if (m.direction == Direction::Both) {
      leave_out("attention forward and backward in one time");
      return;
    }
    (m.direction == Direction::Forward ? set_.attention_forward : set_.attention_backward)
        .push_back({.accelerator = set_.accelerator,
                    .precision = m.precision,
                    .shape = m.shape,
                    .time = m.measured.time,
                    .line = line_,
                    .weight = weight_of(m.measured),
                    .where = file_});
  }
  void add(const MemoryBoundMeasurement& m) {
    if (usable(m)) {
      set_.memory_bound.push_back({m, line_, file_});
    }
  }
  void add(const LaunchMeasurement& m) {
    if (usable(m)) {
      set_.launches.push_back(m);
    }
  }
  void add(const CollectiveMeasurement& m) {
    if (m.errors > 0) {
      leave_out("collectives with wrong elements");
    } else if (m.ranks < 2 || !(m.bytes > units::Bytes{})) {
      leave_out("collectives without bytes or of one rank");
    } else if (usable(m)) {
      set_.collectives.push_back({m, line_, file_});
    }
  }
  void add(const OverlapMeasurement& m) {
    if (usable(m)) {
      set_.overlaps.push_back(m);
    }
  }
  void add(const PowerMeasurement& m) { set_.powers.push_back(m); }
  void add(const TransferMeasurement&) { leave_out("transfers: no model of them yet"); }
  void add(const LayerMeasurement&) { leave_out("layers: kept to check predictions against"); }
  void add(const StepMeasurement&) { leave_out("steps: kept to check predictions against"); }
  void add(const OperatorMeasurement&) {
    leave_out("operators of traces: their shapes are not known");
  }

  CalibrationSet& set_;
  std::string file_;
  int line_ = 0;
};

}  // namespace

std::vector<std::string> accelerators_of(std::span<const Records> files) {
  std::vector<std::string> names;
  for (const Records& file : files) {
    for (const RunRecords& run : file.runs) {
      const std::string& name = run.header.machine.accelerator;
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

CalibrationSet calibration_set(std::span<const Records> files, const std::string& accelerator,
                               std::span<const std::string> aliases) {
  CalibrationSet set;
  set.accelerator = accelerator;
  for (const Records& file : files) {
    const std::string name = std::filesystem::path(file.file).filename().string();
    bool used = false;
    for (const RunRecords& run : file.runs) {
      const std::string& measured = run.header.machine.accelerator;
      const bool own = measured == accelerator ||
                       std::find(aliases.begin(), aliases.end(), measured) != aliases.end();
      if (!own) {
        continue;
      }
      used = true;
      set.runs.push_back(
          fmt::format("{} ({}, {})", run.header.run, run.header.source,
                      run.header.started == "unknown" ? "date not stated" : run.header.started));
      Sorter sorter(set, name);
      for (const RunRecords::Line& line : run.lines) {
        sorter.take(line);
      }
    }
    if (used) {
      set.files.push_back(name);
    }
  }
  return set;
}

}  // namespace calib
