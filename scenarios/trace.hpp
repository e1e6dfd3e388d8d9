#pragma once
// A timeline as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open.
#include <filesystem>
#include <string>

#include "sim/engine/timeline.hpp"

namespace scenarios {

/// Trace Event Format (JSON): a process per pipeline stage with a thread per stream; times in
/// microseconds. Writes atomically. @throws topology::RuntimeFailure if the file cannot be written.
void write_trace(const sim::Timeline& timeline, const std::string& title,
                 const std::filesystem::path& file);

}  // namespace scenarios
