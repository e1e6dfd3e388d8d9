#pragma once
// Choosing among plans under limits: the best, what stands in its way, and what clashes where none
// is left. Works on figures alone; what a plan is made of is for others.
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sim {

/// What a plan uses up, and what may be limited. Base units: seconds, USD, watts, kg CO2e, count.
enum class Resource { Time, Money, Power, Carbon, Accelerators };
inline constexpr std::size_t kResources = 5;
std::string_view name(Resource resource);  ///< "time"
std::optional<Resource> resource_from_name(std::string_view name);

/// What one plan uses, by Resource. NaN: nobody knows, so it meets no limit on that.
using Uses = std::array<double, kResources>;
/// None: not limited.
using Limits = std::array<std::optional<double>, kResources>;

bool meets(const Uses& plan, const Limits& limits);

/// The plan that uses least of `goal` among those that meet the limits; ties go to the earlier.
std::optional<std::size_t> best(std::span<const Uses> plans, const Limits& limits, Resource goal);

/// Plans that no other one beats in time, money and power at once, by time.
std::vector<std::size_t> pareto(std::span<const Uses> plans);

/// What a limit costs the best plan.
struct Binding {
  Resource limit = Resource::Time;
  double share = 0.0;  ///< how much of the limit the best plan uses
  /// The best plan where the limit is relaxed by a tenth, if that is another one.
  std::optional<std::size_t> relaxed{};
  double gain = 0.0;  ///< of the goal, by relaxing
};
/// One for each limit that is set, the largest gain first.
/// @pre `chosen` is best(plans, limits, goal)
std::vector<Binding> bindings(std::span<const Uses> plans, const Limits& limits, Resource goal,
                              std::size_t chosen);

/// Why no plan is left.
struct Clash {
  /// The smallest sets of limits of which each would have to go for a plan to be left.
  std::vector<std::vector<Resource>> drop;
  /// The plan that exceeds the limits by the least factor, and what it would need.
  std::optional<std::size_t> nearest;
  std::vector<Resource> exceeded;  ///< by `nearest`
};
/// @pre no plan meets the limits
Clash clash(std::span<const Uses> plans, const Limits& limits);

}  // namespace sim
