#pragma once
// The points of a sweep: what `gpuplan sweep` is going to simulate. Private to this room.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/simulate.hpp"
#include "scenarios/sweep/axis.hpp"

namespace scenarios {

enum class Sampling { Grid, Tornado, Random, Sobol, Sensitivity };

/// Points are numbered from 0 and follow from their number alone, so that shards, resumed runs and
/// other machines agree on them.
class SweepPlan {
 public:
  /// @param text of the scenario that `file` names, where that is not yet in its file.
  /// @throws InputError with file, line and remedy.
  explicit SweepPlan(const std::filesystem::path& file,
                     const std::optional<std::string>& text = {});

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& scenario() const { return scenario_; }
  [[nodiscard]] Fidelity fidelity() const { return fidelity_; }
  [[nodiscard]] Sampling sampling() const { return sampling_; }
  [[nodiscard]] const std::vector<Axis>& axes() const { return axes_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// What of each axis a point has; null where it keeps the scenario's value (tornado), or where
  /// the list says null, which takes the scenario's value away.
  [[nodiscard]] std::vector<Json> point(std::uint64_t number) const;
  /// The same as options of --set.
  [[nodiscard]] std::vector<std::string> sets(std::uint64_t number) const;
  /// The scenario with the values that all points share.
  [[nodiscard]] const Document& base() const { return base_; }
  /// All that decides the points and their results, as text: sweep, scenario with its bases,
  /// version.
  [[nodiscard]] const std::string& definition() const { return definition_; }

 private:
  void read_sample(const Values& in);
  [[nodiscard]] double share(std::uint64_t number, std::size_t axis) const;

  std::string name_;
  std::filesystem::path scenario_;
  Fidelity fidelity_ = Fidelity::ClosedForm;
  Sampling sampling_ = Sampling::Grid;
  std::uint64_t samples_ = 0, seed_ = 1, size_ = 0;
  Document base_;
  std::vector<Axis> axes_;
  std::vector<double> sobol_;  ///< by sample and dimension
  std::string definition_;
};

}  // namespace scenarios
