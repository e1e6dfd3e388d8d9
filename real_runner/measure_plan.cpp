#include "real_runner/measure_plan.hpp"

#include "real_runner/not_here.hpp"
#include "topology/error.hpp"

namespace real_runner {

std::optional<std::string> measure_plan(const Plan& plan, const Measuring& measuring) {
  int failures = 0;
  for (const PlanItem& item : plan.items) {
    if (auto reason = measuring.reason_to_stop()) {
      return reason;
    }
    calib::Measurement what = item.what;
    try {
      measuring.measure(what);
    } catch (const NotHere& e) {
      measuring.left_out(item.what, e.what());
      continue;
    } catch (const topology::RuntimeFailure& e) {
      if (++failures == kFailuresInARow || !measuring.may_go_on()) {
        throw;
      }
      measuring.failed(item.what, e.what());
      continue;
    }
    failures = 0;
    measuring.keep(what);
  }
  return {};
}

}  // namespace real_runner
