#include "real_runner/report.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace real_runner {

namespace {

using units::Seconds;

/// The value after `key` in a file of "key : value" or "key=value" lines.
std::string value_in_file(const char* file, std::string_view key, char separator) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(separator);
    if (line.rfind(key, 0) == 0 && at != std::string::npos) {
      const auto first = line.find_first_not_of(" \t\"", at + 1);
      const auto last = line.find_last_not_of(" \t\"");
      return first == std::string::npos ? std::string{} : line.substr(first, last - first + 1);
    }
  }
  return {};
}

std::string time_text(Seconds time) {
  const double s = time.base();
  return s >= 1      ? fmt::format("{:.4g} s", s)
         : s >= 1e-3 ? fmt::format("{:.4g} ms", s * 1e3)
                     : fmt::format("{:.4g} us", s * 1e6);
}

/// The rate that people look for first.
std::string rate_text(const calib::Measurement& what) {
  if (const auto* gemm = std::get_if<calib::GemmMeasurement>(&what)) {
    const auto& s = gemm->shape;
    const double flops = 2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) *
                         static_cast<double>(s.k) * static_cast<double>(s.batch);
    return fmt::format("{:8.1f} TFLOP/s", flops / gemm->measured.time.base() * 1e-12);
  }
  if (const auto* attention = std::get_if<calib::AttentionMeasurement>(&what)) {
    return fmt::format("{:8.1f} TFLOP/s", attention_flops(*attention).base() /
                                              attention->measured.time.base() * 1e-12);
  }
  if (const auto* memory = std::get_if<calib::MemoryBoundMeasurement>(&what)) {
    return fmt::format("{:8.1f} GB/s", (memory->bytes / memory->measured.time).base() * 1e-9);
  }
  if (const auto* transfer = std::get_if<calib::TransferMeasurement>(&what)) {
    return fmt::format("{:8.2f} GB/s", (transfer->bytes / transfer->measured.time).base() * 1e-9);
  }
  if (const auto* collective = std::get_if<calib::CollectiveMeasurement>(&what)) {
    return fmt::format("{:8.2f} GB/s algbw",
                       (collective->bytes / collective->measured.time).base() * 1e-9);
  }
  if (const auto* overlap = std::get_if<calib::OverlapMeasurement>(&what)) {
    return fmt::format("product x {:.3f}, collective x {:.3f}",
                       overlap->gemm_together / overlap->gemm_alone,
                       overlap->collective_together / overlap->collective_alone);
  }
  return {};
}

std::string flag_text(const calib::Measured& m) {
  std::string text;
  for (const calib::Flag flag : m.flags) {
    text += fmt::format(" [{}]", calib::name(flag));
  }
  return text;
}

}  // namespace

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string cpu_name() {
  return value_in_file("/proc/cpuinfo", "model name", ':');
}

std::string os_name() {
  return value_in_file("/etc/os-release", "PRETTY_NAME", '=');
}

calib::RunHeader make_header(const calib::Machine& machine, const calib::Software& software,
                             std::vector<std::string> notes) {
  const std::string started = utc_now();
  calib::RunHeader header;
  header.run = fmt::format("{}-{}-{}", machine.accelerator.empty() ? "gpu" : machine.accelerator,
                           started, ::getpid());
  header.source = fmt::format("gpuplan-runner {}", GPUPLAN_VERSION);
  header.started = started;
  header.machine = machine;
  header.software = software;
  header.notes = std::move(notes);
  return header;
}

std::vector<std::string> notes_on_method(const Options& options) {
  std::vector<std::string> notes{
      "times are of the device, calls back to back on operands that the L2 cache does not hold; "
      "the "
      "gap between two calls is part of a short one",
      "random data of normal distribution"};
  if (options.has(Part::Gemm)) {
    notes.push_back(
        fmt::format("gemm: the fastest of up to {} candidates of cuBLASLt's heuristics, 32 MiB "
                    "workspace; fp8 is "
                    "e4m3 in, bf16 out, one scale per tensor, fast accumulation",
                    options.algorithms));
  }
  if (options.has(Part::Attention) || options.has(Part::Layer) || options.has(Part::Step)) {
    notes.emplace_back(
        "attention: gpuplan's reference kernels (mma.sync), not FlashAttention; also inside layer "
        "and "
        "step, which have no rotary embedding");
  }
  return notes;
}

const calib::Measured* figures(const calib::Measurement& what) {
  return std::visit(
      [](const auto& each) -> const calib::Measured* {
        if constexpr (std::is_same_v<std::decay_t<decltype(each)>, calib::PowerMeasurement>) {
          return nullptr;
        } else {
          return &each.measured;
        }
      },
      what);
}

std::string row(const calib::Measurement& what) {
  if (const auto* power = std::get_if<calib::PowerMeasurement>(&what)) {
    return fmt::format("{:<58} {:>11.1f} W  ({:.0f} to {:.0f})\n", describe(what),
                       power->power.base(), power->low.value_or(power->power).base(),
                       power->high.value_or(power->power).base());
  }
  const calib::Measured& m = *figures(what);
  std::string text =
      fmt::format("{:<58} {:>11}  {:>8}  {:<18}", describe(what), time_text(m.time),
                  m.noise ? fmt::format("+-{:.1f} %", *m.noise * 100) : "", rate_text(what));
  if (m.clock_hz) {
    text += fmt::format(" {:5.0f} MHz", *m.clock_hz * 1e-6);
  }
  if (m.power) {
    text += fmt::format(" {:4.0f} W", m.power->base());
  }
  return text + flag_text(m) + "\n";
}

void Summary::count(const calib::Measurement& what) {
  ++measured;
  if (const calib::Measured* m = figures(what)) {
    flagged += m->flags.empty() ? 0 : 1;
    wrong += m->has(calib::Flag::WrongResult) ? 1 : 0;
  }
}

std::string summary_text(const Summary& s) {
  std::string text =
      fmt::format("{} of {} figures in {:.0f} s, {} with a flag; records of run {} in {}\n",
                  s.measured, s.planned, s.wall_s, s.flagged, s.run, s.file);
  if (s.left_out > 0) {
    text += fmt::format("{} could not be had here\n", s.left_out);
  }
  if (s.failed > 0) {
    text += fmt::format("{} failed, see above: the others are in the records\n", s.failed);
  }
  if (s.wrong > 0) {
    text += fmt::format("{} results were wrong: do not trust this machine's figures\n", s.wrong);
  }
  if (!s.complete) {
    text += fmt::format("incomplete: {}\n", s.reason);
  }
  return text;
}

std::string summary_json(const Summary& s) {
  const nlohmann::ordered_json json{
      {"run", s.run},
      {"records", s.file},
      {"planned", s.planned},
      {"measured", s.measured},
      {"left_out", s.left_out},
      {"failed", s.failed},
      {"flagged", s.flagged},
      {"wrong", s.wrong},
      {"wall_s", s.wall_s},
      {"complete", s.complete},
      {"reason", s.reason.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(s.reason)}};
  return json.dump() + "\n";
}

}  // namespace real_runner
