#include "scenarios/progress.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace scenarios {

using std::chrono::steady_clock;

namespace {

bool often() {
  const char* const wish = std::getenv("GPUPLAN_PROGRESS");
  return wish != nullptr && std::string_view(wish) == "often";
}

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      start_(steady_clock::now()),
      last_(start_),
      terminal_(isatty(STDERR_FILENO) == 1),
      pause_(terminal_ || often() ? 200 : 10000) {}

Progress::~Progress() {
  if (printed_ && terminal_) {
    fmt::print(stderr, "\r\033[K");
  }
}

void Progress::update(double share) {
  const auto now = steady_clock::now();
  if (now - start_ < std::chrono::seconds(1) || now - last_ < pause_ || share <= 0.0) {
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
