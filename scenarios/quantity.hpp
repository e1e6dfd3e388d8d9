#pragma once
// Quantities as scenarios write them. The grammar lives in topology, which reads them in graphs.
#include "topology/quantity.hpp"

namespace scenarios {

using topology::example_of;
using topology::Measure;
using topology::measure_from_name;
using topology::parse_base;
using topology::parse_quantity;

}  // namespace scenarios
