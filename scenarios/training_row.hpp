#pragma once
// One row of a table of measured training runs, as a job that can be simulated. What a row does not
// state is filled by the documented defaults below; a row that cannot be simulated gives its
// reason.
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/training_job.hpp"
#include "topology/units.hpp"

namespace scenarios {

/// Column name to text.
using TableRow = std::map<std::string, std::string, std::less<>>;

/// What rows refer to by name.
struct RowCatalog {
  std::function<topology::Accelerator(std::string_view id)>
      accelerator;  ///< @throws InputError if unknown
  std::function<sim::Framework(std::string_view id)> framework;
  std::span<const sim::ModelSpec> models;  ///< to recognise architectures by their shape
};

/// What a row leaves open; settled by `settle` in scenarios/row_choices.hpp.
struct Unstated {
  bool micro_batch = false, virtual_stages = false, recompute = false;
};

struct MeasuredJob {
  sim::TrainingJob job;
  Unstated unstated;
  units::Seconds measured;  ///< of a step; zero where the row states neither time nor tokens/s
  std::vector<std::string> assumptions;  ///< defaults that filled a gap
};

/// A job, or the sentence that says why there is none.
using RowJob = std::variant<MeasuredJob, std::string>;

/// A row of the training table (columns: ../shared/truth/README.md) or of vTrain's single-node
/// table, recognised by its columns.
///
/// Defaults. Framework: by framework_family, the free text beside it and year (Megatron until 2022
/// had no fused attention). Sharding: as stated, else ddp. Recompute and micro-batch: as stated,
/// else left to `settle` (scenarios/row_choices.hpp). Sequences whose padding is removed count
/// half. Sequence parallelism: as stated, else with tensor parallelism since 2023. Experts under
/// sharded data parallelism without a stated ep: spread over as many ranks as divide them. MLP
/// kind: that of the catalog model of the same shape, else the one whose parameter count is nearer
/// to params_b. Interconnect rate: as stated, else 400 Gbit/s for H100 and later, 200 Gbit/s for
/// A100 (the table's own assumption). Torus: axes as equal as the number of chips allows. Where a
/// default decides, the prediction's assumptions say so.
RowJob job_from_row(const TableRow& row, const RowCatalog& catalog);

}  // namespace scenarios
