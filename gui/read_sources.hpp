#pragma once
// The keys `sources` and `bounds` of the command's answers. Private to this room (it shows JSON).
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "gui/result.hpp"
#include "scenarios/figure_sources.hpp"

namespace gui {

std::vector<scenarios::FigureSource> read_sources(const nlohmann::ordered_json& answer);
Ranges read_ranges(const nlohmann::ordered_json& answer);

}  // namespace gui
