// gpuplan-runner: reads the command line, plans, measures figure by figure, writes each at once.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "calib/record_writer.hpp"
#include "real_runner/interrupt.hpp"
#include "real_runner/launcher.hpp"
#include "real_runner/measure_plan.hpp"
#include "real_runner/options.hpp"
#include "real_runner/plan.hpp"
#include "real_runner/rank_env.hpp"
#include "real_runner/report.hpp"
#include "real_runner/session.hpp"
#include "topology/error.hpp"

namespace {

using namespace real_runner;  // NOLINT(google-build-using-namespace): this file is its main program
using Clock = std::chrono::steady_clock;

constexpr int kDone = 0, kWrongResult = 1, kBadInput = 2, kFailed = 3;

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void say(const std::string& text) {
  fmt::print(stderr, "gpuplan-runner: {}\n", text);
}

int dry_run(const Options& options) {
  const RankPlace place = rank_place(process_environment());
  const int processes = options.processes > 0 ? options.processes : place.world_size;
  const PlanMachine machine{.accelerator = options.accelerator,
                            .ranks = processes * options.devices.value_or(1),
                            .nodes = place.nodes()};
  if (place.rank == 0) {
    const Plan plan = make_plan(options, machine);
    print(options.json ? plan_json(plan, machine) : plan_text(plan, machine));
  }
  return kDone;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whether, and why, all ranks stop before the next figure.
std::optional<std::string> reason_to_stop(Session& session, const Options& options,
                                          Clock::time_point start) {
  const bool late = options.time_limit && seconds_since(start) >= options.time_limit->base();
  // 2: a signal, 1: the limit; the largest of all ranks counts.
  const double most = session.rendezvous().maximum(interrupted()                ? 2
                                                   : late && session.is_first() ? 1
                                                                                : 0);
  return most >= 2   ? std::optional<std::string>("interrupted")
         : most >= 1 ? std::optional<std::string>("the time limit was reached")
                     : std::nullopt;
}

/// All figures of the plan; the reason if it stopped early. Only the first process has a writer.
std::optional<std::string> measure_all(Session& session, const Options& options, const Plan& plan,
                                       calib::RecordWriter* writer, Summary& summary) {
  const auto start = Clock::now();
  const auto tell = [&](const char* what_became, const calib::Measurement& what,
                        const std::string& why) {
    if (writer != nullptr) {
      say(fmt::format("{} {}: {}", what_became, describe(what), why));
    }
  };
  const auto reason = measure_plan(
      plan, {.reason_to_stop = [&] { return reason_to_stop(session, options, start); },
             .measure = [&](calib::Measurement& what) { session.measure(plan.sampling, what); },
             .may_go_on = [&] { return session.may_go_on(); },
             .keep =
                 [&](const calib::Measurement& what) {
                   if (writer == nullptr) {
                     return;
                   }
                   writer->write(what);
                   summary.count(what);
                   if (!options.json) {
                     print(row(what));
                   }
                 },
             .left_out =
                 [&](const calib::Measurement& what, const std::string& why) {
                   ++summary.left_out;
                   tell("left out", what, why);
                 },
             .failed =
                 [&](const calib::Measurement& what, const std::string& why) {
                   ++summary.failed;
                   tell("failed at", what, why);
                 }});
  if (!reason && interrupted()) {
    return "interrupted";
  }
  if (!reason && summary.failed > 0) {
    return fmt::format("{} of {} figures failed", summary.failed, plan.items.size());
  }
  return reason;
}

int measure(const Options& options) {
  note_interrupts();
  const auto start = Clock::now();
  Session session(options);
  const Plan plan = make_plan(options, session.plan_machine());
  if (!session.is_first()) {
    Summary unseen;
    return measure_all(session, options, plan, nullptr, unseen) == "interrupted" ? kFailed : kDone;
  }
  for (const std::string& warning : session.warnings()) {
    say(warning);
  }
  for (const std::string& sentence : plan.left_out) {
    say("left out " + sentence);
  }
  say(fmt::format("{} figures, about {:.0f} s", plan.items.size(), plan.estimate().base()));
  const calib::RunHeader header =
      make_header(session.machine(), session.software(), notes_on_method(options));
  calib::RecordWriter writer(options.out, header);
  Summary summary{
      .run = header.run, .file = options.out.string(), .planned = plan.items.size(), .reason = {}};
  try {
    const auto reason = measure_all(session, options, plan, &writer, summary);
    writer.finish(reason);
    summary.complete = !reason;
    summary.reason = reason.value_or("");
  } catch (const std::exception& e) {
    writer.finish(fmt::format("device error: {}", e.what()));
    throw;
  }
  summary.wall_s = seconds_since(start);
  print(options.json ? summary_json(summary) : summary_text(summary));
  if (summary.reason == "interrupted" || summary.failed > 0) {
    return kFailed;
  }
  return summary.wrong > 0 ? kWrongResult : kDone;
}

int run(const Options& options, char** argv) {
  if (options.dry_run) {
    return dry_run(options);
  }
  if (options.processes > 0 && rank_place(process_environment()).launcher == "alone") {
    return run_processes(options.processes, argv);
  }
  return measure(options);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto parsed = parse_options(argc, argv);
  if (const auto* farewell = std::get_if<Farewell>(&parsed)) {
    std::fputs(farewell->text.c_str(), farewell->exit_code == kDone ? stdout : stderr);
    return farewell->exit_code;
  }
  try {
    return run(std::get<Options>(parsed), argv);
  } catch (const topology::InputError& e) {
    say(e.what());
    return kBadInput;
  } catch (const std::exception& e) {
    say(e.what());
    return kFailed;
  }
}
