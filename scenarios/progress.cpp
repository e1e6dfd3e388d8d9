#include "scenarios/progress.hpp"

#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace scenarios {

using std::chrono::steady_clock;

Progress::Progress(std::string what)
    : what_(std::move(what)),
      start_(steady_clock::now()),
      last_(start_),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (printed_ && terminal_) {
    fmt::print(stderr, "\r\033[K");
  }
}

void Progress::update(double share) {
  const auto now = steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10000);
  if (now - start_ < std::chrono::seconds(1) || now - last_ < pause || share <= 0.0) {
    return;
  }
  last_ = now;
  printed_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left = elapsed * (1.0 - share) / share;
  fmt::print(stderr, "{}{}: {:.0f} %, about {:.0f} s left{}", terminal_ ? "\r\033[K" : "", what_,
             100.0 * share, left, terminal_ ? "" : "\n");
  std::fflush(stderr);
}

}  // namespace scenarios
