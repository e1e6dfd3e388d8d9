#pragma once
// One varied value of a sweep. Private to this room (it shows JSON).
#include <string>
#include <vector>

#include "scenarios/document.hpp"
#include "scenarios/values.hpp"

namespace scenarios {

class Axis {
 public:
  /// Reads the list or the range at `key` of a sweep's `vary`.
  /// @throws InputError for ranges that lead nowhere, with the remedy.
  Axis(const Values& vary, const std::string& key);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Values of a grid; a range needs step, points or factor for it.
  /// @throws InputError for a range without them.
  [[nodiscard]] const std::vector<Json>& grid() const;
  /// The value at `share` of the way through, 0 <= share < 1: of a list the element, of a range
  /// between from and to.
  [[nodiscard]] Json at(double share) const;
  [[nodiscard]] Json low() const { return at(0.0); }
  [[nodiscard]] Json high() const;

 private:
  [[nodiscard]] Json value(double number) const;
  void read_range(const Values& range);

  std::string path_;
  topology::Location where_;
  std::vector<Json> values_;  ///< of a list or a grid; empty for a range without spacing
  bool is_list_ = false;
  double from_ = 0.0, to_ = 0.0;
  std::string unit_;  ///< " Gbit/s"
  bool log_ = false, whole_ = false;
};

}  // namespace scenarios
