#pragma once
// The devices that the measurement tables are of: the datasheet figures that coefficients are
// relative to, and the few coefficients that papers give and no table has.
#include <string_view>
#include <vector>

#include "calib/profile.hpp"

namespace calib {

struct ReferenceDevice {
  std::string_view accelerator;  ///< catalog name
  std::string_view table;        ///< how file names of tables call it: gemm_<table>.csv
  ReferenceHardware hardware;
  double query_tile;         ///< rows of the attention kernel's tiles
  double backward_rate;      ///< FLOP/s of attention backward over forward
  double memory_efficiency;  ///< of streaming kernels, of the datasheet bandwidth
};

/// All known devices: a100-80, h100-sxm, h200-sxm, b200-sxm, gb200, l40s.
const std::vector<ReferenceDevice>& reference_devices();

/// @throws topology::InputError listing the known names.
const ReferenceDevice& reference_device(std::string_view accelerator);

}  // namespace calib
