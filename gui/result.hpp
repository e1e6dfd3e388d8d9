#pragma once
// What `gpuplan simulate --json` said, as plain values that views show and never change.
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QByteArray>
#include <QString>
#include <QStringList>

#include "scenarios/figure_sources.hpp"

class QTemporaryDir;

namespace gui {

struct NamedValue {
  QString name;  ///< as JSON spells it: "tp_comm"
  double value = 0.0;
};

/// Low and high of a figure.
struct Range {
  double low = 0.0, high = 0.0;
};
using Ranges = std::map<QString, Range>;  ///< by figure: "mfu", "breakdown_s.gemm"

struct LinkUse {
  QString link;
  double utilisation = 0.0;
};

/// Kernels of one name and shape, all of a step on one accelerator together.
struct Kernel {
  QString name, part, phase, shape;
  QString precision;  ///< empty where no matrix unit works
  double calls = 0.0, flops = 0.0, bytes = 0.0, seconds = 0.0;
};

/// What the matrix unit does at most in a precision.
struct Roof {
  QString precision;
  double flops_per_s = 0.0;
  QString source;
};

struct Roofline {
  QString accelerator;
  int stage = 0;
  double memory_bytes_per_s = 0.0;
  QString memory_source;
  std::vector<Roof> roofs;
  std::vector<Kernel> kernels;  ///< longest time first
};

struct Result {
  QString scenario;
  bool flow = false;  ///< of a flow simulation
  int gpus = 0;
  double step_s = 0.0;
  double mfu = 0.0, hfu = 0.0;
  double tokens_per_s = 0.0, tokens_per_s_per_gpu = 0.0;
  double model_flops_per_gpu = 0.0, peak_flops_per_gpu = 0.0;  ///< FLOP/s
  double parameters = 0.0;
  int micro_batches = 0;
  bool fits = true;
  double memory_bytes = 0.0, memory_capacity_bytes = 0.0;
  int memory_stage = 0;
  std::vector<NamedValue> memory;     ///< bytes by kind
  std::vector<NamedValue> tensors;    ///< bytes; name is "kind: tensor"
  std::vector<NamedValue> breakdown;  ///< seconds, adds up to step_s
  std::vector<NamedValue> lost;       ///< FLOP/s per accelerator, from the peak down
  double power_w = 0.0, power_per_gpu_w = 0.0, network_power_w = 0.0, energy_j = 0.0;
  std::optional<double> usd_per_hour, usd_per_trillion_tokens;
  std::vector<LinkUse> busiest_links;
  QString network_verdict;
  QStringList warnings;
  Roofline roofline;
  double wall_s = 0.0;
  Ranges ranges;  ///< of the figures that have a band
  std::vector<scenarios::FigureSource> sources;

  /// Of a figure by its name in the command's answer: "mfu", "breakdown_s.gemm".
  [[nodiscard]] std::optional<Range> range(const QString& figure) const;

  /// Files of a flow simulation, there as long as `files` is; empty otherwise.
  std::shared_ptr<QTemporaryDir> files;
  QString trace_file, loads_file, power_file;
};

/// @throws topology::RuntimeFailure, with a sentence, if `json` is not such an answer.
Result read_result(const QByteArray& json);

}  // namespace gui
