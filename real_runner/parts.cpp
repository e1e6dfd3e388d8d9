#include "real_runner/parts.hpp"

namespace real_runner {

namespace {

struct PartEntry {
  Part part;
  std::string_view name, description;
};
constexpr std::array kEntries{
    PartEntry{Part::Power, "power",
              "power when idle and under memory, compute, communication load"},
    PartEntry{Part::Launch, "launch", "launches of kernels and graphs"},
    PartEntry{Part::Transfer, "transfer", "copies between host and device, pinned and pageable"},
    PartEntry{Part::Memory, "memory", "operators that memory traffic bounds"},
    PartEntry{Part::Gemm, "gemm", "matrix products through cuBLASLt"},
    PartEntry{Part::Attention, "attention", "fused attention, our reference kernel"},
    PartEntry{Part::Overlap, "overlap", "a product while a collective runs"},
    PartEntry{Part::Layer, "layer", "a transformer layer, forward and backward"},
    PartEntry{Part::Step, "step", "a small training step with AdamW"},
    PartEntry{Part::Collectives, "collectives", "NCCL, by operation, size, algorithm, protocol"}};

const PartEntry& entry(Part part) {
  for (const PartEntry& each : kEntries) {
    if (each.part == part) {
      return each;
    }
  }
  return kEntries.front();
}

}  // namespace

std::string_view name(Part part) {
  return entry(part).name;
}

std::string_view description(Part part) {
  return entry(part).description;
}

std::optional<Part> part_from_name(std::string_view text) {
  for (const PartEntry& each : kEntries) {
    if (each.name == text) {
      return each.part;
    }
  }
  return {};
}

std::vector<std::string> part_names() {
  std::vector<std::string> names;
  for (const Part part : kParts) {
    names.emplace_back(name(part));
  }
  return names;
}

}  // namespace real_runner
