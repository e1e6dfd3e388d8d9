#pragma once
// One line on stderr that says how far a long run is.
#include <chrono>
#include <string>

namespace scenarios {

/// Prints nothing unless the run takes longer than a second; then a line that rewrites itself on a
/// terminal, or a new line every ten seconds in a log. A program that shows the lines as a bar sets
/// GPUPLAN_PROGRESS=often and gets five a second.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `share` of the work done, 0 to 1.
  void update(double share);

 private:
  std::string what_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
  bool terminal_;
  std::chrono::milliseconds pause_;
  bool printed_ = false;
};

}  // namespace scenarios
