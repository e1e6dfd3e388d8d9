#pragma once
// What will be measured, in order, and about how long it takes. An item is a record whose figures
// are still empty: measuring fills them in.
#include <string>
#include <vector>

#include "calib/records.hpp"
#include "real_runner/accelerator.hpp"
#include "real_runner/options.hpp"
#include "real_runner/stopping_rule.hpp"

namespace real_runner {

/// As far as the plan depends on the machine.
struct PlanMachine {
  std::string accelerator{};  ///< catalog name; empty: planned as for an H200
  int ranks = 1;              ///< of collectives, over all processes
  int nodes = 1;
  units::Bytes memory = units::gigabytes(141);  ///< of a device
  bool fp8 = true;                              ///< its tensor cores have it
};

struct PlanItem {
  Part part;
  calib::Measurement what;
  units::Seconds estimate;  ///< of measuring it, not of one call
};

struct Plan {
  std::vector<PlanItem> items;
  std::vector<std::string> left_out;  ///< a sentence per part that cannot be measured here
  SamplingPolicy sampling;

  [[nodiscard]] units::Seconds estimate() const;
};

Plan make_plan(const Options& options, const PlanMachine& machine);

/// "gemm bf16 forward 4096 x 4096 x 4096", for people.
std::string describe(const calib::Measurement& what);

/// The plan by part: how many figures, how long. `format_json`: one object instead.
std::string plan_text(const Plan& plan, const PlanMachine& machine);
std::string plan_json(const Plan& plan, const PlanMachine& machine);

/// Largest memory that measuring the item takes on a device; items above the machine's are left
/// out.
units::Bytes memory_needed(const calib::Measurement& what);

/// Bytes that each memory-bound operator reads and writes, every operand once.
/// `rows` x `columns` are as in docs/runner.md; adamw, copy, triad: elements = rows x columns.
units::Bytes memory_traffic(const std::string& op, std::int64_t rows, std::int64_t columns);

/// Floating-point operations: a multiply-add counts 2, what a causal mask hides counts nothing, the
/// backward pass recomputes the scores (5 products to the forward pass's 2).
units::Flops attention_flops(const calib::AttentionMeasurement& attention);

/// Of the products of a layer, forward.
units::Flops layer_flops(const calib::MeasuredModel& model, std::int64_t tokens);

}  // namespace real_runner
