#pragma once
// What a run says of itself: the header of its records, a row per figure for people, a summary.
#include <string>
#include <vector>

#include "calib/records.hpp"
#include "real_runner/options.hpp"
#include "real_runner/plan.hpp"

namespace real_runner {

/// "2026-11-21T10:00:00Z"
std::string utc_now();
/// Of /proc/cpuinfo and /etc/os-release; empty where they do not say.
std::string cpu_name();
std::string os_name();

/// The run line: its id is the accelerator, the time and the process.
calib::RunHeader make_header(const calib::Machine& machine, const calib::Software& software,
                             std::vector<std::string> notes);

/// What every reader of the records should know of how they were made.
std::vector<std::string> notes_on_method(const Options& options);

/// "gemm bf16 forward 4096 x 4096 x 4096   215.4 us  +-0.3 %   638.1 TFLOP/s  1755 MHz  612 W
/// noisy"
std::string row(const calib::Measurement& what);

/// The figures of a measurement; nothing for power.
const calib::Measured* figures(const calib::Measurement& what);

struct Summary {
  std::string run, file;
  std::size_t planned = 0, measured = 0, left_out = 0, failed = 0, wrong = 0, flagged = 0;
  double wall_s = 0;
  bool complete = false;
  std::string reason;  ///< why not complete

  void count(const calib::Measurement& what);
};
std::string summary_text(const Summary& summary);
std::string summary_json(const Summary& summary);

}  // namespace real_runner
