#include "scenarios/known_errors.hpp"

#include <algorithm>
#include <array>

namespace scenarios {

namespace {

struct KnownError {
  std::string_view row;  ///< id in the table of training runs, or what several begin with
  std::string_view why;
};

constexpr std::string_view kConsumer =
    "the published tokens/s ask for 80 to 97 % of the device's dense peak, which no kernel reaches "
    "there";
constexpr std::string_view kEarly =
    "the source calls it an early recipe that was not tuned (10 % MFU)";
constexpr std::string_view kTpu7 =
    "no kernel of TPU v7 is measured: it borrows the efficiencies of an earlier chip; the layout "
    "of the experts is not stated";
constexpr std::string_view kRegression =
    "another release of the source runs the same layout 1.8 to 2 times as fast";
constexpr std::string_view kNextRelease =
    "in the releases before it the same job took a third to a half longer and was predicted within "
    "10 %: what made it faster is not modelled";
constexpr std::string_view kGptOss =
    "slow in bf16 in every release (predicted 33 to 47 % too fast), not in 8 bits (13 %): what its "
    "bf16 experts wait for is not modelled";
constexpr std::string_view kInt8 =
    "int8 training: the chip's int8 kernels are not measured, and the sharding is not stated";

constexpr std::array kKnown{
    KnownError{"torchtune-002", kConsumer},
    KnownError{"torchtune-003", kConsumer},
    KnownError{"torchtune-004", kConsumer},
    KnownError{"torchtune-005", kConsumer},
    KnownError{"ironwood-", kTpu7},
    KnownError{"mbridge-065",
               "experts over four nodes (EP 32 on 8-GPU nodes) where the source's other releases "
               "stay inside one (EP 8, predicted 11 to 15 % too fast): how its dispatcher hides "
               "the exchange between nodes is not modelled"},
    KnownError{"dgxc-085", kEarly},
    KnownError{"dgxc-086", kEarly},
    KnownError{"dgxc-087", kEarly},
    KnownError{"gaudi2-001", "the page states no layout, the fastest that fits is assumed"},
    KnownError{"mbridge-173", kRegression},
    KnownError{"mbridge-205", kRegression},
    KnownError{"mlperf-027", kInt8},
    KnownError{"mlperf-028", kInt8},
    KnownError{"mbridge-012", "the source names a regression of this release (cudnn-frontend 256)"},
    KnownError{"mbridge-033", kNextRelease},
    KnownError{"mbridge-031", kNextRelease},
    KnownError{"mbridge-005", kNextRelease},
    KnownError{"mbridge-013", kNextRelease},
    KnownError{"mbridge-166", kGptOss},
    KnownError{"mbridge-132", kGptOss},
    KnownError{"mbridge-165", kGptOss},
    KnownError{"jaxtb-002",
               "a later release of the source runs the same job 17 % faster; steps of 0.1 s on 64 "
               "GPUs, where waiting for each other counts most"},
};

}  // namespace

std::string_view known_error(std::string_view row_id) {
  const auto* found = std::find_if(kKnown.begin(), kKnown.end(), [row_id](const KnownError& e) {
    return row_id.starts_with(e.row);
  });
  return found == kKnown.end() ? std::string_view() : found->why;
}

}  // namespace scenarios
