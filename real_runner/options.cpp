#include "real_runner/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topology/suggest.hpp"

namespace real_runner {

namespace {

constexpr int kBadUsage = 2;

struct Suffix {
  std::string_view text;
  double factor;
};

template <std::size_t N>
std::optional<double> with_suffix(const std::string& text, const std::array<Suffix, N>& suffixes) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  while (!rest.empty() && rest.front() == ' ') {
    rest.remove_prefix(1);
  }
  const auto found = std::find_if(suffixes.begin(), suffixes.end(),
                                  [&](const Suffix& each) { return each.text == rest; });
  if (error != std::errc{} || found == suffixes.end() || !(value > 0) || value > 1e18) {
    return {};
  }
  return value * found->factor;
}

/// What the options say as text, before it is understood.
struct Words {
  std::vector<std::string> only, skip;
  std::string time, bytes;
};

std::vector<Part> parts_named(const std::vector<std::string>& words) {
  std::vector<Part> parts;
  for (const std::string& word : words) {
    const auto part = part_from_name(word);
    if (!part) {
      throw CLI::ValidationError(fmt::format("\"{}\" is not a part, {}", word,
                                             topology::did_you_mean(word, part_names())));
    }
    parts.push_back(*part);
  }
  return parts;
}

bool in(const std::vector<Part>& parts, Part part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

void choose_parts(Options& options, const Words& words) {
  const auto only = parts_named(words.only);
  const auto skip = parts_named(words.skip);
  for (const Part part : kParts) {
    if ((only.empty() || in(only, part)) && !in(skip, part)) {
      options.parts.push_back(part);
    }
  }
  if (options.parts.empty()) {
    throw CLI::ValidationError("--only and --skip together leave nothing to measure");
  }
}

void choose_sizes(Options& options, const std::string& text) {
  const auto colon = text.find(':');
  const auto low = parse_size(text.substr(0, colon));
  const auto high = colon == std::string::npos ? low : parse_size(text.substr(colon + 1));
  if (!low || !high || *low > *high || *low < units::bytes(8)) {
    throw CLI::ValidationError(fmt::format(
        "--bytes {}: expected SMALLEST:LARGEST of at least 8 bytes, e.g. 8:1GiB", text));
  }
  options.smallest = *low;
  options.largest = *high;
}

void understand(Options& options, const Words& words) {
  choose_parts(options, words);
  if (!words.time.empty()) {
    options.time_limit = parse_time(words.time);
    if (!options.time_limit) {
      throw CLI::ValidationError(
          fmt::format("--time {}: expected a time with unit, e.g. 90s, 10m, 1h", words.time));
    }
  }
  if (!words.bytes.empty()) {
    choose_sizes(options, words.bytes);
  }
}

void add_options(CLI::App& app, Options& o, Words& words) {
  app.add_option("--only", words.only,
                 fmt::format("Measure these parts: {}", fmt::join(part_names(), ",")))
      ->delimiter(',')
      ->type_name("PART,...");
  app.add_option("--skip", words.skip, "Leave these parts out")
      ->delimiter(',')
      ->type_name("PART,...");
  app.add_option("--out", o.out, "Append the records to this file (gpuplan-records.jsonl)")
      ->type_name("FILE.jsonl");
  app.add_option("--accelerator", o.accelerator,
                 "Catalog name of the device, where its own name does not say it")
      ->type_name("NAME");
  app.add_option("--system", o.system, "Name of the cluster, for the records of collectives")
      ->type_name("NAME");
  app.add_option("--time", words.time, "Stop in good order after this long")->type_name("LIMIT");
  app.add_option("--bytes", words.bytes, "Sizes of collectives (8:8GiB)")->type_name("MIN:MAX");
  app.add_option("--devices", o.devices,
                 "Devices of each process (all of the node if alone, else one)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--processes", o.processes,
                 "Start so many processes on this node, one rank each, instead of mpirun")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--algorithms", o.algorithms,
                 "Candidates of cuBLASLt's heuristics to try per product, the fastest counts (8)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  app.add_flag("--share-device", o.share_device,
               "Let ranks share a device, to try things out; records are labelled");
  app.add_flag("--quick", o.quick, "A coarse grid and fewer samples: a first look in a minute");
  app.add_flag("--dry-run", o.dry_run, "Print the plan and its time; needs no device");
  app.add_flag("--json", o.json, "Print one JSON object");
}

}  // namespace

bool Options::has(Part part) const {
  return in(parts, part);
}

std::optional<units::Seconds> parse_time(const std::string& text) {
  static constexpr std::array kSuffixes{Suffix{"s", 1}, Suffix{"", 1}, Suffix{"m", 60},
                                        Suffix{"min", 60}, Suffix{"h", 3600}};
  const auto value = with_suffix(text, kSuffixes);
  return value ? std::optional(units::seconds(*value)) : std::nullopt;
}

std::optional<units::Bytes> parse_size(const std::string& text) {
  static constexpr std::array kSuffixes{
      Suffix{"", 1},         Suffix{"B", 1},    Suffix{"KiB", 0x1p10}, Suffix{"MiB", 0x1p20},
      Suffix{"GiB", 0x1p30}, Suffix{"KB", 1e3}, Suffix{"MB", 1e6},     Suffix{"GB", 1e9}};
  const auto value = with_suffix(text, kSuffixes);
  return value ? std::optional(units::bytes(*value)) : std::nullopt;
}

std::variant<Options, Farewell> parse_options(int argc, const char* const* argv) {
  Options options;
  Words words;
  CLI::App app{"Measures the GPUs and the network of this machine for gpuplan calibrate."};
  app.name("gpuplan-runner");
  app.set_version_flag("--version", fmt::format("gpuplan-runner {}", GPUPLAN_VERSION),
                       "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.footer(
      "Records are JSON lines: gpuplan calibrate FILE.jsonl --out PROFILE.json makes a profile of "
      "them.\n"
      "Many nodes: mpirun or srun start one process per GPU, see docs/runner.md.\n"
      "Exit codes: 0 done, 1 measured, but a result was wrong, 2 bad usage, 3 failed at run time "
      "or "
      "interrupted.");
  add_options(app, options, words);
  try {
    app.parse(argc, argv);
    understand(options, words);
  } catch (const CLI::CallForHelp&) {
    return Farewell{app.help(), 0};
  } catch (const CLI::CallForVersion& e) {
    return Farewell{fmt::format("{}\n", e.what()), 0};
  } catch (const CLI::ParseError& e) {
    return Farewell{fmt::format("gpuplan-runner: {}; see gpuplan-runner --help\n", e.what()),
                    kBadUsage};
  }
  return options;
}

}  // namespace real_runner
