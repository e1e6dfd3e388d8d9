#pragma once
// `gpuplan report STORE.sqlite`: a sweep on one page. Private to this room.
#include <filesystem>
#include <string>

#include "scenarios/page/page.hpp"

namespace scenarios {

/// Whether a file is a database and so, if anything here, a sweep's store.
bool is_store(const std::filesystem::path& file);

/// What the sweep varied and how it went; the points that nothing beats in throughput, energy per
/// token and memory; what moves `metric`; the points, best first; why others have no result.
/// @throws topology::InputError where it is no store, or `metric` is no figure of one
Page sweep_page(const std::filesystem::path& store, const std::string& metric);

}  // namespace scenarios
