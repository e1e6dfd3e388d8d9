#include "real_runner/launcher.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "real_runner/interrupt.hpp"
#include "topology/error.hpp"

namespace real_runner {

namespace {

using topology::RuntimeFailure;

constexpr int kKilled = 3;

std::string system_error() {
  return std::generic_category().message(errno);
}

/// A port that nobody listens at now.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = socket >= 0 &&
                     ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!found) {
    throw RuntimeFailure(fmt::format("no free port for the ranks to meet: {}", system_error()));
  }
  return ntohs(address.sin_port);
}

[[noreturn]] void become_rank(int rank, int processes, int port, char* const* argv) {
  // After fork, before exec, in the child's only thread.
  const auto set = [](const char* name, int value) {
    ::setenv(name, std::to_string(value).c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  };
  set("RANK", rank);
  set("LOCAL_RANK", rank);
  set("WORLD_SIZE", processes);
  set("LOCAL_WORLD_SIZE", processes);
  set("MASTER_PORT", port);
  ::setenv("MASTER_ADDR", "127.0.0.1", 1);  // NOLINT(concurrency-mt-unsafe)
  ::execv("/proc/self/exe", argv);
  ::_exit(kKilled);
}

}  // namespace

int run_processes(int processes, char* const* argv) {
  const int port = free_port();
  note_interrupts();
  std::vector<pid_t> children;
  for (int rank = 0; rank < processes; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      become_rank(rank, processes, port, argv);
    }
    if (child < 0) {
      const std::string reason = system_error();
      for (const pid_t started : children) {
        ::kill(started, SIGTERM);
      }
      throw RuntimeFailure(fmt::format("rank {} cannot be started: {}", rank, reason));
    }
    children.push_back(child);
  }
  int worst = 0;
  bool passed_on = false;
  for (std::size_t left = children.size(); left > 0;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, passed_on ? 0 : WNOHANG);
    if (ended > 0) {
      worst = std::max(worst, WIFEXITED(status) ? WEXITSTATUS(status) : kKilled);
      --left;
    } else if (ended < 0 && errno != EINTR) {
      break;
    } else if (interrupted() && !passed_on) {
      for (const pid_t child : children) {
        ::kill(child, SIGTERM);
      }
      passed_on = true;
    } else {
      ::usleep(20000);
    }
  }
  return worst;
}

}  // namespace real_runner
