#pragma once
// A value and where it comes from, for --explain and for tooltips.
#include <string>

namespace scenarios {

struct Explained {
  std::string path;   ///< "cluster.accelerator.peak.bf16"
  std::string value;  ///< "989.4 TFLOP/s"
  std::string
      source;  ///< "job.yaml:12", "default: ..." or "catalog h100-sxm: data sheet (2023-03)"
};

}  // namespace scenarios
