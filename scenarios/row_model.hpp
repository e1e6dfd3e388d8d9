#pragma once
// The model of one row of a table of training runs. Internal to the row readers.
#include <span>
#include <string>
#include <vector>

#include "scenarios/row_fields.hpp"

namespace scenarios {

/// The catalog model of the row's family and shape with the row's name, layers and vocabulary; else
/// one inferred from its sizes and parameter count, which `assumptions` then says.
/// Throws Skip where a size is missing.
sim::ModelSpec model_of(const Fields& f, std::span<const sim::ModelSpec> models,
                        std::vector<std::string>& assumptions);

/// The catalog's model of towers that a row names.
sim::ModelSpec tower_model_of(const Fields& f, std::span<const sim::ModelSpec> models);

}  // namespace scenarios
