#include "sim/engine/health_course.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

using units::Seconds;

HealthCourse health_course(const std::vector<LinkFault>& faults, std::size_t links) {
  std::vector<Seconds> times{Seconds{}};
  for (const LinkFault& fault : faults) {
    for (const Seconds time : {fault.begin, fault.end}) {
      if (time > Seconds{} && std::isfinite(time.base())) {
        times.push_back(time);
      }
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  HealthCourse course;
  for (const Seconds time : times) {
    topology::FabricHealth health;
    for (const LinkFault& fault : faults) {
      if (fault.begin <= time && time < fault.end) {
        health.left.resize(links, 1.0F);
        health.left[fault.link] = std::min(health.left[fault.link], fault.left);
      }
    }
    const auto known =
        std::find_if(course.states.begin(), course.states.end(),
                     [&](const topology::FabricHealth& h) { return h.left == health.left; });
    const auto state = static_cast<std::size_t>(known - course.states.begin());
    if (known == course.states.end()) {
      course.states.push_back(std::move(health));
    }
    if (time > Seconds{}) {
      course.changes.emplace_back(time, state);
    }
  }
  return course;
}

}  // namespace sim
