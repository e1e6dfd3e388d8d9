#include "scenarios/training_table.hpp"
#include "scenarios/validate.hpp"

namespace scenarios {

calib::Validation validate_training(const calib::CsvTable& table, const Catalog& catalog,
                                    ProfileStore& profiles) {
  return validate_cases(TrainingTable(table, catalog, profiles).cases(), {});
}

}  // namespace scenarios
