#include "sim/data/loading.hpp"

#include <algorithm>

namespace sim {

using units::Seconds;

Loading loading(const Mixture& mixture, DataUnit unit, double step_units, Seconds step,
                const LoadingSupply& supply) {
  Loading l{.supply = supply};
  for (const DataPart& part : mixture) {
    const double has = part.data.units(unit);
    if (has > 0.0) {
      const double share_read = part.share * step_units / has;  // of the dataset
      l.bytes += share_read * part.data.bytes;
      l.core_time += share_read * part.data.samples * part.data.decode;
    }
  }
  l.read = supply.read > units::BytesPerSecond{} ? l.bytes / supply.read : Seconds{};
  l.decode = supply.cores > 0.0 ? l.core_time / supply.cores : Seconds{};
  l.wait = std::max(Seconds{}, std::max(l.read, l.decode) - step);
  return l;
}

}  // namespace sim
