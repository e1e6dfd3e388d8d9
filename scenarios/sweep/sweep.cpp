#include "scenarios/sweep/sweep.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/format.hpp"
#include "scenarios/progress.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/scenario_parts.hpp"
#include "scenarios/stopwatch.hpp"
#include "scenarios/sweep/metrics.hpp"
#include "scenarios/sweep/store.hpp"
#include "scenarios/sweep/sweep_plan.hpp"
#include "scenarios/sweep/worker_pool.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

using topology::InputError;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRowsPerCommit = 500;
constexpr std::chrono::milliseconds kCommitEvery{500};

/// Set by Ctrl-C and by what ends a batch job.
std::atomic<bool>& interrupted() {
  static std::atomic<bool> flag = false;
  return flag;
}

/// Takes SIGINT and SIGTERM while it lives.
class Interrupts {
 public:
  Interrupts() {
    interrupted() = false;
    for (std::size_t i = 0; i < 2; ++i) {
      before_[i] = std::signal(kSignals[i], [](int) { interrupted() = true; });
      if (before_[i] == SIG_IGN) {
        std::signal(kSignals[i], SIG_IGN);
      }
    }
  }
  ~Interrupts() {
    for (std::size_t i = 0; i < 2; ++i) {
      std::signal(kSignals[i], before_[i]);
    }
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  static constexpr int kSignals[2] = {SIGINT, SIGTERM};
  void (*before_[2])(int) = {};
};

/// What a child answers: status, message, values.
std::string encode(const PointResult& row) {
  std::string bytes(1, static_cast<char>(row.status));
  const std::uint64_t count = row.values.size();
  bytes.append(reinterpret_cast<const char*>(&count), sizeof count);  // NOLINT: same program
  bytes.append(reinterpret_cast<const char*>(row.values.data()),      // NOLINT
               count * sizeof(double));
  return bytes + row.message;
}

void decode(const std::string& bytes, PointResult& row) {
  std::uint64_t count = 0;
  row.status = static_cast<PointStatus>(bytes[0]);
  std::memcpy(&count, bytes.data() + 1, sizeof count);
  row.values.resize(count);
  const std::size_t begin = 1 + sizeof count;
  std::memcpy(row.values.data(), bytes.data() + begin, count * sizeof(double));
  row.message = bytes.substr(begin + count * sizeof(double));
}

/// One point: simulated, or why not.
PointResult simulate_point(const SweepPlan& plan, std::uint64_t number, const Catalog& catalog,
                           ProfileStore& profiles) {
  PointResult row{.id = number, .settings = {}};
  try {
    SimulateOptions how;
    how.fidelity = plan.fidelity();
    const Scenario scenario =
        scenario_of(with_sets(plan.base(), plan.sets(number)), plan.scenario().stem().string(),
                    catalog, LayoutIs::Given);
    const Prediction p = predict(scenario, how, profiles, catalog);
    for (const Metric& m : metrics()) {
      row.values.push_back(m.of(p));
    }
    if (!p.report.memory.fits()) {
      row.status = PointStatus::DoesNotFit;
      row.message = fmt::format("needs {} of {}", format_bytes(p.report.memory.total),
                                format_bytes(p.report.memory.capacity));
    }
  } catch (const InputError& e) {
    row.status = PointStatus::Invalid;
    row.message = e.what();
  } catch (const std::exception& e) {
    row.status = PointStatus::Failed;
    row.message = e.what();
  }
  return row;
}

Store store_of(const SweepOptions& options, const SweepPlan& plan) {
  SweepIdentity identity{
      .name = plan.name(), .definition = plan.definition(), .points = plan.size(), .axes = {}};
  if (!options.profile.empty()) {
    identity.definition += "\nprofile: " + read_text(options.profile);
  }
  for (const Axis& axis : plan.axes()) {
    identity.axes.push_back(axis.path());
  }
  std::error_code code;
  if (!options.resume || !std::filesystem::exists(options.store, code)) {
    return Store::create(options.store, identity);
  }
  Store store = Store::open(options.store);
  if (store.identity() != identity) {
    throw InputError({options.store.string()}, "--resume",
                     "the store is of another sweep, or the sweep, its scenario or gpuplan has "
                     "changed since; name another store");
  }
  return store;
}

/// Rows on their way to the store, committed now and then.
class Writer {
 public:
  explicit Writer(Store& store) : store_(store) {}
  void add(PointResult row) {
    ++count_[static_cast<std::size_t>(row.status)];
    rows_.push_back(std::move(row));
    commit_if_due();
  }
  void commit_if_due() {
    if (rows_.size() >= kRowsPerCommit || Clock::now() - last_ > kCommitEvery) {
      commit();
    }
  }
  void commit() {
    store_.add(rows_);
    rows_.clear();
    last_ = Clock::now();
  }
  [[nodiscard]] std::uint64_t count(PointStatus s) const {
    return count_[static_cast<std::size_t>(s)];
  }
  [[nodiscard]] std::uint64_t all() const { return count_[0] + count_[1] + count_[2] + count_[3]; }

 private:
  Store& store_;
  std::vector<PointResult> rows_;
  Clock::time_point last_ = Clock::now();
  std::uint64_t count_[4] = {};
};

void print_summary(const SweepOptions& options, const SweepPlan& plan, const Writer& writer,
                   std::uint64_t had, std::uint64_t wanted, double seconds) {
  const std::uint64_t left = wanted - had - writer.all();
  if (options.format == OutputFormat::Json) {
    fmt::print("{}\n",
               nlohmann::ordered_json{{"sweep", plan.name()},
                                      {"store", options.store.string()},
                                      {"points", wanted},
                                      {"already_done", had},
                                      {"ok", writer.count(PointStatus::Ok)},
                                      {"does_not_fit", writer.count(PointStatus::DoesNotFit)},
                                      {"invalid", writer.count(PointStatus::Invalid)},
                                      {"failed", writer.count(PointStatus::Failed)},
                                      {"left", left},
                                      {"wall_s", seconds}}
                   .dump(2));
    return;
  }
  fmt::print(
      "{}: {} points{}, {} simulated in {}{}\n  {} fit, {} do not fit, {} cannot be, {} failed\n",
      plan.name(), format_count(static_cast<double>(wanted)),
      had > 0 ? fmt::format(" ({} were there)", format_count(static_cast<double>(had))) : "",
      format_count(static_cast<double>(writer.all())), format_time(units::seconds(seconds)),
      left > 0 ? fmt::format(", {} left", format_count(static_cast<double>(left))) : "",
      writer.count(PointStatus::Ok), writer.count(PointStatus::DoesNotFit),
      writer.count(PointStatus::Invalid), writer.count(PointStatus::Failed));
  fmt::print("  next: gpuplan export {} --format csv\n", options.store.string());
}

}  // namespace

Shard read_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto [slash, first] = std::from_chars(text.data(), end, shard.index);
  if (first == std::errc() && slash != end && *slash == '/') {
    const auto [rest, second] = std::from_chars(slash + 1, end, shard.count);
    if (second == std::errc() && rest == end && shard.index < shard.count) {
      return shard;
    }
  }
  throw InputError({}, "--shard",
                   fmt::format("found \"{}\", expected I/N with I from 0 to N - 1, say 0/8", text));
}

int sweep(const SweepOptions& options) {
  const auto start = Clock::now();
  const Interrupts interrupts;
  const SweepPlan plan(options.sweep, options.text);
  // A mistake in the scenario itself, not in a varied value, is told at once.
  const Catalog catalog = Catalog::open(options.profile);
  ProfileStore profiles(catalog.directory(), options.profile);
  Store store = store_of(options, plan);
  const std::vector<bool> done = store.done();
  std::vector<std::uint64_t> numbers;
  std::uint64_t had = 0;
  for (std::uint64_t i = options.shard.index; i < plan.size(); i += options.shard.count) {
    if (done[i]) {
      ++had;
    } else {
      numbers.push_back(i);
    }
  }
  Writer writer(store);
  {
    Progress progress("sweep");
    const auto settings = [&plan](std::uint64_t number) { return Json(plan.point(number)).dump(); };
    const auto arrived = [&](PointResult row) {
      writer.add(std::move(row));
      progress.update(static_cast<double>(writer.all()) / static_cast<double>(numbers.size()));
    };
    run_pool(numbers, {.workers = options.jobs > 0 ? options.jobs
                                                   : static_cast<int>(std::max(
                                                         1U, std::thread::hardware_concurrency())),
                       .work =
                           [&](std::uint64_t number) {
                             return encode(simulate_point(plan, number, catalog, profiles));
                           },
                       .done =
                           [&](std::uint64_t number, const std::string& answer) {
                             PointResult row{.id = number, .settings = settings(number)};
                             decode(answer, row);
                             arrived(std::move(row));
                           },
                       .crashed =
                           [&](std::uint64_t number, const std::string& how) {
                             arrived({.id = number,
                                      .settings = settings(number),
                                      .status = PointStatus::Failed,
                                      .message = "the process that simulated it " + how});
                           },
                       .go_on =
                           [&] {
                             writer.commit_if_due();
                             return !interrupted();
                           }});
    writer.commit();
  }
  print_summary(options, plan, writer, had, numbers.size() + had, seconds_since(start));
  if (interrupted()) {
    fmt::print(stderr, "gpuplan: interrupted; what is done is kept, go on with --resume\n");
    return 3;
  }
  return writer.count(PointStatus::Failed) > 0 ? 3 : 0;
}

int merge(const MergeOptions& options) {
  std::vector<Store> stores;
  for (const std::filesystem::path& file : options.stores) {
    stores.push_back(Store::open(file));
    if (stores.back().identity() != stores.front().identity()) {
      throw InputError({file.string()}, "merge",
                       fmt::format("is of another sweep than {}, or of another version of it",
                                   options.stores.front().string()));
    }
  }
  Store merged = Store::create(options.out, stores.front().identity());
  for (const Store& store : stores) {
    std::vector<PointResult> rows;
    store.for_each([&](const PointResult& row) {
      rows.push_back(row);
      if (rows.size() >= kRowsPerCommit) {
        merged.add(rows);
        rows.clear();
      }
    });
    merged.add(rows);
  }
  const std::uint64_t points = merged.identity().points;
  fmt::print("{}: {} of {} points{}\n", options.out.string(), merged.size(), points,
             merged.size() < points ? "; the rest is in no store, run it with --resume" : "");
  return 0;
}

}  // namespace scenarios
