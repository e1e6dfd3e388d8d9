#include "calib/records.hpp"

#include <algorithm>

#include "calib/record_fields.hpp"

namespace calib {

std::string_view name(Flag flag) {
  return topology::name_in(fields::kFlags, flag);
}
std::string_view name(Transport transport) {
  return topology::name_in(fields::kTransports, transport);
}
std::string_view name(Load load) {
  return topology::name_in(fields::kLoads, load);
}

bool Measured::has(Flag flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

const std::vector<std::string>& memory_bound_operators() {
  static const std::vector<std::string> kOperators{
      "layer_norm",        "rms_norm",       "softmax", "swiglu", "gelu",          "embedding",
      "dropout_add",       "adamw",          "copy",    "triad",  "cross_entropy", "moe_permute",
      "rms_norm_backward", "swiglu_backward"};
  return kOperators;
}

const std::vector<std::string>& operator_categories() {
  static const std::vector<std::string> kCategories{"gemm",       "attention", "memory_bound",
                                                    "collective", "copy",      "other"};
  return kCategories;
}

std::string_view type_name(const Measurement& measurement) {
  constexpr std::array<std::string_view, std::variant_size_v<Measurement>> kTypes{
      "gemm",    "attention", "memory_bound", "launch", "transfer", "collective",
      "overlap", "power",     "layer",        "step",   "operator"};
  return kTypes[measurement.index()];
}

}  // namespace calib
