#pragma once
// What a command line of gpuplan-runner asks for.
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "real_runner/parts.hpp"
#include "topology/units.hpp"

namespace real_runner {

struct Options {
  std::vector<Part> parts;  ///< in the order of kParts
  std::string accelerator;  ///< catalog name; empty: by the device's own name
  std::filesystem::path out = "gpuplan-records.jsonl";
  std::optional<units::Seconds> time_limit;
  std::optional<std::string> system;  ///< the cluster's name, for the records of collectives
  std::optional<int> devices;         ///< of this process; nothing: all, or one per process
  int processes = 0;                  ///< to start on this node; 0: none, run as told
  int algorithms = 8;                 ///< of cuBLASLt's heuristics that are tried
  units::Bytes smallest = units::bytes(8), largest = units::gibibytes(8);  ///< of collectives
  bool share_device = false;
  bool quick = false, dry_run = false, json = false;

  [[nodiscard]] bool has(Part part) const;
};

/// The program should end at once: --help, --version (on stdout, code 0) or wrong usage (stderr,
/// 2).
struct Farewell {
  std::string text;
  int exit_code = 0;
};

std::variant<Options, Farewell> parse_options(int argc, const char* const* argv);

/// "90", "90s", "5m", "1h"; nothing for anything else.
std::optional<units::Seconds> parse_time(const std::string& text);
/// "8", "64KiB", "1 MB"; nothing for anything else.
std::optional<units::Bytes> parse_size(const std::string& text);

}  // namespace real_runner
