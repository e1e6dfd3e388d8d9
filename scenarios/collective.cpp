#include "scenarios/collective.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <sys/resource.h>

#include "calib/collective_catalog.hpp"
#include "calib/textbook.hpp"
#include "scenarios/cluster_option.hpp"
#include "scenarios/format.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/quantity.hpp"
#include "scenarios/stopwatch.hpp"
#include "scenarios/suggest.hpp"
#include "sim/collective/msccl.hpp"
#include "sim/collective/team.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using sim::Algorithm;
using sim::Collective;
using topology::ClusterSpec;
using topology::InputError;

using Clock = std::chrono::steady_clock;

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;  // Linux counts in KiB
}

/// The value that a word of an option means. @throws InputError with the words that there are.
template <class Value>
Value meaning(const std::string& option, const std::string& word,
              std::optional<Value> (*from_name)(std::string_view),
              const std::vector<std::string>& known) {
  if (const auto value = from_name(word)) {
    return *value;
  }
  const std::string help = did_you_mean(word, known);
  throw InputError({option}, {},
                   fmt::format("\"{}\" is not known, {}", word,
                               help.empty() ? "use " + quoted_list(known) : help));
}

template <class Value>
std::vector<std::string> names_of(Value last) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    names.emplace_back(name(static_cast<Value>(i)));
  }
  return names;
}

std::optional<Collective> operation(std::string_view word) {
  return calib::collective_from_name(word);
}

ClusterSpec cluster_of(const CollectiveOptions& options, const Catalog& catalog) {
  ClusterSpec spec = load_cluster(options.cluster, std::nullopt, options.sets, catalog);
  const int ranks = options.ranks.value_or(spec.gpus);
  if (ranks < 2) {
    throw InputError({"--ranks"}, {}, fmt::format("a collective needs 2 ranks, found {}", ranks));
  }
  constexpr int kMost = 1 << 22;
  if (ranks > kMost) {
    throw InputError({"--ranks"}, {}, fmt::format("at most {} ranks are simulated", kMost));
  }
  const bool is_torus = spec.fabric == topology::FabricKind::Torus;
  if (ranks > spec.gpus || (is_torus && ranks != spec.gpus)) {
    const int node = spec.gpus_per_node;
    const int whole = is_torus ? ranks : (ranks + node - 1) / node * node;
    spec = load_cluster(options.cluster, whole, options.sets, catalog);
  }
  return spec;
}

/// One GPU per line (or separated by blanks or commas), for rank 0, 1, ...
std::vector<int> read_placement(const std::string& file, int ranks) {
  std::ifstream in(file);
  if (!in) {
    throw InputError({"--placement"}, {},
                     fmt::format("\"{}\" is none of packed, scattered and rail-aligned, and there "
                                 "is no such file",
                                 file));
  }
  std::vector<int> gpus;
  std::string word;
  int line = 1;
  const auto take = [&] {
    if (!word.empty()) {
      const bool number = word.size() < 9 && std::all_of(word.begin(), word.end(), [](char c) {
                            return c >= '0' && c <= '9';
                          });
      if (!number || static_cast<int>(gpus.size()) >= ranks) {
        throw InputError({file, line}, {},
                         number ? fmt::format("more GPUs than the {} ranks", ranks)
                                : fmt::format("\"{}\" is no GPU, expected a number from 0 on",
                                              word.substr(0, 40)));
      }
      gpus.push_back(std::stoi(word));
      word.clear();
    }
  };
  for (char c = 0; in.get(c);) {
    if (c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n') {
      take();
      line += c == '\n' ? 1 : 0;
    } else if (word.size() < 64) {
      word += c;
    }
  }
  take();
  if (static_cast<int>(gpus.size()) != ranks) {
    throw InputError({file}, {},
                     fmt::format("{} GPUs are listed for {} ranks", gpus.size(), ranks));
  }
  return gpus;
}

std::vector<int> placed(const CollectiveOptions& options, const ClusterSpec& spec, int ranks) {
  const auto placement = sim::placement_from_name(options.placement);
  return placement ? sim::place(spec, ranks, *placement) : read_placement(options.placement, ranks);
}

/// Lines "FROM,TO,BYTES"; empty lines and those that start with # do not count.
std::vector<sim::PairTraffic> read_traffic(const std::string& file, int ranks) {
  std::ifstream in(file);
  if (!in) {
    throw InputError({file}, {}, "there is no such file, or it cannot be read");
  }
  constexpr std::size_t kMost = 1U << 22U;
  std::vector<sim::PairTraffic> traffic;
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    if (text.empty() || text.front() == '#' || text == "\r") {
      continue;
    }
    int from = 0, to = 0, used = 0;
    double size = 0.0;
    const int read = std::sscanf(text.c_str(), "%d , %d , %lf %n", &from, &to, &size, &used);
    const bool exists = from >= 0 && to >= 0 && from < ranks && to < ranks;
    if (read != 3 || static_cast<std::size_t>(used) != text.size() || !exists || !(size >= 0.0) ||
        size > 1e18) {
      throw InputError({file, line}, {},
                       fmt::format("found \"{}\", expected FROM,TO,BYTES with ranks from 0 to {}",
                                   text.substr(0, 60), ranks - 1));
    }
    if (traffic.size() == kMost) {
      throw InputError({file, line}, {}, fmt::format("more than {} pairs of ranks", kMost));
    }
    traffic.push_back(
        {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), units::bytes(size)});
  }
  return traffic;
}

/// The buffer of the all-to-all that keeps the busiest rank as busy, sending or receiving.
units::Bytes equal_size(const std::vector<sim::PairTraffic>& traffic, int ranks) {
  std::vector<units::Bytes> sent(static_cast<std::size_t>(ranks)), received(sent);
  units::Bytes most;
  for (const sim::PairTraffic& t : traffic) {
    if (t.from != t.to) {
      most = std::max(most, sent[t.from] += t.size);
      most = std::max(most, received[t.to] += t.size);
    }
  }
  if (most <= units::Bytes{}) {
    throw InputError({"--traffic"}, {}, "no rank has anything for another");
  }
  return most * (static_cast<double>(ranks) / (ranks - 1));
}

std::vector<units::Bytes> sizes_of(const CollectiveOptions& options, Collective op) {
  const auto size = [](const std::string& text, const char* option) {
    const units::Bytes value = parse_quantity<units::Bytes>(text, {option});
    if (value <= units::Bytes{} || value > units::gibibytes(0x1p20)) {
      throw InputError({option}, {}, fmt::format("found {}, expected 1 B to 1 PiB", text));
    }
    return value;
  };
  if (op == Collective::Barrier) {
    return {units::bytes(4)};
  }
  if (options.sweep.empty()) {
    if (options.bytes.empty()) {
      throw InputError({"--bytes"}, {}, "how many bytes? Say --bytes 1GiB or --sweep 1KiB:1GiB");
    }
    return {size(options.bytes, "--bytes")};
  }
  const std::size_t colon = options.sweep.find(':');
  if (colon == std::string::npos) {
    throw InputError({"--sweep"}, {}, "expected MIN:MAX such as 1KiB:1GiB");
  }
  const units::Bytes last = size(options.sweep.substr(colon + 1), "--sweep");
  std::vector<units::Bytes> sizes;
  for (units::Bytes s = size(options.sweep.substr(0, colon), "--sweep"); s <= last; s *= 2.0) {
    sizes.push_back(s);
  }
  if (sizes.empty()) {
    throw InputError({"--sweep"}, {}, "MIN is larger than MAX");
  }
  return sizes;
}

sim::Allowed allowed_by(const CollectiveOptions& options) {
  sim::Allowed allowed;
  if (!options.algorithm.empty()) {
    allowed = allowed.only(meaning("--algorithm", options.algorithm, calib::algorithm_from_name,
                                   names_of(Algorithm::Hierarchical)));
  }
  if (options.ideal) {
    allowed = allowed.only(sim::Protocol::Simple);
  }
  if (!options.protocol.empty()) {
    allowed = allowed.only(meaning("--protocol", options.protocol, calib::protocol_from_name,
                                   names_of(sim::Protocol::Simple)));
  }
  return allowed;
}

/// Everything that stays the same from one size to the next.
struct Setting {
  ClusterSpec spec;
  calib::CollectiveProfile profile;
  Collective op;
  sim::Team team;
  std::vector<sim::PairTraffic> traffic;       ///< of an all-to-all-v; empty: equal parts
  std::unique_ptr<topology::Cluster> cluster;  ///< null for the closed form
  std::unique_ptr<sim::Ways> ways;
};

std::vector<sim::CollectiveCost> candidates_for(const Setting& s, units::Bytes size,
                                                const CollectiveOptions& options) {
  sim::Group group = s.team.group();
  if (s.op == Collective::SendRecv && s.team.domains() > 1) {
    group.per_domain = std::min(group.per_domain, group.ranks - 1);
  }
  auto candidates =
      sim::collective_candidates(s.spec, s.profile, s.op, size, group, allowed_by(options));
  if (!candidates.empty()) {
    return candidates;
  }
  std::vector<std::string> possible;
  for (int a = 0; a <= static_cast<int>(Algorithm::Hierarchical); ++a) {
    const auto algorithm = static_cast<Algorithm>(a);
    if (sim::collective_cost(s.spec, s.profile, s.op, size, group,
                             sim::Allowed{}.only(algorithm))) {
      possible.emplace_back(name(algorithm));
    }
  }
  throw InputError(
      {"--algorithm"}, {},
      fmt::format("{} with {} cannot run {} on {} ranks of {}; possible are {}",
                  options.algorithm.empty() ? "no algorithm" : options.algorithm,
                  options.protocol.empty() ? "any protocol" : options.protocol, name(s.op),
                  s.team.ranks(), s.spec.id, quoted_list(possible, "and")));
}

/// Chunks as NCCL cuts them: an eighth of its buffer of 4 MiB.
std::uint32_t pieces_of(units::Bytes size, const sim::Team& team) {
  constexpr units::Bytes kChunk = units::bytes(512.0 * 1024.0);
  constexpr double kMost = 256.0;
  return static_cast<std::uint32_t>(
      std::clamp(size / kChunk / (2.0 * team.per_domain()), 1.0, kMost));
}

sim::NetworkBackend backend() {
  return sim::kernel_backend_available() ? sim::NetworkBackend::Kernel
                                         : sim::NetworkBackend::Public;
}

sim::CollectiveRun run_on_links(const Setting& s, CollectiveOutcome& outcome,
                                const CollectiveOptions& options) {
  const sim::Generator* generator = sim::generator_of(outcome.chosen.algorithm);
  const bool barrier = s.op == Collective::Barrier;
  const sim::CollectiveTask task{.team = s.team,
                                 .ways = *s.ways,
                                 .op = barrier ? Collective::AllReduce : s.op,
                                 .size = outcome.size,
                                 .root = 0,
                                 .traffic = s.traffic.empty() ? nullptr : &s.traffic,
                                 .pieces = pieces_of(outcome.size, s.team)};
  if (generator == nullptr || !generator->can(task)) {
    throw InputError({"--fidelity"}, {},
                     fmt::format("{} of {} has no flows on this cluster; use --fidelity "
                                 "closed-form or another --algorithm",
                                 name(outcome.chosen.algorithm), name(s.op)));
  }
  const auto start = Clock::now();
  sim::RunOptions run{.backend = backend(), .unfold = options.unfold};
  if (!options.ideal) {
    run.pace = {outcome.chosen.latency, outcome.chosen.time - outcome.chosen.latency};
  }
  sim::CollectiveRun result = sim::run_fluid(task, *generator, run);
  if (options.fidelity == CollectiveFidelity::Stepwise) {
    const sim::CollectiveSchedule schedule = generator->steps(task);
    const units::Seconds latency = result.latency;
    result = sim::run_steps(task, schedule, run, &result);
    result.latency = latency;
  }
  outcome.flow_wall_s = seconds_since(start);
  return result;
}

/// What a link is, in words.
std::string kind_of_link(const Setting& s, topology::LinkId channel) {
  using enum topology::VertexKind;
  const topology::Link& link = s.cluster->link(s.cluster->members(channel).front());
  const auto a = s.cluster->kind(link.from), b = s.cluster->kind(link.to);
  const auto either = [&](topology::VertexKind kind) { return a == kind || b == kind; };
  const auto above = [](double ratio) {
    return ratio > 1.0 ? fmt::format(", oversubscribed 1:{:g}", ratio) : std::string();
  };
  if (either(Border)) {
    return "the links between sites";
  }
  if (either(Core)) {
    return "the links above the spines" + above(s.spec.spine_oversubscription);
  }
  if (either(Spine)) {
    return "the links above the leaves" + above(s.spec.leaf_oversubscription);
  }
  if (either(Nic)) {
    return fmt::format("the NICs ({})", format_line_rate(s.spec.nic_bandwidth));
  }
  if (either(Router)) {
    return "the links between routers";
  }
  return fmt::format("the scale-up links ({})",
                     format_bandwidth(s.spec.accelerator.scale_up.bandwidth));
}

std::string bound_of(const Setting& s, const CollectiveOutcome& o, bool ideal) {
  const double latency = o.latency / o.time;
  if (latency > 0.5) {
    return fmt::format("latency: {:.0f} % of the time passes before and between bytes",
                       100 * latency);
  }
  if (!o.run || o.run->busiest.empty()) {
    const double nic = o.chosen.wire_bytes / (s.spec.nic_bandwidth * o.time);
    return o.chosen.wire_bytes > units::Bytes{}
               ? fmt::format(
                     "bandwidth: the NICs ({}) are {:.0f} % busy; links are not simulated "
                     "in closed form",
                     format_line_rate(s.spec.nic_bandwidth), 100 * nic)
               : "bandwidth: that of the scale-up links";
  }
  const sim::LinkLoad& top = o.run->busiest.front();
  const std::string what = kind_of_link(s, top.link);
  if (!ideal && o.time > o.uncontended * 1.01) {
    return fmt::format("contention: {} are {:.0f} % busy; {:.2f} times as long as uncontended",
                       what, 100 * top.utilisation, o.time / o.uncontended);
  }
  return ideal ? fmt::format("bandwidth: {} are {:.0f} % busy", what, 100 * top.utilisation)
               : fmt::format("bandwidth: what {} reaches on {}, {:.0f} % of line rate",
                             name(o.chosen.protocol), what, 100 * top.utilisation);
}

void finish(const Setting& s, const CollectiveOptions& options, CollectiveOutcome& o) {
  const bool inside = s.team.per_domain() >= s.team.ranks();
  const calib::Band band =
      options.ideal ? calib::Band{}
                    : calib::band_of(s.profile.bands, inside ? "inside" : "across", o.time);
  o.low = o.time * band.low;
  o.high = o.time * band.high;
  o.algbw = o.size / o.time;
  o.busbw = o.algbw * sim::busbw_factor(s.op, s.team.ranks());
  o.bound = bound_of(s, o, options.ideal);
}

CollectiveOutcome outcome_of(const Setting& s, units::Bytes size,
                             const CollectiveOptions& options) {
  CollectiveOutcome o;
  o.size = size;
  o.candidates = candidates_for(s, size, options);
  o.chosen = o.candidates.front();
  o.uncontended = o.time = o.chosen.time;
  o.latency = o.chosen.latency;
  if (options.fidelity != CollectiveFidelity::ClosedForm) {
    o.run = run_on_links(s, o, options);
    o.time = o.run->time;
    o.latency = o.run->latency;
  }
  finish(s, options, o);
  return o;
}

/// A schedule of the user's, step by step; the library's own choice stays in `candidates`.
CollectiveOutcome outcome_of(const Setting& s, const sim::MscclProgram& program, units::Bytes size,
                             const CollectiveOptions& options) {
  CollectiveOutcome o;
  o.size = size;
  CollectiveOptions free = options;
  free.algorithm.clear();
  free.protocol.clear();
  o.candidates = candidates_for(s, size, free);
  o.chosen.protocol = program.protocol;
  const auto start = Clock::now();
  const sim::CollectiveSchedule schedule = sim::schedule_of(program, size);
  sim::RunOptions run{.backend = backend()};
  if (!options.ideal) {
    run.hops = sim::hop_costs(s.spec, s.profile, s.team, program.protocol);
    o.latency = run.hops->base;
  }
  const sim::CollectiveTask task{.team = s.team, .ways = *s.ways, .op = s.op, .size = size};
  o.run = sim::run_steps(task, schedule, run);
  o.flow_wall_s = seconds_since(start);
  o.uncontended = o.time = o.run->time;
  finish(s, options, o);
  return o;
}

/// The program in a file; operation, ranks and fidelity are what it says.
sim::MscclProgram read_schedule(CollectiveOptions& options) {
  sim::MscclProgram program = sim::read_msccl(options.schedule);
  const int gpus = static_cast<int>(program.gpus.size());
  if (options.ranks.value_or(gpus) != gpus) {
    throw InputError({"--ranks"}, {},
                     fmt::format("the schedule is for {} ranks, found {}", gpus, *options.ranks));
  }
  options.ranks = gpus;
  options.op = name(program.op);
  options.fidelity = CollectiveFidelity::Stepwise;
  return program;
}

void add_warnings(const Setting& s, const CollectiveOptions& options, CollectiveReport& report) {
  report.warnings = s.spec.assumptions;
  if (!options.ideal) {
    report.warnings.insert(report.warnings.end(), s.profile.warnings.begin(),
                           s.profile.warnings.end());
  }
  if (options.fidelity != CollectiveFidelity::ClosedForm && !sim::kernel_backend_available()) {
    report.warnings.emplace_back(
        "this build did not find the SimGrid symbols of the fast engine; the slower public engine "
        "was used");
  }
}

}  // namespace

std::string_view name(CollectiveFidelity fidelity) {
  return fidelity == CollectiveFidelity::ClosedForm ? "closed-form"
         : fidelity == CollectiveFidelity::Flow     ? "flow"
                                                    : "stepwise";
}

CollectiveReport predict_collective(const CollectiveOptions& wanted) {
  const auto start = Clock::now();
  CollectiveReport report;
  std::optional<sim::MscclProgram> program;
  CollectiveOptions options = wanted;
  if (!options.schedule.empty()) {
    program = read_schedule(options);
    report.schedule = program->name.empty() ? options.schedule.string() : program->name;
  }
  report.op = meaning("--op", options.op, operation, names_of(Collective::Barrier));
  const bool uneven = !options.traffic.empty();
  if (uneven && report.op != Collective::AllToAll) {
    throw InputError({"--traffic"}, {}, "only --op all_to_all takes a traffic matrix");
  }
  std::vector<units::Bytes> sizes;
  if (!uneven) {
    sizes = sizes_of(options, report.op);
  }
  const Catalog catalog = Catalog::open();
  ClusterSpec spec = cluster_of(options, catalog);
  report.routing = options.routing.empty()
                       ? topology::customary_routing(spec.network)
                       : meaning("--routing", options.routing, topology::routing_from_name,
                                 names_of(topology::Routing::Spray));
  report.ranks = options.ranks.value_or(spec.gpus);
  sim::Team team(spec, placed(options, spec, report.ranks));
  Setting setting{.spec = std::move(spec),
                  .profile = {},
                  .op = report.op,
                  .team = std::move(team),
                  .traffic = {},
                  .cluster = nullptr,
                  .ways = nullptr};
  if (uneven) {
    setting.traffic = read_traffic(options.traffic.string(), report.ranks);
    sizes = {equal_size(setting.traffic, report.ranks)};
  }
  ProfileStore store(catalog.directory(), options.profile);
  setting.profile = options.ideal ? calib::textbook_profile(setting.spec.accelerator.scale_up)
                                  : store.collectives(setting.spec.accelerator);
  if (options.fidelity != CollectiveFidelity::ClosedForm) {
    setting.cluster = std::make_unique<topology::Cluster>(topology::Cluster::build(setting.spec));
    const double efficiency =
        options.ideal ? 1.0 : calib::fabric_efficiency(setting.spec.network, report.routing).share;
    setting.ways = std::make_unique<sim::Ways>(*setting.cluster, report.routing, efficiency);
  }
  report.cluster = setting.spec.id;
  report.fidelity = options.fidelity;
  report.placement = options.placement;
  report.ideal = options.ideal;
  report.profile = setting.profile.id;
  for (const units::Bytes size : sizes) {
    report.outcomes.push_back(program ? outcome_of(setting, *program, size, options)
                                      : outcome_of(setting, size, options));
  }
  add_warnings(setting, options, report);
  report.wall_s = seconds_since(start);
  report.peak_memory_bytes = peak_memory_bytes();
  return report;
}

int collective(const CollectiveOptions& options) {
  print_collective(predict_collective(options), options.format);
  return 0;
}

}  // namespace scenarios
