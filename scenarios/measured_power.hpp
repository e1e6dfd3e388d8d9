#pragma once
// Power of an accelerator as its own profile measured it, in place of the catalog's figures.
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/explained.hpp"
#include "topology/hardware.hpp"

namespace scenarios {

/// Idle power and power by kind of load, from the profiles of `gpuplan calibrate`. Reads each profile
/// once.
class MeasuredPowers {
 public:
  /// `profiles`: the catalog's folder of them. `given`: the user's own, which goes before; empty: none.
  MeasuredPowers(std::filesystem::path profiles, std::filesystem::path given);
  /// Puts what was measured on `a` itself into it, and into the lines of `explained` where given. What
  /// was measured on a relative says nothing of its power.
  /// @throws topology::InputError if the profile cannot be read.
  void apply(topology::Accelerator& a, std::vector<Explained>* explained);

 private:
  struct Powers {
    std::optional<units::Watts> idle;
    topology::LoadPower load;
    std::string source;
  };
  const Powers& of(const std::string& accelerator);

  std::filesystem::path profiles_, given_;
  std::map<std::string, Powers> known_;
};

}  // namespace scenarios
