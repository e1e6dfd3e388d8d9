#include "scenarios/sweep/worker_pool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/error.hpp"

namespace scenarios {

namespace {

using Clock = std::chrono::steady_clock;
using topology::RuntimeFailure;

constexpr std::size_t kAhead = 8;  // pieces that a child has in hand, so that it never waits
constexpr int kPollMilliseconds = 100;

/// Before each answer on the pipe.
struct Header {
  std::uint64_t number = 0;
  std::uint64_t size = 0;
};

bool write_all(int file, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(file, data, size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int file, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::read(file, data, size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

[[noreturn]] void child_main(int tasks, int answers, const PoolOptions& options) {
  std::signal(SIGINT, SIG_IGN);  // the parent decides when to stop
  std::signal(SIGTERM, SIG_DFL);
  Header task;
  while (read_all(tasks, reinterpret_cast<char*>(&task.number), sizeof task.number)) {  // NOLINT
    const std::string answer = options.work(task.number);
    task.size = answer.size();
    if (!write_all(answers, reinterpret_cast<const char*>(&task), sizeof task) ||  // NOLINT
        !write_all(answers, answer.data(), answer.size())) {
      break;  // the parent is gone
    }
  }
  ::_exit(0);
}

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                                           ::strsignal(WTERMSIG(status)))
                             : fmt::format("ended with code {}", WEXITSTATUS(status));
}

/// A child and what it has in hand.
struct Child {
  pid_t pid = -1;
  int tasks = -1, answers = -1;
  std::deque<std::uint64_t> in_hand;
  std::string buffer;  ///< bytes of answers that are not complete
};

class Pool {
 public:
  Pool(const std::vector<std::uint64_t>& numbers, const PoolOptions& options)
      : options_(options), waiting_(numbers.begin(), numbers.end()) {
    const auto wanted =
        std::min<std::size_t>(static_cast<std::size_t>(std::max(1, options.workers)),
                              std::max<std::size_t>(1, numbers.size()));
    for (std::size_t i = 0; i < wanted; ++i) {
      children_.emplace_back();
      start(children_.back());
    }
  }
  ~Pool() {
    for (Child& child : children_) {
      if (child.pid > 0) {
        ::kill(child.pid, SIGKILL);
        finish(child);
      }
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run() {
    for (Child& child : children_) {
      feed(child);
    }
    Clock::time_point deadline{};
    while (in_hand() > 0) {
      wait();
      if (!stopping_ && !options_.go_on()) {
        stopping_ = true;
        waiting_.clear();
        deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(options_.grace_s));
      }
      if (stopping_ && Clock::now() > deadline) {
        return;  // the destructor ends the children
      }
    }
  }

 private:
  [[nodiscard]] std::size_t in_hand() const {
    std::size_t n = 0;
    for (const Child& child : children_) {
      n += child.in_hand.size();
    }
    return n;
  }

  void start(Child& child) {
    std::array<int, 2> tasks{};
    std::array<int, 2> answers{};
    if (::pipe(tasks.data()) != 0 || ::pipe(answers.data()) != 0) {
      throw RuntimeFailure(fmt::format(
          "cannot make a pipe to a worker process: {}; use fewer --jobs", std::strerror(errno)));
    }
    std::fflush(nullptr);
    child.pid = ::fork();
    if (child.pid < 0) {
      throw RuntimeFailure(
          fmt::format("cannot start a worker process: {}; use fewer --jobs", std::strerror(errno)));
    }
    if (child.pid == 0) {
      ::close(tasks[1]);
      ::close(answers[0]);
      for (const Child& other : children_) {  // so that these see when the parent lets go of them
        if (other.pid > 0) {
          ::close(other.tasks);
          ::close(other.answers);
        }
      }
      try {
        child_main(tasks[0], answers[1], options_);
      } catch (const std::exception& e) {
        fmt::print(stderr, "gpuplan: a worker process failed: {}\n", e.what());
        ::_exit(3);
      }
    }
    ::close(tasks[0]);
    ::close(answers[1]);
    child.tasks = tasks[1];
    child.answers = answers[0];
    child.buffer.clear();
  }

  void feed(Child& child) {
    while (child.in_hand.size() < kAhead && !waiting_.empty()) {
      const std::uint64_t number = waiting_.front();
      if (!write_all(child.tasks, reinterpret_cast<const char*>(&number),
                     sizeof number)) {  // NOLINT
        return;                         // it died; its answers' end tells
      }
      waiting_.pop_front();
      child.in_hand.push_back(number);
    }
  }

  void wait() {
    std::vector<pollfd> files;
    for (const Child& child : children_) {
      files.push_back(
          {.fd = child.in_hand.empty() ? -1 : child.answers, .events = POLLIN, .revents = 0});
    }
    if (::poll(files.data(), files.size(), kPollMilliseconds) < 0 && errno != EINTR) {
      throw RuntimeFailure(
          fmt::format("cannot wait for worker processes: {}", std::strerror(errno)));
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].revents != 0) {
        listen(children_[i]);
      }
    }
  }

  void listen(Child& child) {
    std::array<char, 65536> bytes{};
    const ssize_t n = ::read(child.answers, bytes.data(), bytes.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
      return;
    }
    if (n <= 0) {
      bury(child);
      return;
    }
    child.buffer.append(bytes.data(), static_cast<std::size_t>(n));
    std::size_t at = 0;
    Header header;
    while (child.buffer.size() - at >= sizeof header) {
      std::memcpy(&header, child.buffer.data() + at, sizeof header);
      if (child.buffer.size() - at - sizeof header < header.size) {
        break;
      }
      child.in_hand.pop_front();  // answers come in the order of tasks
      options_.done(header.number, child.buffer.substr(at + sizeof header, header.size));
      at += sizeof header + header.size;
    }
    child.buffer.erase(0, at);
    feed(child);
  }

  /// A child died over the first piece that it had in hand; the others go to its successor.
  void bury(Child& child) {
    const int status = finish(child);
    const std::uint64_t first = child.in_hand.front();
    child.in_hand.pop_front();
    if (!stopping_) {
      waiting_.insert(waiting_.begin(), child.in_hand.begin(), child.in_hand.end());
    }
    child.in_hand.clear();
    options_.crashed(first, how_it_ended(status));
    if (!waiting_.empty()) {
      start(child);
      feed(child);
    }
  }

  static int finish(Child& child) {
    ::close(child.tasks);
    ::close(child.answers);
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    child.pid = -1;
    return status;
  }

  const PoolOptions& options_;
  std::deque<std::uint64_t> waiting_;
  std::deque<Child> children_;
  bool stopping_ = false;
};

}  // namespace

void run_pool(const std::vector<std::uint64_t>& numbers, const PoolOptions& options) {
  if (numbers.empty()) {
    return;
  }
  auto* const before = std::signal(SIGPIPE, SIG_IGN);  // a dead child is noticed by its silence
  const auto restore = [before](const void*) { std::signal(SIGPIPE, before); };
  const std::unique_ptr<const void, decltype(restore)> guard(&numbers, restore);
  Pool(numbers, options).run();
}

}  // namespace scenarios
