// The gpuplan command: reads the command line, calls the command, turns what it throws into an exit
// code.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "scenarios/commands.hpp"
#include "scenarios/suggest.hpp"
#include "scenarios/version.hpp"
#include "topology/error.hpp"

namespace {

constexpr int kDone = 0, kBadInput = 2, kFailed = 3;

/// What one command line asks for.
struct Request {
  bool json = false;
  std::optional<std::string>* from_stdin = nullptr;  ///< the option that --stdin fills
  std::function<int()> command;
};

/// Results that did not reach the reader are a failure, except that a closed pipe (| head) is the
/// reader's wish.
int check_stdout(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  if (errno == EPIPE) {
    return code;
  }
  fmt::print(stderr, "gpuplan: cannot write to standard output: {}\n",
             errno == ENOSPC ? "the disk is full; free some space or write elsewhere"
                             : "check where it is redirected to");
  return kFailed;
}

int say(std::string_view message, int code) {
  fmt::print(stderr, "gpuplan: {}\n", message);
  return code;
}

int run(const Request& request) {
  try {
    if (request.from_stdin != nullptr) {
      *request.from_stdin = std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    return check_stdout(request.command());
  } catch (const topology::InputError& e) {
    return say(e.what(), kBadInput);
  } catch (const topology::RuntimeFailure& e) {
    return say(e.what(), kFailed);
  } catch (const std::system_error& e) {
    // fmt reports a failed write to stdout so; a closed pipe is the reader's wish.
    return e.code().value() == EPIPE
               ? kDone
               : say(fmt::format("the system refused: {}", e.what()), kFailed);
  } catch (const std::bad_alloc&) {
    return say("out of memory; try a smaller cluster or --fidelity closed-form", kFailed);
  } catch (const std::exception& e) {
    return say(fmt::format("internal error: {}; please report it with the scenario", e.what()),
               kFailed);
  }
}

int usage_error(const CLI::App& app, const CLI::ParseError& e, std::span<const char* const> words) {
  std::string command = "gpuplan";
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    command += " " + last->get_name();
    words = words.empty() ? words : words.subspan(1);
  }
  std::vector<std::string> known;
  for (const CLI::App* sub : last->get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  if (!known.empty() && !words.empty() && words.front()[0] != '-') {
    return say(fmt::format("unknown command \"{}\", {}; see {} --help", words.front(),
                           scenarios::did_you_mean(words.front(), known), command),
               kBadInput);
  }
  return say(fmt::format("{}; see {} --help", e.what(), command), kBadInput);
}

}  // namespace

/// Files are renamed into place when they are whole, so there is nothing to clean up. Commands that
/// keep partial results (sweep) take the signal themselves.
extern "C" void end_interrupted(int /*signal*/) {
  constexpr std::string_view kMessage = "\ngpuplan: interrupted; no result was written\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(kFailed);
}

// NOLINTNEXTLINE(bugprone-exception-escape): only from CLI11's own set-up, a bug that should abort
int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (std::signal(signal, end_interrupted) == SIG_IGN) {  // a shell's background job, nohup
      std::signal(signal, SIG_IGN);
    }
  }
  CLI::App app{
      "Predicts how fast a training job runs on a cluster, what limits it, and what it needs."};
  app.name("gpuplan");
  app.set_version_flag("--version", fmt::format("gpuplan {}", scenarios::version()),
                       "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.footer(
      "Exit codes: 0 done, 1 the answer is no (does not fit, outside the limit), 2 bad input or "
      "usage, 3 failed at run time.\n"
      "First steps: gpuplan simulate scenarios/examples/llama2-70b-qlora-1-node.yaml");
  app.require_subcommand(1);
  app.fallthrough();

  Request request;
  app.add_flag("--json", request.json, "Print one JSON object");
  const scenarios::CommandLine line{app, request.json, request.command, request.from_stdin};
  scenarios::add_simulate(line);
  scenarios::add_run(line);
  scenarios::add_report(line);
  scenarios::add_compare(line);
  scenarios::add_search(line);
  scenarios::add_plan(line);
  scenarios::add_queue(line);
  scenarios::add_sweep(line);
  scenarios::add_merge(line);
  scenarios::add_export(line);
  scenarios::add_export_metrics(line);
  scenarios::add_sensitivity(line);
  scenarios::add_validate(line);
  scenarios::add_collective(line);
  scenarios::add_catalog(line);
  scenarios::add_topology(line);
  scenarios::add_import(line);
  scenarios::add_calibrate(line);
  scenarios::add_doctor(line);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return check_stdout(app.exit(e));
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e, std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  }
  return run(request);
}
