#pragma once
// What `gpuplan run --json` said of a whole training run.
#include <optional>
#include <vector>

#include <QByteArray>
#include <QString>
#include <QStringList>

#include "gui/result.hpp"

namespace gui {

struct CostLine {
  QString what;
  int depth = 0;  ///< 0: the bill itself, 1: what adds up to it, ...
  double usd = 0;
  QString figure;        ///< "cost_cluster.servers"
  QString unit, origin;  ///< origin: provider, region, source and date, as far as they are known
  std::optional<double> quantity, unit_price_usd;
};

struct Failure {
  QString component, effect, source;
  double units = 0, per_unit_year = 0, per_day = 0;
};

/// Of what the run reads and how it changes on its way, in the command's words.
struct InputFact {
  QString what, is;
};

struct PowerPhase {
  QString what;
  double duration_s = 0, power_w = 0;
};

struct WholeRun {
  QString scenario;
  double days = 0;
  std::optional<double> days_p5, days_p50, days_p95;
  double tokens = 0, steps = 0, goodput_tokens_per_s = 0, interruptions = 0;
  double ettr = 0;  ///< effective training time ratio
  int courses = 0, unfinished = 0, spare_nodes = 0;
  double power_w = 0, site_power_w = 0, power_swing_w = 0, pue = 1;
  double meter_energy_j = 0, carbon_kg = 0;
  double checkpoint_interval_s = 0, checkpoint_stall_s = 0, checkpoint_bytes = 0;
  std::optional<double> usd_per_hour, run_usd, cluster_usd;
  double data_usd = 0;           ///< licences, labels, transfer, storage: a line of the run
  std::vector<NamedValue> time;  ///< seconds by kind, adds up to the run
  std::vector<CostLine> cost;    ///< of the cluster where it is owned, then of the run
  std::vector<Failure> failures;
  std::vector<InputFact> input;
  std::vector<PowerPhase> phases;  ///< of one step
  QStringList missed_limits, warnings;
  std::vector<scenarios::FigureSource> sources;
};

/// @throws topology::RuntimeFailure, with a sentence, if `json` is not such an answer.
WholeRun read_run(const QByteArray& json);

}  // namespace gui
